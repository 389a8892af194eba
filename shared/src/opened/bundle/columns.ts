/**
 * A bundle's findings as flat columns: what `unpackBundle` hands to the query engine, and what `packBundle` is written from.
 * Everything is a typed array, so that it crosses workers by transfer and is sealed segment by segment without a copy of a row.
 * Whoever holds a `BundleColumns` made by `unpackBundle` need not check it again: every offset and code is in range.
 */
import type { PublishPolicy, SourceClass, Tlp } from '../finding/finding.ts';

/** Code of a text column that means "null". */
export const NO_TEXT = 0xffffffff;
/** Code of a one-byte vocabulary column (`lengthBand`, `strengthBand`, `classes`) that means "null". */
export const NO_CODE = 0xff;

/** Bits of `flags`. */
export const FLAG_FITS_POLICY = 1;
export const FLAG_COMMON = 2;
export const FLAG_REUSED = 4;

/** Codes of `context`. */
export const CONTEXTS = ['service', 'none'] as const;

/** Distinct texts: entry `i` is `heap[offsets[i]..offsets[i + 1])`, valid UTF-8. `offsets` has one more element than there are entries. */
export interface TextDictionary {
  readonly offsets: Uint32Array<ArrayBuffer>;
  readonly heap: Uint8Array<ArrayBuffer>;
}

/** A dictionary and one code a row (or list value): an index into it, or NO_TEXT. */
export interface TextColumn {
  readonly codes: Uint32Array<ArrayBuffer>;
  readonly dictionary: TextDictionary;
}

/** Row `r`'s values are `offsets[r]..offsets[r + 1])` of the arrays beside it. `rows + 1` offsets, first 0, never falling. */
export interface ListOffsets {
  readonly offsets: Uint32Array<ArrayBuffer>;
}

/** What many sightings share: all but their capture. A foreign or older writer may have repeated some. */
export interface SourceTable {
  /** 8 bytes each. */
  readonly sourceId: Uint8Array<ArrayBuffer>;
  /** Index into SOURCE_CLASSES. */
  readonly sourceClass: Uint8Array<ArrayBuffer>;
  readonly alias: TextColumn;
  /** NO_TEXT: unknown. */
  readonly family: TextColumn;
  /** NaN: unknown. */
  readonly publishedAtMs: Float64Array<ArrayBuffer>;
  readonly seenAtMs: Float64Array<ArrayBuffer>;
}

/** Sightings of all rows, end to end. */
export interface SightingColumns extends ListOffsets {
  /** Row of `sources`. */
  readonly source: Uint32Array<ArrayBuffer>;
  /** NaN: unknown. */
  readonly capturedAtMs: Float64Array<ArrayBuffer>;
  readonly sources: SourceTable;
}

export interface TagColumns extends ListOffsets {
  readonly tag: TextColumn;
}

/** Factors of ledgers. A foreign or older writer may have repeated some. */
export interface FactorTable {
  readonly code: TextColumn;
  readonly value: Float64Array<ArrayBuffer>;
  /** NO_TEXT: none. */
  readonly note: TextColumn;
}

/** Score ledgers of all rows, end to end. */
export interface LedgerColumns extends ListOffsets {
  /** Row of `factors`. */
  readonly factor: Uint32Array<ArrayBuffer>;
  readonly factors: FactorTable;
}

/**
 * All columns of a bundle. Text columns never hold NO_TEXT unless said; "index into X" is an index into that `as const` list
 * of `finding.ts`. Times are epoch milliseconds; NaN where unknown.
 */
