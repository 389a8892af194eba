/** Arrow columns, read and checked by `arrow-read.ts`, back to `BundleColumns`. The reader guarantees kinds and order. */
import type { Bytes } from '../../base/bytes.ts';
import type { ArrowColumn, FieldSpec } from './arrow-column.ts';
import type { BundleColumns, LedgerColumns, SightingColumns, TextColumn } from './columns.ts';
import { FLAG_COMMON, FLAG_FITS_POLICY, FLAG_REUSED } from './columns.ts';

/**
 * Columns that were read by `fields`. Once for each batch: flags are written over their column. `withFingerprints`: else those columns
 * are left out as all null.
 */
export function fromArrowColumns(
  fields: readonly FieldSpec[],
  rows: number,
  arrow: readonly ArrowColumn[],
  withFingerprints: boolean,
): BundleColumns {
  const byName = new Map(fields.map(({ name }, at) => [name, arrow[at]]));
  const of = (name: string): ArrowColumn => present(byName.get(name));
  const tags = listOf(of('tags'));
  return {
    rows,
    id: fixedOf(of('id')),
    identityKind: smallOf(of('identity_kind')),
    identity: textOf(of('identity')),
    mailboxKey: textOf(of('mailbox_key')),
    registrable: textOf(of('registrable')),
    host: textOf(of('host')),
    pathClass: smallOf(of('path_class')),
    application: textOf(of('application')),
    exposure: smallOf(of('exposure')),
    context: smallOf(of('context')),
    sourceClass: smallOf(of('source_class')),
    sourceAlias: textOf(of('source_alias')),
    family: textOf(of('family')),
    machine: textOf(of('machine')),
    machineName: textOf(of('machine_name')),
    machineOs: textOf(of('machine_os')),
    machineCountry: textOf(of('machine_country')),
    capturedAtMs: numbersOf(of('captured')),
    publishedAtMs: numbersOf(of('published')),
    ingestedAtMs: numbersOf(of('ingested')),
    firstSeenAtMs: numbersOf(of('first_seen')),
    lastSeenAtMs: numbersOf(of('last_seen')),
    sightings: sightingsOf(of('sightings')),
    flags: flagsOf(smallOf(of('fits_policy')), smallOf(of('common')), smallOf(of('reused'))),
    mask: textOf(of('mask')),
    lengthBand: smallOf(of('length_band')),
    classes: smallOf(of('classes')),
    strengthBand: smallOf(of('strength_band')),
    hashType: textOf(of('hash_type')),
    pairFp: withFingerprints ? fixedOf(of('pair_fp')) : null,
    secretFp: withFingerprints ? fixedOf(of('secret_fp')) : null,
    cookieState: smallOf(of('cookie_state')),
    tags: { offsets: tags.offsets, tag: textOf(tags.child) },
    score: smallOf(of('score')),
    level: smallOf(of('level')),
    confidence: smallOf(of('confidence')),
    ledger: ledgerOf(of('ledger')),
  };
}

function sightingsOf(column: ArrowColumn): SightingColumns {
  const { offsets, child } = listOf(column);
  const sighting = structOf(child);
  const source = present(sighting[0]);
  const isShared = source.kind === 'coded';
  const [id, sourceClass, alias, family, published, seen] = isShared
    ? source.table
    : [...sighting.slice(0, 4), ...sighting.slice(5)];
  const sources = {
    sourceId: fixedOf(present(id)),
    sourceClass: smallOf(present(sourceClass)),
    alias: textOf(present(alias)),
    family: textOf(present(family)),
    publishedAtMs: numbersOf(present(published)),
    seenAtMs: numbersOf(present(seen)),
  };
  return {
    offsets,
    source: isShared ? source.codes : counting(sources.seenAtMs.length),
    capturedAtMs: numbersOf(present(sighting[isShared ? 1 : 4])),
    sources,
  };
}

function ledgerOf(column: ArrowColumn): LedgerColumns {
  const { offsets, child } = listOf(column);
  const [code, value, note] = child.kind === 'coded' ? child.table : structOf(child);
  const factors = { code: textOf(present(code)), value: numbersOf(present(value)), note: textOf(present(note)) };
  return { offsets, factor: child.kind === 'coded' ? child.codes : counting(factors.value.length), factors };
}

/** 0, 1, 2…: up to version 2 each value of a list had its own row of the table. */
function counting(length: number): Uint32Array<ArrayBuffer> {
  const codes = new Uint32Array(length);
  for (let i = 0; i < length; i++) codes[i] = i;
  return codes;
}

/** Values of a text column. Throws on another kind: a bug, since the reader follows the schema. */
export function textOf(column: ArrowColumn): TextColumn {
  if (column.kind !== 'text' && column.kind !== 'plain') throw new TypeError(column.kind);
  return { codes: column.codes, dictionary: column.dictionary };
}

/** Bytes of a fixed-width column. */
export function fixedOf(column: ArrowColumn): Bytes {
  if (column.kind !== 'fixed') throw new TypeError(column.kind);
  return column.bytes;
}

function smallOf(column: ArrowColumn): Bytes {
  switch (column.kind) {
    case 'word':
    case 'small':
    case 'flag':
    case 'label':
      return column.values;
    default:
      throw new TypeError(column.kind);
  }
}

function numbersOf(column: ArrowColumn): Float64Array<ArrayBuffer> {
  if (column.kind !== 'time' && column.kind !== 'number') throw new TypeError(column.kind);
  return column.values;
}

function listOf(column: ArrowColumn): { readonly offsets: Uint32Array<ArrayBuffer>; readonly child: ArrowColumn } {
  if (column.kind !== 'list') throw new TypeError(column.kind);
  return column;
}

function structOf(column: ArrowColumn): readonly ArrowColumn[] {
  if (column.kind !== 'struct') throw new TypeError(column.kind);
  return column.children;
}

/** Bits of all three, over the first. */
function flagsOf(fitsPolicy: Bytes, common: Bytes, reused: Bytes): Bytes {
  for (let i = 0; i < fitsPolicy.length; i++) {
    fitsPolicy[i] =
      (fitsPolicy[i] === 1 ? FLAG_FITS_POLICY : 0) |
      (common[i] === 1 ? FLAG_COMMON : 0) |
      (reused[i] === 1 ? FLAG_REUSED : 0);
  }
  return fitsPolicy;
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('column missing');
  return value;
}
