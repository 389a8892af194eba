/** What a provider's row says of one credential: more than a dump's columns do, such as no secret at all, a machine, dates of its own. */
import type { Ms } from '../../../base/brand.ts';
import type { CookieState, SourceClass } from '../../finding/finding.ts';
import { isPlaceholder } from '../dialects/junk.ts';
import { fieldsFit, passwordFields } from '../record-fields.ts';
import type { LoadedRecord, Machine } from '../record.ts';

export interface RowRecord {
  readonly url: string;
  readonly login: string;
  /** `null`: the provider has none, or keeps it to itself. */
  readonly password: string | null;
  /** Likeliest first; empty for a clear secret. */
  readonly hashTypes: readonly string[];
  readonly salt: string;
  readonly application: string | null;
  readonly sourceClass: SourceClass;
  readonly machine: Machine | null;
  /** When it leaked: captured by a stealer, or breached. */
  readonly capturedAtMs: Ms | null;
  readonly publishedAtMs: Ms | null;
  /** See `LoadedRecord`. */
  readonly origin: string | null;
  readonly cookieState: CookieState;
}

/** A row without anything; adapters fill in what their provider tells. */
export const BLANK_ROW: RowRecord = {
  url: '',
  login: '',
  password: null,
  hashTypes: [],
  salt: '',
  application: null,
  sourceClass: 'address_only',
  machine: null,
  capturedAtMs: null,
  publishedAtMs: null,
  origin: null,
  cookieState: 'none',
};

/** Providers' fields are named: nothing is guessed. */
const CONFIDENCE = 1;

/** Why a row is no record, or `keep`. */
export function keepRow(row: RowRecord): 'keep' | 'placeholder' | 'no-credential' | 'field-too-long' {
  if (row.login === '' && row.url === '') return 'no-credential';
  if (row.login !== '' && isPlaceholder(row.login)) return 'placeholder';
  return fieldsFit(row.url, row.login, row.password ?? '') ? 'keep' : 'field-too-long';
}

/** The record of a row, but for where it stood. */
export function toLoaded(row: RowRecord): Omit<LoadedRecord, 'provenance'> {
  const { url, login, password, hashTypes, salt, application, sourceClass, machine, origin, cookieState } = row;
  const { capturedAtMs, publishedAtMs } = row;
  return {
    url,
    login,
    ...(password === null || hashTypes.length > 0 ? { password: password ?? '' } : passwordFields(password)),
    application,
    sourceClass,
    machine,
    hashTypes,
    ...(salt === '' || hashTypes.length === 0 ? {} : { salt }),
    confidence: CONFIDENCE,
    cookieState,
    ...(capturedAtMs === null ? {} : { capturedAtMs }),
    ...(publishedAtMs === null ? {} : { publishedAtMs }),
    ...(origin === null ? {} : { origin }),
  };
}
