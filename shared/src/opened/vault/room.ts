/** Whether a bundle fits on this device: asked before it is fetched, so that nobody waits for what cannot be taken over. */

/** What the device has. `null`: it does not say, and then nothing is refused beforehand. */
export interface Room {
  /** Bytes that may still be stored. */
  readonly freeBytes: number | null;
  /** Bytes of memory that the query engine may take. */
  readonly memoryBytes: number | null;
}

/** What is in memory already. */
export interface Held {
  readonly findings: number;
  readonly memoryBytes: number;
}

/** What is missing: bytes on the disk, or memory, counted in findings. */
export type Lack =
  | { readonly kind: 'disk'; readonly neededBytes: number; readonly freeBytes: number }
  | { readonly kind: 'memory'; readonly findings: number; readonly fitting: number };

/**
 * An import writes about the sealed size again in segments; while dictionaries are joined or a bundle is fetched again, both the older
 * and the newer files are there. The rest is what file systems and IndexedDB take for themselves.
 */
const DISK_FACTOR = 2.2;

/** Bytes of memory kept free for one finding in the engine with all sort orders built: an estimate with headroom, not a measure. */
const BYTES_PER_FINDING = 200;
/** From how many findings on the vault's own average says more than the constant. */
const ENOUGH_TO_AVERAGE = 100_000;

/**
 * `null` if a bundle of `sealedBytes` with `findings` rows fits beside what is `held`. Every row counts as a new finding: how many
 * are known is not known before. `findings` is 0 where the promised counts have not been read yet.
 */
export function lackOfRoom(
  wanted: { readonly sealedBytes: number; readonly findings: number },
  held: Held,
  room: Room,
): Lack | null {
  const neededBytes = Math.round(wanted.sealedBytes * DISK_FACTOR);
  if (room.freeBytes !== null && neededBytes > room.freeBytes) {
    return { kind: 'disk', neededBytes, freeBytes: room.freeBytes };
  }
  if (room.memoryBytes === null || wanted.findings === 0) return null;
  const average = held.findings < ENOUGH_TO_AVERAGE ? 0 : held.memoryBytes / held.findings;
  const fitting = Math.floor(room.memoryBytes / Math.max(average, BYTES_PER_FINDING));
  const findings = held.findings + wanted.findings;
  return findings > fitting ? { kind: 'memory', findings, fitting } : null;
}
