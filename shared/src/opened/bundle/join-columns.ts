/** Batches of one bundle, end to end, as one set of columns: for who wants a bundle whole. */
import type { Bytes } from '../../base/bytes.ts';
import type {
  BundleColumns,
  BundleMetadata,
  FactorTable,
  LedgerColumns,
  SightingColumns,
  SourceTable,
  TextColumn,
} from './columns.ts';
import { columnsOf } from './columns-of.ts';

/** Joins batches, which share their dictionaries. Copies, unless there is but one; none give columns without rows. */
export function joinColumns(
  batches: readonly BundleColumns[],
  { policy }: Pick<BundleMetadata, 'policy'>,
): BundleColumns {
  const [first] = batches;
  if (first === undefined) return columnsOf([], policy);
  if (batches.length === 1) return first;
  const bytes = (pick: (batch: BundleColumns) => Bytes) => joinBytes(batches.map(pick));
  const doubles = (pick: (batch: BundleColumns) => Float64Array<ArrayBuffer>) => joinDoubles(batches.map(pick));
  const text = (pick: (batch: BundleColumns) => TextColumn) => joinTexts(batches.map(pick));
  const fingerprints = (pick: (batch: BundleColumns) => Bytes | null) =>
    pick(first) === null ? null : joinBytes(batches.map((batch) => pick(batch) ?? new Uint8Array(0)));
  return {
    rows: batches.reduce((sum, { rows }) => sum + rows, 0),
    id: bytes(({ id }) => id),
    identityKind: bytes(({ identityKind }) => identityKind),
    identity: text(({ identity }) => identity),
    mailboxKey: text(({ mailboxKey }) => mailboxKey),
    registrable: text(({ registrable }) => registrable),
    host: text(({ host }) => host),
    pathClass: bytes(({ pathClass }) => pathClass),
    application: text(({ application }) => application),
    exposure: bytes(({ exposure }) => exposure),
    context: bytes(({ context }) => context),
    sourceClass: bytes(({ sourceClass }) => sourceClass),
    sourceAlias: text(({ sourceAlias }) => sourceAlias),
    family: text(({ family }) => family),
    machine: text(({ machine }) => machine),
    machineName: text(({ machineName }) => machineName),
    machineOs: text(({ machineOs }) => machineOs),
    machineCountry: text(({ machineCountry }) => machineCountry),
    capturedAtMs: doubles(({ capturedAtMs }) => capturedAtMs),
    publishedAtMs: doubles(({ publishedAtMs }) => publishedAtMs),
    ingestedAtMs: doubles(({ ingestedAtMs }) => ingestedAtMs),
    firstSeenAtMs: doubles(({ firstSeenAtMs }) => firstSeenAtMs),
    lastSeenAtMs: doubles(({ lastSeenAtMs }) => lastSeenAtMs),
    sightings: joinSightings(batches.map(({ sightings }) => sightings)),
    flags: bytes(({ flags }) => flags),
    mask: text(({ mask }) => mask),
    lengthBand: bytes(({ lengthBand }) => lengthBand),
    classes: bytes(({ classes }) => classes),
    strengthBand: bytes(({ strengthBand }) => strengthBand),
    hashType: text(({ hashType }) => hashType),
    pairFp: fingerprints(({ pairFp }) => pairFp),
    secretFp: fingerprints(({ secretFp }) => secretFp),
    cookieState: bytes(({ cookieState }) => cookieState),
    tags: {
      offsets: joinOffsets(batches.map(({ tags }) => tags.offsets)),
      tag: text(({ tags }) => tags.tag),
    },
    score: bytes(({ score }) => score),
    level: bytes(({ level }) => level),
    confidence: bytes(({ confidence }) => confidence),
    ledger: joinLedgers(batches.map(({ ledger }) => ledger)),
  };
}

