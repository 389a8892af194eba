/**
 * The HTTP contract as OpenAPI 3.1 (`server/openapi.json`, made by the test that compares it with the routes). It names every call, its
 * parameters, how it is signed and what it may answer; JSON bodies are described out of the schemas that check them
 * (`shared/src/sealed/wire/bodies.ts`).
 */
import type { JsonObject } from '@sealpost/shared/base/strict-json';
import { API_PREFIX, ROUTES, UPLOAD_OFFSET_HEADER } from '@sealpost/shared/sealed/wire/paths';
import { PROBLEM_CODES, PROBLEM_MEDIA_TYPE, PROBLEM_STATUS, problem } from '@sealpost/shared/sealed/wire/problem';
import { toJsonSchema } from './json-schema.ts';
import { CALLS, isAnswered, SCHEMAS } from './openapi-calls.ts';
import type { Body, Call } from './openapi-calls.ts';

const JSON_TYPE = 'application/json';

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
      schemas: {
        ...Object.fromEntries(Object.entries(SCHEMAS).map(([name, schema]) => [name, toJsonSchema(schema)])),
        ...Object.fromEntries(REFUSALS.map((status) => [problemName(status), problemSchema(status)])),
      },
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
  const answers = [...call.success, ...call.refusals].map((status): [string, JsonObject] => [
    String(status),
    {
      description: status < 400 ? 'done' : 'refused',
      ...(status >= 400 ? { content: { [PROBLEM_MEDIA_TYPE]: { schema: refusalOf(call, status) } } } : {}),
      ...(isAnswered(status) && call.gives !== undefined ? { content: contentOf(call.gives) } : {}),
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
    ...(call.takes === undefined ? {} : { requestBody: { content: contentOf(call.takes), required: true } }),
    responses: Object.fromEntries(answers),
    security: call.isSigned ? [{ device: [] }] : [],
  };
}

function contentOf(body: Body): JsonObject {
  return typeof body === 'string' ? { [body]: {} } : { [JSON_TYPE]: { schema: refOf(body.json) } };
}

function refOf(name: string): JsonObject {
  return { $ref: `#/components/schemas/${name}` };
}

function refusalOf({ conflict }: Call, status: number): JsonObject {
  const told = refOf(problemName(status));
  return status === PROBLEM_STATUS.conflict && conflict !== undefined ? { allOf: [told, refOf(conflict)] } : told;
}

/** Every status that a call may be refused with. */
const REFUSALS: readonly number[] = [...new Set(CALLS.flatMap(({ refusals }) => refusals))].sort((a, b) => a - b);

const problemName = (status: number): string => `Problem${status}`;

/** The document of a refusal (RFC 9457): one of the codes with this status, and what that code says besides. */
function problemSchema(status: number): JsonObject {
  const codes = PROBLEM_CODES.filter((code) => PROBLEM_STATUS[code] === status);
  return {
    type: 'object',
    properties: { type: { enum: codes.map((code) => problem(code).type) }, status: { const: status } },
    required: ['type', 'status'],
  };
}

/** `/:deployment/log/tile/*` as OpenAPI writes it. */
function templateOf(route: string): string {
  return route.replaceAll(/:(\w+)/g, '{$1}').replace('/*', '/{name}');
}
