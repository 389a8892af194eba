import type { Bytes } from '../../base/bytes.ts';
import { equalBytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { err } from '../../base/result.ts';
import type { VerifiedCheckpoint } from './checkpoint.ts';
import { openCheckpoint, parseCheckpointText } from './checkpoint.ts';
import { EMPTY_ROOT, verifyConsistency } from './merkle.ts';
import type { NoteKey } from './note.ts';
import { parseNote } from './note.ts';
import type { WitnessRequest } from './witness-request.ts';

/** What a witness decides about a checkpoint (C2SP tlog-witness, add-checkpoint), apart from how it listens and keeps. */

/** The newest checkpoint of a log that a witness cosigned. */
export interface CosignedTree {
  readonly size: number;
  /** 32 bytes. */
  readonly root: Bytes;
}

/**
 * Why a witness does not cosign, with the status that it answers:
 * - `malformed` 400: no checkpoint, or older than what it claims to grow from.
 * - `unknown-log` 404, `unsigned` 403: an origin that nobody told the witness of; no signature of that log's key.
 * - `other-size` 409: the log believes the witness elsewhere than at `size`.
 * - `other-root` 409: the same size with another root: a split view.
 * - `not-consistent` 422: the proof does not lead from what was cosigned to this.
 */
export type CosignRefusal =
  | { readonly kind: 'malformed' | 'unknown-log' | 'unsigned' | 'not-consistent' }
  | { readonly kind: 'other-size' | 'other-root'; readonly size: number };

/** Finds the log's key by the origin in the checkpoint and verifies its signature. Needs no state, so it may run beforehand. */
export async function openSubmitted(
  request: WitnessRequest,
  keyOf: (origin: string) => NoteKey | null,
): Promise<Result<VerifiedCheckpoint, CosignRefusal>> {
  const note = parseNote(request.checkpoint);
  const stated = note.ok ? parseCheckpointText(note.value.text) : null;
  if (stated === null) return err({ kind: 'malformed' });
  const key = keyOf(stated.origin);
  if (key === null) return err({ kind: 'unknown-log' });
  const opened = await openCheckpoint(request.checkpoint, stated.origin, key);
  if (!opened.ok) return err({ kind: 'unsigned' });
  return request.old > opened.value.size ? err({ kind: 'malformed' }) : opened;
}

/**
 * Whether the checkpoint may be cosigned after `latest` (`null`: none of this log yet). `null` if so; whoever asks must make the new
 * size durable before the signature leaves, and let no other request of this log in between.
 */
export function refusalAfter(
  latest: CosignedTree | null,
  { old, proof }: WitnessRequest,
  { size, root }: CosignedTree,
): CosignRefusal | null {
  const known = latest ?? { size: 0, root: EMPTY_ROOT };
  if (old !== known.size) return { kind: 'other-size', size: known.size };
  if (size === known.size && !equalBytes(root, known.root)) return { kind: 'other-root', size: known.size };
  const isProved = old === 0 ? proof.length === 0 : verifyConsistency(old, size, known.root, proof, root);
  return isProved ? null : { kind: 'not-consistent' };
}
