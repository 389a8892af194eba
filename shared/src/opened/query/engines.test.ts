import { describe, expect, test } from 'vitest';
import { parseBase64url } from '../../base/base64url.ts';
import type { Bytes } from '../../base/bytes.ts';
import { columnsOf } from '../bundle/columns-of.ts';
import { splitBatches } from '../bundle/split-batches.ts';
import type { Finding, FindingId } from '../finding/finding.ts';
import { LEVELS, SOURCE_CLASSES } from '../finding/finding.ts';
import { NEW_STATUS } from '../triage/status.ts';
import type { TriageStatus } from '../triage/triage.ts';
import { TRIAGE_STATES } from '../triage/triage.ts';
import { BruteForce, rowOf } from './brute-force.ts';
import type { Engine, EngineImport, LoadedRows } from './engine.ts';
import { kindOf, NO_ROW } from './engine.ts';
import { HotConverter } from './hot-columns-of.ts';
import { createKernelEngine } from './kernel-engine.ts';
import { madeUpFindings, seededNumbers } from './made-up-findings.ts';
import { createPlainEngine } from './plain-engine.ts';
import type { GroupField, Query, TimeField } from './query.ts';
import { GROUP_FIELDS, TIME_FIELDS } from './query.ts';
import { randomQuery, randomTyping } from './random-queries.ts';

const ALL: Query = { text: '', filters: {}, sort: { by: 'priority', descending: true } };
const SEGMENT_ROWS = 64;
const ENGINES = [
  ['plain', createPlainEngine],
  ['kernel', createKernelEngine],
] as const;

