/**
 * Journal entries at rest: operations that were made together, in short. One entry holds the same changes for many findings;
 * operation `i * changes + k` is change `k` of finding `i`, and its logical counter is the entry's plus that number.
 */
import { toBase64url } from '../../base/base64url.ts';
import type { FindingId } from '../finding/finding.ts';
import type { TriageChange, TriageOperation } from './triage.ts';

export interface JournalEntry {
  /** What one `undo` takes back; '' for operations of other devices. */
  readonly group: string;
  readonly device: string;
  readonly hlc: readonly [number, number];
  readonly changes: readonly TriageChange[];
  readonly findings: readonly FindingId[];
  /** `findings.length * changes.length` operation ids. */
  readonly ids: readonly string[];
}

/** A new entry with random operation ids. */
export function makeEntry(
  entry: Omit<JournalEntry, 'ids'>,
  random: (length: number) => Uint8Array<ArrayBuffer>,
): JournalEntry {
  const count = entry.findings.length * entry.changes.length;
  const bytes = new Uint8Array(count * 16);
  // WebCrypto gives at most 65,536 random bytes at once.
  for (let at = 0; at < bytes.length; at += 65_536) bytes.set(random(Math.min(65_536, bytes.length - at)), at);
  const ids = Array.from({ length: count }, (_, i) => toBase64url(bytes.subarray(i * 16, i * 16 + 16)));
  return { ...entry, ids };
}

/** An entry for one operation of another device, as it came. */
export function entryOf(operation: TriageOperation): JournalEntry {
  const { id, findingId, change, device, hlc } = operation;
  return { group: '', device, hlc, changes: [change], findings: [findingId], ids: [id] };
}

/** The operations of an entry. */
export function operationsOf(entry: JournalEntry): TriageOperation[] {
  const { changes, device, hlc } = entry;
  return entry.findings.flatMap((findingId, i) =>
    changes.map((change, k): TriageOperation => {
      const number = i * changes.length + k;
      const id = entry.ids[number] as string;
      return { id, findingId, change, device, hlc: [hlc[0], hlc[1] + number] };
    }),
  );
}
