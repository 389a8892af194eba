/**
 * The triage journal in memory: all entries, append-only. Operations of several devices give the same result in whichever order they
 * come. What a finding's status is now is the overlay's (vault/triage-overlay.ts); here is who did what when.
 */
import { parseBase64url, toBase64url } from '../../base/base64url.ts';
import type { Ms } from '../../base/brand.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { FindingId } from '../finding/finding.ts';
import { EntryTable } from './entry-table.ts';
import type { JournalEntry } from './journal-entry.ts';
import { findingCount, ID_BYTES, operationAt, PREFIX_BYTES } from './journal-entry.ts';
import { compareOperations } from './status.ts';
import type { TriageOperation } from './triage.ts';

export class Journal {
  readonly entries = new EntryTable();
  #clock: readonly [number, number] = [0, 0];
  #ownOperations = 0;

  /** Operations made on this device. */
  get ownOperations(): number {
    return this.#ownOperations;
  }

  /** Appends an entry that is not known; its number. */
  add(entry: JournalEntry): number {
    const { changes, hlc, isOwn, stride } = entry;
    const count = findingCount(entry);
    if (isOwn) this.#ownOperations += count * changes.length;
    this.#tick(hlc[0], hlc[1] + (count - 1) * stride + changes.length - 1);
    return this.entries.add(entry);
  }

  /** Hybrid logical time of the next operation made here: after everything seen, near the device's clock. */
  nextTime(nowMs: Ms): readonly [number, number] {
    return nowMs > this.#clock[0] ? [nowMs, 0] : [this.#clock[0], this.#clock[1] + 1];
  }

  /** Operations of a finding in the order in which they count. Cost: one look at each id, some milliseconds a million. */
  history(id: FindingId): readonly TriageOperation[] {
    const bytes = parseBase64url(id, ID_BYTES);
    if (bytes === null) return [];
    const found: TriageOperation[] = [];
    for (let number = 0; number < this.entries.size; number++) {
      for (let i = this.entries.indexOf(number, bytes, 0); i >= 0; i = this.entries.indexOf(number, bytes, i + 1)) {
        const entry = this.entries.entry(number);
        entry.changes.forEach((_, k) => found.push(operationAt(entry, i, k)));
      }
    }
    return found.sort(compareOperations);
  }

  /** Numbers of the own entries of a group (their prefix as text): what one `undo` takes back. */
  group(name: string): readonly number[] {
    const prefix = parseBase64url(name, PREFIX_BYTES);
    if (prefix === null) return [];
    const numbers: number[] = [];
    for (let number = 0; number < this.entries.size; number++) {
      if (this.entries.isOwn(number) && isSame(this.entries.prefix(number), prefix)) numbers.push(number);
    }
    return numbers;
  }

  /** Those of `operations` that are not here yet, each once. */
  unknown(operations: readonly TriageOperation[]): readonly TriageOperation[] {
    const byPrefix = new Map<string, number[]>();
    for (let number = 0; number < this.entries.size; number++) {
      const prefix = toBase64url(this.entries.prefix(number));
      byPrefix.set(prefix, [...(byPrefix.get(prefix) ?? []), number]);
    }
    const seen = new Set<string>();
    return operations.filter(({ id }) => {
      if (seen.has(id)) return false;
      seen.add(id);
      const bytes = parseBase64url(id, ID_BYTES);
      // No id at all: whoever takes the operations says so.
      if (bytes === null) return true;
      const last = new DataView(bytes.buffer).getUint32(PREFIX_BYTES);
      const known = byPrefix.get(toBase64url(bytes.subarray(0, PREFIX_BYTES))) ?? [];
      return !known.some((number) => hasNumber(this.entries.entry(number), last));
    });
  }

  #tick(ms: number, counter: number): void {
    if (ms > this.#clock[0] || (ms === this.#clock[0] && counter > this.#clock[1])) this.#clock = [ms, counter];
  }
}

/** True if an operation of `entry` has `last` as the last 32 bits of its id. */
function hasNumber(entry: JournalEntry, last: number): boolean {
  const number = last - entry.first;
  if (number < 0 || number >= findingCount(entry) * entry.stride) return false;
  return number % entry.stride < entry.changes.length;
}

function isSame(a: Bytes, b: Bytes): boolean {
  for (let i = 0; i < b.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
