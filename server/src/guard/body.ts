/** Request bodies: the size is checked before anything is allocated, and again while the bytes come in. */
import { hash } from 'node:crypto';
import { err, ok } from '@sealpost/shared/base/result';
import type { Bytes } from '@sealpost/shared/base/bytes';
import type { Result } from '@sealpost/shared/base/result';
import { isDigestOf } from '@sealpost/shared/sealed/wire/request-signature';

/** What is hashed in less than 0.2 ms; more goes to another thread. */
const SMALL_BYTES = 256 * 1024;

export type BodyError = { readonly kind: 'too-large' } | { readonly kind: 'cut-off' };

/** The whole body, at most `maxBytes`. */
export async function readBody(request: Request, maxBytes: number): Promise<Result<Bytes, BodyError>> {
  if (request.method === 'GET' || request.method === 'HEAD') return ok(new Uint8Array(0)); // has none; to look costs a whole Request
  const announced = request.headers.get('Content-Length');
  if (announced !== null && !(Number(announced) <= maxBytes)) return err({ kind: 'too-large' });
  if (request.body === null) return ok(new Uint8Array(0));
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = request.body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.length;
      if (size > maxBytes) {
        await reader.cancel();
        return err({ kind: 'too-large' });
      }
      parts.push(value);
    }
  } catch {
    return err({ kind: 'cut-off' }); // the connection broke: nobody reads the answer
  }
  const body = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    body.set(part, at);
    at += part.length;
  }
  return ok(body);
}

/** True if `header` is the digest of `body` (RFC 9530). */
export async function isDigest(header: string, body: Bytes): Promise<boolean> {
  if (body.length > SMALL_BYTES) return isDigestOf(header, body);
  return header === `sha-256=:${hash('sha256', body, 'base64')}:`;
}
