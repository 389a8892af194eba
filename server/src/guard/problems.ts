/** Answers that are errors: RFC 9457 documents, with nothing in them that an unauthenticated caller could learn from. */
import { problem, PROBLEM_MEDIA_TYPE, PROBLEM_STATUS } from '@sealpost/shared/sealed/wire/problem';
import type { ProblemCode } from '@sealpost/shared/sealed/wire/problem';
import type { JsonObject } from '@sealpost/shared/base/strict-json';

/** An error answer. `extra` goes into the document, `headers` beside it. */
export function refuse(
  code: ProblemCode,
  extra: JsonObject = {},
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(JSON.stringify(problem(code, extra)), {
    status: PROBLEM_STATUS[code],
    headers: { 'Content-Type': PROBLEM_MEDIA_TYPE, ...headers },
  });
}

/** Too many: with the seconds to wait. */
export function refuseForNow(seconds: number): Response {
  return refuse('quota', {}, { 'Retry-After': String(seconds) });
}
