/** Made-up hot columns, for what takes more rows than findings can be made for: wide codes, many blocks, full memory. */
import { utf8 } from '../../base/bytes.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { TextDictionary } from '../bundle/columns.ts';
import { CONFIDENCES, EXPOSURES, IDENTITY_KINDS, LEVELS, PATH_CLASSES, SOURCE_CLASSES } from '../finding/finding.ts';
import type { Codes, HotColumns, HotDictionaries, HotTimes } from './hot-columns.ts';
import { NO_CODE, NO_TICK } from './hot-columns.ts';
import { seededNumbers } from './made-up-findings.ts';
import { codesFor } from './narrow-codes.ts';

const DAY_MS = 86_400_000;
/** 1 January 2026, UTC. */
const START_MS = 1_767_225_600_000;
const TAGS = 4;

export interface MadeUpColumns {
  readonly dictionaries: HotDictionaries;
  readonly segments: readonly HotColumns[];
}

export interface Plan {
  readonly seed: number;
  readonly rows: number;
  readonly segmentRows: number;
  /** Entries of the large dictionaries (accounts, hosts, machines, masks); the others have a few. */
  readonly entries: number;
  /** Ids are numbers below; the fewer, the more repeat. */
  readonly ids: number;
  /** How times lie: as ticks, as doubles, or now so, now so; few distinct ones or many. */
  readonly times: 'few' | 'ticks' | 'doubles' | 'mixed';
}

/** The same plan, the same columns. */
export function madeUpColumns(plan: Plan): MadeUpColumns {
  const next = seededNumbers(plan.seed);
  const { entries, rows, segmentRows } = plan;
  const words = (count: number, word: (i: number) => string) =>
    dictionaryOf(Array.from({ length: count }, (_, i) => word(i)));
  const small = 1 + Math.min(7, entries);
  const name = (i: number) => `${'abcdefghij'.charAt(i % 10)}${(i * 7919) % 1_000_003}`;
  const dictionaries: HotDictionaries = {
    identity: { local: words(entries, name), domain: codes(next, entries, small) },
    identityDomain: words(small, (i) => `d${i}.example`),
    registrable: words(small, (i) => `d${i}.example`),
    host: words(entries, (i) => `${name(i)}.Host.example`),
    application: words(small, (i) => `App ${i}`),
    source: words(small, (i) => `source-${plan.seed}-${i}`),
    family: words(small, (i) => `family-${i}`),
    machine: words(entries, (i) => `M${i * 31}`),
    machineName: words(entries, (i) => `DESKTOP-${i}`),
    mask: words(entries, (i) => `p******${i}`),
    tag: words(TAGS, (i) => `tag ${i}`),
  };
  const segments: HotColumns[] = [];
  for (let from = 0; from < rows; from += segmentRows) {
    segments.push(segmentOf(next, plan, Math.min(segmentRows, rows - from), small));
  }
  return { dictionaries, segments };
}

function segmentOf(next: () => number, plan: Plan, rows: number, small: number): HotColumns {
  const { entries } = plan;
  const bytes = (below: number) => Uint8Array.from({ length: rows }, () => next() % below);
  const first = START_MS + (next() % 500) * DAY_MS;
  return {
    rows,
    id: idsOf(next, rows, plan.ids),
    identityKind: bytes(IDENTITY_KINDS.length),
    pathClass: bytes(PATH_CLASSES.length),
    exposure: bytes(EXPOSURES.length),
    sourceClass: bytes(SOURCE_CLASSES.length),
    level: bytes(LEVELS.length),
    confidence: bytes(CONFIDENCES.length),
    score: bytes(101),
    // No row is without an account; here and there are as few of one as of another.
    identity: codes(next, rows, entries, 1),
    registrable: codes(next, rows, small),
    host: codes(next, rows, entries),
    application: codes(next, rows, small),
    source: codes(next, rows, small),
    family: codes(next, rows, small),
    machine: codes(next, rows, entries),
    machineName: codes(next, rows, entries),
    mask: codes(next, rows, entries),
    tagSets: { offsets: Uint32Array.of(0, 1, 3, 4), tags: Uint32Array.of(0, 1, 2, 3) },
    tagSet: codes(next, rows, 3),
    secretFp: next() % 2 === 0 ? null : secretsOf(next, rows),
    capturedAtMs: timesOf(next, plan.times, rows, first, true),
    firstSeenAtMs: timesOf(next, plan.times, rows, first, false),
    lastSeenAtMs: timesOf(next, plan.times, rows, first, false),
  };
}

function dictionaryOf(texts: readonly string[]): TextDictionary {
  const heap = utf8(texts.join(''));
  const offsets = new Uint32Array(texts.length + 1);
  texts.forEach((text, i) => {
    offsets[i + 1] = (offsets[i] as number) + utf8(text).length;
  });
  return { offsets, heap };
}

/** Codes from `least` to `largest`. */
function codes(next: () => number, rows: number, largest: number, least = 0): Codes {
  const made = codesFor(largest, rows);
  for (let i = 0; i < rows; i++) made[i] = least + (next() % (largest + 1 - least));
  return made;
}

/** First byte a version; the rest follows from the number, so that a number has one id. */
function idsOf(next: () => number, rows: number, ids: number): Bytes {
  const bytes = new Uint8Array(rows * 16);
  const words = new DataView(bytes.buffer);
  for (let i = 0; i < rows; i++) {
    const number = next() % ids;
    const mixed = seededNumbers(number);
    for (let word = 0; word < 4; word++) words.setUint32(i * 16 + word * 4, mixed());
    bytes[i * 16] = 1;
  }
  return bytes;
}

function secretsOf(next: () => number, rows: number): Bytes {
  const bytes = new Uint8Array(rows * 16);
  for (let i = 0; i < rows; i++) if (next() % 3 > 0) bytes[i * 16 + (next() % 16)] = 1 + (next() % 5);
  return bytes;
}

function timesOf(
  next: () => number,
  kind: Plan['times'],
  rows: number,
  firstMs: number,
  mayBeUnknown: boolean,
): HotTimes {
  const isUnknown = () => mayBeUnknown && next() % 5 === 0;
  if (kind === 'few' || kind === 'mixed') {
    const distinct = next() % 3 === 0 ? [1, 20, 250][next() % 3] : undefined;
    if (distinct !== undefined) return fewOf(next, rows, firstMs, distinct, isUnknown);
  }
  const isTicks = kind === 'ticks' || (kind === 'mixed' && next() % 2 === 0);
  if (isTicks) {
    const unitMs = [1, 1000, 3_600_000][next() % 3] as number;
    const ticks = Uint32Array.from({ length: rows }, () => (isUnknown() ? NO_TICK : next() % 100_000));
    return { baseMs: firstMs + (next() % 1000), unitMs, ticks };
  }
  const distinct = kind === 'few' ? 20 : 10_000_000;
  return Float64Array.from({ length: rows }, () => (isUnknown() ? Number.NaN : firstMs + (next() % distinct) * 54_321));
}

/** As a block at rest gives them. */
function fewOf(
  next: () => number,
  rows: number,
  firstMs: number,
  distinct: number,
  isUnknown: () => boolean,
): HotTimes {
  const values = Uint32Array.from({ length: distinct }, (_, i) => i * 77);
  const codes = Uint8Array.from({ length: rows }, () => (isUnknown() ? NO_CODE : next() % distinct));
  const ticks = Uint32Array.from(codes, (code) => values[code] ?? NO_TICK);
  return { baseMs: firstMs, unitMs: 1000, ticks, few: { values, codes } };
}
