/** What all batches of a bundle share, dictionaries and tables: batches travel without them, they go ahead once. */
import type { BundleColumns, FactorTable, SourceTable, TextColumn, TextDictionary } from './columns.ts';

/**
 * `dictionaries` of all text columns in a fixed order, that of the identities first: those went ahead, and have no texts here.
 * `factors` and `sources` are `null` where each batch has its own (schema versions 1 and 2). Their texts stand in
 * `dictionaries`.
 */
export interface SharedColumns {
  readonly dictionaries: readonly TextDictionary[];
  readonly factors: FactorTable | null;
  readonly sources: SourceTable | null;
}

/** Columns with every text column replaced by what `map` makes of it; its numbers count from 0, in a fixed order. */
function mapTextColumns(
  columns: BundleColumns,
  map: (column: TextColumn, number: number) => TextColumn,
): BundleColumns {
  let next = 0;
  const of = (column: TextColumn) => map(column, next++);
  const { sightings, ledger } = columns;
  return {
    ...columns,
    identity: of(columns.identity),
    mailboxKey: of(columns.mailboxKey),
    registrable: of(columns.registrable),
    host: of(columns.host),
    application: of(columns.application),
    sourceAlias: of(columns.sourceAlias),
    family: of(columns.family),
    machine: of(columns.machine),
    machineName: of(columns.machineName),
    machineOs: of(columns.machineOs),
    machineCountry: of(columns.machineCountry),
    mask: of(columns.mask),
    hashType: of(columns.hashType),
    sightings: {
      ...sightings,
      sources: { ...sightings.sources, alias: of(sightings.sources.alias), family: of(sightings.sources.family) },
    },
    tags: { ...columns.tags, tag: of(columns.tags.tag) },
    ledger: {
      ...ledger,
      factors: { ...ledger.factors, code: of(ledger.factors.code), note: of(ledger.factors.note) },
    },
  };
}

/** What `columns`, a batch whose own arrays lie in `buffer`, shares with the others, but for the identities. */
export function sharedOf(columns: BundleColumns, buffer: ArrayBuffer): SharedColumns {
  const dictionaries: TextDictionary[] = [];
  const { ledger, sightings } = mapTextColumns(columns, ({ codes, dictionary }) => {
    dictionaries.push(dictionaries.length === 0 ? NOTHING : dictionary);
    return { codes, dictionary: NOTHING };
  });
  return {
    dictionaries,
    factors: ledger.factors.value.buffer === buffer ? null : ledger.factors,
    sources: sightings.sources.seenAtMs.buffer === buffer ? null : sightings.sources,
  };
}

/** The buffers of a dictionary, once each. */
export function textBuffers({ offsets, heap }: TextDictionary): ReadonlySet<ArrayBuffer> {
  return new Set([offsets.buffer, heap.buffer]);
}

/** The buffers of `shared`, once each. */
export function buffersOf({ dictionaries, factors, sources }: SharedColumns): readonly ArrayBuffer[] {
  const arrays: readonly ArrayBufferView<ArrayBuffer>[] = [
    ...dictionaries.filter(({ offsets }) => offsets.length > 1).flatMap(({ offsets, heap }) => [offsets, heap]),
    ...(factors === null ? [] : [factors.value, factors.code.codes, factors.note.codes]),
    ...(sources === null ? [] : [sources.sourceId, sources.sourceClass, sources.publishedAtMs, sources.seenAtMs]),
    ...(sources === null ? [] : [sources.alias.codes, sources.family.codes]),
  ];
  return [...new Set(arrays.filter(({ byteLength }) => byteLength > 0).map(({ buffer }) => buffer))];
}

/** Columns with what they share. */
export function withShared(
  columns: BundleColumns,
  identities: TextDictionary,
  { dictionaries, factors, sources }: SharedColumns,
): BundleColumns {
  const { sightings, ledger } = columns;
  const whole = {
    ...columns,
    sightings: { ...sightings, sources: sources ?? sightings.sources },
    ledger: { ...ledger, factors: factors ?? ledger.factors },
  };
  return mapTextColumns(whole, ({ codes }, number) => {
    const dictionary = number === 0 ? identities : dictionaries[number];
    if (dictionary === undefined) throw new TypeError('withShared: too few');
    return { codes, dictionary };
  });
}

const NOTHING: TextDictionary = { offsets: new Uint32Array(1), heap: new Uint8Array(0) };
const NO_TEXTS: TextColumn = { codes: new Uint32Array(0), dictionary: NOTHING };
const NO_FACTORS: FactorTable = { code: NO_TEXTS, value: new Float64Array(0), note: NO_TEXTS };
const NO_SOURCES: SourceTable = {
  sourceId: new Uint8Array(0),
  sourceClass: new Uint8Array(0),
  alias: NO_TEXTS,
  family: NO_TEXTS,
  publishedAtMs: new Float64Array(0),
  seenAtMs: new Float64Array(0),
};

/** Columns with nothing that they share; their own arrays lie in `buffer`. */
export function withoutShared(columns: BundleColumns, buffer: ArrayBuffer): BundleColumns {
  const { sightings, ledger, ...own } = mapTextColumns(columns, ({ codes }) => ({ codes, dictionary: NOTHING }));
  const hasFactors = ledger.factors.value.buffer === buffer;
  const hasSources = sightings.sources.seenAtMs.buffer === buffer;
  return {
    ...own,
    sightings: hasSources ? sightings : { ...sightings, sources: NO_SOURCES },
    ledger: hasFactors ? ledger : { ...ledger, factors: NO_FACTORS },
  };
}
