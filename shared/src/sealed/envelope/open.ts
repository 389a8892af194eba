import type { ByteSource } from '../../base/byte-source.ts';
import { sourceOfBytes, sourceOfStream } from '../../base/byte-source.ts';
import type { Bytes } from '../../base/bytes.ts';
import { concatBytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { AgeIdentity } from '../crypto/age.ts';
import { openAgeHeader } from '../crypto/age.ts';
import type { AgeOpening } from '../crypto/age-payload.ts';
import type { Kid } from '../crypto/keys.ts';
import type { EnvelopeClaims } from './claims.ts';
import { parseEnvelopeClaims } from './claims.ts';
import type { OrgId } from './heads.ts';
import type { EnvelopeKind } from './kinds.ts';
import { parseEnvelopeKind } from './kinds.ts';
import type { OpenError } from './open-error.ts';
import type { EnvelopeReading, FileToRead, Stage } from './read-envelope.ts';
import { readEnvelope } from './read-envelope.ts';
import { MAX_ENVELOPE_STATEMENT } from './seal.ts';
import type { Statement } from './statement.ts';
import { parseStatement, verifyStatement } from './statement.ts';

/**
 * Opens envelopes as a stream (FORMATS, Envelope, Reading): the statement is checked before content is unpacked, content goes to a
 * stage, and nothing leaves the stage before every hash, size and the padding hold.
 */

export interface OpenInput {
  /** Read once, and cancelled at the end. */
  readonly sealed: ByteSource | ReadableStream<Uint8Array> | Uint8Array;
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
  /** Asked once the signature holds (for a key inside the content: before); `false`: nothing is unpacked, `not-wanted`. */
  readonly accept?: (claims: EnvelopeClaims) => boolean;
  /** Leaves WebCrypto's ChaCha20-Poly1305 aside; for tests. */
  readonly isPortable?: boolean;
}

/** An envelope that holds in every respect. Expiry blocks sealing, never reading: `isExpired` is for a banner. */
export interface OpenedEnvelope {
  readonly statement: Statement;
  readonly claims: EnvelopeClaims;
  readonly isExpired: boolean;
}

/** Opens an envelope into memory: `content` is unpacked. For kinds that are small or must be whole; see `openEnvelopeTo` for others. */
export async function openEnvelope(
  input: OpenInput,
): Promise<Result<OpenedEnvelope & { readonly content: Bytes }, OpenError>> {
  let chunks: Uint8Array[] = [];
  const stage = { write: (chunk: Uint8Array) => void chunks.push(chunk.slice()), discard: () => void (chunks = []) };
  const opened = await openEnvelopeTo(stage, input, () => concatBytes(...chunks));
  return opened.ok ? ok({ ...opened.value, content: concatBytes(...chunks) }) : opened;
}

/**
 * Opens an envelope into `stage`, with some 2 MB in memory. `staged` gives the content back for kinds whose signer is named inside
 * it; without it they are refused. A stage that throws (disk full) is discarded and its exception passed on.
 */
export async function openEnvelopeTo(
  stage: Stage,
  input: OpenInput,
  staged?: () => Bytes,
): Promise<Result<OpenedEnvelope, OpenError>> {
  let holds = false;
  try {
    const opened = await openEnvelopeBy((file) => readEnvelope(file, stage), input, staged);
    holds = opened.ok;
    return opened;
  } finally {
    if (!holds) await stage.discard();
  }
}

/**
 * `openEnvelopeTo` with the reading done by whoever `read` asks, for instance another worker, which also owns the stage. If the
 * answer is not ok, or it throws what the reading threw, nothing of the stage may be used.
 */
export async function openEnvelopeBy(
  read: (file: FileToRead) => Promise<EnvelopeReading>,
  input: OpenInput,
  staged?: () => Bytes,
): Promise<Result<OpenedEnvelope, OpenError>> {
  const source = sourceOf(input.sealed);
  let reading: EnvelopeReading | null = null;
  try {
    const opening = await openHeader(source, input);
    if (!opening.ok) return opening;
    reading = await read({ opening: opening.value, source, expected: input.expected });
    const checked = await readStatement(reading, input);
    if (!checked.ok) return checked;
    const { statement, claims } = checked.value;
    if (input.accept?.(claims) === false) return err({ kind: 'not-wanted' });
    const wrong = await reading.content(claims);
    if (wrong !== null) return err(wrong);
    if (isSignerInside(claims.kind)) {
      const forged = await checkSigner(statement, claims, input, staged?.() ?? null);
      if (forged !== null) return err(forged);
    }
    return ok({ statement, claims, isExpired: claims.exp !== undefined && claims.exp * 1000 <= input.nowMs });
  } finally {
    reading?.close();
    await source.cancel();
  }
}

function sourceOf(sealed: OpenInput['sealed']): ByteSource {
  if (sealed instanceof Uint8Array) return sourceOfBytes(sealed);
  return 'next' in sealed ? sealed : sourceOfStream(sealed);
}

async function openHeader(source: ByteSource, input: OpenInput): Promise<Result<AgeOpening, OpenError>> {
  let hasFailed = false;
  const watched: ByteSource = {
    next: () =>
      source.next().catch((error: unknown) => {
        hasFailed = true;
        throw error;
      }),
    cancel: () => source.cancel(),
  };
  try {
    return await openAgeHeader(watched, input.identities, input.isPortable);
  } catch (error) {
    if (!hasFailed) throw error;
    return err({ kind: 'interrupted' });
  }
}

async function readStatement(
  reading: EnvelopeReading,
  input: OpenInput,
): Promise<Result<{ readonly statement: Statement; readonly claims: EnvelopeClaims }, OpenError>> {
  const line = await reading.statement();
  if (!line.ok) return line;
  const statement = parseStatement(line.value, MAX_ENVELOPE_STATEMENT);
  if (!statement.ok) return err({ kind: 'malformed', part: 'statement' });
  const kind = parseEnvelopeKind(statement.value.type);
  if (kind === null || !input.expect.kinds.includes(kind))
    return err({ kind: 'wrong-kind', found: statement.value.type });
  const claims = parseEnvelopeClaims(statement.value.claims);
  if (!claims.ok) {
    const { kind: reason } = claims.error;
    return err(reason === 'malformed-claims' ? { kind: 'malformed', part: 'claims' } : { kind: reason });
  }
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
