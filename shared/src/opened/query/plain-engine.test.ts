import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { columnsOf } from '../bundle/columns-of.ts';
import type { Finding } from '../finding/finding.ts';
import { EXPOSURES, LEVELS, PATH_CLASSES, SOURCE_CLASSES } from '../finding/finding.ts';
import { NEW_STATUS } from '../triage/status.ts';
import type { TriageStatus } from '../triage/triage.ts';
import { TRIAGE_STATES } from '../triage/triage.ts';
import { foldText } from './fold.ts';
import { madeUpFindings } from './made-up-findings.ts';
import { mergeFinding } from './merge-finding.ts';
import { createPlainEngine } from './plain-engine.ts';
import type { FacetField, Query } from './query.ts';
import { FACET_FIELDS, SORT_FIELDS } from './query.ts';
import { splitSegments } from './segment.ts';

interface Known {
  readonly finding: Finding;
  readonly status: TriageStatus;
}

const WORDS = ['moe', 'SOMCHAI', 'สมหญิง', 'wide', 'DESKTOP-1', 'vpn', '.1', 'source-3', 'lumma', 'zzz', 'กลุ่ม'];
const TERMS = [
  ...WORDS,
  '-dlt',
  'host:mail',
  'level:crit',
  '-state:new',
  '"shared mail"',
  'owner:ann',
  'tag:vip',
  'https://x',
];

const queries: fc.Arbitrary<Query> = fc.record({
  text: fc.array(fc.constantFrom(...TERMS), { maxLength: 3 }).map((terms) => terms.join(' ')),
  filters: fc.record(
    {
      level: fc.subarray([...LEVELS]),
      state: fc.subarray(['new', 'closed', 'triaged']),
      exposure: fc.subarray([...EXPOSURES]),
      sourceClass: fc.subarray([...SOURCE_CLASSES]),
      pathClass: fc.subarray([...PATH_CLASSES]),
      host: fc.subarray(['', 'vpn.moe.example', 'nowhere.example']),
      domain: fc.subarray(['moe.example', 'dlt.example']),
      owner: fc.subarray(['', 'ann']),
      tag: fc.subarray(['vip', 'reused']),
      family: fc.subarray(['', 'lumma']),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Query['filters']>,
  sort: fc.record({ by: fc.constantFrom(...SORT_FIELDS), descending: fc.boolean() }),
});

describe('plain engine', () => {
  const first = madeUpFindings(300, 1, 40);
  const again = madeUpFindings(120, 2, 40).map((finding, i): Finding =>
    i < 60 ? { ...finding, id: (first[i] as Finding).id } : finding,
  );
  const { engine, known } = loaded(first, again);

  test('any query answers as the slow obvious way does', () => {
    fc.assert(
      fc.property(queries, (query) => {
        const result = engine.run(query);
        const expected = answer(known, query);
        expect(engine.ids(result.token, 0, 1000)).toEqual(expected.ids);
        expect(result.total).toBe(expected.ids.length);
        expect(result.accounts).toBe(expected.accounts);
        expect(result.facets).toEqual(expected.facets);
      }),
      { numRuns: 400, seed: 5 },
    );
  });

  test('a finding that came twice shows the union, in row and in detail', () => {
    for (const { finding } of known) {
      expect(engine.finding(finding.id)).toEqual(finding);
      const { identity, score, level, sourceClass, sourceAlias, capturedAtMs, lastSeenAtMs } = finding;
      expect(engine.row(finding.id)).toMatchObject({
        identity,
        score,
        level,
        sourceClass,
        sourceAlias,
        capturedAtMs,
        lastSeenAtMs,
      });
    }
  });

  test('an answer stays pinned while one other query runs, not two', () => {
    const all: Query = { text: '', filters: {}, sort: { by: 'priority', descending: true } };
    const pinned = engine.run(all);
    const rows = engine.window(pinned.token, 10, 5);
    engine.run({ ...all, text: 'zzz' });
    expect(engine.window(pinned.token, 10, 5)).toEqual(rows);
    expect(engine.position(pinned.token, (rows[2] as { id: Finding['id'] }).id)).toBe(12);
    engine.run(all);
    expect(engine.window(pinned.token, 10, 5)).toEqual([]);
    expect(engine.position(pinned.token, (rows[2] as { id: Finding['id'] }).id)).toBe(-1);
  });

  test('a window beyond the end is short, a foreign id is nowhere', () => {
    const { token, total } = engine.run({ text: '', filters: {}, sort: { by: 'score', descending: true } });
    expect(engine.window(token, total - 2, 50)).toHaveLength(2);
    expect(engine.window(token, total, 50)).toEqual([]);
    expect(engine.position(token, 'nonsense' as Finding['id'])).toBe(-1);
    expect(engine.finding('nonsense' as Finding['id'])).toBeNull();
  });

  test('the same segment again adds nothing', () => {
    const twice = createPlainEngine();
    const columns = columnsOf(first, 'masked');
    const origin = { bundleId: 'b', receivedAtMs: 1 };
    expect(twice.loadSegment(columns, origin)).toEqual({ added: 300, merged: 0 });
    expect(twice.loadSegment(columns, origin)).toEqual({ added: 0, merged: 300 });
    expect(twice.rows).toBe(300);
    expect(first.map(({ id }) => twice.finding(id))).toEqual(first.map((finding) => mergeFinding(finding, finding)));
  });
});

function loaded(first: readonly Finding[], again: readonly Finding[]) {
  const engine = createPlainEngine();
  const columns = [columnsOf(first, 'masked'), columnsOf(again, 'masked')];
  columns.forEach((bundle, i) => {
    for (const segment of splitSegments(bundle, 64))
      engine.loadSegment(segment, { bundleId: `b${i}`, receivedAtMs: i });
  });
  const byId = new Map<string, Finding>();
  for (const finding of [...first, ...again]) {
    const before = byId.get(finding.id);
    byId.set(finding.id, before ? mergeFinding(before, finding) : finding);
  }
  const known: Known[] = [...byId.values()].map((finding, i) => ({ finding, status: statusOf(i) }));
  for (const { finding, status } of known) engine.setStatus(finding.id, status);
  return { engine, known };
}

function statusOf(i: number): TriageStatus {
  if (i % 5 === 0) return { ...NEW_STATUS, state: 'triaged', owner: 'ann' };
  return i % 7 === 0 ? { ...NEW_STATUS, state: 'closed', resolution: 'valid_reset' } : NEW_STATUS;
}

/** Brute force: every finding looked at as text, for every field. */
function answer(known: readonly Known[], query: Query) {
  const texts = known.filter((one) => textHits(one, query.text));
  const fields = Object.entries(query.filters).filter(([, values]) => values.length > 0) as [FacetField, string[]][];
  const passes = (one: Known, except: FacetField | null) =>
    fields.every(([field, values]) => field === except || valuesOf(one, field).some((value) => values.includes(value)));
  const hits = texts.filter((one) => passes(one, null)).sort((a, b) => compare(a, b, query));
  const facets = Object.fromEntries(
    FACET_FIELDS.map((field) => {
      const counts = new Map<string, number>();
      for (const one of texts.filter((candidate) => passes(candidate, field))) {
        for (const value of valuesOf(one, field)) counts.set(value, (counts.get(value) ?? 0) + 1);
      }
      const list = [...counts].map(([value, count]) => ({ value, count }));
      return [field, list.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1)).slice(0, 50)];
    }),
  );
  return {
    ids: hits.map(({ finding }) => finding.id),
    accounts: new Set(hits.map(({ finding }) => finding.identity)).size,
    facets,
  };
}

