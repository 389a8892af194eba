/**
 * The triage journal in memory: all operations by finding, append-only. Operations of several devices give the same result in
 * whichever order they come; one that is known already changes nothing.
 */
import type { FindingId } from '../finding/finding.ts';
import type { Ms } from '../../base/brand.ts';
import { compareOperations, foldOperations, NEW_STATUS } from './status.ts';
import type { TriageChange, TriageOperation, TriageStatus } from './triage.ts';

interface FindingHistory {
  /** In the order of `compareOperations`. */
  operations: TriageOperation[];
  status: TriageStatus;
}

export class Journal {
  readonly #histories = new Map<FindingId, FindingHistory>();
  readonly #known = new Set<string>();
  #clock: readonly [number, number] = [0, 0];

  /** Operations held. */
  get size(): number {
    return this.#known.size;
  }

  /** Findings that any operation names. */
  touched(): IterableIterator<FindingId> {
    return this.#histories.keys();
  }

  status(id: FindingId): TriageStatus {
    return this.#histories.get(id)?.status ?? NEW_STATUS;
  }

  /** In the order in which they count. */
  history(id: FindingId): readonly TriageOperation[] {
    return this.#histories.get(id)?.operations ?? [];
  }

  has(operationId: string): boolean {
    return this.#known.has(operationId);
  }

  /** Takes what is not known yet; returns the findings whose history grew. */
  add(operations: readonly TriageOperation[]): ReadonlySet<FindingId> {
    const grown = new Set<FindingId>();
    const unsorted = new Set<FindingHistory>();
    for (const operation of operations) {
      if (this.#known.has(operation.id)) continue;
      this.#known.add(operation.id);
      this.#tick(operation.hlc);
      grown.add(operation.findingId);
      const history = this.#historyOf(operation.findingId);
      const last = history.operations.at(-1);
      if (last && compareOperations(last, operation) > 0) unsorted.add(history);
      history.operations.push(operation);
    }
    for (const history of unsorted) history.operations.sort(compareOperations);
    for (const id of grown) {
      const history = this.#historyOf(id);
      history.status = foldOperations(history.operations);
    }
    return grown;
  }

  /** Hybrid logical time of the next operation made here: after everything seen, near the device's clock. */
  nextTime(nowMs: Ms): readonly [number, number] {
    return nowMs > this.#clock[0] ? [nowMs, 0] : [this.#clock[0], this.#clock[1] + 1];
  }

  /**
   * What takes back the operations of a group for one finding: for every field that nobody changed since, the value it would
   * have without the group. Comments stay.
   */
  inverse(id: FindingId, group: ReadonlySet<string>): readonly TriageChange[] {
    const operations = this.history(id);
    const before = foldOperations(operations.filter((operation) => !group.has(operation.id)));
    const changes: TriageChange[] = [];
    for (const field of ['done', 'owner', 'state'] as const) {
      const last = operations.findLast((operation) => operation.change.field === field);
      if (last && group.has(last.id)) changes.push(changeTo(before, field));
    }
    return changes;
  }

  /** When the finding was first contained or closed; `null` if never. */
  firstContainedMs(id: FindingId): Ms | null {
    const ends = (change: TriageChange) =>
      change.field === 'state' && (change.state === 'contained' || change.state === 'closed');
    return this.history(id).find((operation) => ends(operation.change))?.hlc[0] ?? null;
  }

  #historyOf(id: FindingId): FindingHistory {
    const known = this.#histories.get(id) ?? { operations: [], status: NEW_STATUS };
    this.#histories.set(id, known);
    return known;
  }

  #tick([ms, counter]: readonly [number, number]): void {
    if (ms > this.#clock[0] || (ms === this.#clock[0] && counter > this.#clock[1])) this.#clock = [ms, counter];
  }
}

function changeTo(status: TriageStatus, field: 'state' | 'owner' | 'done'): TriageChange {
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
