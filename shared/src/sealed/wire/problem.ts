import * as v from 'valibot';
import type { JsonObject, JsonValue } from '../../base/strict-json.ts';

/**
 * Errors of the API: RFC 9457 problem documents with a closed list of types. They say what the caller can do next, never which
 * check of a signature failed, and carry no text that anybody typed.
 */

/** Media type of an error body (RFC 9457, section 3). */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

const TYPE_PREFIX = 'urn:sealpost:problem:';

/** Every code, with the status it is answered with. */
export const PROBLEM_STATUS = {
  'bad-request': 400,
  refused: 400,
  'digest-mismatch': 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  'method-not-allowed': 405,
  conflict: 409,
  gone: 410,
  'precondition-failed': 412,
  'too-large': 413,
  'unsupported-media': 415,
  'bad-range': 416,
  'update-needed': 422,
  'precondition-required': 428,
  quota: 429,
  internal: 500,
  unavailable: 503,
  'storage-full': 507,
} as const;

export type ProblemCode = keyof typeof PROBLEM_STATUS;

/** The codes as a list, for routes and tests. */
export const PROBLEM_CODES = Object.keys(PROBLEM_STATUS) as readonly ProblemCode[];

/** A problem document: `type` is `urn:sealpost:problem:` and the code; other members depend on it (`heads`, `expected`). */
export interface Problem {
  readonly type: string;
  readonly status: number;
  readonly [extra: string]: JsonValue;
}

/** Makes the document for `code`. `extra` must hold no text of people. */
export function problem(code: ProblemCode, extra: JsonObject = {}): Problem {
  return { ...extra, type: TYPE_PREFIX + code, status: PROBLEM_STATUS[code] };
}

const ProblemSchema = v.looseObject({
  type: v.pipe(v.string(), v.maxLength(100), v.startsWith(TYPE_PREFIX)),
  status: v.pipe(v.number(), v.integer(), v.minValue(400), v.maxValue(599)),
});

/** Reads an answer's code; `null` for anything that is not one of ours (a proxy's page, another server). */
export function parseProblemCode(body: unknown): ProblemCode | null {
  const parsed = v.safeParse(ProblemSchema, body);
  if (!parsed.success) return null;
  const code = parsed.output.type.slice(TYPE_PREFIX.length);
  return Object.hasOwn(PROBLEM_STATUS, code) ? (code as ProblemCode) : null;
}
