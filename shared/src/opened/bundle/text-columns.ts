/** The text columns of a bundle by number, in a fixed order: batches travel without their dictionaries, which went ahead once. */
import type { BundleColumns, TextColumn, TextDictionary } from './columns.ts';

/** Columns with every text column replaced by what `map` makes of it; its numbers count from 0. */
function mapTextColumns(
  columns: BundleColumns,
  map: (column: TextColumn, number: number) => TextColumn,
): BundleColumns {
  let next = 0;
  const of = (column: TextColumn) => map(column, next++);
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
    sightings: { ...columns.sightings, alias: of(columns.sightings.alias), family: of(columns.sightings.family) },
    tags: { ...columns.tags, tag: of(columns.tags.tag) },
    ledger: { ...columns.ledger, code: of(columns.ledger.code), note: of(columns.ledger.note) },
  };
}

/** Dictionaries of all text columns, in order. */
export function dictionariesOf(columns: BundleColumns): readonly TextDictionary[] {
  const dictionaries: TextDictionary[] = [];
  mapTextColumns(columns, (column) => {
    dictionaries.push(column.dictionary);
    return column;
  });
  return dictionaries;
}

/** Columns with the dictionaries of `dictionariesOf`. */
export function withDictionaries(columns: BundleColumns, dictionaries: readonly TextDictionary[]): BundleColumns {
  return mapTextColumns(columns, ({ codes }, number) => {
    const dictionary = dictionaries[number];
    if (dictionary === undefined) throw new TypeError('withDictionaries: too few');
    return { codes, dictionary };
  });
}

const NOTHING: TextDictionary = { offsets: new Uint32Array(1), heap: new Uint8Array(0) };

/** Columns with empty dictionaries. */
export function withoutDictionaries(columns: BundleColumns): BundleColumns {
  return mapTextColumns(columns, ({ codes }) => ({ codes, dictionary: NOTHING }));
}