function valuesOf({ finding, status }: Known, field: FacetField): readonly string[] {
  switch (field) {
    case 'state':
      return [status.state];
    case 'owner':
      return [status.owner ?? ''];
    case 'domain':
      return [finding.registrable];
    case 'source':
      return [finding.sourceAlias];
    case 'family':
      return [finding.family ?? ''];
    case 'tag':
      return finding.tags;
    case 'level':
    case 'exposure':
    case 'sourceClass':
    case 'pathClass':
    case 'host':
      return [finding[field]];
  }
}

/** The terms of this test are simple enough to be read by hand. */
function textHits({ finding, status }: Known, typed: string): boolean {
  const { identity, host, registrable, application, machineName, sourceAlias, family, tags } = finding;
  const plain = [identity, host, registrable, application, machineName, sourceAlias, family, ...tags];
  const has = (needle: string) => plain.some((text) => foldText(text ?? '').includes(foldText(needle)));
  const terms = typed
    .replace('"shared mail"', 'shared_mail')
    .split(' ')
    .filter((term) => term !== '');
  return terms.every((term) => {
    switch (term) {
      case '-dlt':
        return !has('dlt');
      case 'host:mail':
        return host.includes('mail');
      case 'level:crit':
        return finding.level === 'critical';
      case '-state:new':
        return status.state !== 'new';
      case 'shared_mail':
        return has('shared mail');
      case 'owner:ann':
        return status.owner === 'ann';
      case 'tag:vip':
        return tags.includes('vip');
      default:
        return has(term);
    }
  });
}

function compare(a: Known, b: Known, { sort }: Query): number {
  const sign = sort.descending ? -1 : 1;
  for (const [x, y] of keysOf(a, sort.by).map((key, i) => [key, keysOf(b, sort.by)[i]] as const)) {
    if (x !== y) return ((x as number | string) < (y as number | string) ? -1 : 1) * sign;
  }
  return bytesOf(a.finding.id) < bytesOf(b.finding.id) ? -1 : 1;
}

function keysOf({ finding, status }: Known, by: Query['sort']['by']): readonly (number | string)[] {
  switch (by) {
    case 'priority':
      return [LEVELS.indexOf(finding.level), finding.score, finding.capturedAtMs ?? -1];
    case 'score':
      return [finding.score];
    case 'captured':
      return [finding.capturedAtMs ?? -1];
    case 'lastSeen':
      return [finding.lastSeenAtMs];
    case 'identity':
    case 'host':
      return [foldText(finding[by]), finding[by]];
    case 'state':
      return [TRIAGE_STATES.indexOf(status.state)];
  }
}

function bytesOf(id: string): string {
  return Buffer.from(id, 'base64url').toString('hex');
}
