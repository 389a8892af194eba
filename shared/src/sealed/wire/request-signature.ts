import type { Bytes } from '../../base/bytes.ts';
import type { Ms } from '../../base/brand.ts';
import type { Result } from '../../base/result.ts';
import type { SigningKey } from '../crypto/ed25519.ts';
import type { Kid } from '../crypto/keys.ts';
import { parseBase64url, toBase64url } from '../../base/base64url.ts';
import { equalBytes, utf8 } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import { verifyEd25519 } from '../crypto/ed25519.ts';
import { parseKid } from '../crypto/keys.ts';
import { MAX_CLOCK_SKEW_SECONDS, MAX_SIGNATURE_LIFE_SECONDS } from './limits.ts';
import { msToSeconds, secondsToMs } from './times.ts';

/**
 * Signed requests: one profile of RFC 9421 and RFC 9530 (FORMATS, Requests and paths). Exactly five components in one order, one
 * signature, and the digest is compared with the body, which no library does by itself. A signature base begins with `"`, so it
 * can never be taken for a statement or an audit entry.
 */

const COMPONENTS = '("@method" "@authority" "@path" "@query" "content-digest")';
const TAG = 'sealpost/1';
const LABEL = 'sealpost';

/** A request as both sides see it. `url` is absolute; `body` is empty for requests without one. */
export interface SignableRequest {
  readonly method: string;
  readonly url: string;
  readonly body: Uint8Array | null;
}

/** Headers to send with a signed request. */
export interface SignedHeaders extends Readonly<Record<string, string>> {
  readonly 'content-digest': string;
  readonly 'signature-input': string;
  readonly signature: string;
}

/** Signs a request. `nonce`: base64url of 16 random bytes, new for every attempt of a write. Throws on a GET or HEAD with a body. */
export async function signRequest(
  request: SignableRequest & { readonly signer: SigningKey; readonly nowMs: Ms; readonly nonce: string },
): Promise<SignedHeaders> {
  const body = request.body ?? new Uint8Array(0);
  if (isBodyless(request.method) && body.length > 0) throw new TypeError('signRequest: GET with a body');
  if (parseBase64url(request.nonce, 16) === null) throw new TypeError('signRequest: nonce');
  const digest = await contentDigest(body);
  const created = msToSeconds(request.nowMs);
  const params =
    `${COMPONENTS};created=${created};expires=${created + MAX_SIGNATURE_LIFE_SECONDS};nonce="${request.nonce}"` +
    `;keyid="${request.signer.kid}";alg="ed25519";tag="${TAG}"`;
  const signature = await request.signer.sign(utf8(signatureBase(request, digest, params)));
  return {
    'content-digest': digest,
    'signature-input': `${LABEL}=${params}`,
    signature: `${LABEL}=:${toBase64(signature)}:`,
  };
}

/**
 * Why a request is refused. For the server's own counters: the answer to the caller is one and the same (401). `clock`: `created`
 * or `expires` does not fit the server's time, so the client may try once more with the offset of the answer's `Date`.
 */
export interface RequestError {
  readonly kind: 'unsigned' | 'malformed' | 'clock' | 'authority' | 'body' | 'digest' | 'unknown-key' | 'bad-signature';
}

/** A request whose signature holds. Whether `nonce` was used before, the caller must ask for writes. */
export interface VerifiedRequest {
  readonly kid: Kid;
  readonly nonce: string;
  readonly createdMs: Ms;
  readonly expiresMs: Ms;
}

/** What `verifyRequestHead` needs. `headers` looks a header up by lower-case name; `keyOf` gives the public key of a thumbprint. */
export interface RequestHead {
  readonly method: string;
  readonly url: string;
  readonly headers: (name: string) => string | null;
  readonly nowMs: Ms;
  /** Hosts (with port) the server is known by. */
  readonly authorities: readonly string[];
  readonly keyOf: (kid: Kid) => Promise<Uint8Array | null>;
  /** Another engine than `verifyEd25519`, with the same verdicts. */
  readonly verify?: (...parameters: Parameters<typeof verifyEd25519>) => boolean | Promise<boolean>;
}

/**
 * Checks everything but the body, whose digest is signed: a server reads a body only once this holds, so that nobody without a
 * key makes it hold one in memory. The answer's `digest` must then be compared with the body (`isDigestOf`).
 */
export async function verifyRequestHead(
  request: RequestHead,
): Promise<Result<VerifiedRequest & { readonly digest: string }, RequestError>> {
  const input = request.headers('signature-input');
  const signatureText = request.headers('signature');
  const digest = request.headers('content-digest');
  if (input === null || signatureText === null || digest === null) return refuse('unsigned');
  const parsed = parseSignatureInput(input);
  const signature = parsed === null ? null : parseSignature(parsed.label, signatureText);
  if (parsed === null || signature === null || !DIGEST.test(digest)) return refuse('malformed');
  if (!isTimely(parsed, request.nowMs)) return refuse('clock');
  if (!request.authorities.includes(new URL(request.url).host)) return refuse('authority');
  const publicKey = await request.keyOf(parsed.kid);
  if (publicKey === null) return refuse('unknown-key');
  const base = utf8(signatureBase(request, digest, parsed.params));
  if (!(await (request.verify ?? verifyEd25519)(publicKey, signature, base))) return refuse('bad-signature');
  const { kid, nonce, created, expires } = parsed;
  return ok({ kid, nonce, createdMs: secondsToMs(created), expiresMs: secondsToMs(expires), digest });
}

