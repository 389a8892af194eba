/** A listed file as a stream: fetched by ranges as it is read, so that memory stays bounded and a cut line costs one part. */
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { BLOB_PART_BYTES } from '../../sealed/wire/limits.ts';
import { paths } from '../../sealed/wire/paths.ts';
import type { ClientError } from './api.ts';
import type { Session } from './session.ts';

const ATTEMPTS = 3;

/** Why the stream broke off, for whoever read it: `openEnvelope` only says `interrupted`. */
export interface Download {
  readonly stream: ReadableStream<Uint8Array>;
  failure(): ClientError | null;
}

/**
 * Begins a download of `size` bytes. Each range is asked for again twice before the stream fails. `signal` ends it at once:
 * `cancelled`, without waiting for an answer that is under way.
 */
export function downloadBlob(
  session: Session,
  sha256: string,
  size: number,
  onBytes: (done: number) => void,
  signal?: AbortSignal,
): Download {
  let offset = 0;
  let failure: ClientError | null = null;
  const stream = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        if (offset >= size) {
          controller.close();
          return;
        }
        const part = await unlessAborted(
          fetchRange(session, sha256, offset, Math.min(size, offset + BLOB_PART_BYTES)),
          signal,
        );
        if (!part.ok) {
          failure = part.error;
          controller.error(new TypeError(part.error.kind));
          return;
        }
        offset += part.value.length;
        onBytes(offset);
        controller.enqueue(part.value);
      },
    },
    { highWaterMark: 1 },
  );
  return { stream, failure: () => failure };
}

/** What `work` answers, or `cancelled` as soon as `signal` says so. */
function unlessAborted<T>(
  work: Promise<Result<T, ClientError>>,
  signal: AbortSignal | undefined,
): Promise<Result<T, ClientError>> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const stop = () => resolve(err({ kind: 'cancelled' }));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

async function fetchRange(
  session: Session,
  sha256: string,
  start: number,
  end: number,
): Promise<Result<Uint8Array, ClientError>> {
  let last: ClientError = { kind: 'offline' };
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const answer = await session.http.ask({
      method: 'GET',
      path: paths(session.identity.deployment).blob(sha256),
      headers: { range: `bytes=${start}-${end - 1}` },
    });
    if (!answer.ok) {
      last = answer.error;
      if (last.kind !== 'offline') return err(last);
      continue;
    }
    const { status, body } = answer.value;
    if (status === 206 && body.length === end - start) return ok(body);
    if (status === 200 && start === 0 && body.length >= end) return ok(body.subarray(0, end));
    last = { kind: 'forged', what: 'blob', code: 'range' };
  }
  return err(last);
}
