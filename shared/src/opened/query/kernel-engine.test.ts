import { describe, expect, test } from 'vitest';
import { concatBytes, utf8 } from '../../base/bytes.ts';
import type { TextDictionary } from '../bundle/columns.ts';
import { NEW_STATUS } from '../triage/status.ts';
import type { TriageStatus } from '../triage/triage.ts';
import { RESOLUTIONS, TRIAGE_STATES } from '../triage/triage.ts';
import { createEngine, hasKernels } from './create-engine.ts';
import type { DictionaryRoom, DictionarySizes } from './dictionary-room.ts';
import { EngineFullError } from './engine-full.ts';
import type { Engine, EngineImport, LoadedRows } from './engine.ts';
import type { HotDictionaries } from './hot-columns.ts';
import { createKernelEngine } from './kernel-engine.ts';
import type { MadeUpColumns, Plan } from './made-up-columns.ts';
import { madeUpColumns } from './made-up-columns.ts';
import { seededNumbers } from './made-up-findings.ts';
import { createPlainEngine } from './plain-engine.ts';
import type { FilterField, Query, TimeField } from './query.ts';
import { FACET_FIELDS, GROUP_FIELDS, SORT_FIELDS, TIME_FIELDS } from './query.ts';

const ALL: Query = { text: '', filters: {}, sort: { by: 'priority', descending: true } };
/** Steps of the random story: more for a night (KERNEL_STEPS=5000). */
const STEPS = Number(process.env['KERNEL_STEPS'] ?? 250);
const DAY_MS = 86_400_000;
const PLAN: Plan = { seed: 1, rows: 400, segmentRows: 150, entries: 60, ids: 5000, times: 'mixed' };