function joinSightings(parts: readonly SightingColumns[]): SightingColumns {
  const tables = parts.map(({ sources }) => sources);
  const [first] = tables as [SourceTable];
  const isShared = tables.every(({ seenAtMs }) => seenAtMs === first.seenAtMs);
  return {
    offsets: joinOffsets(parts.map(({ offsets }) => offsets)),
    source: joinCodes(parts.map(({ source, sources }) => [source, isShared ? 0 : sources.seenAtMs.length])),
    capturedAtMs: joinDoubles(parts.map(({ capturedAtMs }) => capturedAtMs)),
    sources: isShared
      ? first
      : {
          sourceId: joinBytes(tables.map(({ sourceId }) => sourceId)),
          sourceClass: joinBytes(tables.map(({ sourceClass }) => sourceClass)),
          alias: joinTexts(tables.map(({ alias }) => alias)),
          family: joinTexts(tables.map(({ family }) => family)),
          publishedAtMs: joinDoubles(tables.map(({ publishedAtMs }) => publishedAtMs)),
          seenAtMs: joinDoubles(tables.map(({ seenAtMs }) => seenAtMs)),
        },
  };
}

function joinLedgers(parts: readonly LedgerColumns[]): LedgerColumns {
  const tables = parts.map(({ factors }) => factors);
  const [first] = tables as [FactorTable];
  const isShared = tables.every(({ value }) => value === first.value);
  return {
    offsets: joinOffsets(parts.map(({ offsets }) => offsets)),
    factor: joinCodes(parts.map(({ factor, factors }) => [factor, isShared ? 0 : factors.value.length])),
    factors: isShared
      ? first
      : {
          code: joinTexts(tables.map(({ code }) => code)),
          value: joinDoubles(tables.map(({ value }) => value)),
          note: joinTexts(tables.map(({ note }) => note)),
        },
  };
}

/** Codes into tables that are joined as well: `entries` is how many rows each adds. */
function joinCodes(
  parts: readonly (readonly [codes: Uint32Array<ArrayBuffer>, entries: number])[],
): Uint32Array<ArrayBuffer> {
  const joined = fill(
    new Uint32Array(lengthOf(parts.map(([codes]) => codes))),
    parts.map(([codes]) => codes),
  );
  let at = 0;
  let before = 0;
  for (const [{ length }, entries] of parts) {
    for (const end = at + length; at < end; at++) joined[at] = (joined[at] as number) + before;
    before += entries;
  }
  return joined;
}

/** Parts end to end in one new array. */
export function joinBytes(parts: readonly Bytes[]): Bytes {
  return fill(new Uint8Array(lengthOf(parts)), parts);
}

/** Codes end to end; the parts share their dictionary. */
export function joinTexts(parts: readonly TextColumn[]): TextColumn {
  const codes = parts.map((part) => part.codes);
  const dictionary = parts[0]?.dictionary ?? { offsets: new Uint32Array(1), heap: new Uint8Array(0) };
  return { codes: fill(new Uint32Array(lengthOf(codes)), codes), dictionary };
}

function joinDoubles(parts: readonly Float64Array<ArrayBuffer>[]): Float64Array<ArrayBuffer> {
  return fill(new Float64Array(lengthOf(parts)), parts);
}

/** Each part begins with 0: shifted behind the part before. */
function joinOffsets(parts: readonly Uint32Array<ArrayBuffer>[]): Uint32Array<ArrayBuffer> {
  const joined = new Uint32Array(lengthOf(parts) - parts.length + 1);
  let row = 0;
  for (const part of parts) {
    const start = joined[row] as number;
    for (let i = 1; i < part.length; i++) joined[row + i] = start + (part[i] as number);
    row += part.length - 1;
  }
  return joined;
}

function lengthOf(parts: readonly { readonly length: number }[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

function fill<T extends Bytes | Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>>(into: T, parts: readonly T[]): T {
  let at = 0;
  for (const part of parts) {
    into.set(part, at);
    at += part.length;
  }
  return into;
}
