/** Batches of made-up columns, odd but legal, for what writes cold columns: lists of any length, tables that repeat, unknown times. */
import type { BundleColumns, TextColumn } from '../bundle/columns.ts';
import { CONTEXTS, NO_CODE, NO_TEXT } from '../bundle/columns.ts';
import { COOKIE_STATES, LENGTH_BANDS, SOURCE_CLASSES, STRENGTH_BANDS } from '../finding/finding.ts';
import { seededNumbers } from '../query/made-up-findings.ts';

export interface BatchPlan {
  readonly seed: number;
  readonly rows: number;
  /** Distinct machines, dates and texts: the more, the less repeats. */
  readonly variety: number;
  /** The most values that a list of a row has. */
  readonly longest: number;
  /** Rows of the tables of sources and factors; 0: each value has its own, as in schema versions 1 and 2. */
  readonly table: number;
  /** Distinct values that a factor may have. */
  readonly values: number;
  readonly tags: 'rising' | 'any';
  /** Whether sightings were captured when their row was, mostly or never. */
  readonly captures: 'own' | 'any';
  readonly hasPairs: boolean;
}

/** Entries of the dictionaries of `variety`, whatever the batch. */
const CODES = 12;
/** 1 January 2026, UTC. */
const START_MS = 1_767_225_600_000;

/** The same plan, the same batch. */
export function madeUpBatch(plan: BatchPlan): BundleColumns {
  const next = seededNumbers(plan.seed);
  const { rows, variety } = plan;
  const bytes = (length: number, below: number, mayBeNone = false) =>
    Uint8Array.from({ length }, () => (mayBeNone && next() % 5 === 0 ? NO_CODE : next() % below));
  const text = (length: number, entries: number, mayBeNone = true): TextColumn => ({
    codes: Uint32Array.from({ length }, () => (mayBeNone && next() % 4 === 0 ? NO_TEXT : next() % entries)),
    dictionary: { offsets: new Uint32Array(entries + 1), heap: new Uint8Array(0) },
  });
  const times = (length: number, mayBeUnknown: boolean) =>
    Float64Array.from({ length }, () =>
      mayBeUnknown && next() % 4 === 0 ? Number.NaN : START_MS + (next() % variety) * 1000 + (next() % 2),
    );
  const offsets = () => {
    const made = new Uint32Array(rows + 1);
    for (let row = 0; row < rows; row++) made[row + 1] = (made[row] as number) + (next() % (plan.longest + 1));
    return made;
  };
  const numbers = (length: number, table: number) =>
    Uint32Array.from({ length }, (_, i) => (plan.table === 0 ? i : next() % table));
  const same = text(rows, 1, false);
  const none = new Uint8Array(rows);
  const captured = times(rows, true);

  const sightingOffsets = offsets();
  const sightings = sightingOffsets[rows] as number;
  const sourceRows = plan.table === 0 ? sightings : plan.table;
  const rowOf = rowsOf(sightingOffsets);
  const ledgerOffsets = offsets();
  const factors = ledgerOffsets[rows] as number;
  const factorRows = plan.table === 0 ? factors : plan.table;
  const tagOffsets = offsets();
  const tags = text(tagOffsets[rows] as number, CODES * 20, false);
  if (plan.tags === 'rising') {
    for (let row = 0; row < rows; row++) {
      const from = tagOffsets[row] as number;
      for (let at = from; at < (tagOffsets[row + 1] as number); at++) tags.codes[at] = at - from;
    }
  }
  return {
    rows,
    id: new Uint8Array(rows * 16),
    identityKind: none,
    identity: same,
    mailboxKey: text(rows, variety),
    registrable: same,
    host: same,
    pathClass: none,
    application: same,
    exposure: none,
    context: bytes(rows, CONTEXTS.length),
    sourceClass: none,
    sourceAlias: same,
    family: same,
    machine: same,
    machineName: same,
    machineOs: text(rows, variety),
    machineCountry: text(rows, CODES),
    capturedAtMs: captured,
    publishedAtMs: times(rows, true),
    ingestedAtMs: times(rows, false),
    firstSeenAtMs: captured,
    lastSeenAtMs: captured,
    sightings: {
      offsets: sightingOffsets,
      source: numbers(sightings, sourceRows),
      capturedAtMs: Float64Array.from({ length: sightings }, (_, at) =>
        plan.captures === 'own' && next() % 50 > 0
          ? (captured[rowOf[at] as number] as number)
          : next() % 3 === 0
            ? Number.NaN
            : START_MS - next(),
      ),
      sources: {
        sourceId: bytes(sourceRows * 8, 2),
        sourceClass: bytes(sourceRows, SOURCE_CLASSES.length),
        alias: text(sourceRows, CODES, false),
        family: text(sourceRows, CODES),
        publishedAtMs: times(sourceRows, true),
        seenAtMs: times(sourceRows, false),
      },
    },
    flags: bytes(rows, 8),
    mask: same,
    lengthBand: bytes(rows, LENGTH_BANDS.length, true),
    classes: bytes(rows, 32, true),
    strengthBand: bytes(rows, STRENGTH_BANDS.length, true),
    hashType: text(rows, CODES),
    pairFp: plan.hasPairs ? bytes(rows * 16, 256) : null,
    secretFp: null,
    cookieState: bytes(rows, COOKIE_STATES.length),
    tags: { offsets: tagOffsets, tag: tags },
    score: none,
    level: none,
    confidence: none,
    ledger: {
      offsets: ledgerOffsets,
      factor: numbers(factors, factorRows),
      factors: {
        code: text(factorRows, CODES, false),
        value: Float64Array.from({ length: factorRows }, () => (next() % plan.values) / 7),
        note: text(factorRows, CODES),
      },
    },
  };
}

/** The row of each value. */
function rowsOf(offsets: Uint32Array): Uint32Array {
  const rows = new Uint32Array(offsets[offsets.length - 1] as number);
  for (let row = 0; row + 1 < offsets.length; row++) rows.fill(row, offsets[row], offsets[row + 1]);
  return rows;
}
