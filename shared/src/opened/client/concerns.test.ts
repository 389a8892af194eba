import { expect, test } from 'vitest';
import type { LoadSummary, SourceQuality } from './api/loading.ts';
import { concernsOf, MANY_MAILBOXES } from './concerns.ts';

const CALM: SourceQuality = {
  records: 100,
  matched: 10,
  parseConfidence: 0.9,
  doubtful: 0,
  quarantinedShare: 0.01,
  selfDomainOnly: null,
  mailDomains: [{ domain: 'moe.example', listId: 'moe', records: 10 }],
  recycled: null,
};

function loadOf(...qualities: readonly (Partial<SourceQuality> | null)[]): LoadSummary {
  return {
    loadId: '1',
    sources: qualities.map((quality, at) => ({
      ...{ name: `list-${at}.txt`, alias: `S${at}`, sourceClass: 'combo', sizeBytes: 1 },
      quality: quality === null ? null : { ...CALM, ...quality },
    })),
    loadedAtMs: 1,
    ledger: { total: {} as never, sources: [] },
    ...{ records: 0, findings: 0, added: 0, sightings: 0, organisations: 0 },
  };
}

test('an ordinary source, and one of an older release, raise nothing', () => {
  expect(concernsOf([loadOf({}, null)], 'moe')).toEqual([]);
});

test('what is odd about a source is named, for the organisation that it is about', () => {
  const students = { domain: 'students.moe.example', listId: 'moe', records: 40_000 };
  const few = { domain: 'moe.example', listId: 'moe', records: MANY_MAILBOXES - 1 };
  const load = loadOf(
    { selfDomainOnly: 'moe', mailDomains: [students, few] },
    { recycled: { loadId: '0', name: 'old.txt', share: 0.83 }, quarantinedShare: 0.2 },
  );
  expect(concernsOf([load], 'moe')).toEqual([
    { kind: 'one-organisation', source: 'list-0.txt', records: 100 },
    { kind: 'many-mailboxes', source: 'list-0.txt', domain: 'students.moe.example', records: 40_000 },
    { kind: 'recycled', source: 'list-1.txt', known: 'old.txt', share: 0.83 },
    { kind: 'quarantined', source: 'list-1.txt', share: 0.2 },
  ]);
  expect(concernsOf([load], 'dlt').map(({ kind }) => kind)).toEqual(['recycled', 'quarantined']);
});
