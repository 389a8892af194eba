/** Checks bodies of audit entries beside the main thread. Knows no database and no key but the public one it is asked with. */
import { parentPort } from 'node:worker_threads';
import type { CheckAnswer, CheckRequest } from './audit-checker.ts';
import { checkPosted } from './check-posted.ts';

parentPort?.on('message', ({ id, body, by }: CheckRequest) => {
  const posted = checkPosted(body, by);
  const answer: CheckAnswer = { id, posted };
  parentPort?.postMessage(answer, posted === null ? [] : [posted.bytes.buffer]);
});