describe('the kernel engine answers as its plain twin', () => {
  test('through imports, overlaps, rollbacks and triage, whatever is asked', () => {
    const next = seededNumbers(41);
    const pair = new Pair();
    pair.load(madeUpColumns(PLAN));
    for (let step = 0; step < STEPS; step++) {
      const kind = next() % 10;
      if (kind === 0 && pair.rows < 6000) pair.load(madeUpColumns(randomPlan(next, step)));
      else if (kind === 1) pair.drop(madeUpColumns(randomPlan(next, step)), next() % 4);
      else if (kind === 2) pair.triage(next);
      else pair.ask(randomQuery(next, pair.kernel), next);
    }
    expect(pair.asked).toBeGreaterThan(STEPS / 2);
    expect(pair.kernel.rows).toBe(pair.plain.rows);
  });

  test('where codes outgrow two bytes and rows fill blocks', () => {
    const next = seededNumbers(42);
    const pair = new Pair();
    const plan: Plan = { ...PLAN, rows: 70_000, segmentRows: 65_536, ids: 1e9, times: 'few' };
    pair.load(madeUpColumns({ ...plan, entries: 40_000 }));
    pair.triage(next);
    // Other texts: no dictionary knows the half of them.
    pair.load(madeUpColumns({ ...plan, seed: 2, entries: 90_000, ids: 200_000, times: 'ticks' }));
    // A third of these is known, some of them stand twice.
    pair.load(madeUpColumns({ ...plan, seed: 3, entries: 300, ids: 200_000, times: 'doubles' }));
    for (let i = 0; i < 8; i++) pair.ask(randomQuery(next, pair.kernel), next);
    expect(pair.kernel.rows).toBe(pair.plain.rows);
  });

  test('where all ids begin alike', () => {
    const next = seededNumbers(43);
    const pair = new Pair();
    const made = madeUpColumns({ ...PLAN, rows: 3000, segmentRows: 3000 });
    const segments = made.segments.map((segment) => ({
      ...segment,
      id: segment.id.map((byte, i) => (i % 16 < 13 ? 7 : byte)),
      score: segment.score.map((score) => score % 2),
    }));
    pair.load({ ...made, segments });
    for (const by of SORT_FIELDS) pair.ask({ ...ALL, sort: { by, descending: next() % 2 === 0 } }, next);
    expect(pair.kernel.rows).toBeGreaterThan(2000);
  });

  test('where it is told that nothing is repeated', () => {
    const next = seededNumbers(44);
    const made = madeUpColumns({ ...PLAN, ids: 1e9 });
    const pair = new Pair();
    const told = { ...made, dictionaries: { ...made.dictionaries, areDistinct: true } };
    expect(pair.load(told, true)).toEqual({ added: 400, merged: 0 });
    const row = pair.kernel.idAt(77);
    expect(pair.kernel.rowOf(row)).toBe(77);
    // The next one is looked at again.
    pair.load(made);
    pair.load(madeUpColumns({ ...PLAN, seed: 2, ids: 1e9 }), true);
    for (let i = 0; i < 20; i++) pair.ask(randomQuery(next, pair.kernel), next);
    expect(pair.kernel.rows).toBe(800);
  });

  test.each([
    { ...PLAN, times: 'ticks' as const },
    { ...PLAN, times: 'doubles' as const, rows: 3000, segmentRows: 3000 },
    { ...PLAN, times: 'few' as const, rows: 70_000, segmentRows: 65_536, ids: 1e9 },
  ])('in the first rows of an opened vault, before and after there is an order ($times)', (plan) => {
    const pair = new Pair();
    pair.load(madeUpColumns(plan));
    const rows = (engine: Engine, from: number, to: number) => String(engine.rowsIn(engine.run(ALL).token, from, to));
    const expected = rows(pair.plain, 0, 256);
    expect(rows(pair.kernel, 0, 256)).toBe(expected);
    expect(rows(pair.kernel, 40, 90)).toBe(rows(pair.plain, 40, 90));
    const { token } = pair.kernel.run(ALL);
    // Rows come while an answer is pinned whose order nobody has asked for: it is still that of the rows there were.
    pair.plain.run(ALL);
    const before = String(pair.plain.rowsIn(pair.plain.run(ALL).token, 0, pair.plain.rows));
    pair.load(madeUpColumns({ ...plan, seed: 9, rows: 400 }));
    expect(String(pair.kernel.rowsIn(token, 0, 1e9))).toBe(before);
    expect(rows(pair.kernel, 0, 257)).toBe(rows(pair.plain, 0, 257));
    expect(pair.kernel.warm()).toBe(true);
    expect(rows(pair.kernel, 0, 256)).toBe(rows(pair.plain, 0, 256));
  });

  test('where texts were written into its own memory', () => {
    const next = seededNumbers(45);
    const made = madeUpColumns({ ...PLAN, entries: 400, ids: 1e9 });
    // Folding makes them shorter, longer and other.
    const odd = ['ＷＩＤＥ', 'ﬃx', 'İstanbul', 'Plain', 'กำ', 'ａ'];
    const machineName = dictionaryOf(Array.from({ length: 400 }, (_, i) => `${odd[i % odd.length] ?? ''}${i}`));
    const dictionaries = { ...made.dictionaries, machineName, areDistinct: true };
    const pair = new Pair();
    for (const engine of [pair.plain, pair.kernel]) {
      const written = { ...writtenInto(engine, dictionaries), areDistinct: true };
      load(engine, { ...made, dictionaries: written });
      // There are texts now: the next room is elsewhere.
      expect(engine.roomFor(sizesOf(dictionaries)).host.heap.length).toBe(dictionaries.host.heap.length);
    }
    // Folded when first asked for, which changes nothing of what is shown.
    const shown = (engine: Engine) => engine.window(engine.run(ALL).token, 0, 400);
    const asItCame = shown(pair.kernel);
    expect(asItCame).toEqual(shown(pair.plain));
    for (const text of ['wide1', 'ffix', 'plain', 'istanbul']) pair.ask({ ...ALL, text }, next);
    for (const engine of [pair.plain, pair.kernel]) expect(shown(engine)).toEqual(asItCame);
    for (let i = 0; i < 30; i++) pair.ask(randomQuery(next, pair.kernel), next);
    pair.load(madeUpColumns({ ...PLAN, seed: 2 }));
    for (let i = 0; i < 10; i++) pair.ask(randomQuery(next, pair.kernel), next);
    expect(pair.kernel.rows).toBe(pair.plain.rows);
  });

  test('where texts are long and of any script', () => {
    const made = madeUpColumns({ ...PLAN, entries: 200, ids: 1e9 });
    const odd = [
      'short',
      'ยาว'.repeat(70),
      '𝔘𝔫𝔦',
      'wide-ＷＩＤＥ',
      'x'.repeat(900),
      '16 bytes are one',
      '\ufeffmarked',
      '🙂',
    ];
    const texts = dictionaryOf(Array.from({ length: 200 }, (_, i) => `${odd[i % odd.length] ?? ''}${i}`));
    const { identity } = made.dictionaries;
    const dictionaries = { ...made.dictionaries, host: texts, identity: { ...identity, local: texts } };
    const next = seededNumbers(47);
    const pair = new Pair();
    pair.load({ ...made, dictionaries });
    for (const [from, limit] of [
      [0, 400],
      [7, 1],
      [50, 50],
    ] as const) {
      const windows = [pair.plain, pair.kernel].map((engine) => engine.window(engine.run(ALL).token, from, limit));
      expect(windows[1]).toEqual(windows[0]);
      expect(windows[1]).toHaveLength(limit);
    }
    for (let i = 0; i < 10; i++) pair.ask(randomQuery(next, pair.kernel), next);
  });

  test('in what it counted before, while an import brings many other texts', () => {
    const plan: Plan = { ...PLAN, rows: 3000, segmentRows: 3000, entries: 900, ids: 1e9 };
    const pair = new Pair();
    pair.load(madeUpColumns(plan));
    const asked = (engine: Engine) => {
      const { token } = engine.run(ALL);
      return () => [
        // The last counts are kept: the first that are asked for are those of before.
        ...(['host', ...GROUP_FIELDS] as const).map((by) => engine.groups(token, by, 0, 300)),
        ...['e', 'host:', 'tag:t', 'source:s', 'machine:d'].map((typed) => engine.suggest(typed, 100)),
      ];
    };
    const pictures = [pair.plain, pair.kernel].map(asked);
    const before = pictures.map((picture) => picture());
    expect(before[1]).toEqual(before[0]);
    const coming = madeUpColumns({ ...plan, seed: 8, entries: 9000 });
    for (const [i, engine] of [pair.plain, pair.kernel].entries()) {
      const staged = engine.begin(coming.dictionaries, { bundleId: 'coming', receivedAtMs: 2 });
      addAll(staged, coming);
      expect(pictures[i]?.()).toEqual(before[0]);
      expect(pictures[i]?.()).toEqual(before[0]);
      staged.rollback();
      expect(pictures[i]?.()).toEqual(before[0]);
    }
  });

  test('among few rows of many blocks, whatever their state', () => {
    const next = seededNumbers(48);
    const pair = new Pair();
    pair.load(madeUpColumns({ ...PLAN, rows: 140_000, segmentRows: 65_536, entries: 500, ids: 1e9, times: 'few' }));
    for (let i = 0; i < 20; i++) pair.triage(next);
    for (const text of ['host:a7', 'host:a79', 'host:9.host', '-host:a', 'state:triaged', 'zzzz']) {
      const [plain, kernel] = [pair.plain, pair.kernel].map((engine) => engine.run({ ...ALL, text }).total);
      expect(kernel).toBe(plain);
      expect(kernel).toBeLessThan(pair.rows);
      pair.ask({ ...ALL, text }, next);
      pair.ask({ ...ALL, text, filters: { level: ['high', 'critical'], exposure: ['employee'] } }, next);
    }
  });
});

