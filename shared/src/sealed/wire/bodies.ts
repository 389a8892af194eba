import * as v from 'valibot';
import {
  Bytes32Schema,
  CounterSchema,
  Id16Schema,
  KidSchema,
  PublicKeySchema,
  SecondsSchema,
} from '../directory/fields.ts';
import { MAX_PROOF_HASHES } from '../audit/merkle.ts';
import { HeadSchema, SidSchema } from '../envelope/heads.ts';
import {
  MAX_AUDIT_ENTRIES,
  MAX_INVITATIONS_PER_POST,
  MAX_STATEMENT_CHARS,
  MAX_STATEMENTS_PER_PAGE,
  MAX_STATEMENTS_PER_POST,
} from './limits.ts';

/** JSON bodies of requests and answers (FORMATS, Requests and paths). Strict and bounded; times are seconds. */

/** A compact JWS: three base64url parts; begins like any JSON object does. */
const CompactSchema = v.pipe(
  v.string(),
  v.maxLength(MAX_STATEMENT_CHARS),
  v.regex(/^eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{86}$/),
);

/** Place in a list that the server counts: 0 is before the first. */
const PositionSchema = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));

const statements = (max: number, min = 0) => v.pipe(v.array(CompactSchema), v.minLength(min), v.maxLength(max));

/** POST deployments and POST chains: accepted as a whole or not at all. */
export const StatementsBodySchema = v.strictObject({ statements: statements(MAX_STATEMENTS_PER_POST, 1) });

/** Answer of POST deployments. */
export const DeploymentMadeSchema = v.strictObject({ deployment: SidSchema, position: PositionSchema });
export type DeploymentMade = v.InferOutput<typeof DeploymentMadeSchema>;

/** Answer of POST chains: the position of the last statement that the server holds. */
export const StatementsAcceptedSchema = v.strictObject({ position: PositionSchema });
export type StatementsAccepted = v.InferOutput<typeof StatementsAcceptedSchema>;

/** Answer of GET chains?after=: statements in the server's order; the next call asks with `after` = `position`. */
export const ChainsPageSchema = v.strictObject({
  statements: statements(MAX_STATEMENTS_PER_PAGE),
  position: PositionSchema,
  more: v.boolean(),
});
export type ChainsPage = v.InferOutput<typeof ChainsPageSchema>;

/** Problem `conflict` of POST chains: where the chains named in the POST stand now; null for a chain with no statement. */
export const ChainsConflictSchema = v.looseObject({
  heads: v.record(v.pipe(v.string(), v.maxLength(22)), v.nullable(HeadSchema)),
});

/** POST invitations: the server learns SHA-256 of each token, never the token. */
export const InvitationsBodySchema = v.strictObject({
  invitations: v.pipe(
    v.array(v.strictObject({ token: Bytes32Schema, exp: SecondsSchema })),
    v.minLength(1),
    v.maxLength(MAX_INVITATIONS_PER_POST),
  ),
});

/** Answer of POST requests: SHA-256 of the posted ciphertext. */
export const RequestMadeSchema = v.strictObject({ id: Bytes32Schema });
export type RequestMade = v.InferOutput<typeof RequestMadeSchema>;

/** Answer of GET requests?after=. `invitation` is the hash of the token it came with. */
export const RequestsPageSchema = v.strictObject({
  requests: v.pipe(
    v.array(
      v.strictObject({
        position: PositionSchema,
        id: Bytes32Schema,
        received: SecondsSchema,
        size: CounterSchema,
        invitation: v.nullable(Bytes32Schema),
        decided: v.boolean(),
      }),
    ),
    v.maxLength(MAX_STATEMENTS_PER_PAGE),
  ),
  position: PositionSchema,
  more: v.boolean(),
});
export type RequestsPage = v.InferOutput<typeof RequestsPageSchema>;

/** Answer of GET log-keys: the keys that the first `log` statement must name. */
export const LogKeysSchema = v.strictObject({
  origin: v.pipe(v.string(), v.minLength(1), v.maxLength(300)),
  checkpoint: PublicKeySchema,
  entry: PublicKeySchema,
});
export type LogKeys = v.InferOutput<typeof LogKeysSchema>;

/** Answer of PUT manifest. */
export const ManifestAcceptedSchema = v.strictObject({ ver: CounterSchema, sid: SidSchema });
export type ManifestAccepted = v.InferOutput<typeof ManifestAcceptedSchema>;

const binary = (bytes: number) => v.pipe(v.string(), v.length(Math.ceil((bytes * 4) / 3)), v.regex(/^[A-Za-z0-9_-]*$/));

/** A signed note; C2SP bounds none, ours has a handful of cosignatures. */
const NoteTextSchema = v.pipe(v.string(), v.minLength(1), v.maxLength(8192));
const HashesSchema = (max: number) => v.pipe(v.array(Bytes32Schema), v.maxLength(max));

