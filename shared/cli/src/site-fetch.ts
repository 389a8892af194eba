/** Fetches single files of a site: no redirect is followed, no answer is larger than a file of the app can be. */
import type { Bytes } from '@sealpost/shared/base/bytes';
import { concatBytes } from '@sealpost/shared/base/bytes';

export interface Fetched {
  readonly kind: 'answer';
  readonly status: number;
  readonly headers: Headers;
  /** Unpacked. */
  readonly bytes: Bytes;
}

export type FetchPath = (
  path: string,
  coding: 'identity' | 'br, gzip',
) => Promise<Fetched | { readonly kind: 'unreachable'; readonly reason: string }>;

const MAX_FILE_BYTES = 64 * 1024 * 1024;
const TIMEOUT_MS = 60_000;

/** Files of `origin`, each asked for anew. */
export function siteFetch(origin: string): FetchPath {
  return async (path, coding) => {
    try {
      const response = await fetch(origin + path, {
        headers: { 'accept-encoding': coding, 'cache-control': 'no-cache' },
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const parts: Uint8Array[] = [];
      let size = 0;
      for await (const part of response.body ?? []) {
        size += part.length;
        if (size > MAX_FILE_BYTES) return { kind: 'unreachable', reason: `more than ${MAX_FILE_BYTES} bytes` };
        parts.push(part);
      }
      return { kind: 'answer', status: response.status, headers: response.headers, bytes: concatBytes(...parts) };
    } catch {
      return { kind: 'unreachable', reason: 'no answer, or one that breaks off' };
    }
  };
}
