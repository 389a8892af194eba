import { Decrypter, Encrypter } from 'age-encryption';
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
export const SCRYPT_WORK_FACTOR = 17;
const MIN_WORK_FACTOR = 15;
const MAX_WORK_FACTOR = 20;

/** `wrong-passphrase`: the file is one of ours, the passphrase does not open it. `damaged`: anything else. */
export type PassphraseError = { readonly kind: 'wrong-passphrase' } | { readonly kind: 'damaged' };

/** Seals `plain` under `passphrase`, byte for byte as typed (`age -d` opens it). Throws on an empty passphrase. */
export async function sealWithPassphrase(plain: Uint8Array, passphrase: string): Promise<Sealed> {
  if (passphrase === '') throw new RangeError('sealWithPassphrase: empty');
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase);
  encrypter.setScryptWorkFactor(SCRYPT_WORK_FACTOR);
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
  decrypter.addPassphrase(passphrase);
  try {
    return ok((await decrypter.decrypt(sealed)) as Bytes);
  } catch (error) {
    return err({ kind: ageErrorOf(error).kind === 'not-for-us' ? 'wrong-passphrase' : 'damaged' });
  }
}

/** A scrypt stanza stands alone, so it is the second line of the file. */
function workFactorOf(sealed: Uint8Array): number | null {
  const start = new TextDecoder('latin1').decode(sealed.subarray(0, 128));
  const found = /^age-encryption\.org\/v1\n-> scrypt [A-Za-z0-9+/]{22} ([1-9][0-9]?)\n/.exec(start);
  return found === null ? null : Number(found[1]);
}
