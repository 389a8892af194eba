/**
 * Request bodies: the size is checked before anything is allocated, and again while the bytes come in. They are hashed as they come, and
 * go into one buffer: the large ones, parts of uploads, into memory that is lent and given back.
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Context } from 'hono';
import { concatBytes } from '@sealpost/shared/base/bytes';
import type { Bytes } from '@sealpost/shared/base/bytes';
import { err, ok } from '@sealpost/shared/base/result';
import type { Result } from '@sealpost/shared/base/result';
import { BLOB_PART_BYTES, MAX_JSON_BODY_BYTES } from '@sealpost/shared/sealed/wire/limits';

export type BodyError = { readonly kind: 'too-large' } | { readonly kind: 'cut-off' };

export interface Body {
  /** The reader's own; a part of an upload may be given back (`giveBack`). */
  readonly bytes: Bytes;
  /** As `content-digest` writes it (RFC 9530). */
  readonly digest: string;
}

/** Parts that are kept for the next ones: the first touch of fresh memory costs more than to receive, hash and write what goes into it. */
const MOST_SPARE = 4;
const spare: ArrayBuffer[] = [];

/** The whole body, at most `maxBytes`. */
export async function readBody(c: Context, maxBytes: number): Promise<Result<Body, BodyError>> {
  // a GET has none (RFC 9110, 9.3.1); to look for one would cost a whole Request
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return ok({ bytes: new Uint8Array(0), digest: EMPTY_DIGEST });
  const announced = c.req.header('Content-Length');
  if (announced !== undefined && !(Number(announced) <= maxBytes)) return err({ kind: 'too-large' });
  const whole = announced === undefined ? null : lend(Number(announced));
  const parts: Uint8Array[] = [];
  const hash = createHash('sha256');
  let size = 0;
  try {
    for await (const part of partsOf(c)) {
      if (size + part.length > (whole?.length ?? maxBytes)) return err({ kind: 'too-large' });
      if (whole === null) parts.push(part);
      else whole.set(part, size);
      hash.update(part);
      size += part.length;
    }
  } catch {
    if (whole !== null) giveBack(whole);
    return err({ kind: 'cut-off' }); // the connection broke: nobody reads the answer
  }
  const bytes = whole === null ? concatBytes(...parts) : whole.subarray(0, size);
  return ok({ bytes, digest: `sha-256=:${hash.digest('base64')}:` });
}

/** Ends the reader's use of a body: nothing may hold `bytes` any more. Of those that were not lent nothing happens. */
export function giveBack({ buffer }: Bytes): void {
  if (buffer.byteLength === BLOB_PART_BYTES && spare.length < MOST_SPARE && !spare.includes(buffer)) spare.push(buffer);
}

const EMPTY_DIGEST = `sha-256=:${createHash('sha256').digest('base64')}:`;

/** Memory for `size` bytes; what is not JSON comes from, and may go back to, the spare buffers. */
function lend(size: number): Bytes {
  if (size <= MAX_JSON_BODY_BYTES || size > BLOB_PART_BYTES) return new Uint8Array(size);
  return new Uint8Array(spare.pop() ?? new ArrayBuffer(BLOB_PART_BYTES), 0, size);
}

/** From the socket without a Web stream in between. What is left when the reader stops is drained by Node's adapter. */
function partsOf(c: Context): AsyncIterable<Uint8Array> {
  const incoming = (c.env as { readonly incoming?: IncomingMessage } | undefined)?.incoming;
  return incoming?.iterator({ destroyOnReturn: false }) ?? c.req.raw.body ?? NOTHING;
}

const NOTHING: AsyncIterable<Uint8Array> = {
  async *[Symbol.asyncIterator]() {
    // a request without a body
  },
};
