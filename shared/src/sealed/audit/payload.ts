import * as v from 'valibot';
import type { Bytes } from '../../base/bytes.ts';
import type { Sealed } from '../../base/brand.ts';
import type { Result } from '../../base/result.ts';
import type { AgeIdentity } from '../crypto/age.ts';
import { canonicalJsonBytes } from '../../base/canonical-json.ts';
import { err, ok } from '../../base/result.ts';
import { parseStrictJsonBytes } from '../../base/strict-json.ts';
import { openAgeBytes, prepareAge } from '../crypto/age.ts';
import { Id16Schema, SecondsSchema } from '../directory/fields.ts';

/**
 * What an audit entry tells (FORMATS, Audit log): a closed enumeration of kinds; integers, 16-byte ids and words of closed lists
 * only. No text that anybody typed, no account, domain or URL can be put in here: the schema has no place for it.
 */

/** Size of every sealed payload, whatever it holds. */
const AUDIT_PAYLOAD_BYTES = 512;
/** Plaintext that gives an age file of 512 bytes: with one X25519 recipient 312, with two 214. */
const PLAIN_BYTES_BY_RECIPIENTS: readonly number[] = [0, 312, 214];

const Count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
const SignedCount = v.pipe(v.number(), v.integer(), v.minValue(-4_000_000_000), v.maxValue(4_000_000_000));
const Id = Id16Schema;

function event<Kind extends string, Fields extends v.ObjectEntries>(kind: Kind, fields: Fields) {
  return v.strictObject({ v: v.literal(1), kind: v.literal(kind), at: SecondsSchema, ...fields });
}

/** Words of closed lists. */
const LOCK_CAUSES = ['hand', 'idle', 'closed'] as const;
const REVEAL_REASONS = ['check', 'user', 'incident', 'reset', 'other'] as const;
const EXPORT_FORMATS = ['csv', 'ndjson', 'stix', 'misp', 'set', 'script', 'epoch-key', 'backup', 'evidence'] as const;
const PRINT_FORMS = ['list', 'finding', 'letter', 'invitation', 'request', 'report'] as const;
const AUDIT_POLICIES = ['none', 'masked', 'fingerprint', 'sealed'] as const;
const AUDIT_WITHDRAW_CODES = ['wrong_recipient', 'wrong_content', 'superseded', 'source_request'] as const;
const KEY_PURPOSES = ['root', 'signing', 'recipient', 'epoch', 'ingest', 'vault'] as const;
const MEMBER_CHANGES = ['added', 'revoked', 'role', 'enrolled', 'suspended', 'resumed'] as const;
const OVERRIDES = ['contextless', 'quarantine', 'unconfirmed'] as const;
const DELETION_CAUSES = ['access', 'delivery', 'unlisted', 'withdrawn', 'bundle', 'request'] as const;
const ADMIN_ACTIONS = ['invitation', 'demo_removed', 'quota', 'backup', 'request_decided'] as const;

const DEVICE_EVENTS = [
  event('lock', { cause: v.picklist(LOCK_CAUSES) }),
  event('unlock', {}),
  event('unlock_failed', { count: Count }),
  event('bundle_opened', { bundle: Id, findings: Count }),
  event('secret_revealed', { finding: Id, reason: v.picklist(REVEAL_REASONS) }),
  event('export', { format: v.picklist(EXPORT_FORMATS), findings: Count }),
  event('print', { form: v.picklist(PRINT_FORMS), findings: Count }),
  event('triage', { operations: Count, findings: Count }),
  event('outcome_sent', { envelope: Id, findings: Count }),
  event('published', { bundle: Id, org: Id, findings: Count, policy: v.picklist(AUDIT_POLICIES) }),
  event('withdrawn', { bundle: Id, org: Id, code: v.picklist(AUDIT_WITHDRAW_CODES) }),
  event('request_approved', { request: Id, org: Id }),
  event('request_declined', { request: Id }),
  event('notice_accepted', { notice: Id }),
  event('notice_made', { org: Id }),
  event('ingest_override', { override: v.picklist(OVERRIDES), count: Count }),
  event('key_created', { purpose: v.picklist(KEY_PURPOSES), n: Count }),
  event('key_rotated', { purpose: v.picklist(KEY_PURPOSES), n: Count }),
  event('member_change', { change: v.picklist(MEMBER_CHANGES), member: Id }),
  event('policy_change', { policy: Id }),
  event('wipe', { findings: Count }),
  event('app_update', { from: Count, to: Count }),
  event('clock_jump', { seconds: SignedCount }),
  event('storage_healed', { records: Count }),
  event('heartbeat', { operations: Count }),
] as const;