describe.each(ENGINES)('%s engine', (_, create) => {
  const first = madeUpFindings(300, 1, 40);
  const again = madeUpFindings(120, 2, 40).map((finding, i): Finding =>
    i < 60 ? { ...finding, id: (first[i] as Finding).id } : finding,
  );
  // An id that stands twice in one import, in different segments.
  const third = [...madeUpFindings(90, 3, 40), ...madeUpFindings(2, 3, 40)];
  const engine = create();
  const brute = new BruteForce();
  [first, again, third].forEach((findings, i) => {
    load(engine, findings, i);
    brute.import(findings, i, SEGMENT_ROWS);
  });
  brute.known.forEach(({ finding }, i) => {
    const status = statusOf(i);
    engine.setStatus(rowsOf(engine, [finding.id]), status);
    brute.setStatus(finding.id, status);
  });
  const findings = brute.known.map(({ finding }) => finding);

  test('any query answers as the slow obvious way does', () => {
    const next = seededNumbers(5);
    let hits = 0;
    for (let i = 0; i < 2000; i++) {
      const query = randomQuery(next, findings);
      const answer = engine.run(query);
      const { total, accounts, facets, hits: expected } = brute.run(query);
      expect({ query, total: answer.total, accounts: answer.accounts, facets: answer.facets }).toEqual({
        query,
        total,
        accounts,
        facets,
      });
      expect(engine.ids(answer.token, 0, 1000)).toEqual(expected.map(({ finding }) => finding.id));
      if (total > 0) hits++;
    }
    // A test of empty answers would prove little.
    expect(hits).toBeGreaterThan(700);
  });

  test('groups of any answer are those that counting by hand gives, page by page', () => {
    const next = seededNumbers(6);
    for (let i = 0; i < 120; i++) {
      const query = i < 3 ? ALL : randomQuery(next, findings);
      const by = GROUP_FIELDS[i % 3] as GroupField;
      const { token } = engine.run(query);
      for (const [offset, limit] of [
        [0, 10],
        [7, 40],
        [0, 1000],
        [5000, 10],
      ] as const) {
        expect(engine.groups(token, by, offset, limit)).toEqual(brute.groups(query, by, offset, limit));
      }
    }
  });

  test('a histogram has at most as many bars as wanted, of whole days in Bangkok', () => {
    const next = seededNumbers(7);
    for (let i = 0; i < 120; i++) {
      const query = i < 3 ? ALL : randomQuery(next, findings);
      const field = TIME_FIELDS[i % 3] as TimeField;
      const { token } = engine.run(query);
      for (const bars of [1, 12, 60, 100_000]) {
        expect(engine.histogram(token, field, bars)).toEqual(brute.histogram(query, field, bars));
      }
    }
  });

  test('suggestions are the values that begin with what is typed, then those that contain it, the most frequent first', () => {
    const next = seededNumbers(8);
    const typings = ['', 'host:', 'm', 'tag:', 'o', 'owner:', 'level:cr', '-host:v', 'vpn ', '"shared m', '"shared m"'];
    for (let i = 0; i < 300; i++) {
      const typed = typings[i] ?? randomTyping(next, findings);
      expect([typed, engine.suggest(typed, 12)]).toEqual([typed, brute.suggest(typed, 12)]);
    }
    expect(engine.suggest('host:vp', 1)).toMatchObject([{ field: 'host', value: 'vpn.moe.example' }]);
  });

  test('a finding that came more than once shows the union, and where it stands', () => {
    for (const known of brute.known) {
      const row = engine.rowOf(known.finding.id);
      expect(row).toBe(known.row);
      expect(engine.row(row)).toEqual(rowOf(known));
      expect(engine.appearances(row)).toEqual(known.appearances);
      expect(engine.receivedAtMs(row)).toBe(known.receivedAtMs);
    }
  });

  test('related findings are the others of the same machine or account, most urgent first', () => {
    let found = 0;
    for (const { finding, row } of brute.known) {
      for (const by of ['machine', 'identity'] as const) {
        const related = engine.related(row, by, 5);
        expect(related).toEqual(brute.related(finding.id, by, 5));
        found += related.length;
      }
    }
    expect(found).toBeGreaterThan(100);
  });

  test('words of rows are those of their findings', () => {
    const rows = Uint32Array.from(brute.known, ({ row }) => row);
    const { level, state, sourceClass } = engine.wordsOf(rows);
    expect(brute.known.map((_, i) => [LEVELS[level[i] as number], TRIAGE_STATES[state[i] as number]])).toEqual(
      brute.known.map(({ finding, status }) => [finding.level, status.state]),
    );
    expect(brute.known.map((_, i) => SOURCE_CLASSES[sourceClass[i] as number])).toEqual(
      brute.known.map(({ row }) => engine.row(row).sourceClass),
    );
  });

  test('arrivals, weeks and hosts count each finding once', () => {
    const kinds = new Map<string, number>();
    for (const { receivedAtMs, kinds: counts } of engine.arrivals()) {
      for (const [level, levelName] of LEVELS.entries())
        for (const [state, stateName] of TRIAGE_STATES.entries())
          for (const isOwned of [false, true]) {
            const count = counts[kindOf(level, state, isOwned)] as number;
            const name = [receivedAtMs, levelName, stateName, isOwned].join();
            if (count > 0) kinds.set(name, (kinds.get(name) ?? 0) + count);
          }
    }
    expect(kinds).toEqual(
      countsOf(brute.known, ({ finding, status, receivedAtMs }) =>
        [receivedAtMs, finding.level, status.state, status.owner !== null].join(),
      ),
    );
    const seenMs = brute.known.map(({ finding }) => finding.firstSeenAtMs).toSorted((a, b) => a - b);
    const startMs = (seenMs[3] as number) + 1;
    const [stepMs, steps] = [3 * 86_400_000, 40];
    const expected = new Uint32Array(steps * LEVELS.length);
    for (const { finding } of brute.known) {
      const step = Math.floor((finding.firstSeenAtMs - startMs) / stepMs);
      if (step < 0 || step >= steps) continue;
      const at = step * LEVELS.length + LEVELS.indexOf(finding.level);
      expected[at] = (expected[at] as number) + 1;
    }
    expect(engine.firstSeenBySteps({ startMs, stepMs, steps })).toEqual(expected);
    const hosts = countsOf(
      brute.known.filter(({ finding }) => finding.host !== ''),
      ({ finding }) => finding.host,
    );
    const top = engine.topHosts(7);
    expect(top).toHaveLength(7);
    expect(top.map(({ count }) => count)).toEqual([...hosts.values()].toSorted((a, b) => b - a).slice(0, 7));
    for (const { host, count, worst } of top) {
      const levels = brute.known.filter(({ finding }) => finding.host === host).map(({ finding }) => finding.level);
      expect([hosts.get(host), Math.max(...levels.map((one) => LEVELS.indexOf(one)))]).toEqual([
        count,
        LEVELS.indexOf(worst),
      ]);
    }
  });

  test('an answer stays pinned while one other query runs, not two', () => {
    const pinned = engine.run(ALL);
    const rows = engine.window(pinned.token, 10, 5);
    engine.run({ ...ALL, text: 'zzz' });
    expect(engine.window(pinned.token, 10, 5)).toEqual(rows);
    expect(engine.position(pinned.token, (rows[2] as { id: Finding['id'] }).id)).toBe(12);
    engine.run(ALL);
    expect(engine.window(pinned.token, 10, 5)).toEqual([]);
    expect(engine.rowsIn(pinned.token, 0, 10)).toHaveLength(0);
    expect(engine.position(pinned.token, (rows[2] as { id: Finding['id'] }).id)).toBe(-1);
    expect(engine.groups(pinned.token, 'host', 0, 10)).toEqual({ total: 0, groups: [] });
    expect(engine.histogram(pinned.token, 'captured', 10)).toEqual({ bars: [], unknown: 0 });
  });

  test('a window beyond the end is short, a foreign id is nowhere', () => {
    const { token, total } = engine.run({ ...ALL, sort: { by: 'score', descending: true } });
    expect(engine.window(token, total - 2, 50)).toHaveLength(2);
    expect(engine.window(token, total, 50)).toEqual([]);
    expect(engine.position(token, 'nonsense' as Finding['id'])).toBe(-1);
    expect(engine.rowOf('nonsense' as Finding['id'])).toBe(NO_ROW);
  });

  test('ids go in and out as bytes', () => {
    const rows = Uint32Array.from([5, 0, 200]);
    expect(engine.rowsOf(engine.idBytes(rows))).toEqual(rows);
    expect(engine.rowsOf(new Uint8Array(16))).toEqual(Uint32Array.of(NO_ROW));
  });

  test('orders built ahead are those that queries ask for', () => {
    const fresh = create();
    load(fresh, first, 0);
    let built = 0;
    while (fresh.warm()) built++;
    expect(built).toBe(7);
    expect(fresh.memoryBytes).toBeGreaterThan(first.length * 100);
  });
});

