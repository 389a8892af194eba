import { parseBase64url, toBase64url } from '../../base/base64url.ts';
import type { Brand } from '../../base/brand.ts';
import type { Bytes } from '../../base/bytes.ts';
import { utf8 } from '../../base/bytes.ts';
import { canonicalJson, canonicalJsonBytes } from '../../base/canonical-json.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { JsonObject } from '../../base/strict-json.ts';
import { isJsonObject, MAX_HEADER_JSON_BYTES, parseStrictJsonBytes } from '../../base/strict-json.ts';
import type { SigningKey } from '../crypto/ed25519.ts';
import { verifyEd25519 } from '../crypto/ed25519.ts';
import { sha256 } from '../crypto/hash.ts';
import type { Kid } from '../crypto/keys.ts';
import { parseKid, thumbprint } from '../crypto/keys.ts';

/**
 * Signed statements: JWS compact (RFC 7515) with Ed25519 (RFC 9864), protected header exactly `alg`, `typ`, `kid`. Everything that
 * is signed for people, chains and mailboxes is one; audit entries and requests are not.
 */

/** Identity of a statement: base64url of SHA-256 of its signed part, so that the same claims by the same key are one statement. */
export type Sid = Brand<string, 'Sid'>;

/** A well-formed statement. Nothing is proven until `verifyStatement` said so under a key that may sign it. */
export interface Statement {
  readonly sid: Sid;
  /** `device` of `typ: sealpost-device+jws`. */
  readonly type: string;
  readonly kid: Kid;
  readonly claims: JsonObject;
  /** As received: stored and served like this. */
  readonly compact: string;
}

/** Why a text is no statement. One kind only: callers never tell an unauthenticated sender more. */
export interface StatementError {
  readonly kind: 'malformed-statement';
  readonly reason: 'too-large' | 'form' | 'encoding' | 'header' | 'payload';
}

/** The longest compact form that is looked at: a manifest of 1,000 items has about 300 KiB. */
const MAX_STATEMENT_LENGTH = 1024 * 1024;

const TYPE = /^sealpost-([a-z]+(?:-[a-z]+)*)\+jws$/;
const SID = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

/** Signs `claims` as `sealpost-<type>+jws`. The same input gives the same bytes (Ed25519 is deterministic, the JSON canonical). */
export async function signStatement(type: string, claims: JsonObject, key: SigningKey): Promise<Statement> {
  const typ = `sealpost-${type}+jws`;
  if (!TYPE.test(typ)) throw new TypeError('signStatement: bad type');
  const header = canonicalJson({ alg: 'Ed25519', kid: key.kid, typ });
  const signed = `${toBase64url(utf8(header))}.${toBase64url(canonicalJsonBytes(claims))}`;
  const compact = `${signed}.${toBase64url(await key.sign(utf8(signed)))}`;
  if (compact.length > MAX_STATEMENT_LENGTH) throw new RangeError('signStatement: too large');
  return { sid: sidOf(signed), type, kid: key.kid, claims, compact };
}

/** Reads a compact JWS of at most `maxLength` characters: form, header, strict JSON. The signature is not looked at yet. */
export function parseStatement(compact: string, maxLength = MAX_STATEMENT_LENGTH): Result<Statement, StatementError> {
  if (compact.length > maxLength) return malformed('too-large');
  const parts = compact.split('.');
  // FORMATS, Contexts never meet: no request base or audit prefix begins like this
  if (parts.length !== 3 || !compact.startsWith('eyJ')) return malformed('form');
  const [headerText, payloadText, signatureText] = parts as [string, string, string];
  const header = parseBase64url(headerText);
  const payload = parseBase64url(payloadText);
  if (header === null || payload === null || parseBase64url(signatureText, 64) === null) return malformed('encoding');
  const protectedHeader = parseHeader(header);
  if (protectedHeader === null) return malformed('header');
  const claims = parseStrictJsonBytes(payload, maxLength);
  if (!claims.ok || !isJsonObject(claims.value)) return malformed('payload');
  const sid = sidOf(`${headerText}.${payloadText}`);
  return ok({ sid, ...protectedHeader, claims: claims.value, compact });
}

/** True if `publicKey` is the key that `statement` names, and signed it. */
export async function verifyStatement(statement: Statement, publicKey: Uint8Array): Promise<boolean> {
  if (publicKey.length !== 32 || thumbprint(publicKey) !== statement.kid) return false;
  const border = statement.compact.lastIndexOf('.');
  const signature = parseBase64url(statement.compact.slice(border + 1), 64);
  return signature !== null && verifyEd25519(publicKey, signature, utf8(statement.compact.slice(0, border)));
}

/** Checks the form of a sid (canonical base64url of 32 bytes). */
export function parseSid(text: string): Sid | null {
  return SID.test(text) ? (text as Sid) : null;
}

/** The 32 bytes of a sid. */
export function sidToBytes(sid: Sid): Bytes {
  return parseBase64url(sid, 32) as Bytes; // only `parseSid` and `sidOf` make one
}

/**
 * True if a chain statement or manifest means more than this version understands (FORMATS, Common rules): another `v`, or a claim
 * named in `crit` that is not in `understood`. Sealing and approving stop, reading goes on.
 */
export function needsUpdate(claims: JsonObject, understood: readonly string[]): boolean {
  if (claims['v'] !== 1) return true;
  const critical = claims['crit'];
  if (critical === undefined) return false;
  return !Array.isArray(critical) || !critical.every((name) => typeof name === 'string' && understood.includes(name));
}

function parseHeader(bytes: Uint8Array): { readonly type: string; readonly kid: Kid } | null {
  const parsed = parseStrictJsonBytes(bytes, MAX_HEADER_JSON_BYTES);
  if (!parsed.ok || !isJsonObject(parsed.value)) return null;
  const { alg, typ, kid, ...others } = parsed.value;
  if (alg !== 'Ed25519' || typeof typ !== 'string' || typeof kid !== 'string' || Object.keys(others).length > 0)
    return null;
  const type = TYPE.exec(typ)?.[1];
  const parsedKid = parseKid(kid);
  return type === undefined || parsedKid === null ? null : { type, kid: parsedKid };
}

function sidOf(signed: string): Sid {
  return toBase64url(sha256(utf8(signed))) as Sid;
}

function malformed(reason: StatementError['reason']): Result<never, StatementError> {
  return err({ kind: 'malformed-statement', reason });
}