/**
 * POST audit: entries in the order of their `seq`; the 172-byte entry, its salt and its sealed payload. `from`: size of the last
 * checkpoint that the caller holds; the answer then proves that the log only grew since.
 */
export const AuditBodySchema = v.strictObject({
  entries: v.pipe(
    v.array(v.strictObject({ entry: binary(172), salt: Bytes32Schema, payload: binary(512) })),
    v.minLength(1),
    v.maxLength(MAX_AUDIT_ENTRIES),
  ),
  from: v.optional(v.pipe(PositionSchema, v.minValue(1))),
});

/**
 * Answer of POST audit and of GET log/receipts: the log index of each entry, a checkpoint over all of them, and for each its
 * inclusion proof (RFC 6962, 2.1.1): numbers of `hashes`, leaf's sibling first. Proofs of one batch share most of their hashes.
 */
export const AuditAcceptedSchema = v.object({
  indices: v.pipe(v.array(PositionSchema), v.maxLength(MAX_AUDIT_ENTRIES)),
  checkpoint: NoteTextSchema,
  hashes: HashesSchema(MAX_AUDIT_ENTRIES * MAX_PROOF_HASHES),
  proofs: v.pipe(
    v.array(v.pipe(v.array(PositionSchema), v.maxLength(MAX_PROOF_HASHES))),
    v.maxLength(MAX_AUDIT_ENTRIES),
  ),
  /** From `from` to the checkpoint; absent if it was not asked for, or lies beyond the log. */
  consistency: v.optional(HashesSchema(MAX_PROOF_HASHES)),
});
export type AuditAccepted = v.InferOutput<typeof AuditAcceptedSchema>;

/**
 * Answer of GET log/consistency?from=: the newest checkpoint, and that the log only grew since it had `from` leaves. `cosigned`: the
 * newest checkpoint that witnesses cosigned, and that the log only grew from it to `checkpoint`.
 */
export const ConsistencySchema = v.strictObject({
  checkpoint: NoteTextSchema,
  consistency: HashesSchema(MAX_PROOF_HASHES),
  cosigned: v.optional(v.strictObject({ checkpoint: NoteTextSchema, consistency: HashesSchema(MAX_PROOF_HASHES) })),
});
export type Consistency = v.InferOutput<typeof ConsistencySchema>;

/** Problem `conflict` of POST audit: what the log expects next of this key. `prev` is 32 zero bytes before the first. */
export const AuditConflictSchema = v.looseObject({
  expected: v.strictObject({ seq: PositionSchema, prev: Bytes32Schema }),
});

/** Answer of GET audit?after=: `after` is how many entries the caller holds, so the first one has that index. Erased payloads are null. */
export const AuditPageSchema = v.strictObject({
  entries: v.pipe(
    v.array(
      v.strictObject({
        index: PositionSchema,
        received: SecondsSchema,
        entry: binary(172),
        salt: v.nullable(Bytes32Schema),
        payload: v.nullable(binary(512)),
      }),
    ),
    v.maxLength(MAX_AUDIT_ENTRIES),
  ),
  size: PositionSchema,
  more: v.boolean(),
  /** For operators: signed entries that contradict the log, kept as evidence, at most 100 of a key. */
  forks: v.optional(v.pipe(v.array(v.strictObject({ entry: binary(172) })), v.maxLength(1000))),
});
export type AuditPage = v.InferOutput<typeof AuditPageSchema>;

/**
 * Answer of GET deliveries: which device was handed which file, and when first; withdrawn files stay on record. `expired`: when the
 * server deleted the file by policy, so that nobody can fetch it any more.
 */
export const DeliveriesSchema = v.strictObject({
  deliveries: v.array(
    v.strictObject({
      id: Id16Schema,
      sha256: Bytes32Schema,
      device: KidSchema,
      first: SecondsSchema,
      last: SecondsSchema,
      times: CounterSchema,
      expired: v.exactOptional(SecondsSchema),
    }),
  ),
});
export type Deliveries = v.InferOutput<typeof DeliveriesSchema>;

/** Answer of GET deployments (without a deployment in the path): what a first page offers. */
export const ServerStateSchema = v.strictObject({
  /** A CERT that is not made up is set up here. */
  established: v.boolean(),
  /** Whether this caller may set one up as it is, or needs the setup token. */
  setup: v.picklist(['open', 'token']),
});
export type ServerState = v.InferOutput<typeof ServerStateSchema>;

/** One event of GET events: newest numbers only, so that whoever missed one lost nothing. */
export const HeadNumbersSchema = v.strictObject({
  chains: PositionSchema,
  audit: PositionSchema,
  requests: v.optional(PositionSchema),
  feeds: v.optional(v.record(KidSchema, CounterSchema)),
});
export type HeadNumbers = v.InferOutput<typeof HeadNumbersSchema>;
