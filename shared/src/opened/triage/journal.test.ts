import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toBase64url } from '../../base/base64url.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { FindingId } from '../finding/finding.ts';
import type { JournalEntry } from './journal-entry.ts';
import { cutEntry, entriesOf, operationsOf } from './journal-entry.ts';
import { Journal } from './journal.ts';
import { arbitraryOperations, findingIds } from './operations.fixture.ts';
import { compareOperations } from './status.ts';

const [f1, f2] = findingIds as readonly [FindingId, FindingId];

function entry(part: Partial<JournalEntry>): JournalEntry {
  return {
    isOwn: true,
    device: 'd1',
    hlc: [100, 0],
    prefix: new Uint8Array(12).fill(7),
    first: 0,
    stride: 1,
    changes: [{ field: 'state', state: 'triaged' }],
    ids: new Uint8Array(16).fill(1),
    ...part,
  };
}

function journalOf(entries: readonly JournalEntry[]): Journal {
  const journal = new Journal();
  for (const one of entries) journal.add(one);
  return journal;
}

describe('triage journal', () => {
  test('operations come back from the entries they were put into, in the order that counts', () => {
    fc.assert(
      fc.property(arbitraryOperations, (operations) => {
        const entries = entriesOf(operations);
        if (entries === null) throw new Error('entries');
        const journal = journalOf(entries);
        const sorted = operations.toSorted(compareOperations);
        expect(entries.flatMap(operationsOf).sort(compareOperations)).toEqual(sorted);
        for (const id of findingIds) {
          expect(journal.history(id)).toEqual(sorted.filter(({ findingId }) => findingId === id));
        }
        expect(journal.unknown([...operations, ...operations])).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('what one device did at once comes together again elsewhere, whichever order it came in', () => {
    const ids = new Uint8Array(16 * 50).map((_, i) => i % 251);
    const done = entry({
      ids,
      first: 9,
      stride: 2,
      hlc: [5, 3],
      changes: [entry({}).changes[0] as never, { field: 'owner', owner: 'ann' }],
    });
    const operations = operationsOf(done);
    expect(new Set(operations.map(({ id }) => id)).size).toBe(100);
    const elsewhere = entriesOf(operations.toReversed());
    expect(elsewhere).toHaveLength(2);
    expect(elsewhere?.flatMap(operationsOf).sort(compareOperations)).toEqual(operations);
  });

  test('an entry that is cut has the same operations', () => {
    const whole = entry({
      ids: new Uint8Array(16 * 23).map((_, i) => (i * 7) % 256),
      first: 4,
      stride: 2,
      hlc: [9, 6],
      changes: [entry({}).changes[0] as never, { field: 'owner', owner: 'ann' }],
    });
    for (const most of [1, 5, 22, 23, 100]) {
      const parts = cutEntry(whole, most);
      expect(parts).toHaveLength(Math.ceil(23 / most));
      expect(parts.flatMap(operationsOf)).toEqual(operationsOf(whole));
    }
  });

  test('only what is not known is taken, each once', () => {
    const known = operationsOf(entry({ stride: 3, ids: new Uint8Array(32).fill(1) }));
    const journal = journalOf([entry({ stride: 3, ids: new Uint8Array(32).fill(1) })]);
    const between = { ...(known[0] as (typeof known)[number]), id: operationsOf(entry({ first: 1 }))[0]?.id ?? '' };
    expect(journal.unknown([...known, between, between])).toEqual([between]);
  });

  test('an id or a time that no operation can have is refused', () => {
    const [good] = operationsOf(entry({}));
    if (good === undefined) throw new Error('operation');
    expect(entriesOf([good])).toHaveLength(1);
    expect(entriesOf([{ ...good, id: 'short' }])).toBeNull();
    expect(entriesOf([{ ...good, findingId: 'x' as FindingId }])).toBeNull();
    expect(entriesOf([{ ...good, hlc: [1.5, 0] }])).toBeNull();
    expect(entriesOf([{ ...good, hlc: [1, 2 ** 32] }])).toBeNull();
  });

  test('logical time goes on when the clock stands still or goes back', () => {
    const journal = new Journal();
    expect(journal.nextTime(100)).toEqual([100, 0]);
    journal.add(entry({ hlc: [100, 0], ids: idsOf(f1, f2), stride: 2 }));
    expect(journal.nextTime(100)).toEqual([100, 3]);
    expect(journal.nextTime(50)).toEqual([100, 3]);
    expect(journal.nextTime(101)).toEqual([101, 0]);
  });

  test('a group is the own entries of one prefix', () => {
    const other = new Uint8Array(12).fill(8);
    const journal = journalOf([entry({}), entry({ isOwn: false }), entry({ first: 4 }), entry({ prefix: other })]);
    expect(journal.group(toBase64url(new Uint8Array(12).fill(7)))).toEqual([0, 2]);
    expect(journal.group(toBase64url(other))).toEqual([3]);
    expect(journal.group('nonsense')).toEqual([]);
    expect(journal.ownOperations).toBe(3);
  });
});

function idsOf(...ids: readonly FindingId[]): Bytes {
  return Uint8Array.from(ids.flatMap((id) => [...Buffer.from(id, 'base64url')]));
}
