import { toBase64url } from '../../base/base64url.ts';
import type { Bytes } from '../../base/bytes.ts';
import { concatBytes } from '../../base/bytes.ts';
import { padmeLength } from '../../base/padme.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { AgeIdentity } from '../crypto/age.ts';
import { openAge } from '../crypto/age.ts';
import { Sha256 } from '../crypto/hash.ts';
import type { Kid } from '../crypto/keys.ts';
import type { EnvelopeClaims } from './claims.ts';
import { MAX_SEALED_BYTES, parseEnvelopeClaims } from './claims.ts';
import { ContentUnpacker } from './content-unpacker.ts';
import type { OrgId } from './heads.ts';
import type { EnvelopeKind } from './kinds.ts';
import { parseEnvelopeKind } from './kinds.ts';
import { PlaintextReader } from './plaintext-reader.ts';
import { SealedSource } from './sealed-source.ts';
import { ENVELOPE_MAGIC, MAX_ENVELOPE_STATEMENT } from './seal.ts';
import type { Statement } from './statement.ts';
import { parseStatement, verifyStatement } from './statement.ts';

/**
 * Opens envelopes as a stream (FORMATS, Envelope, Reading): the statement is checked before content is unpacked, content goes to a
 * stage, and nothing leaves the stage before every hash, size and the padding hold.
 */

export interface OpenInput {
  /** Read once. */
  readonly sealed: ReadableStream<Uint8Array> | Uint8Array;
  /** As a verified manifest lists the file; `null` only for what comes from `intake` and for requests' decisions. */
  readonly expected: { readonly sha256: Uint8Array; readonly size: number } | null;
  readonly identities: readonly AgeIdentity[];
  readonly expect: { readonly kinds: readonly EnvelopeKind[]; readonly org: OrgId; readonly generation: number };
  /**
   * The public key of `kid` if it may sign this kind now, by the chains; else `null`. For `access-request`, whose key stands in no
   * chain, it is asked last and gets the content, which names the key; for all others `content` is `null`.
   */
  readonly maySign: (
    kind: EnvelopeKind,
    kid: Kid,
    claims: EnvelopeClaims,
    content: Bytes | null,
  ) => Promise<Uint8Array | null>;
  readonly nowMs: number;
}

/** An envelope that holds in every respect. Expiry blocks sealing, never reading: `isExpired` is for a banner. */
export interface OpenedEnvelope {
  readonly statement: Statement;
  readonly claims: EnvelopeClaims;
  readonly isExpired: boolean;
}

/**
 * - `not-for-us`: sealed to others; skip, don't alarm.
 * - `interrupted`: the source of `sealed` failed (network); try again.
 * - `not-as-listed`: another file than the manifest lists. `damaged`: changed or cut off ciphertext.
 * - `malformed`: opened, but not an envelope, or its content is not what its statement says. `too-large`: over FORMATS' limits.
 * - `not-allowed`: this key may not sign this kind. `forged`: its signature does not hold. Alarm on both.
 * - `wrong-kind`, `wrong-audience`: a real envelope that belongs elsewhere: somebody redirected it. Alarm.
 * - `update-needed`: written by a newer version.
 */
export type OpenError =
  | {
      readonly kind:
        'not-for-us' | 'interrupted' | 'not-as-listed' | 'damaged' | 'too-large' | 'wrong-audience' | 'update-needed';
    }
  | { readonly kind: 'malformed'; readonly part: 'preamble' | 'statement' | 'claims' | 'content' | 'padding' }
  | { readonly kind: 'not-allowed' | 'forged'; readonly kid: Kid }
  | { readonly kind: 'wrong-kind'; readonly found: string };

/** Where unpacked content waits until the envelope is known to hold. Must not be read before `openEnvelopeTo` answered ok. */
export interface Stage {
  write(chunk: Uint8Array): Promise<void> | void;
  /** Called once if the envelope does not hold: forget everything. */
  discard(): Promise<void> | void;
}

/** Opens an envelope into memory: `content` is unpacked. For kinds that are small or must be whole; see `openEnvelopeTo` for others. */
export async function openEnvelope(
  input: OpenInput,
): Promise<Result<OpenedEnvelope & { readonly content: Bytes }, OpenError>> {
  let chunks: Uint8Array[] = [];
  const stage = { write: (chunk: Uint8Array) => void chunks.push(chunk), discard: () => void (chunks = []) };
  const opened = await openEnvelopeTo(stage, input, () => concatBytes(...chunks));
  return opened.ok ? ok({ ...opened.value, content: concatBytes(...chunks) }) : opened;
}

/**
 * Opens an envelope into `stage`, with at most some 100 KiB in memory. `staged` gives the content back for kinds whose signer is
 * named inside it; without it they are refused. A stage that throws (disk full) is discarded and its exception passed on.
 */
