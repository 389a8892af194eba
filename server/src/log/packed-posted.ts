/** Checked entries as they cross from a worker: one buffer for all, since a thousand small ones cost more than the check. */
import type { Bytes } from '@sealpost/shared/base/bytes';
import type { PostedBody, PostedEntry } from './posted.ts';

const ENTRY = 172;
const LEAF = ENTRY + 32;
const SALT = LEAF + 32;
const STRIDE = SALT + 512;

export interface PackedPosted {
  readonly from: number | null;
  /** 748 bytes an entry: entry, leaf, salt, sealed payload. */
  readonly bytes: Bytes;
}

/** Copies entries into one buffer. */
export function packPosted({ entries, from }: PostedBody): PackedPosted {
  const bytes = new Uint8Array(entries.length * STRIDE);
  for (const [at, { bytes: entry, leaf, salt, sealed }] of entries.entries()) {
    const start = at * STRIDE;
    bytes.set(entry, start);
    bytes.set(leaf, start + ENTRY);
    bytes.set(salt, start + LEAF);
    bytes.set(sealed, start + SALT);
  }
  return { from, bytes };
}

/** Entries as views of the buffer. */
export function unpackPosted({ from, bytes }: PackedPosted): PostedBody {
  const entries: PostedEntry[] = [];
  for (let start = 0; start < bytes.length; start += STRIDE) {
    const part = (begin: number, end: number): Bytes => bytes.subarray(start + begin, start + end);
    entries.push({
      seq: Number(new DataView(bytes.buffer, bytes.byteOffset + start).getBigUint64(36)),
      prev: part(44, 76),
      signature: part(108, ENTRY),
      bytes: part(0, ENTRY),
      leaf: part(ENTRY, LEAF),
      salt: part(LEAF, SALT),
      sealed: part(SALT, STRIDE),
    });
  }
  return { entries, from };
}
