import type { Bytes } from './bytes.ts';
import type { JsonValue } from './strict-json.ts';
import { utf8 } from './bytes.ts';

/**
 * Canonical JSON (RFC 8785, for the values FORMATS allows): keys in order of their UTF-16 code units, no spaces, integers only.
 * Two devices that hold the same value make the same bytes, so that they can be hashed or bound as additional data.
 */

/** Writes `value`. Throws on what the strict reader would refuse (fractions, lone surrogates, `undefined`): that is a bug of ours. */
export function canonicalJson(value: JsonValue): string {
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw new TypeError('canonicalJson: lone surrogate');
      return JSON.stringify(value);
    case 'number':
      if (!Number.isSafeInteger(value) || Object.is(value, -0))
        throw new TypeError('canonicalJson: not a safe integer');
      return String(value);
    case 'boolean':
      return String(value);
    case 'object':
      break;
    default:
      throw new TypeError('canonicalJson: not JSON');
  }
  if (value === null) return 'null';
  if (Array.isArray(value)) return `[${value.map((item: JsonValue) => canonicalJson(item)).join(',')}]`;
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => {
      if (key === '__proto__') throw new TypeError('canonicalJson: forbidden key');
      return `${canonicalJson(key)}:${canonicalJson(member)}`;
    });
  return `{${members.join(',')}}`;
}

/** UTF-8 of `canonicalJson(value)`. */
export function canonicalJsonBytes(value: JsonValue): Bytes {
  return utf8(canonicalJson(value));
}