/** Checks a request whose body is here already. */
export async function verifyRequest(
  request: SignableRequest & RequestHead,
): Promise<Result<VerifiedRequest, RequestError>> {
  const body = request.body ?? new Uint8Array(0);
  if (isBodyless(request.method) && body.length > 0) return refuse('body');
  const head = await verifyRequestHead(request);
  if (!head.ok) return head;
  const { digest, ...verified } = head.value;
  return (await isDigestOf(digest, body)) ? ok(verified) : refuse('digest');
}

/** `content-digest` of `body` (RFC 9530): SHA-256 only. */
export async function contentDigest(body: Uint8Array): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', body as Bytes);
  return `sha-256=:${toBase64(new Uint8Array(hash))}:`;
}

/** True if `header` is the digest of `body`. */
export async function isDigestOf(header: string, body: Uint8Array): Promise<boolean> {
  return equalBytes(utf8(header), utf8(await contentDigest(body)));
}

/** RFC 9421, 2.5, for the five components. */
export function signatureBase(
  request: Pick<SignableRequest, 'method' | 'url'>,
  digest: string,
  params: string,
): string {
  const url = new URL(request.url);
  return [
    `"@method": ${request.method}`,
    `"@authority": ${url.host}`,
    `"@path": ${url.pathname}`,
    `"@query": ${url.search === '' ? '?' : url.search}`,
    `"content-digest": ${digest}`,
    `"@signature-params": ${params}`,
  ].join('\n');
}

interface SignatureInput {
  readonly label: string;
  readonly params: string;
  readonly kid: Kid;
  readonly nonce: string;
  readonly created: number;
  readonly expires: number;
}

/** The digest as we write it: SHA-256 alone. */
const DIGEST = /^sha-256=:[A-Za-z0-9+/]{43}=:$/;

const INPUT =
  /^([a-z][a-z0-9_-]{0,31})=(\((?:[^()]{0,200})\)((?:;[a-z]{1,16}=(?:[0-9]{1,12}|"[A-Za-z0-9/_-]{1,64}"))+))$/;

/** One signature with exactly our components and parameters, these in any order, each once. */
function parseSignatureInput(header: string): SignatureInput | null {
  if (header.length > 1024) return null;
  const match = INPUT.exec(header);
  if (match === null) return null;
  const [, label, params, tail] = match as unknown as [string, string, string, string];
  if (!params.startsWith(`${COMPONENTS};`)) return null;
  const fields = new Map(
    tail
      .slice(1)
      .split(';')
      .map((field) => field.split('=') as [string, string]),
  );
  if (fields.size !== 6 || tail.slice(1).split(';').length !== 6) return null;
  if (fields.get('alg') !== '"ed25519"' || fields.get('tag') !== `"${TAG}"`) return null;
  const created = parseSeconds(fields.get('created'));
  const expires = parseSeconds(fields.get('expires'));
  const nonce = parseQuoted(fields.get('nonce'));
  const kid = parseKid(parseQuoted(fields.get('keyid')) ?? '');
  if (created === null || expires === null || nonce === null || kid === null) return null;
  return parseBase64url(nonce, 16) === null ? null : { label, params, kid, nonce, created, expires };
}

function parseSignature(label: string, header: string): Bytes | null {
  const match = /^([a-z][a-z0-9_-]{0,31})=:([A-Za-z0-9+/]{86})==:$/.exec(header);
  if (match === null || match[1] !== label) return null;
  return parseBase64url((match[2] ?? '').replaceAll('+', '-').replaceAll('/', '_'), 64);
}

function isTimely({ created, expires }: SignatureInput, nowMs: Ms): boolean {
  const now = msToSeconds(nowMs);
  if (Math.abs(now - created) > MAX_CLOCK_SKEW_SECONDS) return false;
  return expires > created && expires - created <= MAX_SIGNATURE_LIFE_SECONDS && now <= expires;
}

function parseSeconds(text: string | undefined): number | null {
  return text !== undefined && /^(0|[1-9][0-9]{0,11})$/.test(text) ? Number(text) : null;
}

function parseQuoted(text: string | undefined): string | null {
  return text === undefined ? null : (/^"([^"]+)"$/.exec(text)?.[1] ?? null);
}

/** Standard base64 with padding: what structured fields (RFC 9651) carry. */
function toBase64(bytes: Uint8Array): string {
  const text = toBase64url(bytes).replaceAll('-', '+').replaceAll('_', '/');
  return text + '='.repeat((4 - (text.length % 4)) % 4);
}

function isBodyless(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

function refuse(kind: RequestError['kind']): Result<never, RequestError> {
  return err({ kind });
}
