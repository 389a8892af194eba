import { blake2b } from '../crypto/blake2b.ts';
import { parseBase64, toBase64 } from '../../base/base64.ts';
import type { Bytes } from '../../base/bytes.ts';
import { concatBytes, equalBytes, utf8 } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { SigningKey } from '../crypto/ed25519.ts';
import { verifyEd25519 } from '../crypto/ed25519.ts';

/**
 * Signatures as minisign writes and reads them (jedisct1.github.io/minisign, "Signature format"), so that who trusts nothing of ours
 * can check a release with another program. Prehashed form (`ED`) alone: Ed25519 over BLAKE2b-512. A release key signs nothing else.
 */

/** A public key with the id that signatures name it by. */
export interface MinisignKey {
  /** 8 bytes, as random as their maker wished: a name, not a proof. */
  readonly keyId: Bytes;
  readonly publicKey: Bytes;
}

/** `malformed`: no signature or key of this form; `other-key`: by another key than the one asked for; `bad-signature`: of other bytes. */
export type MinisignError = { readonly kind: 'malformed' | 'other-key' | 'bad-signature' };

const KEY_MARK = utf8('Ed');
const SIGNATURE_MARK = utf8('ED');
const KEY_ID_BYTES = 8;
const UNTRUSTED = 'untrusted comment: ';
const TRUSTED = 'trusted comment: ';
const MAX_COMMENT = 1024;

/** Reads a public key: the file with its comment, or the one line of base64. */
export function parseMinisignKey(text: string): MinisignKey | null {
  const lines = text.trim().split(/\r?\n/);
  const last = lines.at(-1) ?? '';
  const isFile = lines.length === 2 && lines[0]?.startsWith(UNTRUSTED) === true;
  const bytes = lines.length === 1 || isFile ? parseBase64(last.trim(), 2 + KEY_ID_BYTES + 32) : null;
  if (bytes === null || !equalBytes(bytes.subarray(0, 2), KEY_MARK)) return null;
  return { keyId: bytes.slice(2, 2 + KEY_ID_BYTES), publicKey: bytes.slice(2 + KEY_ID_BYTES) };
}

/** The file of a public key. */
export function formatMinisignKey({ keyId, publicKey }: MinisignKey): string {
  return `${UNTRUSTED}minisign public key ${keyName(keyId)}\n${toBase64(concatBytes(KEY_MARK, keyId, publicKey))}\n`;
}

/** How minisign prints a key id: 16 capital hex digits, last byte first. */
export function keyName(keyId: Uint8Array): string {
  return [...keyId]
    .reverse()
    .map((byte) => byte.toString(16).padStart(2, '0').toUpperCase())
    .join('');
}

/** Signs `message`; `comment` is one line that is signed along. Throws on a comment of several lines. */
export async function signMinisign(
  message: Uint8Array,
  comment: string,
  signer: SigningKey,
  keyId: Uint8Array,
): Promise<string> {
  if (/[\r\n]/.test(comment) || comment.length > MAX_COMMENT) throw new RangeError('signMinisign: one line of comment');
  const signature = await signer.sign(blake2b(message, 64));
  const whole = await signer.sign(concatBytes(signature, utf8(comment)));
  const first = toBase64(concatBytes(SIGNATURE_MARK, keyId, signature));
  return `${UNTRUSTED}signature of a Sealpost release\n${first}\n${TRUSTED}${comment}\n${toBase64(whole)}\n`;
}

/** Checks a signature file over `message`. The answer is the signed comment. */
export async function verifyMinisign(
  message: Uint8Array,
  signatureFile: string,
  key: MinisignKey,
): Promise<Result<string, MinisignError>> {
  const [untrusted = '', first = '', trusted = '', second = '', ...rest] = signatureFile.split(/\r?\n/);
  const bytes = parseBase64(first, 2 + KEY_ID_BYTES + 64);
  const whole = parseBase64(second, 64);
  const isForm = untrusted.startsWith(UNTRUSTED) && trusted.startsWith(TRUSTED) && rest.every((line) => line === '');
  if (bytes === null || whole === null || !isForm || trusted.length > TRUSTED.length + MAX_COMMENT)
    return err({ kind: 'malformed' });
  if (!equalBytes(bytes.subarray(0, 2), SIGNATURE_MARK)) return err({ kind: 'malformed' });
  if (!equalBytes(bytes.subarray(2, 2 + KEY_ID_BYTES), key.keyId)) return err({ kind: 'other-key' });
  const signature = bytes.subarray(2 + KEY_ID_BYTES);
  const comment = trusted.slice(TRUSTED.length);
  const holds =
    (await verifyEd25519(key.publicKey, signature, blake2b(message, 64))) &&
    (await verifyEd25519(key.publicKey, whole, concatBytes(signature, utf8(comment))));
  return holds ? ok(comment) : err({ kind: 'bad-signature' });
}
