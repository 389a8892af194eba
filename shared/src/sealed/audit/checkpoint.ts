import { parseBase64, toBase64 } from '../../base/base64.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { GoodSignature, Note, NoteKey } from './note.ts';
import { parseNote, verifyNote } from './note.ts';

/** Checkpoints (C2SP tlog-checkpoint): a signed note that says how many leaves a log has and their root. */

export interface Checkpoint {
  /** `<host>/<deployment>/log/<epoch>` for ours. */
  readonly origin: string;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Bytes;
}

/** The note's text. */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/** Reads a note's text; extension lines are allowed and ignored. `null` if it is no checkpoint. */
export function parseCheckpointText(text: string): Checkpoint | null {
  const [origin = '', sizeText = '', rootText = ''] = text.split('\n');
  const size = /^(0|[1-9][0-9]{0,15})$/.test(sizeText) ? Number(sizeText) : -1;
  const root = parseBase64(rootText, 32);
  return origin === '' || !Number.isSafeInteger(size) || size < 0 || root === null ? null : { origin, size, root };
}

/** A checkpoint whose log's signature holds. */
export interface VerifiedCheckpoint extends Checkpoint {
  readonly note: Note;
  /** Good signatures of known witnesses. */
  readonly witnesses: readonly GoodSignature[];
}

/**
 * - `malformed`: no note, or no checkpoint.
 * - `unsigned`: no signature of the log's key, or one of a known key that does not hold.
 * - `other-log`: another origin: a checkpoint of a different log, whoever signed it.
 */
export type CheckpointError = { readonly kind: 'malformed' | 'unsigned' | 'other-log' };

/** Reads and verifies a checkpoint of the log `origin`, whose key is `logKey`. */
export async function openCheckpoint(
  bytes: Uint8Array,
  origin: string,
  logKey: NoteKey,
  witnessKeys: readonly NoteKey[] = [],
): Promise<Result<VerifiedCheckpoint, CheckpointError>> {
  const note = parseNote(bytes);
  if (!note.ok) return note;
  const checkpoint = parseCheckpointText(note.value.text);
  if (checkpoint === null) return err({ kind: 'malformed' });
  if (checkpoint.origin !== origin) return err({ kind: 'other-log' });
  const good = await verifyNote(note.value, [logKey, ...witnessKeys]);
  if (good === null || !good.some(({ key }) => key === logKey)) return err({ kind: 'unsigned' });
  return ok({ ...checkpoint, note: note.value, witnesses: good.filter(({ key }) => key !== logKey) });
}