describe('the kernel engine', () => {
  const ROOM = 24 * 1024 * 1024;

  test('says so when memory is full, and is as it was before', () => {
    const engine = createKernelEngine(() => 0, 1, ROOM);
    load(engine, madeUpColumns(PLAN));
    const before = picture(engine);
    let isFull = false;
    for (let seed = 2; !isFull && seed < 60; seed++) {
      const rows = engine.rows;
      const staged = begin(engine, madeUpColumns({ ...PLAN, seed, rows: 20_000, segmentRows: 20_000, ids: 1e9 }));
      isFull = staged === null;
      if (isFull) expect(engine.rows).toBe(rows);
    }
    expect(isFull).toBe(true);
    const small = createKernelEngine(() => 0, 1, ROOM);
    load(small, madeUpColumns(PLAN));
    const huge = madeUpColumns({ ...PLAN, seed: 3, rows: 300_000, segmentRows: 65_536, entries: 100_000, ids: 1e9 });
    expect(begin(small, huge)).toBeNull();
    expect(picture(small)).toEqual(before);
    load(small, madeUpColumns({ ...PLAN, seed: 4, ids: 1e9 }));
    expect(small.rows).toBe(engine.rows > 0 ? (before[0] as number) + 400 : 0);
  });

  test('made ready step by step answers as one that was not, and counts only what it took', () => {
    const MIB = 1024 * 1024;
    const [ready, other] = [createKernelEngine(() => 0, 1, ROOM), createKernelEngine(() => 0, 1, ROOM)];
    let steps = 1;
    while (ready.makeReady(8 * MIB, MIB)) steps++;
    expect(steps).toBe(8);
    expect(ready.memoryBytes).toBe(other.memoryBytes);
    for (const engine of [ready, other]) load(engine, madeUpColumns({ ...PLAN, rows: 2000, ids: 1e9 }));
    expect(picture(ready)).toEqual(picture(other));
    // More than there is: as much as there is.
    while (ready.makeReady(2 * ROOM, MIB));
    for (const engine of [ready, other]) load(engine, madeUpColumns({ ...PLAN, seed: 2, ids: 1e9 }));
    expect(picture(ready)).toEqual(picture(other));
    expect(ready.memoryBytes).toBe(other.memoryBytes);
  });

  test('dropped before its written texts were folded is empty, and takes others', () => {
    const made = madeUpColumns({ ...PLAN, entries: 300, ids: 1e9 });
    const pair = new Pair();
    for (const engine of [pair.plain, pair.kernel]) {
      const written = { ...writtenInto(engine, made.dictionaries), areDistinct: true };
      engine.begin(written, { bundleId: 'dropped', receivedAtMs: 1 }).rollback();
    }
    expect(pair.rows).toBe(0);
    const next = seededNumbers(46);
    pair.load(madeUpColumns({ ...PLAN, seed: 7 }));
    for (let i = 0; i < 10; i++) pair.ask(randomQuery(next, pair.kernel), next);
  });

  test('is what this place runs', () => {
    expect(hasKernels()).toBe(true);
    const engine = createEngine(() => 5, 9);
    expect(engine.run(ALL)).toMatchObject({ token: 9, total: 0, accounts: 0, elapsedMs: 0 });
    expect(engine.window(9, 0, 10)).toEqual([]);
    expect(engine.suggest('a', 5)).toEqual([]);
  });
});

