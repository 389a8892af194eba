/**
 * Tells the operator of the server that requests are refused, and how: unknown keys and bad signatures (401), missing roles (403),
 * used-up quotas (429). Counts only, one line a minute at most: who asks is not written down, and nobody can fill the log.
 */
import type { MiddlewareHandler } from 'hono';

const TOLD: readonly number[] = [401, 403, 429];
const QUIET_MS = 60_000;

/** Counts refusals; the first is told at once, the next ones together with the first that comes after a minute. */
export function tellRefusals(report: (line: string) => void, now: () => number): MiddlewareHandler {
  const counts = new Map<number, number>();
  let toldAtMs = Number.NEGATIVE_INFINITY;
  return async (c, next) => {
    await next();
    const { status } = c.res;
    if (!TOLD.includes(status)) return;
    counts.set(status, (counts.get(status) ?? 0) + 1);
    const nowMs = now();
    if (nowMs >= toldAtMs && nowMs - toldAtMs < QUIET_MS) return; // a clock that goes back tells
    toldAtMs = nowMs;
    const text = TOLD.filter((one) => counts.has(one)).map((one) => `${one} x ${counts.get(one)}`);
    report(`${new Date(nowMs).toISOString()} refused: ${text.join(', ')}`);
    counts.clear();
  };
}
