/**
 * Every call of the API: its parameters, how it is signed, what it takes and may answer. `openapi.ts` makes a document of it; tests
 * compare it with the routes, and with what real requests carry and get.
 */
import type { GenericSchema } from 'valibot';
import { API_PREFIX, INVITATION_HEADER, ROUTES, SETUP_TOKEN_HEADER } from '@sealpost/shared/sealed/wire/paths';
import * as bodies from '@sealpost/shared/sealed/wire/bodies';

type Method = 'get' | 'put' | 'post' | 'delete';

/** Media type of a body: a name, or JSON by one of the contract's schemas. */
export type Body = string | { readonly json: keyof typeof SCHEMAS };

/** One call. `isSigned`: by a device key (RFC 9421). */
export interface Call {
  readonly route: keyof typeof ROUTES;
  readonly method: Method;
  readonly summary: string;
  readonly isSigned: boolean;
  readonly query?: readonly string[];
  readonly headers?: readonly string[];
  readonly takes?: Body;
  readonly gives?: Body;
  /** What a 409 says besides. */
  readonly conflict?: keyof typeof SCHEMAS;
  readonly success: readonly number[];
  readonly refusals: readonly number[];
}

/** Every JSON body, by the name that it has in the document. */
export const SCHEMAS = {
  Statements: bodies.StatementsBodySchema,
  DeploymentMade: bodies.DeploymentMadeSchema,
  StatementsAccepted: bodies.StatementsAcceptedSchema,
  ChainsPage: bodies.ChainsPageSchema,
  ChainsConflict: bodies.ChainsConflictSchema,
  Invitations: bodies.InvitationsBodySchema,
  RequestMade: bodies.RequestMadeSchema,
  RequestsPage: bodies.RequestsPageSchema,
  LogKeys: bodies.LogKeysSchema,
  ManifestAccepted: bodies.ManifestAcceptedSchema,
  AuditEntries: bodies.AuditBodySchema,
  AuditAccepted: bodies.AuditAcceptedSchema,
  AuditConflict: bodies.AuditConflictSchema,
  Consistency: bodies.ConsistencySchema,
  AuditPage: bodies.AuditPageSchema,
  Deliveries: bodies.DeliveriesSchema,
  ServerState: bodies.ServerStateSchema,
} satisfies Record<string, GenericSchema>;

const BYTES = 'application/octet-stream';
const JOSE = 'application/jose';
const TEXT = 'text/plain';

const signed = { isSigned: true } as const;
const open = { isSigned: false } as const;

