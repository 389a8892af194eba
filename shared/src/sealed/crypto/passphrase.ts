import { Decrypter, Encrypter, Stanza } from 'age-encryption';
import type { Sealed } from '../../base/brand.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import { ageErrorOf } from './age.ts';

/**
 * age files under a passphrase (scrypt, C2SP age, "The scrypt recipient type"): the root file, vault slots, backups, CLI homes.
 * About 0.6 s and 128 MiB each: run it in a worker.
 */

/** FORMATS, Envelope: what we write, and what readers accept (20 takes 1 GiB; less than 15 is too cheap to guess). */
const SCRYPT_WORK_FACTOR = 17;
const MIN_WORK_FACTOR = 15;
const MAX_WORK_FACTOR = 20;

/** `wrong-passphrase`: the file is one of ours, the passphrase does not open it. `damaged`: anything else. */
export type PassphraseError = { readonly kind: 'wrong-passphrase' } | { readonly kind: 'damaged' };

/**
 * A platform's own scrypt for the one stanza of such a file (C2SP age, scrypt): the body is ChaCha20-Poly1305, nonce zero, of the
 * 16-byte file key under scrypt(passphrase, salt = "age-encryption.org/v1/scrypt" || salt[16], N = 2^logN, r = 8, p = 1), 32 bytes.
 */
export interface ScryptEngine {
  /** Takes 16 fresh random bytes as salt. */
  wrap(
    fileKey: Uint8Array,
    passphrase: string,
    logN: number,
  ): Promise<{ readonly salt: Uint8Array; readonly body: Uint8Array }>;
  /** `null` where the passphrase is another one. */
  unwrap(body: Uint8Array, passphrase: string, salt: Uint8Array, logN: number): Promise<Uint8Array | null>;
}

let engine: ScryptEngine | null = null;

/** Replaces the pure engine, for a platform that has scrypt itself (Node: three to five times faster). `null` goes back. */
export function setScryptEngine(platform: ScryptEngine | null): void {
  engine = platform;
}

/** Seals `plain` under `passphrase`, byte for byte as typed (`age -d` opens it). Throws on an empty passphrase. */
export async function sealWithPassphrase(plain: Uint8Array, passphrase: string): Promise<Sealed> {
  if (passphrase === '') throw new RangeError('sealWithPassphrase: empty');
  const encrypter = new Encrypter();
  const platform = engine;
  if (platform === null) {
    encrypter.setPassphrase(passphrase);
    encrypter.setScryptWorkFactor(SCRYPT_WORK_FACTOR);
  } else {
    encrypter.addRecipient({
      wrapFileKey: async (fileKey) => {
        const { salt, body } = await platform.wrap(fileKey, passphrase, SCRYPT_WORK_FACTOR);
        return [new Stanza(['scrypt', toStandardBase64(salt), String(SCRYPT_WORK_FACTOR)], body)];
      },
    });
  }
  return (await encrypter.encrypt(plain)) as Sealed;
}

/** Opens what `sealWithPassphrase` or `age -p` made. The work factor is checked before any work is done. */
export async function openWithPassphrase(
  sealed: Uint8Array,
  passphrase: string,
): Promise<Result<Bytes, PassphraseError>> {
  const factor = workFactorOf(sealed);
  if (factor === null || factor < MIN_WORK_FACTOR || factor > MAX_WORK_FACTOR) return err({ kind: 'damaged' });
  const decrypter = new Decrypter();
  const platform = engine;
  if (platform === null) decrypter.addPassphrase(passphrase);
  else {
    decrypter.addIdentity({
      unwrapFileKey: async (stanzas) => {
        const [stanza] = stanzas;
        const salt = Uint8Array.from(atob(stanza?.args[1] ?? ''), (character) => character.charCodeAt(0));
        if (stanza === undefined || stanzas.length !== 1 || stanza.args.length !== 3 || stanza.body.length !== 32) {
          throw new TypeError('scrypt stanza');
        }
        if (salt.length !== 16) throw new TypeError('scrypt stanza');
        return platform.unwrap(stanza.body, passphrase, salt, factor);
      },
    });
  }
  try {
    return ok((await decrypter.decrypt(sealed)) as Bytes);
  } catch (error) {
    return err({ kind: ageErrorOf(error).kind === 'not-for-us' ? 'wrong-passphrase' : 'damaged' });
  }
}

/** The alphabet of age headers: RFC 4648 base64 without padding. */
function toStandardBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replace(/=+$/, '');
}

/** A scrypt stanza stands alone, so it is the second line of the file. */
function workFactorOf(sealed: Uint8Array): number | null {
  const start = new TextDecoder('latin1').decode(sealed.subarray(0, 128));
  const found = /^age-encryption\.org\/v1\n-> scrypt [A-Za-z0-9+/]{22} ([1-9][0-9]?)\n/.exec(start);
  return found === null ? null : Number(found[1]);
}
