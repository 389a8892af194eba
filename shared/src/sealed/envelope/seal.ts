import { toBase64url } from '../../base/base64url.ts';
import type { Sealed } from '../../base/brand.ts';
import type { Bytes } from '../../base/bytes.ts';
import { utf8 } from '../../base/bytes.ts';
import { padmeLength } from '../../base/padme.ts';
import type { JsonObject } from '../../base/strict-json.ts';
import { sealAge } from '../crypto/age.ts';
import type { SigningKey } from '../crypto/ed25519.ts';
import { sha256 } from '../crypto/hash.ts';
import type { Counts, EnvelopeId } from './claims.ts';
import { MAX_SEALED_BYTES, parseEnvelopeClaims } from './claims.ts';
import type { Heads, OrgId } from './heads.ts';
import type { EnvelopeKind } from './kinds.ts';
import type { Sid, Statement } from './statement.ts';
import { signStatement } from './statement.ts';

/**
 * Makes envelopes (FORMATS, Envelope): plain = "sealpost/1" LF JWS LF content zeros, padded by Padmé, as one age file. Signed, then
 * encrypted, with the audience inside: the file names no sender and no reader.
 */

/** First line of the plaintext. */
export const ENVELOPE_MAGIC = 'sealpost/1\n';

/** The longest JWS line a reader looks for. */
export const MAX_ENVELOPE_STATEMENT = 64 * 1024;

export interface SealInput {
  readonly kind: EnvelopeKind;
  /** Chain of the signer: `cert` for operators. */
  readonly iss: OrgId;
  readonly aud: { readonly org: OrgId; readonly generation: number };
  /** Epoch whose recipient `recipients` are; 0 where they are devices. */
  readonly epoch: number;
  /** Counts the signer's envelopes to this mailbox. */
  readonly seq: number;
  /** `cert`, and the organisation of the mailbox (an access request: `cert` and its own). */
  readonly heads: Heads;
  readonly refs?: readonly Sid[];
  readonly counts?: Counts;
  readonly expMs?: number;
  /** Ends in `+gzip` where `content` is one gzip member (`packGzip`); then `inflated` is its unpacked size. */
  readonly media: string;
  readonly content: Uint8Array;
  readonly inflated?: number;
  readonly signer: SigningKey;
  readonly recipients: readonly string[];
  readonly nowMs: number;
  readonly random: (length: number) => Uint8Array<ArrayBuffer>;
}

/** A sealed file and what the manifest and the outbox need to know of it. `sha256` and `size` are of `bytes`. */
export interface SealedEnvelope {
  readonly bytes: Sealed;
  readonly id: EnvelopeId;
  readonly sid: Sid;
  readonly sha256: Bytes;
  readonly size: number;
  readonly statement: Statement;
}

/**
 * Seals one envelope. Throws on what a reader would refuse (claims out of form, ratio over 100:1, over 256 MiB): a bug of the caller.
 * Holds content, plaintext and ciphertext in memory at once.
 */
export async function sealEnvelope(input: SealInput): Promise<SealedEnvelope> {
  const claims = claimsOf(input);
  const checked = parseEnvelopeClaims(claims);
  if (!checked.ok) throw new TypeError(`sealEnvelope: ${checked.error.kind}`);
  const statement = await signStatement(input.kind, claims, input.signer);
  if (statement.compact.length > MAX_ENVELOPE_STATEMENT) throw new RangeError('sealEnvelope: claims too long');
  const bytes = await sealAge(layOut(statement.compact, input.content), input.recipients);
  if (bytes.length > MAX_SEALED_BYTES) throw new RangeError('sealEnvelope: over 256 MiB');
  return { bytes, id: checked.value.id, sid: statement.sid, sha256: sha256(bytes), size: bytes.length, statement };
}

/** The padded plaintext: magic, statement, content, zeros. */
export function layOut(compact: string, content: Uint8Array): Bytes {
  const head = utf8(`${ENVELOPE_MAGIC}${compact}\n`);
  const plain = new Uint8Array(padmeLength(head.length + content.length));
  plain.set(head);
  plain.set(content, head.length);
  return plain;
}

function claimsOf(input: SealInput): JsonObject {
  const { kind, iss, aud, epoch, seq, heads, refs, counts, expMs, media, content, inflated, nowMs, random } = input;
  return {
    v: 1,
    id: toBase64url(random(16)),
    kind,
    iss,
    aud: [aud.org, aud.generation],
    epoch,
    seq,
    heads,
    iat: Math.floor(nowMs / 1000),
    ...(expMs === undefined ? {} : { exp: Math.floor(expMs / 1000) }),
    ...(refs === undefined ? {} : { refs }),
    ...(counts === undefined ? {} : { counts }),
    media,
    size: content.length,
    ...(inflated === undefined ? {} : { inflated }),
    sha256: toBase64url(sha256(content)),
  };
}
