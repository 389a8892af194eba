import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBase64url } from '../../base/base64url.ts';
import type { Bytes } from '../../base/bytes.ts';
import { concatBytes } from '../../base/bytes.ts';
import { columnsOf } from '../bundle/columns-of.ts';
import type { Finding } from '../finding/finding.ts';
import type { Engine } from '../query/engine.ts';
import { HotConverter } from '../query/hot-columns-of.ts';
import { madeUpFindings } from '../query/made-up-findings.ts';
import { createPlainEngine } from '../query/plain-engine.ts';
import type { JournalEntry } from '../triage/journal-entry.ts';
import { entriesOf, operationAt } from '../triage/journal-entry.ts';
import { Journal } from '../triage/journal.ts';
import { arbitraryOperations, findingIds } from '../triage/operations.fixture.ts';
import { compareOperations, foldOperations } from '../triage/status.ts';
import type { TriageOperation } from '../triage/triage.ts';
import { packJournalBlock, readJournalBlock } from './journal-block.ts';
import { Overlay } from './triage-overlay.ts';
import { inversesOf } from './triage-undo.ts';

const findings = madeUpFindings(3, 5).map((finding, i): Finding => ({
  ...finding,
  id: findingIds[i] as Finding['id'],
}));

function load(engine: Engine, some: readonly Finding[]): void {
  const columns = columnsOf(some, 'masked');
  const converter = new HotConverter(columns);
  const staged = engine.begin(converter.dictionaries, { bundleId: 'b', receivedAtMs: 0 });
  staged.add(0, converter.convert(columns), 0, columns.rows);
  while (staged.prepare() === null) continue;
  staged.commit();
}

/** Entries as they come back from disk. */
function stored(operations: readonly TriageOperation[]): readonly JournalEntry[] {
  return readJournalBlock(packJournalBlock(entriesOf(operations) ?? [])) ?? [];
}

const arrivals = arbitraryOperations.chain((list) =>
  fc.record({
    list: fc.constant(list),
    shuffled: fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length }),
    cut: fc.nat(30),
    known: fc.nat(3),
  }),
);

describe('triage overlay', () => {
  test('counts a finding once that an entry names twice', () => {
    const engine = createPlainEngine();
    load(engine, findings);
    const journal = new Journal();
    const overlay = new Overlay(engine, journal.entries);
    const [first, second] = findingIds.map((id) => parseBase64url(id) as Bytes) as [Bytes, Bytes];
    const ids = concatBytes(first, second, first);
    const made = { isOwn: false, device: 'elsewhere', first: 0, stride: 2, ids } as const;
    const change = (ms: number, states: readonly ['triaged' | 'new', 'triaged' | 'new']) =>
      overlay.fold([
        journal.add({
          ...made,
          prefix: new Uint8Array(12).fill(ms),
          hlc: [ms, 0],
          changes: states.map((state) => ({ field: 'state', state })),
        }),
      ]);
    change(1, ['triaged', 'triaged']);
    expect(overlay.untouched).toBe(1);
    change(2, ['triaged', 'new']);
    expect(overlay.untouched).toBe(3);
    change(3, ['new', 'triaged']);
    expect(overlay.untouched).toBe(1);
  });

  test('is what folding the operations gives, in whichever order they and the findings come', () => {
    fc.assert(
      fc.property(arrivals, ({ list, shuffled, cut, known }) => {
        const engine = createPlainEngine();
        if (known > 0) load(engine, findings.slice(0, known));
        const journal = new Journal();
        const overlay = new Overlay(engine, journal.entries);
        const take = (operations: readonly TriageOperation[]) =>
          overlay.fold(stored(journal.unknown(operations)).map((entry) => journal.add(entry)));
        take(shuffled.slice(0, cut));
        const rows = engine.rows;
        load(engine, findings);
        overlay.foldArrived(rows);
        take(shuffled);
        const anew = new Overlay(engine, journal.entries);
        anew.foldAll();
        const sorted = list.toSorted(compareOperations);
        let untouched = 0;
        for (const id of findingIds) {
          const row = engine.rowOf(id);
          const operations = sorted.filter(({ findingId }) => findingId === id);
          const status = foldOperations(operations);
          expect(overlay.status(row)).toEqual(status);
          expect(anew.status(row)).toEqual(status);
          const { state, resolution, owner } = engine.row(row);
          expect({ state, resolution, owner }).toEqual({
            state: status.state,
            resolution: status.resolution,
            owner: status.owner,
          });
          if (status.state === 'new') untouched++;
          const contained = operations.find(
            ({ change }) => change.field === 'state' && (change.state === 'contained' || change.state === 'closed'),
          );
          const { rows: containedRows, atMs } = overlay.firstContained();
          expect(atMs[containedRows.indexOf(row)]).toBe(contained?.hlc[0]);
        }
        expect(overlay.untouched).toBe(untouched);
        expect(anew.untouched).toBe(untouched);
      }),
      { numRuns: 400 },
    );
  });

  test('the inverse of a group restores what it set, unless somebody set it since', () => {
    fc.assert(
      fc.property(arbitraryOperations, arbitraryOperations, fc.nat(4), (before, after, laterMs) => {
        const journal = new Journal();
        for (const entry of stored(before)) journal.add(entry);
        const prefix = new Uint8Array(12).fill(99);
        const changes = [
          { field: 'state', state: 'pending' },
          { field: 'owner', owner: 'group' },
        ] as const;
        const ids = Uint8Array.from(findingIds.flatMap((id) => [...(parseBase64url(id) as Bytes)]));
        const hlc = journal.nextTime(2);
        const group = journal.add({ isOwn: true, device: 'd1', hlc, prefix, first: 0, stride: 2, changes, ids });
        for (const entry of stored(journal.unknown(after.map((one) => ({ ...one, hlc: [laterMs, one.hlc[1]] }))))) {
          journal.add(entry);
        }
        const inverses = inversesOf(journal.entries, [group]);
        findingIds.forEach((id, i) => {
          const history = journal.history(id);
          const own = new Set([0, 1].map((k) => operationAt(journal.entries.entry(group), i, k).id));
          const without = foldOperations(history.filter((operation) => !own.has(operation.id)));
          const taken = inverses.find((inverse) => inverse.findings.includes(id))?.changes ?? [];
          for (const field of ['state', 'owner'] as const) {
            const last = history.findLast(({ change }) => change.field === field);
            const change = taken.find((one) => one.field === field);
            expect(change !== undefined).toBe(last !== undefined && own.has(last.id));
            if (change?.field === 'owner') expect(change.owner).toBe(without.owner);
            if (change?.field === 'state') {
              expect([change.state, change.resolution ?? null, change.untilMs ?? null]).toEqual([
                without.state,
                without.resolution,
                without.untilMs,
              ]);
            }
          }
        });
      }),
      { numRuns: 300 },
    );
  });

  test('a block that is cut or changed is refused or read within bounds', () => {
    const bytes = packJournalBlock(
      entriesOf(fc.sample(arbitraryOperations, { numRuns: 20, seed: 3 }).flat()) ?? [],
    ).slice();
    expect(readJournalBlock(bytes)).not.toBeNull();
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
        const changed = bytes.slice();
        changed[at] = byte;
        for (const { ids, prefix } of readJournalBlock(changed) ?? [])
          expect([ids.length % 16, prefix.length]).toEqual([0, 12]);
        expect(readJournalBlock(bytes.slice(0, at))).toBeNull();
      }),
    );
  });
});
