/**
 * The part of a bundle that the engine keeps in memory: what is filtered, counted, sorted, searched or shown in a row. The rest
 * (sightings, ledger, fingerprints of pairs…) stays sealed at rest and is read when a finding is opened.
 */
import type { Bytes } from '../../base/bytes.ts';
import type { Ms } from '../../base/brand.ts';
import type { TextDictionary } from '../bundle/columns.ts';

/** Codes as wide as their dictionary needs. 0 means none; code k is entry k - 1 of the import's dictionary. */
export type Codes = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/** NO_TICK in `ticks`: unknown. Else the time is `baseMs + ticks[i] * unitMs`. */
export interface TickTimes {
  readonly baseMs: Ms;
  readonly unitMs: number;
  readonly ticks: Uint32Array<ArrayBuffer>;
  /** The same again, where few are distinct. */
  readonly few?: FewTicks;
}

/** Row i has tick `values[codes[i]]`, or none for NO_CODE. */
export interface FewTicks {
  /** At most 255, distinct. */
  readonly values: Uint32Array<ArrayBuffer>;
  readonly codes: Bytes;
}
export const NO_CODE = 255;
export const NO_TICK = 0xffffffff;

/** Epoch milliseconds (NaN: unknown), or ticks where they fit 32 bits. */
export type HotTimes = Float64Array<ArrayBuffer> | TickTimes;

/** Distinct sets of tags: set i is `tags[offsets[i]..offsets[i + 1])`, rising entries of the dictionary `tag` (counted from 0), at least one. */
export interface TagSets {
  readonly offsets: Uint32Array<ArrayBuffer>;
  readonly tags: Uint32Array<ArrayBuffer>;
}

/** Dictionaries of one import. Entries are valid UTF-8 and not empty; a foreign writer may have repeated some. */
export interface HotDictionaries {
  /**
   * Identities are (local part, domain), cut at the last '@' that has something on both sides: entry i is `local[i]` or, where
   * `domain[i]` is not 0, `local[i]@identityDomain[domain[i] - 1]`. The same local part stands there once for each domain.
   */
  readonly identity: { readonly local: TextDictionary; readonly domain: Codes };
  readonly identityDomain: TextDictionary;
  readonly registrable: TextDictionary;
  readonly host: TextDictionary;
  readonly application: TextDictionary;
  readonly source: TextDictionary;
  readonly family: TextDictionary;
  /** Keyed machine ids, base64url text. */
  readonly machine: TextDictionary;
  readonly machineName: TextDictionary;
  readonly mask: TextDictionary;
  readonly tag: TextDictionary;
  /** No entry is repeated, as an engine has seen before (`EngineImport`), so that it need not look again. Left out: unknown. */
  readonly areDistinct?: boolean;
}

/** Up to 65,536 rows of an import. Checked by whoever made them: every code is inside its dictionary or 0. */
export interface HotColumns {
  readonly rows: number;
  /** 16 bytes each. */
  readonly id: Bytes;
  /** Indices into the vocabularies of `finding.ts`. */
  readonly identityKind: Bytes;
  readonly pathClass: Bytes;
  readonly exposure: Bytes;
  readonly sourceClass: Bytes;
  readonly level: Bytes;
  readonly confidence: Bytes;
  /** 0 to 100. */
  readonly score: Bytes;
  readonly identity: Codes;
  readonly registrable: Codes;
  readonly host: Codes;
  readonly application: Codes;
  readonly source: Codes;
  readonly family: Codes;
  readonly machine: Codes;
  readonly machineName: Codes;
  readonly mask: Codes;
  /** The sets of these rows alone: found row by row, so that no dictionary has to grow while batches come. */
  readonly tagSets: TagSets;
  /** Code k is set k - 1 of `tagSets`; 0: no tags. */
  readonly tagSet: Codes;
  /** 16 bytes each, all zero: none. `null` below policy `fingerprint`. Looked for, never counted: codes would cost a hash a row and save nothing. */
  readonly secretFp: Bytes | null;
  readonly capturedAtMs: HotTimes;
  readonly firstSeenAtMs: HotTimes;
  readonly lastSeenAtMs: HotTimes;
}
