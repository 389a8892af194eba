/** The CLI's network: `fetch` for the client's signed requests. No redirects, no cookies, answers of bounded size or read as they come. */
import type { ByteSource } from '@sealpost/shared/base/byte-source';
import { sourceOfBytes, sourceOfStream } from '@sealpost/shared/base/byte-source';
import { err, ok } from '@sealpost/shared/base/result';
import type { Result } from '@sealpost/shared/base/result';
import type { Network, NetworkResponse, Ports } from '@sealpost/shared/opened/client/ports';

/** Nothing that the client asks for is larger: a part of a file is 8 MiB, a page of JSON at most 32 MiB. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const TIMEOUT_MS = 120_000;
/** A line that brings nothing for so long is broken. */
const SILENCE_MS = 60_000;

const offline = err({ kind: 'offline' } as const);

/** Sends requests over HTTP. */
const fetchNetwork: Network = {
  async request({ method, url, headers, body }) {
    try {
      const response = await fetch(url, {
        method,
        headers,
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return await readResponse(response);
    } catch {
      return offline;
    }
  },
  async stream({ method, url, headers, body }) {
    const line = new AbortController();
    const giveUp = (): void => line.abort();
    const timer = setTimeout(giveUp, TIMEOUT_MS); // until the answer begins
    try {
      const response = await fetch(url, { method, headers, body, redirect: 'manual', signal: line.signal });
      const source = response.body === null ? sourceOfBytes(new Uint8Array(0)) : sourceOfStream(response.body);
      const answer = { status: response.status, headers: Object.fromEntries(response.headers) };
      return ok({ ...answer, body: unlessSilent(source, giveUp) });
    } catch {
      return offline;
    } finally {
      clearTimeout(timer);
    }
  },
};

/** `body`, given up where nothing comes for a minute: a half-open line says nothing by itself. */
function unlessSilent(body: ByteSource, giveUp: () => void): ByteSource {
  return {
    async next() {
      const timer = setTimeout(giveUp, SILENCE_MS);
      try {
        return await body.next();
      } finally {
        clearTimeout(timer);
      }
    },
    cancel: () => body.cancel(),
  };
}

/** Ports of this process. */
export function processPorts(): Ports {
  return {
    network: fetchNetwork,
    nowMs: () => Date.now(),
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
  };
}

async function readResponse(response: Response): Promise<Result<NetworkResponse, { readonly kind: 'offline' }>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  if (response.body !== null) {
    for await (const part of response.body) {
      size += part.length;
      if (size > MAX_ANSWER_BYTES) return offline;
      parts.push(part);
    }
  }
  const body = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    body.set(part, at);
    at += part.length;
  }
  return ok({ status: response.status, headers: Object.fromEntries(response.headers), body });
}
