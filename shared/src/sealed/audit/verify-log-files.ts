import type { Bytes } from '../../base/bytes.ts';
import { equalBytes } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { Kid } from '../crypto/keys.ts';
import type { AuditTip } from './continuity.ts';
import { checkContinues } from './continuity.ts';
import { openCheckpoint } from './checkpoint.ts';
import { leafHash, parseAuditEntry, verifyAuditEntry } from './entry.ts';
import type { NoteKey } from './note.ts';
import { parseEntryBundle, tilePath, tilesOf } from './tile.ts';
import type { TileName } from './tile.ts';
import type { Frontier } from './tree.ts';
import { appendLeaf, EMPTY_FRONTIER, rootOf } from './tree.ts';

/**
 * A whole log verified from outside, by its files alone (C2SP tlog-tiles): from the server or a copy on disk. Nothing is taken from
 * whoever keeps them but the bytes.
 */

/** Reads a file by its C2SP name (`checkpoint`, `tile/…`); `null` if it is not there. */
export type ReadLogFile = (name: string) => Promise<Uint8Array | null>;

/** What entries of a Sealpost log are checked with. Left out for a log of something else: its entries are only hashed then. */
export interface EntryRules {
  /** 32 bytes. */
  readonly deployment: Uint8Array;
  /** The public key that the directory names under `kid`, revoked ones too; `null` if it names none. */
  readonly keyOf: (kid: Kid) => Uint8Array | null;
}

/** What does not hold, and in which file or at which entry it was found. */
export type LogFault =
  | { readonly kind: 'checkpoint'; readonly reason: string }
  | { readonly kind: 'missing-file' | 'damaged-file'; readonly name: string }
  | {
      readonly kind: 'entry';
      readonly index: number;
      readonly reason: 'malformed' | 'unknown-key' | 'signature' | 'order';
    }
  | { readonly kind: 'root' };

/** A log that holds together. */
export interface VerifiedLogFiles {
  readonly size: number;
  readonly root: Bytes;
  /** Keys that signed entries; 0 for a log of something else. */
  readonly keys: number;
  readonly files: number;
}

/**
 * Verifies checkpoint, every entry, every tile and the root. Cost: one signature an entry; 256 hashes and one entry bundle in memory
 * at a time, and 32 bytes for each 256 entries.
 */
export async function verifyLogFiles(
  read: ReadLogFile,
  logKey: NoteKey,
  rules: EntryRules | null,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<Result<VerifiedLogFiles, LogFault>> {
  const note = await read('checkpoint');
  if (note === null) return err({ kind: 'missing-file', name: 'checkpoint' });
  const checkpoint = await openCheckpoint(note, logKey.name, logKey);
  if (!checkpoint.ok) return err({ kind: 'checkpoint', reason: checkpoint.error.kind });
  const { size, root } = checkpoint.value;
  const tips = new Map<string, AuditTip>();
  const hashes = new Map<number, Bytes[]>();
  let frontier: Frontier = EMPTY_FRONTIER;
  let files = 1;
  for (const name of tilesOf(size)) {
    const bytes = await read(tilePath(name));
    if (bytes === null) return err({ kind: 'missing-file', name: tilePath(name) });
    files += 1;
    if (name.level !== 'entries') {
      if (!isTileOf(bytes, name, hashes)) return err({ kind: 'damaged-file', name: tilePath(name) });
      continue;
    }
    const entries = parseEntryBundle(bytes);
    if (entries?.length !== name.width) return err({ kind: 'damaged-file', name: tilePath(name) });
    for (const entry of entries) {
      const reason = rules === null ? null : await checkEntry(entry, rules, tips);
      if (reason !== null) return err({ kind: 'entry', index: frontier.size, reason });
      const next = appendLeaf(frontier, leafHash(entry));
      frontier = next.frontier;
      for (const { level, hash } of next.made) {
        if (level % 8 !== 0) continue;
        const row = hashes.get(level / 8);
        if (row === undefined) hashes.set(level / 8, [hash]);
        else row.push(hash);
      }
    }
    onProgress(frontier.size, size);
  }
  if (frontier.size !== size || !equalBytes(rootOf(frontier), root)) return err({ kind: 'root' });
  return ok({ size, root, keys: tips.size, files });
}

async function checkEntry(
  bytes: Uint8Array,
  { deployment, keyOf }: EntryRules,
  tips: Map<string, AuditTip>,
): Promise<Extract<LogFault, { readonly kind: 'entry' }>['reason'] | null> {
  const entry = parseAuditEntry(bytes);
  if (!entry.ok) return 'malformed';
  const publicKey = keyOf(entry.value.kid);
  if (publicKey === null) return 'unknown-key';
  if (!(await verifyAuditEntry(entry.value, deployment, publicKey))) return 'signature';
  const { kid, seq, leaf } = entry.value;
  if (checkContinues(tips.get(kid) ?? null, entry.value, null) !== 'next') return 'order';
  tips.set(kid, { seq, leaf });
  return null;
}

function isTileOf(bytes: Uint8Array, { level, index, width }: TileName, hashes: ReadonlyMap<number, Bytes[]>): boolean {
  if (bytes.length !== width * 32) return false;
  const row = hashes.get(Number(level)) ?? [];
  for (let i = 0; i < width; i++) {
    const expected = row[index * 256 + i];
    if (expected === undefined || !equalBytes(expected, bytes.subarray(i * 32, i * 32 + 32))) return false;
  }
  return true;
}
