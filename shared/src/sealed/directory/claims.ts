import * as v from 'valibot';
import type { Result } from '../../base/result.ts';
import type { Statement } from '../envelope/statement.ts';
import { err, ok } from '../../base/result.ts';
import { HeadSchema, SidSchema, VersionSchema } from '../envelope/heads.ts';
import {
  Bytes32Schema,
  ChainNameSchema,
  CounterSchema,
  KidSchema,
  OrganisationIdSchema,
  PublicKeySchema,
  RecipientSchema,
  SecondsSchema,
} from './fields.ts';

/**
 * Claims of every statement type of the chains (FORMATS, Deployment, chains, roles). Unknown claims are ignored, unless `crit`
 * names them. What a statement is allowed to do is decided in `judge.ts`; here stands only its form.
 */

/** Who a device's holder is, as its admin says. An `admin` counts only while the organisation statement lists its key. */
export const DEVICE_ROLES = ['admin', 'analyst', 'on_call', 'auditor'] as const;
export type DeviceRole = (typeof DEVICE_ROLES)[number];

const CritSchema = v.pipe(v.array(v.pipe(v.string(), v.maxLength(64))), v.maxLength(16));

/** What all statements have. `iss` is the signer's organisation, hence the chain's name; the key is the header's `kid`. `prev` and `cert` are null in root statement 1 alone; `prev` also at version 1 of an organisation. */
const common = {
  v: v.literal(1),
  chain: ChainNameSchema,
  ver: VersionSchema,
  prev: v.nullable(SidSchema),
  cert: v.nullable(HeadSchema),
  iss: ChainNameSchema,
  iat: SecondsSchema,
  exp: v.optional(SecondsSchema),
  crit: v.optional(CritSchema),
};

const CERT = v.literal('cert');

const recipients = { read: RecipientSchema, secrets: RecipientSchema, audit: RecipientSchema };

/** The key that all else follows from. `demo` deployments hold made-up material and say so everywhere. */
const RootSchema = v.object({ ...common, chain: CERT, key: PublicKeySchema, demo: v.optional(v.boolean()) });

const OperatorSchema = v.object({ ...common, chain: CERT, key: PublicKeySchema, recipient: RecipientSchema });

/** `genesis`: sids of the device and epoch statements that are versions 1 and 2 of the organisation's chain of this generation. */
const OrganisationSchema = v.object({
  ...common,
  chain: CERT,
  org: OrganisationIdSchema,
  generation: v.pipe(CounterSchema, v.minValue(1)),
  genesis: v.strictTuple([SidSchema, SidSchema]),
  admins: v.pipe(v.array(KidSchema), v.minLength(1), v.maxLength(20)),
  recovery: v.optional(v.nullable(RecipientSchema)),
  status: v.picklist(['active', 'suspended']),
  consent: v.optional(SidSchema),
  profile: Bytes32Schema,
});

const LogSchema = v.object({
  ...common,
  chain: CERT,
  origin: v.pipe(v.string(), v.minLength(1), v.maxLength(300)),
  epoch: v.pipe(CounterSchema, v.minValue(1)),
  checkpoint: PublicKeySchema,
  entry: PublicKeySchema,
  witnesses: v.pipe(
    v.array(v.strictObject({ name: v.pipe(v.string(), v.minLength(1), v.maxLength(200)), key: PublicKeySchema })),
    v.maxLength(20),
  ),
  quorum: CounterSchema,
  previous: v.optional(v.nullable(v.strictObject({ size: CounterSchema, root: Bytes32Schema }))),
  reason: v.picklist(['first', 'restore', 'key-change', 'move']),
});

/** A version of the data-handling notice: hashes of its texts. */
const NoticeSchema = v.object({
  ...common,
  chain: CERT,
  version: v.pipe(v.string(), v.regex(/^[0-9A-Za-z.-]{1,32}$/)),
  th: Bytes32Schema,
  en: Bytes32Schema,
});

const PolicySchema = v.object({
  ...common,
  chain: CERT,
  subject: v.pipe(v.string(), v.regex(/^[a-z][a-z-]{0,31}$/)),
  sha256: Bytes32Schema,
});

/** `intake` belongs to the CERT's epochs alone. */
const EpochSchema = v.pipe(
  v.object({
    ...common,
    n: v.pipe(CounterSchema, v.minValue(1)),
    recipients: v.object({ ...recipients, intake: v.optional(RecipientSchema) }),
  }),
  v.check((claims) => (claims.chain === 'cert') === (claims.recipients.intake !== undefined), 'intake'),
);

