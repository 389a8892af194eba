/** What this device and browser have for a vault. */
import type { Room } from '@sealpost/shared/opened/vault/room';

/** Browsers end a page that takes much more than this share of a small device's memory. */
const ENGINE_SHARE = 1 / 4;
/** What WebAssembly's 32-bit memory addresses, less what it needs to grow in. */
const ENGINE_MAX_BYTES = 3.5 * 2 ** 30;
/** Of a device that does not say (Firefox, Safari). */
const USUAL_GIGABYTES = 4;

/** Asked anew each time: other sites take and free storage as well. */
export async function deviceRoom(): Promise<Room> {
  const { usage, quota } = await navigator.storage.estimate();
  // Device Memory: a power of two, so that it tells little about the device.
  const { deviceMemory = USUAL_GIGABYTES } = navigator as { readonly deviceMemory?: number };
  return {
    freeBytes: quota === undefined || usage === undefined ? null : Math.max(0, quota - usage),
    memoryBytes: Math.min(ENGINE_MAX_BYTES, deviceMemory * 2 ** 30 * ENGINE_SHARE),
  };
}