export async function openEnvelopeTo(
  stage: Stage,
  input: OpenInput,
  staged?: () => Bytes,
): Promise<Result<OpenedEnvelope, OpenError>> {
  let holds = false;
  const source = new SealedSource(input.sealed, input.expected?.size ?? MAX_SEALED_BYTES);
  try {
    const opened = await readEnvelope(source, stage, input, staged);
    holds = opened.ok;
    return opened;
  } finally {
    if (!holds) {
      await source.cancel();
      await stage.discard();
    }
  }
}

async function readEnvelope(
  source: SealedSource,
  stage: Stage,
  input: OpenInput,
  staged: (() => Bytes) | undefined,
): Promise<Result<OpenedEnvelope, OpenError>> {
  const opened = await openAge(source.stream, input.identities);
  if (!opened.ok) return err(source.failure() ?? opened.error);
  const plain = new PlaintextReader(opened.value);
  try {
    const checked = await readStatement(plain, input);
    if (!checked.ok) return checked;
    const { statement, claims } = checked.value;
    const wrong =
      (await readContent(plain, claims, stage)) ?? (await readPadding(plain)) ?? source.mismatch(input.expected);
    if (wrong !== null) return err(wrong);
    if (isSignerInside(claims.kind)) {
      const forged = await checkSigner(statement, claims, input, staged?.() ?? null);
      if (forged !== null) return err(forged);
    }
    return ok({ statement, claims, isExpired: claims.exp !== undefined && claims.exp * 1000 <= input.nowMs });
  } catch (error) {
    if (!plain.hasFailed) throw error; // the stage's or the caller's
    return err(source.failure() ?? { kind: 'damaged' });
  } finally {
    await plain.cancel();
  }
}

async function readStatement(
  plain: PlaintextReader,
  input: OpenInput,
): Promise<Result<{ readonly statement: Statement; readonly claims: EnvelopeClaims }, OpenError>> {
  const magic = await plain.readLine(ENVELOPE_MAGIC.length);
  if (magic !== ENVELOPE_MAGIC.trimEnd()) {
    return err(
      /^sealpost\/[0-9]+$/.test(magic ?? '') ? { kind: 'update-needed' } : { kind: 'malformed', part: 'preamble' },
    );
  }
  const line = await plain.readLine(MAX_ENVELOPE_STATEMENT);
  const statement = parseStatement(line ?? '', MAX_ENVELOPE_STATEMENT);
  if (!statement.ok) return err({ kind: 'malformed', part: 'statement' });
  const kind = parseEnvelopeKind(statement.value.type);
  if (kind === null || !input.expect.kinds.includes(kind))
    return err({ kind: 'wrong-kind', found: statement.value.type });
  const claims = parseEnvelopeClaims(statement.value.claims);
  if (!claims.ok)
    return err(
      claims.error.kind === 'malformed-claims' ? { kind: 'malformed', part: 'claims' } : { kind: claims.error.kind },
    );
  if (claims.value.kind !== kind) return err({ kind: 'malformed', part: 'claims' });
  const [org, generation] = claims.value.aud;
  if (org !== input.expect.org || generation !== input.expect.generation) return err({ kind: 'wrong-audience' });
  const forged = isSignerInside(kind) ? null : await checkSigner(statement.value, claims.value, input, null);
  return forged === null ? ok({ statement: statement.value, claims: claims.value }) : err(forged);
}

/** The one kind whose key stands in its content instead of a chain. */
function isSignerInside(kind: EnvelopeKind): boolean {
  return kind === 'access-request';
}

async function checkSigner(
  statement: Statement,
  claims: EnvelopeClaims,
  input: OpenInput,
  content: Bytes | null,
): Promise<OpenError | null> {
  const publicKey = await input.maySign(claims.kind, statement.kid, claims, content);
  if (publicKey === null) return { kind: 'not-allowed', kid: statement.kid };
  return (await verifyStatement(statement, publicKey)) ? null : { kind: 'forged', kid: statement.kid };
}

async function readContent(plain: PlaintextReader, claims: EnvelopeClaims, stage: Stage): Promise<OpenError | null> {
  const hash = new Sha256();
  const unpacker = new ContentUnpacker(claims.inflated ?? null, (chunk) => stage.write(chunk));
  try {
    let left = claims.size;
    while (left > 0) {
      const chunk = await plain.read(left);
      if (chunk === null) break;
      left -= chunk.length;
      hash.update(chunk);
      if (!(await unpacker.write(chunk))) break;
    }
    const isWhole = left === 0 && (await unpacker.end()) && toBase64url(hash.digest()) === claims.sha256;
    return isWhole ? null : { kind: 'malformed', part: 'content' };
  } finally {
    await unpacker.abort();
  }
}

/** Zeros up to the Padmé length and nothing after it; reading to the end also proves that the age file is complete. */
async function readPadding(plain: PlaintextReader): Promise<OpenError | null> {
  const unpadded = plain.position;
  for (;;) {
    const chunk = await plain.read(65_536);
    if (chunk === null) break;
    if (chunk.some((byte) => byte !== 0)) return { kind: 'malformed', part: 'padding' };
  }
  return plain.position === padmeLength(unpadded) ? null : { kind: 'malformed', part: 'padding' };
}