/** Both engines, asked the same. */
class Pair {
  readonly plain = createPlainEngine();
  readonly kernel = createKernelEngine();
  asked = 0;
  #imports = 0;

  get rows(): number {
    return this.kernel.rows;
  }

  load(made: MadeUpColumns, areNew = false): LoadedRows {
    const receivedAtMs = ++this.#imports;
    const [plain, kernel] = [this.plain, this.kernel].map((engine) => load(engine, made, receivedAtMs, areNew));
    expect(kernel).toEqual(plain);
    return kernel as LoadedRows;
  }

  /** An import that is rolled back: at once, with rows, half prepared, prepared. */
  drop(made: MadeUpColumns, stage: number): void {
    for (const engine of [this.plain, this.kernel]) {
      const staged = engine.begin(made.dictionaries, { bundleId: 'dropped', receivedAtMs: 0 });
      if (stage > 0) addAll(staged, made);
      if (stage === 2) staged.prepare();
      if (stage === 3) prepare(staged);
      staged.rollback();
    }
  }

  triage(next: () => number): void {
    const rows = Uint32Array.from({ length: next() % 50 }, () => next() % this.rows);
    const status = randomStatus(next);
    for (const engine of [this.plain, this.kernel]) engine.setStatus(rows, status);
  }

  ask(query: Query, next: () => number): void {
    this.asked++;
    const { token, ...answer } = this.kernel.run(query);
    const { token: other, ...expected } = this.plain.run(query);
    expect({ query, ...answer }).toEqual({ query, ...expected });
    expect(token).toBe(other);
    const rows = this.kernel.rowsIn(token, 0, answer.total);
    expect(String(rows)).toBe(String(this.plain.rowsIn(token, 0, answer.total)));
    const from = next() % (answer.total + 1);
    expect(this.kernel.window(token, from, 5)).toEqual(this.plain.window(token, from, 5));
    const [by, field] = [GROUP_FIELDS[next() % 3] ?? 'host', TIME_FIELDS[next() % 3] as TimeField];
    const [offset, limit] = next() % 3 === 0 ? [next() % 500, 300] : [0, 20];
    expect(this.kernel.groups(token, by, offset, limit)).toEqual(this.plain.groups(token, by, offset, limit));
    expect(this.kernel.histogram(token, field, 30)).toEqual(this.plain.histogram(token, field, 30));
    const typed = randomWord(next);
    expect(this.kernel.suggest(typed, 10)).toEqual(this.plain.suggest(typed, 10));
    if (this.rows === 0) return;
    const row = next() % this.rows;
    const id = this.kernel.idAt(row);
    expect([id, this.kernel.rowOf(id)]).toEqual([this.plain.idAt(row), row]);
    expect(this.kernel.position(token, id)).toBe(this.plain.position(token, id));
    expect(this.kernel.related(row, 'machine', 9)).toEqual(this.plain.related(row, 'machine', 9));
    expect(this.kernel.appearances(row)).toEqual(this.plain.appearances(row));
    expect(this.kernel.receivedAtMs(row)).toBe(this.plain.receivedAtMs(row));
    if (next() % 10 === 0) expect(countsOf(this.kernel)).toEqual(countsOf(this.plain));
  }
}

