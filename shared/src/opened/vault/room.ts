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
 * An import writes 1.7 times the sealed size in segments (measured at 5,000,000 findings: 87 bytes a finding, 52 of them sealed); while dictionaries are joined or a bundle is fetched again, both the older
 * and the newer files are there. The rest is what file systems and IndexedDB take for themselves.
 */
const DISK_FACTOR = 2.2;

/**
 * Bytes of memory for one finding. The engine's memory was measured with `npm run -s bench -- vault`, policy `masked`: 91 bytes a
 * finding at 5,000,000 (`engine_mb`) and 113 at 1,000,000 with all sort orders built (`figures` after `settle`). Fingerprints add 8,
 * the table of ids up to 9; the rest is room for a bundle on its way in and for vaults with more distinct texts.
 */
const BYTES_PER_FINDING = 150;
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
