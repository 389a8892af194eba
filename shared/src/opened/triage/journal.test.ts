import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FindingId } from '../finding/finding.ts';
import { entryOf, makeEntry, operationsOf } from './journal-entry.ts';
import { Journal } from './journal.ts';
import { NEW_STATUS } from './status.ts';
import type { TriageChange, TriageOperation } from './triage.ts';
import { TRIAGE_STATES } from './triage.ts';

const changes: fc.Arbitrary<TriageChange> = fc.oneof(
  fc.constantFrom(...TRIAGE_STATES).map((state): TriageChange => ({ field: 'state', state })),
  fc.constantFrom('ann', 'bo', null).map((owner): TriageChange => ({ field: 'owner', owner })),
  fc.boolean().map((reset): TriageChange => ({ field: 'done', reset, sessions: false, device: false })),
  fc.constant<TriageChange>({ field: 'comment', text: 'seen' }),
);

/** Few clocks and devices, so that equal times are common. */
const operations: fc.Arbitrary<TriageOperation[]> = fc.uniqueArray(
  fc.record({
    id: fc.nat(500).map((n) => `op${n}`),
    findingId: fc.constantFrom('f1', 'f2', 'f3') as fc.Arbitrary<FindingId>,
    change: changes,
    device: fc.constantFrom('d1', 'd2'),
    hlc: fc.tuple(fc.nat(3), fc.nat(2)),
  }),
  { selector: ({ id }) => id, maxLength: 30 },
);

const shuffled = operations.chain((list) =>
  fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length })),
);

describe('triage journal', () => {
  test('devices that saw the same operations in any order, some twice, agree', () => {
    fc.assert(
      fc.property(shuffled, fc.nat(30), ([list, other], cut) => {
        const a = new Journal();
        a.add(list);
        const b = new Journal();
        b.add(other.slice(0, cut));
        b.add(other);
        for (const id of ['f1', 'f2', 'f3'] as FindingId[]) {
          expect(b.status(id)).toEqual(a.status(id));
          expect(b.history(id)).toEqual(a.history(id));
        }
        expect(b.size).toBe(list.length);
      }),
      { numRuns: 500 },
    );
  });

  test('the inverse of a group restores what it set, unless somebody set it since', () => {
    fc.assert(
      fc.property(operations, (list) => {
        const journal = new Journal();
        journal.add(list);
        const id = 'f1' as FindingId;
        const before = journal.status(id);
        const changed = operationsOf(
          makeEntry(
            {
              group: 'g',
              device: 'd1',
              hlc: journal.nextTime(2),
              changes: [
                { field: 'state', state: 'pending' },
                { field: 'owner', owner: 'group' },
              ],
              findings: [id],
            },
            (length) => crypto.getRandomValues(new Uint8Array(length)),
          ),
        );
        journal.add(changed);
        const inverse = journal.inverse(id, new Set(changed.map((operation) => operation.id)));
        let number = 0;
        journal.add(
          inverse.map((change) => {
            return { id: `undo${number++}`, findingId: id, change, device: 'd1', hlc: journal.nextTime(2) };
          }),
        );
        expect(journal.status(id)).toEqual(before);
      }),
    );
  });

  test('logical time goes on when the clock stands still or goes back', () => {
    const journal = new Journal();
    expect(journal.nextTime(100)).toEqual([100, 0]);
    journal.add([operation('a', [100, 0])]);
    expect(journal.nextTime(100)).toEqual([100, 1]);
    expect(journal.nextTime(50)).toEqual([100, 1]);
    expect(journal.nextTime(101)).toEqual([101, 0]);
  });

  test('an entry gives the operations that went in', () => {
    const one = operation('a', [5, 6]);
    expect(operationsOf(entryOf(one))).toEqual([one]);
    const entry = makeEntry(
      {
        group: 'g',
        device: 'd',
        hlc: [1, 10],
        changes: [one.change, { field: 'owner', owner: 'ann' }],
        findings: ['f1', 'f2'] as FindingId[],
      },
      (length) => crypto.getRandomValues(new Uint8Array(length)),
    );
    const made = operationsOf(entry);
    expect(made.map(({ hlc }) => hlc)).toEqual([10, 11, 12, 13].map((counter) => [1, counter]));
    expect(new Set(made.map(({ id }) => id)).size).toBe(4);
  });

  test('a finding that nobody touched is new', () => {
    expect(new Journal().status('f9' as FindingId)).toEqual(NEW_STATUS);
  });
});

function operation(id: string, hlc: readonly [number, number]): TriageOperation {
  return { id, findingId: 'f1' as FindingId, change: { field: 'state', state: 'triaged' }, device: 'd', hlc };
}
