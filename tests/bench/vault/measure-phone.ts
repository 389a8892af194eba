/** A phone: small window, a quarter of one core, 200,000 findings. Two frames are 33 ms. */
import { call } from './browser.ts';
import type { Bench } from './measure-own.ts';
import { freshVault, measureKeys, measureShapes } from './measure-own.ts';
import { slowDown } from './processes.ts';

const PHONE_ROWS = 200_000;
const SLOWER = 4;
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } as const;

/** Skipped, and said so, where processes cannot be slowed down. */
export async function measurePhone(bench: Bench): Promise<void> {
  const { report } = bench;
  const { context, page, profile } = await freshVault(bench, 'phone', Math.min(bench.rows, PHONE_ROWS), PHONE);
  try {
    await call(page, 'settle');
    const fastMs = await workOf(call<number>, page);
    const slow = slowDown(profile, SLOWER);
    if (slow === null) {
      report.progress('phone: this system cannot slow a browser down (taskset is missing)');
      return;
    }
    try {
      report.print('phone_slowdown', (await workOf(call<number>, page)) / fastMs, { findings: PHONE_ROWS });
      await measureKeys(page, report, 'phone_');
      await measureShapes(page, report, 'phone_');
    } finally {
      slow.end();
    }
  } finally {
    await context.close();
  }
}

/** The best of several: once for the compiler, the rest for chance. */
async function workOf(ask: typeof call<number>, page: Parameters<typeof call>[0]): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 5; run++) best = Math.min(best, await ask(page, 'work'));
  return best;
}
