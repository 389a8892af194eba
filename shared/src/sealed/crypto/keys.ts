import { toBase64url } from '../../base/base64url.ts';
import type { Brand } from '../../base/brand.ts';
import { concatBytes, utf8 } from '../../base/bytes.ts';
import { sha256 } from './hash.ts';

/** Names of keys and statements: the thumbprint machines use, and the 30 digits people compare. */

/** RFC 7638 thumbprint of an Ed25519 public key: base64url, 43 characters. */
export type Kid = Brand<string, 'Kid'>;

/** What 30 digits stand for: the sid of the first root statement, of a request's JWS, or of a device statement. */
export type DigitsUse = 'root' | 'request' | 'device';

const KID = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

/** The thumbprint of a public key (32 bytes). Source: RFC 7638; RFC 8037, appendix A.3. */
export function thumbprint(publicKey: Uint8Array): Kid {
  if (publicKey.length !== 32) throw new RangeError('thumbprint: not an Ed25519 public key');
  return toBase64url(sha256(utf8(`{"crv":"Ed25519","kty":"OKP","x":"${toBase64url(publicKey)}"}`))) as Kid;
}

/** Checks the form (canonical base64url of 32 bytes) only: whether a key with this thumbprint exists is another question. */
export function parseKid(text: string): Kid | null {
  return KID.test(text) ? (text as Kid) : null;
}

/**
 * Six groups of five decimal digits that name `sid` to people. The approver types them and is never shown them.
 *
 * Source: FORMATS, Digits: H = SHA-256("sealpost/digits/v1/" use 0x00 || deployment[32] || sid[32]), group i = u40be(H[5i..5i+4]) mod 100000.
 */
export function digits(use: DigitsUse, deployment: Uint8Array, sid: Uint8Array): readonly string[] {
  if (deployment.length !== 32 || sid.length !== 32) throw new RangeError('digits: 32 bytes each');
  const hash = sha256(concatBytes(utf8(`sealpost/digits/v1/${use}\0`), deployment, sid));
  return Array.from({ length: 6 }, (_, group) => {
    let value = 0;
    for (const byte of hash.subarray(group * 5, group * 5 + 5)) value = value * 256 + byte; // at most 2^40: exact
    return String(value % 100_000).padStart(5, '0');
  });
}

/** What a person typed, as 30 ASCII digits; `null` unless it is exactly 30. Thai digits, spaces and hyphens are understood. */
export function parseTypedDigits(typed: string): string | null {
  const plain = typed
    .replace(/[๐-๙]/g, (digit) => String(digit.charCodeAt(0) - 0x0e50))
    .replace(/[\s\u2010-\u2015.,-]/g, '');
  return /^[0-9]{30}$/.test(plain) ? plain : null;
}

/** True if the typed digits are those of `expected` (from `digits`). */
export function matchDigits(typed: string, expected: readonly string[]): boolean {
  return parseTypedDigits(typed) === expected.join('');
}