const SERVER_EVENTS = [
  event('envelope_accepted', { blob: Id, device: Id, size: Count }),
  event('envelope_delivered', { blob: Id, device: Id }),
  event('directory_change', { statement: Id, position: Count }),
  // one for each sealed file or request, named by its hash; one for each run of erased payloads, by the entries that they belonged to, both ends
  // included. Logs of before name neither
  event('retention_delete', {
    count: Count,
    cause: v.exactOptional(v.picklist(DELETION_CAUSES)),
    blob: v.exactOptional(Id),
    first: v.exactOptional(Count),
    last: v.exactOptional(Count),
  }),
  event('admin_action', { action: v.picklist(ADMIN_ACTIONS), count: Count }),
  event('restore', { size: Count }),
  event('late', { device: Id, seq: Count }),
  event('start', { version: Count }),
  event('app_served', { release: Id, files: Count }),
  event('stop', {}),
] as const;

/** Kinds that only the server's entry key signs. */
export const SERVER_EVENT_KINDS: readonly string[] = SERVER_EVENTS.map((schema) => schema.entries.kind.literal);

/** Kinds that devices sign. */
export const DEVICE_EVENT_KINDS: readonly string[] = DEVICE_EVENTS.map((schema) => schema.entries.kind.literal);

export const AuditEventSchema = v.variant('kind', [...DEVICE_EVENTS, ...SERVER_EVENTS]);

/** One event. `at` is seconds. Ids are 16 bytes in base64url: longer hashes go in by their first half (`auditId`). */
export type AuditEvent = v.InferOutput<typeof AuditEventSchema>;

/** Seals one event; the result has 512 bytes for every event. Throws on an event that the schema refuses: a bug of the caller. */
export type SealAuditPayload = (event: AuditEvent) => Promise<Sealed>;

/**
 * Makes ready to seal one event to one or two recipients: all that takes time, before the event is known. Throws on another number of
 * recipients, which is a bug of the caller.
 */
export async function prepareAuditPayload(recipients: readonly string[]): Promise<SealAuditPayload> {
  const size = PLAIN_BYTES_BY_RECIPIENTS[recipients.length];
  if (size === undefined || size === 0) throw new RangeError('sealAuditPayload: one or two recipients');
  const seal = await prepareAge(recipients);
  return async (event) => {
    const json = canonicalJsonBytes(v.parse(AuditEventSchema, event));
    if (json.length > size) throw new RangeError('sealAuditPayload: event too large');
    const plain: Bytes = new Uint8Array(size);
    plain.set(json);
    const sealed = await seal(plain);
    if (sealed.length !== AUDIT_PAYLOAD_BYTES) throw new RangeError('sealAuditPayload: not an X25519 recipient');
    return sealed;
  };
}

/** `prepareAuditPayload` and the sealing in one. */
export async function sealAuditPayload(event: AuditEvent, recipients: readonly string[]): Promise<Sealed> {
  return (await prepareAuditPayload(recipients))(event);
}

/** `malformed`: it opens, but holds no event that this version knows, or is not padded with zeros. */
export type AuditPayloadError = { readonly kind: 'not-for-us' | 'damaged' | 'malformed' };

/** Opens what `sealAuditPayload` made. Whether it belongs to an entry says `isAuditPayloadOf`. */
export async function openAuditPayload(
  sealed: Uint8Array,
  identities: readonly AgeIdentity[],
): Promise<Result<AuditEvent, AuditPayloadError>> {
  if (sealed.length !== AUDIT_PAYLOAD_BYTES) return err({ kind: 'damaged' });
  const opened = await openAgeBytes(sealed, identities);
  return opened.ok ? parseAuditPlain(opened.value) : opened;
}

function parseAuditPlain(plain: Uint8Array): Result<AuditEvent, AuditPayloadError> {
  const end = plain.indexOf(0);
  const json = end < 0 ? plain : plain.subarray(0, end);
  if (end >= 0 && plain.subarray(end).some((byte) => byte !== 0)) return err({ kind: 'malformed' });
  const value = parseStrictJsonBytes(json, AUDIT_PAYLOAD_BYTES);
  if (!value.ok) return err({ kind: 'malformed' });
  const event = v.safeParse(AuditEventSchema, value.value);
  return event.success ? ok(event.output) : err({ kind: 'malformed' });
}
