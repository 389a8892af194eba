/**
 * What takes a group of operations back: for every finding and every field that nobody changed since, the value it would have without
 * the group. Comments stay. Works by ids, so that findings which are hidden at the moment are taken back, too.
 */
import type { Bytes } from '../../base/bytes.ts';
import { IdIndex } from '../query/id-index.ts';
import type { FindingId } from '../finding/finding.ts';
import { ID_BYTES } from '../triage/journal-entry.ts';
import type { EntryTable } from '../triage/entry-table.ts';
import { applyChange, NEW_STATUS } from '../triage/status.ts';
import type { TriageChange, TriageStatus } from '../triage/triage.ts';

/** In the order in which an inverse sets them: `contained` wants its deeds first. */
const FIELDS = ['done', 'owner', 'state'] as const;
const WORDS = FIELDS.length * 2;

/** The same inverse for many findings. */
export interface Inverse {
  readonly changes: readonly TriageChange[];
  readonly findings: FindingId[];
}

/** Inverses of the entries `group`. Cost: one look at each id of the journal. */
export function inversesOf(entries: EntryTable, group: readonly number[]): readonly Inverse[] {
  const findings = new IdIndex();
  for (const number of group) {
    const ids = entries.ids(number);
    for (let at = 0; at < ids.length; at += ID_BYTES) if (findings.find(ids, at) < 0) findings.add(ids, at);
  }
  const isOfGroup = new Set(group);
  const latest = new Winners(entries, findings.rows);
  const without = new Winners(entries, findings.rows);
  for (let number = 0; number < entries.size; number++) {
    const isKept = !isOfGroup.has(number);
    eachFinding(entries.ids(number), findings, (finding, i) => {
      latest.take(finding, number, i);
      if (isKept) without.take(finding, number, i);
    });
  }
  const inverses = new Map<string, Inverse>();
  for (let finding = 0; finding < findings.rows; finding++) {
    const before = without.status(finding);
    const changes = FIELDS.filter((_, field) => isOfGroup.has(latest.entry(finding, field))).map((field) =>
      changeTo(before, field),
    );
    if (changes.length === 0) continue;
    const name = JSON.stringify(changes);
    const same = inverses.get(name) ?? { changes, findings: [] };
    same.findings.push(findings.text(finding));
    inverses.set(name, same);
  }
  return [...inverses.values()];
}

function eachFinding(ids: Bytes, findings: IdIndex, take: (finding: number, i: number) => void): void {
  for (let at = 0; at < ids.length; at += ID_BYTES) {
    const finding = findings.find(ids, at);
    if (finding >= 0) take(finding, at / ID_BYTES);
  }
}

/** Last writers by finding and field. */
class Winners {
  readonly #entries: EntryTable;
  /** Entry number + 1 and operation number of each. */
  readonly #words: Uint32Array;

  constructor(entries: EntryTable, findings: number) {
    this.#entries = entries;
    this.#words = new Uint32Array(findings * WORDS);
  }

  /** Changes of finding `i` of entry `number`. */
  take(finding: number, number: number, i: number): void {
    const changes = this.#entries.changes(number);
    const first = i * this.#entries.stride(number);
    for (let k = 0; k < changes.length; k++) {
      const field = FIELDS.indexOf((changes[k] as TriageChange).field as (typeof FIELDS)[number]);
      if (field < 0) continue;
      const place = finding * WORDS + field * 2;
      const held = this.#words[place] as number;
      const isLater =
        held === 0 || this.#entries.isLater(number, first + k, held - 1, this.#words[place + 1] as number);
      if (!isLater) continue;
      this.#words[place] = number + 1;
      this.#words[place + 1] = first + k;
    }
  }

  /** -1: nobody's. */
  entry(finding: number, field: number): number {
    return (this.#words[finding * WORDS + field * 2] as number) - 1;
  }

  status(finding: number): TriageStatus {
    return FIELDS.reduce((status, _, field) => {
      const number = this.entry(finding, field);
      if (number < 0) return status;
      const operation = this.#words[finding * WORDS + field * 2 + 1] as number;
      const change = this.#entries.changes(number)[operation % this.#entries.stride(number)];
      return applyChange(status, change as TriageChange);
    }, NEW_STATUS);
  }
}

function changeTo(status: TriageStatus, field: (typeof FIELDS)[number]): TriageChange {
  switch (field) {
    case 'owner':
      return { field, owner: status.owner };
    case 'done':
      return { field, ...status.done };
    case 'state':
      return {
        field,
        state: status.state,
        ...(status.resolution === null ? {} : { resolution: status.resolution }),
        ...(status.untilMs === null ? {} : { untilMs: status.untilMs }),
      };
  }
}
