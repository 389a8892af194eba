/** Requests as the server wants them: signed by the device key, JSON read strictly, failures as values. */
import * as v from 'valibot';
import { toBase64url } from '../../base/base64url.ts';
import type { Bytes } from '../../base/bytes.ts';
import { fromUtf8, utf8 } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { parseStrictJson } from '../../base/strict-json.ts';
import type { SigningKey } from '../../sealed/crypto/ed25519.ts';
import { parseProblemCode } from '../../sealed/wire/problem.ts';
import { signRequest } from '../../sealed/wire/request-signature.ts';
import type { ClientError } from './api.ts';
import type { NetworkRequest, NetworkResponse, Ports } from './ports.ts';

/** JSON answers are at most this large; bundles never pass here. */
const MAX_JSON_BYTES = 32 * 1024 * 1024;

export interface Ask {
  readonly method: NetworkRequest['method'];
  /** Path with query, on the deployment's origin. */
  readonly path: string;
  readonly body?: Bytes;
  readonly headers?: Readonly<Record<string, string>>;
  /** `false` for the few unsigned calls. */
  readonly signed?: boolean;
  /** Answers that are not failures besides 2xx. */
  readonly accept?: readonly number[];
}

export class SignedHttp {
  readonly #ports: Ports;
  readonly #signer: SigningKey | null;
  readonly origin: string;
  /** Added to the device clock after a 401 that carried the server's `Date`. */
  #offsetMs = 0;

  constructor(ports: Ports, origin: string, signer: SigningKey | null) {
    this.#ports = ports;
    this.#signer = signer;
    this.origin = origin;
  }

  /** True if the server's clock is more than a minute away from the device's: shown as a banner. */
  get isClockOff(): boolean {
    return Math.abs(this.#offsetMs) > 60_000;
  }

  /**
   * Sends one request. A 401 with a `Date` that is off is signed once more with that offset (FORMATS, Requests).
   *
   * @returns the answer, `offline`, or `server` with the problem's code (`unknown` for pages that are not ours).
   */
  async ask(ask: Ask): Promise<Result<NetworkResponse, ClientError>> {
    const first = await this.#send(ask);
    if (!first.ok) return first;
    let response = first.value;
    if (response.status === 401 && ask.signed !== false) {
      const serverMs = Date.parse(response.headers['date'] ?? '');
      if (Number.isFinite(serverMs) && Math.abs(serverMs - this.#ports.nowMs() - this.#offsetMs) > 2_000) {
        this.#offsetMs = serverMs - this.#ports.nowMs();
        const second = await this.#send(ask);
        if (!second.ok) return second;
        response = second.value;
      }
    }
    if ((response.status >= 200 && response.status < 300) || ask.accept?.includes(response.status)) return ok(response);
    return err({ kind: 'server', status: response.status, code: problemOf(response) });
  }

  /** `ask`, with a JSON answer that must fit `schema`. */
  async json<T>(schema: v.GenericSchema<unknown, T>, ask: Ask): Promise<Result<T, ClientError>> {
    const response = await this.ask(ask);
    if (!response.ok) return response;
    return readAnswer(schema, response.value.body);
  }

  async #send(ask: Ask): Promise<Result<NetworkResponse, ClientError>> {
    const url = this.origin + ask.path;
    const body = ask.body ?? null;
    let headers: Record<string, string> = { ...ask.headers };
    if (ask.signed !== false) {
      if (this.#signer === null) throw new TypeError('SignedHttp: no key to sign with');
      const signature = await signRequest({
        method: ask.method,
        url,
        body: body ?? new Uint8Array(0),
        signer: this.#signer,
        nowMs: this.#ports.nowMs() + this.#offsetMs,
        nonce: toBase64url(this.#ports.random(16)),
      });
      headers = { ...headers, ...signature };
    }
    return this.#ports.network.request({ method: ask.method, url, headers, body });
  }
}

/** JSON body of a request. */
export function jsonBody(value: unknown): { readonly body: Bytes; readonly headers: Record<string, string> } {
  return { body: utf8(JSON.stringify(value)), headers: { 'content-type': 'application/json' } };
}

/** Strict JSON that fits `schema`, or `server` with code `bad-answer`. */
function readAnswer<T>(schema: v.GenericSchema<unknown, T>, body: Bytes): Result<T, ClientError> {
  const text = body.length <= MAX_JSON_BYTES ? fromUtf8(body) : null;
  const json = text === null ? null : parseStrictJson(text, MAX_JSON_BYTES);
  const parsed = json?.ok ? v.safeParse(schema, json.value) : null;
  return parsed?.success ? ok(parsed.output) : err({ kind: 'server', status: 200, code: 'bad-answer' });
}

function problemOf(response: NetworkResponse): string {
  const text = response.body.length < 16_384 ? fromUtf8(response.body) : null;
  if (text === null) return 'unknown';
  const json = parseStrictJson(text, 16_384);
  return (json.ok ? parseProblemCode(json.value) : null) ?? 'unknown';
}
