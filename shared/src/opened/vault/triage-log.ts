/** Triage of one vault: the journal in memory, its rows at rest, and the groups that can be taken back. */
import { toBase64url } from '../../base/base64url.ts';
import type { Result } from '../../base/result.ts';
import { ok } from '../../base/result.ts';
import type { FindingId } from '../finding/finding.ts';
import type { JournalEntry } from '../triage/journal-entry.ts';
import { makeEntry, operationsOf } from '../triage/journal-entry.ts';
import { Journal } from '../triage/journal.ts';
import type { TriageChange, TriageOperation } from '../triage/triage.ts';
import type { FindingsVaultOptions } from './findings-vault.ts';
import { JournalRows } from './journal-rows.ts';
import type { StoreError, StoreTransaction } from './store.ts';

export class TriageLog {
  readonly journal = new Journal();
  readonly #options: FindingsVaultOptions;
  readonly #rows: JournalRows;
  readonly #groups = new Map<string, readonly TriageOperation[]>();
  #ownOperations = 0;

  private constructor(options: FindingsVaultOptions, rows: JournalRows) {
    this.#options = options;
    this.#rows = rows;
  }

  /** Reads the whole journal of the store. */
  static async read(options: FindingsVaultOptions): Promise<Result<TriageLog, StoreError>> {
    const stored = await JournalRows.read(options.store);
    if (!stored.ok) return stored;
    const log = new TriageLog(options, stored.value.rows);
    log.#remember(stored.value.entries);
    return ok(log);
  }

  /** Operations made on this device. */
  get ownOperations(): number {
    return this.#ownOperations;
  }

  /** A name for operations that are taken back together. */
  newGroup(): string {
    return toBase64url(this.#options.random(16));
  }

  /** The same changes for many findings; `counter` of the group's operations were made before. */
  makeEntry(
    group: string,
    findings: readonly FindingId[],
    changes: readonly TriageChange[],
    counter = 0,
  ): JournalEntry {
    const { device, nowMs, random } = this.#options;
    const [ms, first] = this.journal.nextTime(nowMs());
    return makeEntry({ group, device, hlc: [ms, first + counter], changes, findings }, random);
  }

  /** What takes a group back, one entry for all findings with the same inverse; `null` for an unknown group. */
  makeUndo(group: string): readonly JournalEntry[] | null {
    const operations = this.#groups.get(group);
    if (operations === undefined) return null;
    const taken = new Set(operations.map(({ id }) => id));
    const byChanges = new Map<string, { changes: readonly TriageChange[]; findings: FindingId[] }>();
    for (const id of new Set(operations.map(({ findingId }) => findingId))) {
      const changes = this.journal.inverse(id, taken);
      if (changes.length === 0) continue;
      const name = JSON.stringify(changes);
      const same = byChanges.get(name) ?? { changes, findings: [] };
      same.findings.push(id);
      byChanges.set(name, same);
    }
    const undoGroup = this.newGroup();
    let counter = 0;
    return [...byChanges.values()].map(({ changes, findings }) => {
      const entry = this.makeEntry(undoGroup, findings, changes, counter);
      counter += entry.ids.length;
      return entry;
    });
  }

  /** Writes entries into `tx`. Call the answer after the commit held: it returns the findings whose status may have changed. */
  append(tx: StoreTransaction, entries: readonly JournalEntry[]): () => ReadonlySet<FindingId> {
    const held = this.#rows.append(tx, entries);
    return () => {
      held();
      return this.#remember(entries);
    };
  }

  #remember(entries: readonly JournalEntry[]): ReadonlySet<FindingId> {
    const operations = entries.map(operationsOf);
    entries.forEach(({ group }, i) => {
      const own = operations[i] as readonly TriageOperation[];
      if (group === '') return;
      this.#groups.set(group, [...(this.#groups.get(group) ?? []), ...own]);
      this.#ownOperations += own.length;
    });
    return this.journal.add(operations.flat());
  }
}