export const CALLS: readonly Call[] = [
  {
    route: 'deployments',
    method: 'get',
    ...open,
    summary: 'Deployments that may be seen from here',
    gives: { json: 'ServerState' },
    success: [200],
    refusals: [429],
  },
  {
    route: 'deployments',
    method: 'post',
    ...open,
    summary: 'Sets up a CERT by its first five statements',
    takes: { json: 'Statements' },
    gives: { json: 'DeploymentMade' },
    headers: [SETUP_TOKEN_HEADER],
    success: [200, 201],
    refusals: [400, 401, 403, 413, 429, 507],
  },
  {
    route: 'deployment',
    method: 'delete',
    ...signed,
    summary: 'Deletes a made-up deployment',
    success: [204],
    refusals: [401, 403],
  },
  {
    route: 'logKeys',
    method: 'get',
    ...open,
    summary: 'Checkpoint and entry keys of the log, before a statement names them',
    gives: { json: 'LogKeys' },
    success: [200],
    refusals: [],
  },
  {
    route: 'chains',
    method: 'get',
    ...open,
    summary: 'Statements after a position',
    query: ['after'],
    gives: { json: 'ChainsPage' },
    success: [200],
    refusals: [400, 404, 429],
  },
  {
    route: 'chains',
    method: 'post',
    ...signed,
    summary: 'Appends statements, all or none',
    takes: { json: 'Statements' },
    gives: { json: 'StatementsAccepted' },
    conflict: 'ChainsConflict',
    success: [200],
    refusals: [400, 401, 403, 409, 413, 507],
  },
  {
    route: 'invitations',
    method: 'post',
    ...signed,
    summary: 'Registers invitations by the hash of their token',
    takes: { json: 'Invitations' },
    success: [204],
    refusals: [400, 401, 403, 413, 507],
  },
  {
    route: 'requests',
    method: 'post',
    ...open,
    summary: 'Hands in a sealed access request',
    takes: BYTES,
    gives: { json: 'RequestMade' },
    headers: [INVITATION_HEADER],
    success: [200, 201],
    refusals: [400, 404, 413, 429, 507],
  },
  {
    route: 'requests',
    method: 'get',
    ...signed,
    summary: 'Access requests after a position',
    query: ['after'],
    gives: { json: 'RequestsPage' },
    success: [200],
    refusals: [400, 401, 403],
  },
  {
    route: 'request',
    method: 'get',
    ...signed,
    summary: 'One sealed access request',
    gives: BYTES,
    success: [200],
    refusals: [401, 403, 404],
  },
  {
    route: 'decision',
    method: 'get',
    ...open,
    summary: 'The sealed decision on a request',
    gives: BYTES,
    success: [200, 204],
    refusals: [404, 429],
  },
  {
    route: 'decision',
    method: 'put',
    ...signed,
    summary: 'Leaves the sealed decision on a request',
    takes: BYTES,
    success: [200, 201, 204],
    refusals: [400, 401, 403, 404, 409, 413, 507],
  },
  {
    route: 'blob',
    method: 'put',
    ...signed,
    summary: 'One part of a sealed file, at its offset',
    query: ['offset', 'size'],
    takes: BYTES,
    success: [200, 201, 202],
    refusals: [400, 401, 403, 409, 413, 507],
  },
  {
    route: 'blob',
    method: 'get',
    ...signed,
    summary: 'A sealed file or a range of it; HEAD tells how far an upload has come',
    headers: ['range', 'if-range', 'if-none-match'],
    gives: BYTES,
    success: [200, 206, 304],
    refusals: [400, 401, 404, 410, 416],
  },
  {
    route: 'manifest',
    method: 'get',
    ...signed,
    summary: 'The newest manifest of a feed',
    headers: ['if-none-match'],
    gives: JOSE,
    success: [200, 304],
    refusals: [400, 401, 404],
  },
  {
    route: 'manifest',
    method: 'put',
    ...signed,
    summary: 'The next manifest of a feed',
    headers: ['if-match', 'if-none-match'],
    takes: JOSE,
    gives: { json: 'ManifestAccepted' },
    success: [200, 201],
    refusals: [400, 401, 403, 409, 412, 413, 428, 507],
  },
  {
    route: 'manifestVersion',
    method: 'get',
    ...signed,
    summary: 'One version of the manifest of a feed',
    gives: JOSE,
    success: [200, 304],
    refusals: [400, 401, 404],
  },
  {
    route: 'deliveries',
    method: 'get',
    ...signed,
    summary: 'Which device fetched what of a mailbox, and when',
    gives: { json: 'Deliveries' },
    success: [200],
    refusals: [400, 401, 403],
  },
  {
    route: 'audit',
    method: 'post',
    ...signed,
    summary: 'Appends entries to the log; answers their proofs',
    takes: { json: 'AuditEntries' },
    gives: { json: 'AuditAccepted' },
    conflict: 'AuditConflict',
    success: [200],
    refusals: [400, 401, 409, 413, 507],
  },
  {
    route: 'audit',
    method: 'get',
    ...signed,
    summary: 'Entries of the log after the first ones',
    query: ['after'],
    gives: { json: 'AuditPage' },
    success: [200],
    refusals: [400, 401],
  },
  {
    route: 'checkpoint',
    method: 'get',
    ...signed,
    summary: 'The newest checkpoint, a signed note',
    gives: TEXT,
    success: [200],
    refusals: [401, 404],
  },
  {
    route: 'consistency',
    method: 'get',
    ...signed,
    summary: 'Proof that the log only grew',
    query: ['from'],
    gives: { json: 'Consistency' },
    success: [200],
    refusals: [400, 401, 404],
  },
  {
    route: 'receipts',
    method: 'get',
    ...signed,
    summary: 'Proofs that entries stand in the log',
    query: ['indices', 'from'],
    gives: { json: 'AuditAccepted' },
    success: [200],
    refusals: [400, 401, 404],
  },
  {
    route: 'tile',
    method: 'get',
    ...signed,
    summary: 'A tile or entry bundle, by its C2SP name',
    gives: BYTES,
    success: [200],
    refusals: [400, 401, 403, 404],
  },
  {
    route: 'events',
    method: 'get',
    ...signed,
    summary: 'Stream of head numbers',
    gives: 'text/event-stream',
    success: [200],
    refusals: [401, 429],
  },
];

/** Every call as `METHOD /path`, in the router's syntax. */
export function describedCalls(): readonly string[] {
  return CALLS.map(({ route, method }) => `${method.toUpperCase()} ${API_PREFIX}${ROUTES[route]}`);
}

/** A body follows: not so for what was only accepted, or is known already. */
export function isAnswered(status: number): boolean {
  return status === 200 || status === 201 || status === 206;
}

/** The call that answers a request, and what it says of its bodies; `null` if none does. For the test that listens to real ones. */
export function describedBodies(
  method: string,
  path: string,
): {
  readonly call: string;
  readonly statuses: readonly number[];
  readonly schemaOf: (status: number) => GenericSchema | null;
  readonly takes: GenericSchema | null;
} | null {
  const call = CALLS.find(
    (one) => one.method === method.toLowerCase().replace('head', 'get') && patternOf(one.route).test(path),
  );
  if (call === undefined) return null;
  const schemaOf = (body: Body | undefined): GenericSchema | null =>
    body === undefined || typeof body === 'string' ? null : SCHEMAS[body.json];
  return {
    call: `${call.method} ${call.route}`,
    statuses: [...call.success, ...call.refusals],
    schemaOf: (status) => (isAnswered(status) ? schemaOf(call.gives) : null),
    takes: schemaOf(call.takes),
  };
}

function patternOf(route: keyof typeof ROUTES): RegExp {
  return new RegExp(`^${(API_PREFIX + ROUTES[route]).replaceAll(/:\w+/g, '[^/]+').replace('*', '.+')}$`);
}