/** Says that the CERT chain up to here is the newest, until `exp` (at most 7 days). */
const HeadStatementSchema = v.pipe(
  v.object({ ...common, chain: CERT, exp: SecondsSchema }),
  v.check((claims) => claims.exp > claims.iat && claims.exp - claims.iat <= 7 * 86_400, 'exp'),
);

const RevocationSchema = v.object({
  ...common,
  kid: KidSchema,
  reason: v.picklist(['lost', 'left', 'replaced', 'compromised']),
});

/** `label`: SHA-256 of salt and the label that people gave the device. */
const DeviceSchema = v.object({
  ...common,
  chain: OrganisationIdSchema,
  key: PublicKeySchema,
  recipient: RecipientSchema,
  role: v.picklist(DEVICE_ROLES),
  label: Bytes32Schema,
});

/** An admin agrees that these become the admins and the recovery recipient. */
const ConsentSchema = v.object({
  ...common,
  chain: OrganisationIdSchema,
  admins: v.pipe(v.array(KidSchema), v.minLength(1), v.maxLength(20)),
  recovery: v.optional(v.nullable(RecipientSchema)),
});

/** Schema of each type; the key is what stands between `sealpost-` and `+jws` in `typ`. */
export const CLAIMS_SCHEMAS = {
  root: RootSchema,
  operator: OperatorSchema,
  organisation: OrganisationSchema,
  log: LogSchema,
  notice: NoticeSchema,
  policy: PolicySchema,
  epoch: EpochSchema,
  head: HeadStatementSchema,
  revocation: RevocationSchema,
  device: DeviceSchema,
  consent: ConsentSchema,
} as const;

export type StatementType = keyof typeof CLAIMS_SCHEMAS;
export type ClaimsByType = { [T in StatementType]: v.InferOutput<(typeof CLAIMS_SCHEMAS)[T]> };

/** A statement of a known type whose claims have the form they must have. */
export type ChainStatement = {
  [T in StatementType]: { readonly type: T; readonly claims: Readonly<ClaimsByType[T]>; readonly statement: Statement };
}[StatementType];

/** A statement of a newer format: it keeps its place in the chain, and nothing may be sealed or approved until the app is updated. */
export interface UnknownStatement {
  readonly type: 'unknown';
  readonly claims: Readonly<Placed>;
  readonly statement: Statement;
}

/** The claims that give any statement, also of an unknown type, its place. */
export type Placed = v.InferOutput<typeof PlacedSchema>;

const PlacedSchema = v.object({
  chain: common.chain,
  ver: common.ver,
  prev: common.prev,
  cert: common.cert,
  iss: common.iss,
  iat: common.iat,
});

const MarkersSchema = v.object({ v: v.pipe(v.number(), v.integer()), crit: common.crit });

export type ClaimsError = { readonly kind: 'malformed' };

/**
 * Reads the claims of a statement. An unknown `v`, type, or claim named in `crit` gives `unknown` as long as its place can be
 * read. `crit` names claims that a reader must understand (as RFC 7515, 4.1.11 does for headers).
 */
export function parseClaims(statement: Statement): Result<ChainStatement | UnknownStatement, ClaimsError> {
  const placed = v.safeParse(PlacedSchema, statement.claims);
  const markers = v.safeParse(MarkersSchema, statement.claims);
  if (!placed.success || !markers.success || placed.output.iss !== placed.output.chain)
    return err({ kind: 'malformed' });
  const known = Object.hasOwn(CLAIMS_SCHEMAS, statement.type) ? (statement.type as StatementType) : null;
  if (known === null || markers.output.v !== 1 || !isUnderstood(known, markers.output.crit ?? []))
    return ok({ type: 'unknown', claims: placed.output, statement });
  const parsed = v.safeParse(CLAIMS_SCHEMAS[known], statement.claims);
  if (!parsed.success) return err({ kind: 'malformed' });
  return ok({ type: known, claims: parsed.output, statement } as ChainStatement);
}

const KNOWN_CLAIMS: Readonly<Record<StatementType, ReadonlySet<string>>> = Object.fromEntries(
  Object.entries(CLAIMS_SCHEMAS).map(([type, schema]) => [type, new Set(Object.keys(schema.entries))]),
) as unknown as Record<StatementType, ReadonlySet<string>>;

function isUnderstood(type: StatementType, crit: readonly string[]): boolean {
  return crit.every((name) => KNOWN_CLAIMS[type].has(name));
}
