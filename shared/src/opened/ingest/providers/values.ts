/** Values out of providers' objects: texts, lists and dates, whatever type they happen to have. */
import type { Ms } from '../../../base/brand.ts';
import { identifyHash } from '../../finding/hash-type.ts';
import { isMask, isPlaceholder } from '../dialects/junk.ts';
import type { RowRecord } from '../dump/row-record.ts';
import { commonYear } from '../stealer/dates.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Text or number under the first of `keys` that has one, trimmed of nothing; '' if none has. */
export function textOf(object: JsonObject, ...keys: readonly string[]): string {
  for (const key of keys) {
    const value = object[key];
    if (typeof value === 'string' && value !== '') return value;
    if (typeof value === 'number') return String(value);
  }
  return '';
}

/** Objects of the list under `key`; none if it is no list. */
export function objectsOf(object: JsonObject, key: string): readonly JsonObject[] {
  const value = object[key];
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The object under `key`, empty if there is none. */
export function objectOf(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  return isObject(value) ? value : {};
}

/** `text`, or `null` if it is blank. */
export function orNull(text: string): string | null {
  return text.trim() === '' ? null : text;
}

const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?/;
const UNIX_SECONDS = /^\d{9,10}$/;

/**
 * Milliseconds of an ISO 8601 date or time (UTC if it has no zone; the year may be Buddhist) or of Unix seconds; `null` for anything
 * else, 30 February among it.
 */
export function isoMs(text: string): Ms | null {
  if (UNIX_SECONDS.test(text)) return Number(text) * 1_000;
  const found = ISO.exec(text.trim());
  if (found === null) return null;
  const [, written = '', month, day, hour = '00', minute = '00', second = '00', zone = 'Z'] = found;
  const date = `${commonYear(Number(written))}-${month}-${day}`;
  const dayMs = Date.parse(`${date}T00:00:00Z`);
  // Some engines take 30 February for the second of March.
  if (Number.isNaN(dayMs) || !new Date(dayMs).toISOString().startsWith(date)) return null;
  const ms = Date.parse(`${date}T${hour}:${minute}:${second}${withColon(zone)}`);
  return Number.isNaN(ms) ? null : ms;
}

function withColon(zone: string): string {
  return zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
}

const CLEAR = /^(?:plain\s?text|clear[\s-]?text|plain|clear)$/i;
/** Providers' names for hashes that are not ours already. */
const NAMES: Readonly<Record<string, string>> = {
  saltedmd5: 'md5_salted',
  md5salted: 'md5_salted',
  saltedsha1: 'sha1_salted',
  sha1salted: 'sha1_salted',
  saltedsha256: 'sha256_salted',
  saltedsha512: 'sha512_salted',
  wordpress: 'phpass',
  phpbb3: 'phpass',
  phpbb: 'phpass',
  nthash: 'ntlm',
  nt: 'ntlm',
  pbkdf2sha256: 'pbkdf2_sha256',
  mysql: 'mysql5',
  argon2i: 'argon2',
  argon2id: 'argon2',
  encrypted: 'encrypted',
};

/**
 * A secret as a provider gives it, with what the provider says it is: nothing for blank, masked and placeholder ones. `type` may be
 * '' (the text says), `plaintext`, or the name of a hash.
 */
export function secretOf(text: string, type: string, salt = ''): Pick<RowRecord, 'password' | 'hashTypes' | 'salt'> {
  const trimmed = text.trim();
  if (trimmed === '' || isMask(trimmed) || isPlaceholder(trimmed)) return { password: null, hashTypes: [], salt: '' };
  if (CLEAR.test(type.trim())) return { password: text, hashTypes: [], salt: '' };
  const plain = type.toLowerCase().replace(/[^a-z0-9]/g, '');
  const told = identifyHash(trimmed, { salted: salt !== '', column: type }).map(({ name }) => name);
  if (plain === '' || plain === 'unknown') {
    return told.length === 0
      ? { password: text, hashTypes: [], salt: '' }
      : { password: trimmed, hashTypes: told, salt };
  }
  const named = NAMES[plain] ?? told.find((name) => name.replaceAll('_', '') === plain);
  if (named !== undefined) return { password: trimmed, hashTypes: [named], salt };
  // A name of a hash that is not ours, beside a text that looks like none: still a hash, and an unknown one counts as fast.
  return { password: trimmed, hashTypes: told.length > 0 ? told : [plain.slice(0, 32)], salt };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