/** Loads all; `null` where memory was full and the import was rolled back. */
function begin(engine: Engine, made: MadeUpColumns): LoadedRows | null {
  let staged: EngineImport | null = null;
  try {
    staged = engine.begin(made.dictionaries, { bundleId: 'b', receivedAtMs: 1 });
    addAll(staged, made);
    const loaded = prepare(staged);
    staged.commit();
    return loaded;
  } catch (error) {
    if (!(error instanceof EngineFullError)) throw error;
    staged?.rollback();
    return null;
  }
}

function load(engine: Engine, made: MadeUpColumns, receivedAtMs = 1, areNew = false): LoadedRows {
  const staged = engine.begin(made.dictionaries, { bundleId: 'b', receivedAtMs, ...(areNew ? { areNew } : {}) });
  addAll(staged, made);
  const loaded = prepare(staged);
  staged.commit();
  return loaded;
}

function sizesOf({ areDistinct: _, identity, ...texts }: HotDictionaries): DictionarySizes {
  const all = Object.entries({ ...texts, identity: identity.local });
  return Object.fromEntries(
    all.map(([name, { offsets, heap }]) => [name, { entries: offsets.length - 1, heapBytes: heap.length }]),
  ) as unknown as DictionarySizes;
}

/** The same texts in the room that the engine has for them. */
function writtenInto(engine: Engine, dictionaries: HotDictionaries): DictionaryRoom {
  const room = engine.roomFor(sizesOf(dictionaries));
  const { identity, ...texts } = room;
  const names = Object.keys(texts) as (keyof typeof texts)[];
  for (const name of names) write(dictionaries[name], texts[name]);
  write(dictionaries.identity.local, identity.local);
  identity.domain.set(dictionaries.identity.domain);
  return room;
}

function write({ offsets, heap }: TextDictionary, into: TextDictionary): void {
  into.offsets.set(offsets);
  into.heap.set(heap);
}

function dictionaryOf(texts: readonly string[]): TextDictionary {
  const parts = texts.map((text) => utf8(text));
  const offsets = new Uint32Array(parts.length + 1);
  for (const [i, part] of parts.entries()) offsets[i + 1] = (offsets[i] as number) + part.length;
  return { offsets, heap: concatBytes(...parts) };
}

function addAll(staged: EngineImport, { segments }: MadeUpColumns): void {
  segments.forEach((segment, number) => {
    for (let from = 0; from < segment.rows; from += 4096) {
      staged.add(number, segment, from, Math.min(segment.rows, from + 4096));
    }
  });
}

function prepare(staged: EngineImport): LoadedRows {
  for (;;) {
    const loaded = staged.prepare();
    if (loaded !== null) return loaded;
  }
}

