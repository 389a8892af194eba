import { parseBase64, toBase64 } from '../../base/base64.ts';
import type { Bytes } from '../../base/bytes.ts';
import { concatBytes, fromUtf8, utf8 } from '../../base/bytes.ts';
import { MAX_PROOF_HASHES } from './merkle.ts';
import type { NoteSignature } from './note.ts';
import { parseNote, signatureLine } from './note.ts';

/** Bodies of `add-checkpoint` (C2SP tlog-witness): what a log asks its witnesses, and what they answer. */

export interface WitnessRequest {
  /** Size of the checkpoint that the witness cosigned last, as the log believes; 0 if none. */
  readonly old: number;
  /** From `old` to the checkpoint (RFC 6962, 2.1.2); empty from 0. */
  readonly proof: readonly Uint8Array[];
  /** The signed note. */
  readonly checkpoint: Uint8Array;
}

/** Type of the answer that tells which size the witness has. */
export const SIZE_TYPE = 'text/x.tlog.size';

/** More than any request that holds a note of 64 KiB and the longest proof. */
export const MAX_WITNESS_REQUEST_BYTES = 80 * 1024;

/** UTF-8 bytes of the request. */
export function encodeWitnessRequest({ old, proof, checkpoint }: WitnessRequest): Bytes {
  return concatBytes(utf8([`old ${old}`, ...proof.map(toBase64), '', ''].join('\n')), checkpoint);
}

/** Reads a request; `null` if it is none. Whether the checkpoint is one is not looked at. */
export function parseWitnessRequest(bytes: Uint8Array): WitnessRequest | null {
  const text = bytes.length <= MAX_WITNESS_REQUEST_BYTES ? fromUtf8(bytes) : null;
  const end = text?.indexOf('\n\n') ?? -1;
  if (text === null || end < 0) return null;
  const [first = '', ...lines] = text.slice(0, end).split('\n');
  const old = parseSize(/^old (.*)$/.exec(first)?.[1] ?? '');
  const proof = lines.map((line) => parseBase64(line, 32));
  if (old === null || proof.length > MAX_PROOF_HASHES || proof.includes(null)) return null;
  return { old, proof: proof as Bytes[], checkpoint: utf8(text.slice(end + 2)) };
}

/** A tree size as witnesses write it, with or without the newline at its end; `null` if it is none. */
export function parseSize(text: string): number | null {
  const digits = text.replace(/\n$/, '');
  const size = /^(0|[1-9][0-9]{0,15})$/.test(digits) ? Number(digits) : -1;
  return Number.isSafeInteger(size) && size >= 0 ? size : null;
}

/** The answer of a witness: its signature lines. */
export function encodeCosignatures(signatures: readonly NoteSignature[]): string {
  return signatures.map((one) => `${signatureLine(one)}\n`).join('');
}

/** Reads signature lines; `null` if there are none, or one is malformed. None of them is verified. */
export function parseCosignatures(text: string): readonly NoteSignature[] | null {
  const note = parseNote(utf8(`any\n\n${text}`));
  return note.ok ? note.value.signatures : null;
}