describe.each(ENGINES)('an import of the %s engine', (_, create) => {
  const known = madeUpFindings(100, 21, 20);
  const coming = [...known.slice(0, 30).map((finding) => ({ ...finding, score: 100 })), ...madeUpFindings(80, 22, 20)];

  test('shows nothing before its commit, then everything', () => {
    const engine = create();
    load(engine, known, 1);
    const before = picture(engine);
    const staged = begin(engine, coming, 2);
    expect(picture(engine)).toEqual(before);
    expect(prepare(staged)).toEqual({ added: 80, merged: 30 });
    expect(picture(engine)).toEqual(before);
    expect(engine.rowOf((coming.at(-1) as Finding).id)).toBe(NO_ROW);
    staged.commit();
    const brute = new BruteForce();
    brute.import(known, 1, SEGMENT_ROWS);
    brute.import(coming, 2, SEGMENT_ROWS);
    expect(engine.ids(engine.run(ALL).token, 0, 1000)).toEqual(brute.run(ALL).hits.map(({ finding }) => finding.id));
    expect(engine.appearances(engine.rowOf((coming[0] as Finding).id))).toEqual([
      { part: 0, segment: 0, row: 0 },
      { part: 1, segment: 0, row: 0 },
    ]);
  });

  test.each(['before it is prepared', 'once it is prepared'])('rolled back %s, leaves no trace', (when) => {
    const engine = create();
    load(engine, known, 1);
    const before = picture(engine);
    const staged = begin(engine, coming, 2);
    if (when === 'once it is prepared') prepare(staged);
    // Work goes on meanwhile.
    engine.setStatus(rowsOf(engine, [(known[0] as Finding).id]), { ...NEW_STATUS, owner: 'ann' });
    engine.setStatus(rowsOf(engine, [(known[0] as Finding).id]), NEW_STATUS);
    staged.rollback();
    expect(picture(engine)).toEqual(before);
    // The next one takes its place, with other texts under the same codes.
    const other = madeUpFindings(150, 23, 60);
    load(engine, other, 3);
    const brute = new BruteForce();
    brute.import(known, 1, SEGMENT_ROWS);
    brute.import(other, 3, SEGMENT_ROWS);
    expect(brute.known.map(({ row }) => engine.row(row))).toEqual(brute.known.map(rowOf));
    expect(brute.known.map(({ row }) => engine.appearances(row))).toEqual(brute.known.map((one) => one.appearances));
    const query = { ...ALL, text: 'moe', filters: { level: ['high'] } };
    expect(engine.run(query).facets).toEqual(brute.run(query).facets);
  });

  test('the same rows again add nothing', () => {
    const engine = create();
    expect(load(engine, known, 1)).toEqual({ added: 100, merged: 0 });
    expect(load(engine, known, 2)).toEqual({ added: 0, merged: 100 });
    expect(engine.rows).toBe(100);
    expect(engine.receivedAtMs(3)).toBe(1);
  });

  test('one runs at a time, and one that is over takes no more', () => {
    const engine = create();
    const staged = begin(engine, known, 1);
    expect(() => begin(engine, known, 2)).toThrow('one import at a time');
    expect(() => {
      staged.commit();
    }).toThrow('prepare');
    staged.rollback();
    expect(() => {
      staged.rollback();
    }).toThrow();
    expect(load(engine, known, 3)).toEqual({ added: 100, merged: 0 });
  });

  test('says whether a dictionary holds an entry twice', () => {
    const engine = create();
    const { dictionaries } = new HotConverter(columnsOf(known, 'masked'));
    const { offsets, heap } = dictionaries.host;
    const twice = new Uint32Array([...offsets, heap.length * 2]);
    const host = {
      offsets: twice.map((at, i) => (i < offsets.length ? at : heap.length + (offsets[1] as number))),
      heap: new Uint8Array([...heap, ...heap.subarray(0, offsets[1])]),
    };
    const origin = { bundleId: 'b', receivedAtMs: 1 };
    const good = engine.begin(dictionaries, origin);
    expect(good.areDistinct).toBe(true);
    good.rollback();
    expect(engine.begin({ ...dictionaries, host }, origin).areDistinct).toBe(false);
  });
});

