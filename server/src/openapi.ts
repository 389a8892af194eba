/**
 * The HTTP contract as OpenAPI 3.1 (`server/openapi.json`, made by the test that compares it with the routes). It names every call, its
 * parameters, how it is signed and what it may answer; bodies are described by the schemas of `shared/src/sealed/wire/bodies.ts`.
 */
import type { JsonObject } from '@sealpost/shared/base/strict-json';
import {
  API_PREFIX,
  INVITATION_HEADER,
  ROUTES,
  SETUP_TOKEN_HEADER,
  UPLOAD_OFFSET_HEADER,
} from '@sealpost/shared/sealed/wire/paths';
import { PROBLEM_MEDIA_TYPE } from '@sealpost/shared/sealed/wire/problem';

type Method = 'get' | 'put' | 'post' | 'delete';

/** One call. `isSigned`: by a device key (RFC 9421). */
interface Call {
  readonly route: keyof typeof ROUTES;
  readonly method: Method;
  readonly summary: string;
  readonly isSigned: boolean;
  readonly query?: readonly string[];
  readonly headers?: readonly string[];
  readonly takes?: string;
  readonly gives?: string;
  readonly success: readonly number[];
  readonly refusals: readonly number[];
}

const JSON_TYPE = 'application/json';
const BYTES = 'application/octet-stream';
const JOSE = 'application/jose';
const TEXT = 'text/plain';

const signed = { isSigned: true } as const;
const open = { isSigned: false } as const;

const CALLS: readonly Call[] = [
  {
    route: 'deployments',
    method: 'get',
    ...open,
    summary: 'Deployments that may be seen from here',
    gives: JSON_TYPE,
    success: [200],
    refusals: [429],
  },
  {
    route: 'deployments',
    method: 'post',
    ...open,
    summary: 'Sets up a CERT by its first five statements',
    takes: JSON_TYPE,
    gives: JSON_TYPE,
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
    gives: JSON_TYPE,
    success: [200],
    refusals: [],
  },
  {
    route: 'chains',
    method: 'get',
    ...open,
    summary: 'Statements after a position',
    query: ['after'],
    gives: JSON_TYPE,
    success: [200],
    refusals: [400, 404, 429],
  },
  {
    route: 'chains',
    method: 'post',
    ...signed,
    summary: 'Appends statements, all or none',
    takes: JSON_TYPE,
    gives: JSON_TYPE,
    success: [200],
    refusals: [400, 401, 403, 409, 413, 507],
  },
  {
    route: 'invitations',
    method: 'post',
    ...signed,
    summary: 'Registers invitations by the hash of their token',
    takes: JSON_TYPE,
    success: [204],
    refusals: [400, 401, 403, 413, 507],
  },
  {
    route: 'requests',
    method: 'post',
    ...open,
    summary: 'Hands in a sealed access request',
    takes: BYTES,
    gives: JSON_TYPE,
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
    gives: JSON_TYPE,
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
    gives: JSON_TYPE,
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
    gives: JSON_TYPE,
    success: [200],
    refusals: [400, 401, 403],
  },
  {
    route: 'audit',
    method: 'post',
    ...signed,
    summary: 'Appends entries to the log; answers their proofs',
    takes: JSON_TYPE,
    gives: JSON_TYPE,
    success: [200],
    refusals: [400, 401, 409, 413, 507],
  },
  {
    route: 'audit',
    method: 'get',
    ...signed,
    summary: 'Entries of the log after the first ones',
    query: ['after'],
    gives: JSON_TYPE,
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
    gives: JSON_TYPE,
    success: [200],
    refusals: [400, 401, 404],
  },
  {
    route: 'receipts',
    method: 'get',
    ...signed,
    summary: 'Proofs that entries stand in the log',
    query: ['indices', 'from'],
    gives: JSON_TYPE,
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

/** The whole document. */
export function openApiDocument(): JsonObject {
  const paths: Record<string, Record<string, JsonObject>> = {};
  for (const call of CALLS) {
    const path = templateOf(API_PREFIX + ROUTES[call.route]);
    paths[path] = { ...paths[path], [call.method]: operationOf(call, path) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sealpost',
      version: '1',
      description: 'Sealed mailboxes, signed chains and their record. Errors are RFC 9457 documents.',
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      securitySchemes: {
        device: {
          type: 'http',
          scheme: 'signature',
          description:
            'RFC 9421 over @method @authority @path @query content-digest, ed25519, tag sealpost/1, by a device key that the directory names',
        },
      },
    },
  };
}

function operationOf(call: Call, path: string): JsonObject {
  const parameter =
    (place: string) =>
    (name: string): JsonObject => ({
      name,
      in: place,
      required: place === 'path',
      schema: { type: 'string' },
    });
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const isProblem = { content: { [PROBLEM_MEDIA_TYPE]: {} } };
  const answers = [...call.success, ...call.refusals].map((status): [string, JsonObject] => [
    String(status),
    {
      description: status < 400 ? 'done' : 'refused',
      ...(status >= 400 ? isProblem : {}),
      ...((status === 200 || status === 201 || status === 206) && call.gives !== undefined
        ? { content: { [call.gives]: {} } }
        : {}),
      ...(call.route === 'blob' && call.method === 'put'
        ? { headers: { [UPLOAD_OFFSET_HEADER]: { schema: { type: 'integer' } } } }
        : {}),
    },
  ]);
  return {
    summary: call.summary,
    operationId: `${call.method}${call.route.charAt(0).toUpperCase()}${call.route.slice(1)}`,
    parameters: [
      ...names.map(parameter('path')),
      ...(call.query ?? []).map(parameter('query')),
      ...(call.headers ?? []).map(parameter('header')),
    ],
    ...(call.takes === undefined ? {} : { requestBody: { content: { [call.takes]: {} }, required: true } }),
    responses: Object.fromEntries(answers),
    security: call.isSigned ? [{ device: [] }] : [],
  };
}

/** `/:deployment/log/tile/*` as OpenAPI writes it. */
function templateOf(route: string): string {
  return route.replaceAll(/:(\w+)/g, '{$1}').replace('/*', '/{name}');
}