/** What can be seen from outside. */
function picture(engine: Engine): readonly unknown[] {
  const { token, ...answer } = engine.run({ ...ALL, text: 'e' });
  return [
    engine.rows,
    answer,
    engine.window(token, 0, 1000),
    engine.groups(token, 'machine', 0, 100),
    countsOf(engine),
  ];
}

/** What is counted for the overview, and words row by row. */
function countsOf(engine: Engine): readonly unknown[] {
  const { level, state, sourceClass } = engine.wordsOf(Uint32Array.from({ length: engine.rows }, (_, row) => row));
  return [
    engine.arrivals(),
    engine.firstSeenBySteps({ startMs: Date.UTC(2024, 0), stepMs: 5 * 86_400_000, steps: 400 }),
    engine.topHosts(10),
    [level, state, sourceClass].map(String),
  ];
}

function randomPlan(next: () => number, seed: number): Plan {
  return {
    seed: 100 + seed,
    rows: 1 + (next() % 600),
    segmentRows: 40 + (next() % 300),
    entries: 1 + (next() % 400),
    ids: 3000 + (next() % 10_000),
    times: (['few', 'ticks', 'doubles', 'mixed'] as const)[next() % 4] ?? 'few',
  };
}

function randomStatus(next: () => number): TriageStatus {
  const state = TRIAGE_STATES[next() % TRIAGE_STATES.length] ?? 'new';
  const resolution = state === 'closed' ? (RESOLUTIONS[next() % RESOLUTIONS.length] ?? null) : null;
  const owner = next() % 2 === 0 ? null : `Owner ${next() % 300}`;
  return { ...NEW_STATUS, state, resolution, owner };
}

function randomQuery(next: () => number, engine: Engine): Query {
  const row = () => engine.row(next() % Math.max(1, engine.rows));
  const filters: Partial<Record<FilterField, readonly string[]>> = {};
  for (const field of [...FACET_FIELDS, 'identity', 'machine'] as const) {
    if (next() % 7 > 0 || engine.rows === 0) continue;
    filters[field] = Array.from({ length: 1 + (next() % 9) }, () => valueOf(field, row(), next));
  }
  const ranges: Partial<Record<TimeField, readonly [number, number]>> = {};
  for (const field of TIME_FIELDS) {
    if (next() % 9 > 0 || engine.rows === 0) continue;
    const from = row().lastSeenAtMs + (next() % 2);
    ranges[field] = [from, from + (next() % 100) * DAY_MS];
  }
  const terms = Array.from({ length: next() % 3 }, () => `${next() % 4 === 0 ? '-' : ''}${randomWord(next)}`);
  const by = SORT_FIELDS[next() % SORT_FIELDS.length] ?? 'priority';
  return { text: terms.join(' '), filters, ranges, sort: { by, descending: next() % 2 === 0 } };
}

function valueOf(field: FilterField, row: ReturnType<Engine['row']>, next: () => number): string {
  switch (field) {
    case 'domain':
      return row.registrable;
    case 'source':
      return row.sourceAlias;
    case 'owner':
      return row.owner ?? '';
    case 'family':
      return ['', 'family-1', 'family-3'][next() % 3] ?? '';
    case 'tag':
      return ['', 'tag 0', 'tag 3', 'no such'][next() % 4] ?? '';
    case 'machine':
      return ['', 'M31', 'M62', `M${31 * (next() % 200)}`][next() % 4] ?? '';
    case 'level':
    case 'state':
    case 'exposure':
    case 'sourceClass':
    case 'pathClass':
    case 'host':
    case 'identity':
      return row[field];
    case 'secret':
      return '';
  }
}

function randomWord(next: () => number): string {
  const words = [
    'a',
    '7',
    'host',
    '.HOST.',
    'd1.example',
    '@d2',
    'a7@',
    'source-1',
    'app 3',
    'owner:9',
    'DESKTOP-1',
    'state:new',
  ];
  words.push(
    'tag',
    'family-2',
    'zzz',
    'since:2026-03',
    'level:crit',
    `b${next() % 1000}`,
    String(next() % 100),
    'example',
  );
  return words[next() % words.length] ?? 'a';
}
