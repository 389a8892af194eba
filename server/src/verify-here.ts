/**
 * Ed25519 by Node's engine on the thread that asks: half of what WebCrypto costs, whose job goes to another thread and back. Same
 * verdicts as `verifyEd25519`: the same front checks, and an engine without cofactor (a test has the published cases).
 */
import { createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isAcceptablePoint, isAcceptableSignature } from '@sealpost/shared/sealed/crypto/ed25519';

/** SubjectPublicKeyInfo of an Ed25519 key up to the key (RFC 8410, section 4). */
const SPKI_PREFIX = new Uint8Array([0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0]);

/** Imported keys, for as long as somebody holds their bytes (the directory does): importing costs a third of a check. */
const imported = new WeakMap<Uint8Array, KeyObject | null>();

/**
 * True if `signature` (64 bytes) over `message` is good under `publicKey` (32 bytes, never changed afterwards). Never throws on bad
 * input. Cost: 75 us of this thread.
 */
export function verifyHere(publicKey: Uint8Array, signature: Uint8Array, message: Uint8Array): boolean {
  let key = imported.get(publicKey);
  if (key === undefined) {
    key = importKey(publicKey);
    imported.set(publicKey, key);
  }
  return key !== null && isAcceptableSignature(signature) && verify(null, message, key, signature);
}

/** `null` for a key that is not canonical, of small order or not on the curve. */
function importKey(publicKey: Uint8Array): KeyObject | null {
  if (!isAcceptablePoint(publicKey)) return null;
  try {
    return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' });
  } catch {
    return null;
  }
}
