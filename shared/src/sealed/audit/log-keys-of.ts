import { parsePublicKey } from '../crypto/ed25519.ts';
import { thumbprint } from '../crypto/keys.ts';
import type { Directory } from '../directory/model.ts';
import { keyOf, logKeys } from '../directory/roles.ts';
import { sidToBytes } from '../envelope/statement.ts';
import type { NoteKey } from './note.ts';
import type { EntryRules } from './verify-log-files.ts';

/** What a verified directory says about its log: who signs checkpoints, and whose entries may stand in it. */

/** The key of the newest `log` statement under its origin; `null` without one. */
export function checkpointKeyOf(directory: Directory): NoteKey | null {
  const log = logKeys(directory);
  const publicKey = log === null ? null : parsePublicKey(log.checkpoint);
  return log === null || publicKey === null ? null : { name: log.origin, type: 'log', publicKey };
}

/** Entries of devices, revoked ones too, and of every server key that a `log` statement ever named. */
export function entryRulesOf(directory: Directory): EntryRules {
  const serverKeys = new Map<string, Uint8Array>();
  for (const { claims } of directory.cert.logs) {
    const key = parsePublicKey(claims.entry);
    if (key !== null) serverKeys.set(thumbprint(key), key);
  }
  return {
    deployment: sidToBytes(directory.deployment),
    keyOf: (kid) => serverKeys.get(kid) ?? keyOf(directory, kid)?.publicKey ?? null,
  };
}
