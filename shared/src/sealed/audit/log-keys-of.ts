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

/** The witnesses that an operator's statement names, and how many of them must have cosigned. */
export interface Witnesses {
  readonly keys: readonly NoteKey[];
  /** At most as many as there are; 0: the log has no witnesses that count. */
  readonly quorum: number;
}

/** As the newest `log` statement says: whoever serves the log has no say in who watches it. */
export function witnessesOf(directory: Directory): Witnesses {
  const log = logKeys(directory);
  const keys: NoteKey[] = [];
  for (const { name, key } of log?.witnesses ?? []) {
    const publicKey = parsePublicKey(key);
    if (publicKey !== null) keys.push({ name, type: 'witness', publicKey });
  }
  return { keys, quorum: Math.min(log?.quorum ?? 0, log?.witnesses.length ?? 0) };
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
