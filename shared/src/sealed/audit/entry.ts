import type { Bytes } from '../../base/bytes.ts';
import type { Sealed } from '../../base/brand.ts';
import type { Result } from '../../base/result.ts';
import type { Kid } from '../crypto/keys.ts';
import type { SigningKey } from '../crypto/ed25519.ts';
import type { AuditEvent } from './payload.ts';
import { parseBase64url, toBase64url } from '../../base/base64url.ts';
import { concatBytes, equalBytes, u64be, utf8 } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import { verifyEd25519 } from '../crypto/ed25519.ts';
import { sha256 } from '../crypto/hash.ts';
import { sealAuditPayload } from './payload.ts';

/**
 * Audit entries (FORMATS, Audit log): 172 bytes, big-endian, one signed chain per device. An entry commits to its payload, which
 * is sealed and lies beside it, so that it can be erased while the entry stays.
 *
 *     0 "SPA1" | 4 key_hash[32] | 36 seq u64 | 44 prev[32] | 76 commit[32] | 108 sig[64]
 */

export const AUDIT_ENTRY_BYTES = 172;
const SIGNED_BYTES = 108;
const MAGIC = utf8('SPA1');
const ENTRY_CONTEXT = utf8('sealpost/audit-entry/v1\0');
const PAYLOAD_CONTEXT = utf8('sealpost/audit-payload/v1\0');
const LEAF_PREFIX = new Uint8Array([0]);

/** `prev` of the first entry of a device. */
export const NO_PREVIOUS: Bytes = new Uint8Array(32);

/** One entry, taken apart. `kid` and `keyHash` are the same thumbprint; `leaf` is the hash under which it stands in the log. */
export interface AuditEntry {
  readonly kid: Kid;
  readonly seq: number;
  readonly prev: Bytes;
  readonly commit: Bytes;
  readonly signature: Bytes;
  readonly bytes: Bytes;
  readonly leaf: Bytes;
}

/** An entry with what lies beside it: all that a POST of one event carries. */
export interface MadeAuditEntry {
  readonly entry: Bytes;
  readonly leaf: Bytes;
  readonly seq: number;
  readonly salt: Bytes;
  readonly payload: Sealed;
}

/** Who makes an entry, and where in his chain it stands. `deployment` is 32 bytes. */
export interface EntryPlace {
  readonly deployment: Uint8Array;
  readonly signer: SigningKey;
  readonly seq: number;
  /** Leaf hash of the entry `seq - 1`, or `NO_PREVIOUS` for `seq` 1. */
  readonly prev: Uint8Array;
}

/**
 * Makes the entry for one event, sealed to one or two age recipients (FORMATS: `audit` of the CERT, and of the device's own
 * organisation).
 */
export async function makeAuditEntry(
  made: EntryPlace & {
    readonly event: AuditEvent;
    readonly recipients: readonly string[];
    readonly random: (size: number) => Bytes;
  },
): Promise<MadeAuditEntry> {
  return signAuditEntry(made, made.random(32), await sealAuditPayload(made.event, made.recipients));
}

/** Signs the entry that commits to a sealed payload under `salt` (32 bytes). */
export async function signAuditEntry(place: EntryPlace, salt: Bytes, payload: Sealed): Promise<MadeAuditEntry> {
  const { deployment, signer, seq, prev } = place;
  if (!Number.isSafeInteger(seq) || seq < 1) throw new RangeError('signAuditEntry: seq counts from 1');
  if (prev.length !== 32 || deployment.length !== 32) throw new RangeError('signAuditEntry: 32 bytes');
  const keyHash = parseBase64url(signer.kid, 32);
  if (keyHash === null) throw new RangeError('signAuditEntry: kid');
  const signed = concatBytes(MAGIC, keyHash, u64be(seq), prev, auditCommit(salt, payload));
  const signature = await signer.sign(concatBytes(ENTRY_CONTEXT, deployment, signed));
  const entry = concatBytes(signed, signature);
  return { entry, leaf: leafHash(entry), seq, salt, payload };
}

/** Takes 172 bytes apart; the signature is not checked yet. */
export function parseAuditEntry(bytes: Uint8Array): Result<AuditEntry, { readonly kind: 'malformed' }> {
  if (bytes.length !== AUDIT_ENTRY_BYTES || !equalBytes(bytes.subarray(0, 4), MAGIC)) return err({ kind: 'malformed' });
  const own = new Uint8Array(bytes);
  const seq = new DataView(own.buffer).getBigUint64(36);
  if (seq < 1n || seq > BigInt(Number.MAX_SAFE_INTEGER)) return err({ kind: 'malformed' });
  return ok({
    kid: toBase64url(own.subarray(4, 36)) as Kid,
    seq: Number(seq),
    prev: own.slice(44, 76),
    commit: own.slice(76, 108),
    signature: own.slice(108),
    bytes: own,
    leaf: leafHash(own),
  });
}

/** True if the entry was signed in this deployment by the holder of `publicKey`. Whose key `kid` is, the directory says. */
export async function verifyAuditEntry(
  entry: AuditEntry,
  deployment: Uint8Array,
  publicKey: Uint8Array,
): Promise<boolean> {
  return verifyEd25519(publicKey, entry.signature, auditEntryMessage(entry.bytes, deployment));
}

/** What the signature of an entry (its 172 bytes) is over: for who calls an engine by himself. */
export function auditEntryMessage(entry: Uint8Array, deployment: Uint8Array): Bytes {
  return concatBytes(ENTRY_CONTEXT, deployment, entry.subarray(0, SIGNED_BYTES));
}

/** `commit` of an entry: binds the sealed payload, and hides it once the salt is erased. */
export function auditCommit(salt: Uint8Array, payload: Uint8Array): Bytes {
  return sha256(auditCommitMessage(salt, payload));
}

/** What `commit` is the SHA-256 of: for who calls an engine by himself. */
export function auditCommitMessage(salt: Uint8Array, payload: Uint8Array): Bytes {
  return concatBytes(PAYLOAD_CONTEXT, salt, payload);
}

/** True if `salt` and `payload` are those the entry was signed for. */
export function isAuditPayloadOf(entry: AuditEntry, salt: Uint8Array, payload: Uint8Array): boolean {
  return equalBytes(entry.commit, auditCommit(salt, payload));
}

/** RFC 6962, 2.1: the hash of a leaf. */
export function leafHash(entry: Uint8Array): Bytes {
  return sha256(concatBytes(LEAF_PREFIX, entry));
}
