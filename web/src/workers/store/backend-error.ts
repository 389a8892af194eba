/** What the browser's storages throw, as the vault knows it. */
import type { BackendError } from '@sealpost/shared/opened/vault/backend-error';

/** `storage-full` where the browser says so, else `storage-failed`. */
export function backendError(error: unknown): BackendError {
  return { kind: hasName(error, 'QuotaExceededError') ? 'storage-full' : 'storage-failed' };
}

/** Whether `error`, or what Dexie wrapped in it (`inner`), is called one of `names`. */
export function hasName(error: unknown, ...names: readonly string[]): boolean {
  const own = (one: unknown): unknown =>
    typeof one === 'object' && one !== null && 'name' in one ? one.name : undefined;
  const inner = typeof error === 'object' && error !== null && 'inner' in error ? error.inner : undefined;
  return [own(error), own(inner)].some((name) => typeof name === 'string' && names.includes(name));
}