describe.each(ENGINES)('findings that have none of something, in the %s engine', (_, create) => {
  const [plain] = madeUpFindings(1, 31) as [Finding];
  const bare: Finding = {
    ...plain,
    id: 'AQAAAAAAAAAAAAAAAAAAAA' as FindingId,
    host: '',
    registrable: '',
    family: null,
    machine: null,
    machineName: null,
    tags: [],
    capturedAtMs: null,
    secret: { ...plain.secret, secretFp: null },
  };
  const full: Finding = {
    ...bare,
    id: 'AgAAAAAAAAAAAAAAAAAAAA' as FindingId,
    host: 'vpn.moe.example',
    machine: 'AQEBAQEBAQEBAQEBAQEBAQ',
    tags: ['vip'],
    capturedAtMs: 1,
    secret: { ...plain.secret, secretFp: 'AQEBAQEBAQEBAQEBAQEBAQ' },
  };
  const engine = create();
  load(engine, [bare, full], 1);
  const ids = (query: Partial<Query>) => {
    const { token } = engine.run({ ...ALL, ...query });
    return engine.ids(token, 0, 10);
  };

  test.each([{ host: [''] }, { tag: [''] }, { machine: [''] }, { secret: [''] }, { domain: [''], host: [''] }])(
    "are found by the filter '' of %o",
    (filters) => {
      expect(ids({ filters })).toEqual([bare.id]);
    },
  );

  test("are counted and grouped under '', after those that have one where counts are equal but levels are", () => {
    const { token, facets } = engine.run(ALL);
    expect(facets.tag).toEqual([
      { value: '', count: 1 },
      { value: 'vip', count: 1 },
    ]);
    expect(facets.host.map(({ value }) => value)).toEqual(['', 'vpn.moe.example']);
    const machines = engine.groups(token, 'machine', 0, 10);
    // A machine without a name is called by its id.
    expect(machines.groups.map(({ value, label }) => [value, label])).toEqual([
      ['', ''],
      ['AQEBAQEBAQEBAQEBAQEBAQ', 'AQEBAQEBAQEBAQEBAQEBAQ'],
    ]);
    expect(engine.related(0, 'machine', 10)).toEqual([]);
  });

  test('lie in no range of a time they do not have, and in no bar', () => {
    expect(ids({ ranges: { captured: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] } })).toEqual([full.id]);
    expect(ids({ text: '-since:1970' })).toEqual([bare.id]);
    expect(engine.histogram(engine.run(ALL).token, 'captured', 10)).toMatchObject({ bars: [{}], unknown: 1 });
  });

  test('a secret that is not known, or all zeros, is nobody’s', () => {
    expect(ids({ filters: { secret: ['AAAAAAAAAAAAAAAAAAAAAA', 'nonsense'] } })).toEqual([]);
    expect(ids({ text: 'secret:AAAAAAAAAAAAAAAAAAAAAA' })).toEqual([]);
  });
});

