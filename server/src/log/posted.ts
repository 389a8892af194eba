/**
 * Entries of a POST, taken apart: everything but the signatures, which cost the most, is checked here. All of a body lies in one buffer,
 * which crosses from a worker as it is: a thousand small ones cost more than the check.
 */
import type { Bytes } from '@sealpost/shared/base/bytes';
import { auditCommitMessage } from '@sealpost/shared/sealed/audit/entry';
import { AuditBodySchema } from '@sealpost/shared/sealed/wire/bodies';
import { parseJsonBody } from '../guard/json.ts';
import { readEntry } from './entry-view.ts';
import { isCommitOf, leafHashNatively } from './native-hash.ts';

const ENTRY = 172;
const LEAF = ENTRY + 32;
const SALT = LEAF + 32;
const STRIDE = SALT + 512;

/** One entry with its payload, both well formed and belonging together: views of the body's buffer. */
export interface PostedEntry {
  readonly seq: number;
  readonly prev: Uint8Array;
  readonly leaf: Bytes;
  readonly bytes: Bytes;
  readonly signature: Uint8Array;
  readonly salt: Bytes;
  readonly sealed: Bytes;
}

export interface PostedBody {
  readonly entries: readonly PostedEntry[];
  /** Size of the last checkpoint that the caller holds. */
  readonly from: number | null;
}

/** A body in one buffer of its own: 748 bytes an entry, which are entry, leaf, salt and sealed payload. */
export interface PackedPosted {
  readonly from: number | null;
  readonly bytes: Bytes;
}

/** What a body holds, if every entry is by `kid` and has the payload it was signed for; else `null`. Signatures are not checked yet. */
export function parsePosted(body: Uint8Array, kid: string): PackedPosted | null {
  const parsed = parseJsonBody(AuditBodySchema, body);
  if (parsed === null) return null;
  const bytes = Buffer.from(new ArrayBuffer(parsed.entries.length * STRIDE));
  for (const [at, posted] of parsed.entries.entries()) {
    const start = at * STRIDE;
    const isRead =
      decode(posted.entry, bytes, start, start + ENTRY) &&
      decode(posted.salt, bytes, start + LEAF, start + SALT) &&
      decode(posted.payload, bytes, start + SALT, start + STRIDE);
    if (!isRead) return null;
    const own = bytes.subarray(start, start + ENTRY);
    const message = auditCommitMessage(
      bytes.subarray(start + LEAF, start + SALT),
      bytes.subarray(start + SALT, start + STRIDE),
    );
    const entry = readEntry(own);
    if (entry === null || entry.kid !== kid || !isCommitOf(entry.commit, message)) return null;
    bytes.set(leafHashNatively(own), start + ENTRY);
  }
  return { from: parsed.from ?? null, bytes: new Uint8Array(bytes.buffer) };
}

/** The entries of a body, as views of its buffer. */
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

/**
 * Base64url into `bytes` from `start` to `end`; `false` if the text is not the canonical one of as many bytes. Node decodes sloppy forms,
 * too, so what came out is written once more: all the same five times as fast as the shared core's reader.
 */
function decode(text: string, bytes: Buffer<ArrayBuffer>, start: number, end: number): boolean {
  const written = bytes.write(text, start, end - start, 'base64url');
  return written === end - start && bytes.toString('base64url', start, end) === text;
}
