/**
 * What a vault keeps of its owner: names, place, keys. Secrets stand here only inside sealed rows; in use they are
 * non-extractable keys (`session.ts`).
 */
import * as v from 'valibot';
import { parseBase64url, toBase64url } from '../../base/base64url.ts';
import type { Bytes } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { JsonValue } from '../../base/strict-json.ts';
import type { SigningSecret } from '../../sealed/crypto/ed25519.ts';
import { ChainNameSchema } from '../../sealed/directory/fields.ts';
import { SidSchema } from '../../sealed/envelope/heads.ts';
import type { SealedStore, StoreTransaction } from '../vault/store.ts';
import type { ClientError } from './api/client-error.ts';
import { toClientError } from './failures.ts';

const Time = v.pipe(v.number(), v.safeInteger());
const AgeSecretSchema = v.strictObject({ secret: v.string(), recipient: v.string() });

const EnrolmentSchema = v.variant('kind', [
  v.strictObject({ kind: v.literal('draft') }),
  v.strictObject({
    kind: v.literal('pending'),
    requestId: v.string(),
    sentAtMs: Time,
    digits: v.array(v.string()),
    checkedAtMs: v.nullable(Time),
  }),
  v.strictObject({ kind: v.literal('declined'), reason: v.string(), atMs: Time }),
  v.strictObject({ kind: v.literal('enrolled'), atMs: Time }),
]);

const StoredIdentitySchema = v.strictObject({
  v: v.literal(1),
  identityId: v.string(),
  kind: v.picklist(['cert', 'organisation']),
  nameTh: v.string(),
  nameEn: v.string(),
  deployment: SidSchema,
  origin: v.string(),
  demo: v.boolean(),
  createdAtMs: Time,
  /** base64url of 32 bytes each. */
  signing: v.strictObject({ seed: v.string(), publicKey: v.string() }),
  device: AgeSecretSchema,
  /** `cert` or the organisation's random id. */
  org: ChainNameSchema,
  generation: v.number(),
  /** Operators only: base64url of 32 bytes; finding ids of all organisations follow from it. */
  ingestMaster: v.nullable(v.string()),
  backup: v.strictObject({ madeAtMs: v.nullable(Time), provedAtMs: v.nullable(Time) }),
  enrolment: EnrolmentSchema,
  /** Organisation: statements of versions 1 and 2, as posted by the operator who approves. */
  genesis: v.nullable(v.array(v.string())),
  /** Organisation: list id and domains as the CERT's profile says; `null` before it came. */
  profile: v.custom<JsonValue>(() => true), // authentic, from our own vault; its reader parses it
});
export type StoredIdentity = v.InferOutput<typeof StoredIdentitySchema>;

const OwnEpochSchema = v.strictObject({
  n: v.number(),
  read: AgeSecretSchema,
  secrets: AgeSecretSchema,
  audit: AgeSecretSchema,
  intake: v.nullable(AgeSecretSchema),
});

/** One epoch of the own organisation (or CERT) with its private parts. */
export type OwnEpoch = v.InferOutput<typeof OwnEpochSchema>;

export const IDENTITY_ROW = 'identity';
const EPOCHS_ROW = 'epochs';

/** Reads the owner; `not-found` in a vault that was never set up to the end. */
export async function readIdentity(store: SealedStore): Promise<Result<StoredIdentity, ClientError>> {
  const row = await store.get('meta', IDENTITY_ROW);
  if (!row.ok) return err(toClientError(row.error));
  if (row.value === null) return err({ kind: 'not-found', what: 'identity' });
  return ok(v.parse(StoredIdentitySchema, row.value));
}

/** Writes the owner with the transaction's other changes. */
export function putIdentity(tx: StoreTransaction, identity: StoredIdentity): void {
  tx.put('meta', IDENTITY_ROW, identity);
}

/** Own epochs, oldest first. */
export async function readEpochs(store: SealedStore): Promise<Result<readonly OwnEpoch[], ClientError>> {
  const row = await store.get('meta', EPOCHS_ROW);
  if (!row.ok) return err(toClientError(row.error));
  return ok(v.parse(v.array(OwnEpochSchema), row.value ?? []));
}

export function putEpochs(tx: StoreTransaction, epochs: readonly OwnEpoch[]): void {
  tx.put('meta', EPOCHS_ROW, epochs);
}

/** Signing secret to and from its stored text. */
export function signingToText(secret: SigningSecret): StoredIdentity['signing'] {
  return { seed: toBase64url(secret.seed), publicKey: toBase64url(secret.publicKey) };
}

/** Throws on a damaged record: sealed rows are authentic, so this is a bug. */
export function signingOfText(text: StoredIdentity['signing']): SigningSecret {
  return { seed: mustBytes(text.seed, 32), publicKey: mustBytes(text.publicKey, 32) };
}

/** Bytes of text we wrote ourselves; throws otherwise. */
export function mustBytes(text: string, length: number): Bytes {
  const bytes = parseBase64url(text, length);
  if (bytes === null) throw new TypeError('mustBytes: not canonical base64url of the expected length');
  return bytes;
}
