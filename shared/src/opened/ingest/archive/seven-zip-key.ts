/**
 * 7z's encryption: AES-256 in CBC mode, its key made of the password by many rounds of SHA-256. Nothing in it tells a wrong password
 * from a damaged archive; only what comes out does.
 *
 * Source: 7zAes.cpp of 7-Zip (method 06F10701).
 */
import type { Bytes } from '../../../base/bytes.ts';
import { concatBytes } from '../../../base/bytes.ts';
import { Sha256 } from '../../../sealed/crypto/hash.ts';

const AES_ID = [0x06, 0xf1, 0x07, 0x01];
const BLOCK_BYTES = 16;
/** Rounds are 2 to this power; 7-Zip writes 19 and refuses more than 24. */
const MOST_POWER = 24;
const PASSWORD_IS_KEY = 0x3f;
/** Rounds that are hashed at once. */
const ROUNDS_AT_ONCE = 1_024;

/** How a stream is encrypted, as its coder's properties say. */
export interface SevenZipCipher {
  readonly power: number;
  readonly salt: Uint8Array;
  readonly iv: Bytes;
}

export function isAesCoder(id: Uint8Array): boolean {
  return id.length === AES_ID.length && AES_ID.every((byte, i) => id[i] === byte);
}

/** `null` where the properties make no sense, or ask for so many rounds that opening would take hours. */
export function parseCipher(properties: Uint8Array | null): SevenZipCipher | null {
  const [first = 0, second = 0] = properties ?? [];
  if (properties === null || properties.length === 0) return null;
  const power = first & 0x3f;
  if (power > MOST_POWER && power !== PASSWORD_IS_KEY) return null;
  const iv = new Uint8Array(BLOCK_BYTES);
  if ((first & 0xc0) === 0) return { power, salt: new Uint8Array(), iv };
  const saltBytes = (first >> 7) + (second >> 4);
  const ivBytes = ((first >> 6) & 1) + (second & 0x0f);
  if (properties.length < 2 + saltBytes + ivBytes) return null;
  iv.set(properties.subarray(2 + saltBytes, 2 + saltBytes + ivBytes));
  return { power, salt: properties.slice(2, 2 + saltBytes), iv };
}

/** Keys that were made, since each costs some hundred thousand hashes. */
export class SevenZipKeys {
  readonly #made = new Map<string, Promise<CryptoKey>>();

  /** The key of `password` for a stream. */
  get(password: string, { power, salt }: SevenZipCipher): Promise<CryptoKey> {
    const name = `${power} ${salt.join()} ${password}`;
    const before = this.#made.get(name);
    if (before !== undefined) return before;
    const made = crypto.subtle.importKey('raw', deriveKey(password, power, salt), 'AES-CBC', false, [
      'encrypt',
      'decrypt',
    ]);
    this.#made.set(name, made);
    return made;
  }
}

function deriveKey(password: string, power: number, salt: Uint8Array): Bytes {
  const secret = new Uint8Array(password.length * 2);
  for (let i = 0; i < password.length; i++) {
    const unit = password.charCodeAt(i);
    secret.set([unit & 0xff, unit >> 8], 2 * i);
  }
  const once = concatBytes(salt, secret, new Uint8Array(8));
  if (power === PASSWORD_IS_KEY) return concatBytes(once, new Uint8Array(32)).slice(0, 32);
  const rounds = 2 ** power;
  const atOnce = Math.min(rounds, ROUNDS_AT_ONCE);
  const buffer = new Uint8Array(once.length * atOnce);
  for (let i = 0; i < atOnce; i++) buffer.set(once, i * once.length);
  const view = new DataView(buffer.buffer);
  const hash = new Sha256();
  for (let round = 0; round < rounds; round += atOnce) {
    for (let i = 0; i < atOnce; i++) view.setUint32((i + 1) * once.length - 8, round + i, true);
    hash.update(buffer);
  }
  return hash.digest();
}

/** Decrypts a stream from its start, piece by piece; `pieces` but the last are whole blocks long. */
export class CbcReader {
  readonly #key: CryptoKey;
  #before: Bytes;

  constructor(key: CryptoKey, iv: Bytes) {
    this.#key = key;
    this.#before = iv;
  }

  /** As long as `piece`, less what is no whole block. */
  async decrypt(piece: Uint8Array): Promise<Uint8Array> {
    const length = piece.length - (piece.length % BLOCK_BYTES);
    if (length === 0) return new Uint8Array();
    const iv = this.#before;
    const last = piece.slice(length - BLOCK_BYTES, length);
    this.#before = last;
    // WebCrypto wants padding at the end, which is none of 7z's: a block that decrypts to nothing but padding is put behind.
    const padding = await crypto.subtle.encrypt({ name: 'AES-CBC', iv: last }, this.#key, new Uint8Array());
    const padded = concatBytes(piece.subarray(0, length), new Uint8Array(padding).subarray(0, BLOCK_BYTES));
    return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-CBC', iv }, this.#key, padded));
  }
}
