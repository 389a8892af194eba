/** Request bodies: the size is checked before anything is allocated, and again while the bytes come in. */
import { err, ok } from '@sealpost/shared/base/result';
import type { Bytes } from '@sealpost/shared/base/bytes';
import type { Result } from '@sealpost/shared/base/result';

export type BodyError = { readonly kind: 'too-large' } | { readonly kind: 'cut-off' };

/** The whole body, at most `maxBytes`. */
export async function readBody(request: Request, maxBytes: number): Promise<Result<Bytes, BodyError>> {
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
