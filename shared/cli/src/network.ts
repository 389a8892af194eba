/** The CLI's network: `fetch` for the client's signed requests. No redirects, no cookies, answers of bounded size. */
import { err, ok } from '@sealpost/shared/base/result';
import type { Result } from '@sealpost/shared/base/result';
import type { Network, NetworkResponse, Ports } from '@sealpost/shared/opened/client/ports';

/** Nothing that the client asks for is larger: a part of a file is 8 MiB, a page of JSON at most 32 MiB. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const TIMEOUT_MS = 120_000;

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
};

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
