/** Checks every signature of a posted body, one after the other on this thread: 14,000 a second is what a core can do. */
import { auditEntryMessage } from '@sealpost/shared/sealed/audit/entry';
import { verifyHere } from '../verify-here.ts';
import { parsePosted, unpackPosted } from './posted.ts';
import type { PackedPosted } from './posted.ts';

/** Who posted, and where. `deployment` and `publicKey` are 32 bytes. */
export interface PostedBy {
  readonly kid: string;
  readonly deployment: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** The body's entries if every one is the caller's and its signature holds; else `null`. */
export function checkPosted(body: Uint8Array, { kid, deployment, publicKey }: PostedBy): PackedPosted | null {
  const posted = parsePosted(body, kid);
  if (posted === null) return null;
  const holds = unpackPosted(posted).entries.every(({ signature, bytes }) =>
    verifyHere(publicKey, signature, auditEntryMessage(bytes, deployment)),
  );
  return holds ? posted : null;
}
