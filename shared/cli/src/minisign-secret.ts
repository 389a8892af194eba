/**
 * Secret keys in the file format of minisign, so that a release can be signed by either program with the same key. Encrypted ones are
 * opened by scrypt with the cost that the file names (libsodium, crypto_pwhash_scryptsalsa208sha256).
 */
import { scrypt } from 'node:crypto';

import { parseBase64, toBase64 } from '@sealpost/shared/base/base64';
import type { Bytes } from '@sealpost/shared/base/bytes';
import { concatBytes, equalBytes, utf8 } from '@sealpost/shared/base/bytes';
import type { Result } from '@sealpost/shared/base/result';
import { err, ok } from '@sealpost/shared/base/result';
import { blake2b } from '@sealpost/shared/sealed/crypto/blake2b';
import type { SigningSecret } from '@sealpost/shared/sealed/crypto/ed25519';

export interface MinisignSecret extends SigningSecret {
  readonly keyId: Bytes;
}

export type MinisignSecretError = { readonly kind: 'malformed' | 'wrong-passphrase' | 'too-costly' };

/** Lengths: marks 2 + 2 + 2, salt 32, limits 8 + 8, then key id 8, secret 64, check 32, encrypted as one. */
const SEALED_AT = 54;
const SEALED_BYTES = 104;
const FILE_BYTES = SEALED_AT + SEALED_BYTES;
const NO_KDF = new Uint8Array(2);
/** N = 2^17, r = 8, p = 1: 128 MiB and a third of a second, as for every passphrase of ours. minisign itself writes N = 2^20. */
const OPS_LIMIT = 4_194_304;
const MEM_LIMIT = 134_217_728;
const MAX_LOG_N = 21;

/** Opens a secret key file; `passphrase` is asked for only where the key is encrypted. */
export async function openMinisignSecret(
  text: string,
  passphrase: () => Promise<string>,
): Promise<Result<MinisignSecret, MinisignSecretError>> {
  const line = text.trim().split(/\r?\n/).at(-1) ?? '';
  const bytes = parseBase64(line.trim(), FILE_BYTES);
  if (bytes === null || !equalBytes(bytes.subarray(0, 2), utf8('Ed')) || !equalBytes(bytes.subarray(4, 6), utf8('B2')))
    return err({ kind: 'malformed' });
  const kdf = bytes.subarray(2, 4);
  const isPlain = equalBytes(kdf, NO_KDF);
  if (!isPlain && !equalBytes(kdf, utf8('Sc'))) return err({ kind: 'malformed' });
  let plain = bytes.slice(SEALED_AT);
  if (!isPlain) {
    const limits = new DataView(bytes.buffer, bytes.byteOffset + 38, 16);
    const cost = costOf(Number(limits.getBigUint64(0, true)), Number(limits.getBigUint64(8, true)));
    if (cost === null) return err({ kind: 'too-costly' });
    plain = xor(plain, await stretch(await passphrase(), bytes.subarray(6, 38), cost));
  }
  const [keyId, secret, check] = [plain.slice(0, 8), plain.subarray(8, 72), plain.subarray(72)];
  // minisign leaves the check of a plain key empty
  const isChecked = equalBytes(check, checkOf(keyId, secret)) || (isPlain && check.every((byte) => byte === 0));
  if (!isChecked) return err({ kind: isPlain ? 'malformed' : 'wrong-passphrase' });
  return ok({ keyId, seed: secret.slice(0, 32), publicKey: secret.slice(32) });
}

/** The file of a secret key, encrypted under `passphrase`; `salt` are 32 random bytes. */
export async function sealMinisignSecret(
  { keyId, seed, publicKey }: MinisignSecret,
  passphrase: string,
  salt: Uint8Array,
): Promise<string> {
  const cost = costOf(OPS_LIMIT, MEM_LIMIT);
  if (cost === null) throw new RangeError('sealMinisignSecret: limits');
  const numbers = new DataView(new ArrayBuffer(16));
  numbers.setBigUint64(0, BigInt(OPS_LIMIT), true);
  numbers.setBigUint64(8, BigInt(MEM_LIMIT), true);
  const secret = concatBytes(seed, publicKey);
  const plain = concatBytes(keyId, secret, checkOf(keyId, secret));
  const sealed = xor(plain, await stretch(passphrase, salt, cost));
  const whole = concatBytes(utf8('EdScB2'), salt, new Uint8Array(numbers.buffer), sealed);
  return `untrusted comment: minisign encrypted secret key\n${toBase64(whole)}\n`;
}

interface Cost {
  readonly logN: number;
  readonly p: number;
}

/** libsodium, crypto_pwhash_scryptsalsa208sha256_ll `pickparams`, with r = 8. */
function costOf(opsLimit: number, memLimit: number): Cost | null {
  const r = 8;
  const ops = Math.max(opsLimit, 32_768);
  const maxN = ops < memLimit / 32 ? ops / (r * 4) : memLimit / (r * 128);
  let logN = 1;
  while (logN < 63 && 2 ** logN <= maxN / 2) logN += 1;
  const p = ops < memLimit / 32 ? 1 : Math.floor(Math.min(ops / 4 / 2 ** logN, 0x3fffffff) / r);
  return logN > MAX_LOG_N || p < 1 || p > 16 ? null : { logN, p };
}

function stretch(passphrase: string, salt: Uint8Array, { logN, p }: Cost): Promise<Uint8Array> {
  const N = 2 ** logN;
  return new Promise((resolve, reject) => {
    scrypt(passphrase, salt, SEALED_BYTES, { N, r: 8, p, maxmem: 256 * N * 8 }, (error, key) =>
      error === null ? resolve(new Uint8Array(key)) : reject(error),
    );
  });
}

function checkOf(keyId: Uint8Array, secret: Uint8Array): Uint8Array {
  return blake2b(concatBytes(utf8('Ed'), keyId, secret), 32);
}

function xor(bytes: Uint8Array, stream: Uint8Array): Bytes {
  return bytes.map((byte, at) => byte ^ (stream[at] ?? 0)) as Bytes;
}