function begin(engine: Engine, findings: readonly Finding[], receivedAtMs: number): EngineImport {
  const segments = [...splitBatches(columnsOf(findings, 'fingerprint'), SEGMENT_ROWS)];
  const converter = new HotConverter(segments[0] as (typeof segments)[number]);
  const staged = engine.begin(converter.dictionaries, { bundleId: `bundle-${receivedAtMs}`, receivedAtMs });
  segments.forEach((segment, number) => {
    const hot = converter.convert(segment);
    const middle = hot.rows >> 1;
    staged.add(number, hot, 0, middle);
    staged.add(number, hot, middle, hot.rows);
  });
  return staged;
}

function load(engine: Engine, findings: readonly Finding[], receivedAtMs: number): LoadedRows {
  const staged = begin(engine, findings, receivedAtMs);
  const loaded = prepare(staged);
  staged.commit();
  return loaded;
}

function prepare(staged: EngineImport): LoadedRows {
  for (;;) {
    const loaded = staged.prepare();
    if (loaded !== null) return loaded;
  }
}

/** What can be seen from outside. */
function picture(engine: Engine) {
  const { token, ...answer } = engine.run({ ...ALL, text: 'e' });
  const suggestions = ['d', 'host:', 'tag:'].map((typed) => engine.suggest(typed, 50));
  return [engine.rows, answer, engine.window(token, 0, 1000), engine.groups(token, 'machine', 0, 100), suggestions];
}

function rowsOf(engine: Engine, ids: readonly FindingId[]): Uint32Array {
  return Uint32Array.from(ids, (id) => engine.rowsOf(parseBase64url(id, 16) as Bytes)[0] as number);
}

function statusOf(i: number): TriageStatus {
  if (i % 5 === 0) return { ...NEW_STATUS, state: 'triaged', owner: 'ann' };
  if (i % 11 === 0) return { ...NEW_STATUS, state: 'in_progress', owner: 'มะลิ' };
  return i % 7 === 0 ? { ...NEW_STATUS, state: 'closed', resolution: 'valid_reset' } : NEW_STATUS;
}

/** How many of `list` have each name. */
function countsOf<T>(list: readonly T[], nameOf: (one: T) => string): ReadonlyMap<string, number> {
  return new Map([...Map.groupBy(list, nameOf)].map(([name, ones]) => [name, ones.length]));
}
