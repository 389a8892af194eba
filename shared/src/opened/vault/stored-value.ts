/** How a typed value becomes the plaintext of a row: one kind byte, then bytes as they are or JSON. */
import type { Bytes } from '../../base/bytes.ts';
import { fromUtf8, utf8 } from '../../base/bytes.ts';
import type { JsonValue } from '../../base/strict-json.ts';
import type { StoredValue } from './store.ts';

const KIND_BYTES = 0;
const KIND_JSON = 1;

/** Plaintext of `value`, in what `take` gives; callers hold it to `Storable`. */
export function encodeStoredValue(
  value: unknown,
  take: (length: number) => Bytes = (length) => new Uint8Array(length),
): Bytes {
  const body = value instanceof Uint8Array ? value : utf8(JSON.stringify(value));
  const plain = take(body.length + 1);
  plain[0] = value instanceof Uint8Array ? KIND_BYTES : KIND_JSON;
  plain.set(body, 1);
  return plain;
}

/** The value of a plaintext that was authentic; `undefined` if it has no known form. Bytes begin at an aligned address of their own. */
export function decodeStoredValue(plain: Bytes): StoredValue | undefined {
  if (plain[0] === KIND_BYTES) return plain.slice(1);
  if (plain[0] !== KIND_JSON) return undefined;
  try {
    return JSON.parse(fromUtf8(plain.subarray(1)) ?? '') as JsonValue;
  } catch {
    return undefined;
  }
}
