/** Requests as the server wants them: signed by the device key, JSON read strictly, failures as values. */
import * as v from 'valibot';
import { toBase64url } from '../../base/base64url.ts';
import type { ByteSource } from '../../base/byte-source.ts';
import { sourceOfBytes } from '../../base/byte-source.ts';
import type { Bytes } from '../../base/bytes.ts';
import { concatBytes, fromUtf8, utf8 } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { parseStrictJson } from '../../base/strict-json.ts';
import type { SigningKey } from '../../sealed/crypto/ed25519.ts';
import type { Sid } from '../../sealed/envelope/statement.ts';
import { parseProblemCode } from '../../sealed/wire/problem.ts';
import { signRequest } from '../../sealed/wire/request-signature.ts';
import type { ClientError } from './api/client-error.ts';
import type { NetworkRequest, NetworkResponse, Ports, StreamedResponse } from './ports.ts';

/** JSON answers are at most this large; bundles never pass here. */
const MAX_JSON_BYTES = 32 * 1024 * 1024;
const MAX_PROBLEM_BYTES = 16_384;

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

/** What a transfer of a file needs of a session. */
export interface FileLine {
  readonly http: SignedHttp;
  readonly identity: { readonly deployment: Sid };
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
    const answer = await this.#exchange(ask, (request) => this.#ports.network.request(request));
    if (!answer.ok || isAccepted(answer.value, ask)) return answer;
    return err(refusalOf(answer.value.status, answer.value.body));
  }

  /** True if `stream` brings an answer of any size without holding it whole. */
  get streams(): boolean {
    return this.#ports.network.stream !== undefined;
  }

  /** As `ask`, with the body as it comes. */
  async stream(ask: Ask): Promise<Result<StreamedResponse, ClientError>> {
    const answer = await this.#exchange(ask, (request) => this.#open(request));
    if (!answer.ok || isAccepted(answer.value, ask)) return answer;
    const { status, body } = answer.value;
    return err(refusalOf(status, await beginOf(body, MAX_PROBLEM_BYTES)));
  }

  /** `ask`, with a JSON answer that must fit `schema`. */
  async json<T>(schema: v.GenericSchema<unknown, T>, ask: Ask): Promise<Result<T, ClientError>> {
    const response = await this.ask(ask);
    if (!response.ok) return response;
    return readAnswer(schema, response.value.body);
  }

  /** Sends, and once more with the server's time where the own clock is off. */
  async #exchange<T extends Pick<NetworkResponse, 'status' | 'headers'>>(
    ask: Ask,
    send: (request: NetworkRequest) => Promise<Result<T, ClientError>>,
  ): Promise<Result<T, ClientError>> {
    const first = await send(await this.#signed(ask));
    if (!first.ok || first.value.status !== 401 || ask.signed === false) return first;
    const serverMs = Date.parse(first.value.headers['date'] ?? '');
    if (!Number.isFinite(serverMs)) return first;
    if (Math.abs(serverMs - this.#ports.nowMs() - this.#offsetMs) <= 2_000) return first;
    this.#offsetMs = serverMs - this.#ports.nowMs();
    return send(await this.#signed(ask));
  }

  async #open(request: NetworkRequest): Promise<Result<StreamedResponse, ClientError>> {
    const { network } = this.#ports;
    if (network.stream !== undefined) return network.stream(request);
    const answer = await network.request(request);
    return answer.ok ? ok({ ...answer.value, body: sourceOfBytes(answer.value.body) }) : answer;
  }

  async #signed(ask: Ask): Promise<NetworkRequest> {
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
    return { method: ask.method, url, headers, body };
  }
}

/** JSON body of a request. */
export function jsonBody(value: unknown): { readonly body: Bytes; readonly headers: Record<string, string> } {
  return { body: utf8(JSON.stringify(value)), headers: { 'content-type': 'application/json' } };
}

/** Strict JSON that fits `schema`, or `server` with code `bad-answer`. */
export function readAnswer<T>(schema: v.GenericSchema<unknown, T>, body: Bytes): Result<T, ClientError> {
  const text = body.length <= MAX_JSON_BYTES ? fromUtf8(body) : null;
  const json = text === null ? null : parseStrictJson(text, MAX_JSON_BYTES);
  const parsed = json?.ok ? v.safeParse(schema, json.value) : null;
  return parsed?.success ? ok(parsed.output) : err({ kind: 'server', status: 200, code: 'bad-answer' });
}

function isAccepted({ status }: Pick<NetworkResponse, 'status'>, { accept }: Ask): boolean {
  return (status >= 200 && status < 300) || accept?.includes(status) === true;
}

/** What the body of a refusal says. */
function refusalOf(status: number, body: Bytes): ClientError {
  const text = body.length < MAX_PROBLEM_BYTES ? fromUtf8(body) : null;
  const json = text === null ? null : parseStrictJson(text, MAX_PROBLEM_BYTES);
  return { kind: 'server', status, code: (json?.ok ? parseProblemCode(json.value) : null) ?? 'unknown' };
}

/** At least `size` bytes, or all there are: of a refusal that breaks off, what came. */
async function beginOf(body: ByteSource, size: number): Promise<Bytes> {
  let begin: Bytes = new Uint8Array(0);
  try {
    for (let piece = await body.next(); piece !== null && begin.length < size; piece = await body.next())
      begin = concatBytes(begin, piece.subarray(0, size));
  } catch {
    // Its status says enough.
  }
  await body.cancel();
  return begin;
}