export interface BundleColumns {
  readonly rows: number;
  /** 16 bytes each. */
  readonly id: Uint8Array<ArrayBuffer>;
  /** Index into IDENTITY_KINDS. */
  readonly identityKind: Uint8Array<ArrayBuffer>;
  readonly identity: TextColumn;
  /** NO_TEXT: none. */
  readonly mailboxKey: TextColumn;
  readonly registrable: TextColumn;
  readonly host: TextColumn;
  /** Index into PATH_CLASSES. */
  readonly pathClass: Uint8Array<ArrayBuffer>;
  /** NO_TEXT: none. */
  readonly application: TextColumn;
  /** Index into EXPOSURES. */
  readonly exposure: Uint8Array<ArrayBuffer>;
  /** Index into CONTEXTS. */
  readonly context: Uint8Array<ArrayBuffer>;
  /** Index into SOURCE_CLASSES. */
  readonly sourceClass: Uint8Array<ArrayBuffer>;
  readonly sourceAlias: TextColumn;
  /** NO_TEXT: none. */
  readonly family: TextColumn;
  /** base64url text of the keyed id; NO_TEXT: none. */
  readonly machine: TextColumn;
  /** NO_TEXT: none. */
  readonly machineName: TextColumn;
  /** NO_TEXT: none. */
  readonly machineOs: TextColumn;
  /** NO_TEXT: none. */
  readonly machineCountry: TextColumn;
  /** NaN: unknown. */
  readonly capturedAtMs: Float64Array<ArrayBuffer>;
  /** NaN: unknown. */
  readonly publishedAtMs: Float64Array<ArrayBuffer>;
  readonly ingestedAtMs: Float64Array<ArrayBuffer>;
  readonly firstSeenAtMs: Float64Array<ArrayBuffer>;
  readonly lastSeenAtMs: Float64Array<ArrayBuffer>;
  readonly sightings: SightingColumns;
  /** FLAG_* bits. */
  readonly flags: Uint8Array<ArrayBuffer>;
  /** NO_TEXT: not released or no secret. */
  readonly mask: TextColumn;
  /** Index into LENGTH_BANDS or NO_CODE. */
  readonly lengthBand: Uint8Array<ArrayBuffer>;
  /** CLASS_* bits or NO_CODE. */
  readonly classes: Uint8Array<ArrayBuffer>;
  /** Index into STRENGTH_BANDS or NO_CODE. */
  readonly strengthBand: Uint8Array<ArrayBuffer>;
  /** NO_TEXT: a clear secret, or not released. */
  readonly hashType: TextColumn;
  /** 16 bytes each, all zero for null; the whole array is null below policy `fingerprint`. */
  readonly pairFp: Uint8Array<ArrayBuffer> | null;
  /** As `pairFp`. */
  readonly secretFp: Uint8Array<ArrayBuffer> | null;
  /** Index into COOKIE_STATES. */
  readonly cookieState: Uint8Array<ArrayBuffer>;
  readonly tags: TagColumns;
  /** 0 to 100. */
  readonly score: Uint8Array<ArrayBuffer>;
  /** Index into LEVELS. */
  readonly level: Uint8Array<ArrayBuffer>;
  /** Index into CONFIDENCES. */
  readonly confidence: Uint8Array<ArrayBuffer>;
  readonly ledger: LedgerColumns;
}

/** Findings not released, by reason (DOMAIN rules 3, 4; keyword-only without confirmation). */
export interface WithheldCounts {
  readonly contextless: number;
  readonly unproven: number;
  readonly unconfirmed: number;
}

export interface SourceCount {
  readonly alias: string;
  readonly sourceClass: SourceClass;
  readonly count: number;
}

/** Schema metadata of a bundle. */
export interface BundleMetadata {
  readonly schemaVersion: 1 | 2 | 3;
  /** Risk model that scored it. */
  readonly modelVersion: number;
  /** Version of the fingerprint keys: first byte of every id. */
  readonly keyVersion: number;
  readonly policy: PublishPolicy;
  readonly tlp: Tlp;
  /** Caveat shown beside the TLP; `null` if none. */
  readonly caveat: string | null;
  /** Released findings per source alias. */
  readonly sources: readonly SourceCount[];
  readonly withheld: WithheldCounts;
}
