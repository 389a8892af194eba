/** Triage of one vault: the journal in memory and at rest, and the overlay that it makes of the engine's rows. */
import { parseBase64urlAll, toBase64url } from '../../base/base64url.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { ok } from '../../base/result.ts';
import type { FindingId } from '../finding/finding.ts';
import type { Engine } from '../query/engine.ts';
import type { JournalEntry } from '../triage/journal-entry.ts';
import { cutEntry, entriesOf, findingCount, ID_BYTES, PREFIX_BYTES } from '../triage/journal-entry.ts';
import { Journal } from '../triage/journal.ts';
import type { TriageChange, TriageOperation } from '../triage/triage.ts';
import type { FindingsVaultOptions } from './findings-vault.ts';
import { JournalRows } from './journal-rows.ts';
import type { SealedStore, StoreError, StoreTransaction } from './store.ts';
import { Overlay } from './triage-overlay.ts';
import { inversesOf } from './triage-undo.ts';

/**
 * Findings of one entry at rest. Chromium writes a value above 64 KiB as a file of its own, which costs ten times as much: with what its
 * row holds already (16 KiB) an entry stays below.
 */
const MOST_FINDINGS = 2_900;

/** The whole journal of a store. */
export class StoredJournal {
  readonly journal: Journal;
  readonly rows: JournalRows;

  private constructor(journal: Journal, rows: JournalRows) {
    this.journal = journal;
    this.rows = rows;
  }

  static async read(store: SealedStore): Promise<Result<StoredJournal, StoreError>> {
    const journal = new Journal();
    const rows = await JournalRows.read(store, (entry) => journal.add(entry));
    return rows.ok ? ok(new StoredJournal(journal, rows.value)) : rows;
  }
}

export class TriageLog {
  readonly #options: FindingsVaultOptions;
  readonly #journal: Journal;
  readonly #rows: JournalRows;
  #overlay: Overlay;
  #unfolded: { readonly numbers: readonly number[]; readonly rows: Uint32Array }[] = [];

  /** Tells `engine` what was done. */
  constructor(options: FindingsVaultOptions, { journal, rows }: StoredJournal, engine: Engine) {
    this.#options = options;
    this.#journal = journal;
    this.#rows = rows;
    this.#overlay = new Overlay(engine, journal.entries);
    this.#overlay.foldAll();
  }

  /** Operations made on this device. */
  get ownOperations(): number {
    return this.#journal.ownOperations;
  }

  /** With all that was appended. */
  get overlay(): Overlay {
    this.settle();
    return this.#overlay;
  }

  /** Tells overlay and engine what was appended and not asked for yet: durable is durable, the screen asks a moment later. */
  settle(): void {
    for (const { numbers, rows } of this.#unfolded.splice(0)) this.#overlay.fold(numbers, rows);
  }

  /** In the order in which they count. */
  history(id: FindingId): readonly TriageOperation[] {
    return this.#journal.history(id);
  }

  /** Another engine has the findings now. */
  moveTo(engine: Engine): void {
    this.#unfolded.length = 0;
    this.#overlay = new Overlay(engine, this.#journal.entries);
    this.#overlay.foldAll();
  }

  /** The same changes for many findings, and the name of the group that they are. */
  makeEntry(ids: Bytes, changes: readonly TriageChange[]): { readonly group: string; readonly entry: JournalEntry } {
    const { device, nowMs, random } = this.#options;
    const prefix = random(PREFIX_BYTES);
    const hlc = this.#journal.nextTime(nowMs());
    const entry = { isOwn: true, device, hlc, prefix, first: 0, stride: changes.length, changes, ids };
    return { group: toBase64url(prefix), entry };
  }

  /** What takes a group back, one entry for all findings with the same inverse; `null` for an unknown group. */
  makeUndo(group: string): readonly JournalEntry[] | null {
    const numbers = this.#journal.group(group);
    if (numbers.length === 0) return null;
    const { device, nowMs, random } = this.#options;
    const prefix = random(PREFIX_BYTES);
    const [ms, counter] = this.#journal.nextTime(nowMs());
    let first = 0;
    return inversesOf(this.#journal.entries, numbers).map(({ changes, findings }) => {
      const ids = idBytes(findings) as Bytes;
      const hlc = [ms, counter + first] as const;
      const entry = { isOwn: true, device, hlc, prefix, first, stride: changes.length, changes, ids };
      first += findingCount(entry) * changes.length;
      return entry;
    });
  }

  /** Entries of what is not known of `operations`, and how many that are; `null` if one has no form of an operation. */
  makeForeign(
    operations: readonly TriageOperation[],
  ): { readonly entries: readonly JournalEntry[]; readonly fresh: number } | null {
    const unknown = this.#journal.unknown(operations);
    const entries = entriesOf(unknown);
    return entries === null ? null : { entries, fresh: unknown.length };
  }

  /**
   * Writes entries into `tx`. Call the answer after the commit held, with the rows of all their findings in the engine, one after the
   * other, where those are known. The entries' ids may be used for something else afterwards.
   */
  append(tx: StoreTransaction, given: readonly JournalEntry[]): (rows: Uint32Array | null) => void {
    const entries = given.flatMap((entry) => cutEntry(entry, MOST_FINDINGS));
    const held = this.#rows.append(tx, this.#journal.entries, entries);
    return (rows) => {
      // A copy is made only now that nobody waits: it goes into memory that was never touched.
      const numbers = entries.map((entry) => this.#journal.add({ ...entry, ids: entry.ids.slice() }));
      held(numbers);
      // What may wait for findings that come later is looked up while it is known which those are.
      if (rows === null) this.overlay.fold(numbers);
      else this.#unfolded.push({ numbers, rows });
    };
  }

  /** Folds rows at rest in `tx`, if it is worth it. Call the answer after the commit held. */
  compact(tx: StoreTransaction): (() => void) | null {
    return this.#rows.fold(tx, this.#journal.entries);
  }
}

/** 16 bytes each, in `into` where they fit; `null` if one is no id. */
export function idBytes(ids: readonly string[], into?: Bytes): Bytes | null {
  return parseBase64urlAll(ids, ID_BYTES, into);
}
