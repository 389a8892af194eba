import { parseBase64, toBase64 } from '../../base/base64.ts';
import type { Bytes } from '../../base/bytes.ts';
import { concatBytes, fromUtf8, utf8 } from '../../base/bytes.ts';
import { MAX_PROOF_HASHES } from './merkle.ts';

/** `.tlog-proof` files (C2SP tlog-proof): one entry, its place, and the checkpoint that covers it, for whoever checks offline. */

export interface TlogProof {
  /** Not authenticated: what the caller needs to find the entry again. */
  readonly extra: Uint8Array | null;
  readonly index: number;
  readonly hashes: readonly Uint8Array[];
  /** The note, verbatim. */
  readonly checkpoint: Uint8Array;
}

const HEADER = 'c2sp.org/tlog-proof@v1';
const MAX_BYTES = 256 * 1024;

/** UTF-8 bytes of the file. */
export function encodeTlogProof({ extra, index, hashes, checkpoint }: TlogProof): Bytes {
  const lines = [HEADER, ...(extra === null ? [] : [`extra ${toBase64(extra)}`]), `index ${index}`];
  return concatBytes(utf8([...lines, ...hashes.map(toBase64), '', ''].join('\n')), checkpoint);
}

/** Reads a file; `null` if it is none. Nothing of it is true before checkpoint and inclusion are verified. */
export function parseTlogProof(bytes: Uint8Array): TlogProof | null {
  const text = bytes.length <= MAX_BYTES ? fromUtf8(bytes) : null;
  const end = text?.indexOf('\n\n') ?? -1;
  if (text === null || end < 0) return null;
  const lines = text.slice(0, end).split('\n');
  if (lines.shift() !== HEADER) return null;
  const extra = lines[0]?.startsWith('extra ') ? parseBase64((lines.shift() as string).slice(6)) : undefined;
  const index = /^index (0|[1-9][0-9]{0,15})$/.exec(lines.shift() ?? '')?.[1];
  const hashes = lines.map((line) => parseBase64(line, 32));
  if (extra === null || index === undefined || !Number.isSafeInteger(Number(index))) return null;
  if (hashes.length > MAX_PROOF_HASHES || hashes.some((hash) => hash === null)) return null;
  return {
    extra: extra ?? null,
    index: Number(index),
    hashes: hashes as Bytes[],
    checkpoint: utf8(text.slice(end + 2)),
  };
}
