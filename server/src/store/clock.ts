/** The clock that the server saw last. Whatever is deleted by age is safe from a clock that jumped: for a week of running nothing is. */
import type { Writer } from './schema.ts';

/** A jump further than this, in hours that nobody was running, is believed after a week only. */
const FORWARD_MS = 45 * 86_400_000;
/** Backwards is wrong by itself; clocks are set right by less than this. */
const BACKWARD_MS = 3_600_000;
const HELD_HOURS = 7 * 24;

/**
 * Takes down `nowMs`, once at the start and then every hour. Answers for how many hours more nothing may be deleted by age; 0 while
 * the clock goes on as it should.
 */
export async function observeClock(trx: Writer, nowMs: number, isHour: boolean): Promise<number> {
  const last = await trx.selectFrom('clock').select(['seen_at', 'held_hours']).executeTakeFirst();
  const movedMs = last === undefined ? 0 : nowMs - last.seen_at;
  const hasJumped = movedMs > FORWARD_MS || movedMs < -BACKWARD_MS;
  const left = Math.max(0, (last?.held_hours ?? 0) - (isHour ? 1 : 0));
  const held = hasJumped ? HELD_HOURS : left;
  await trx
    .insertInto('clock')
    .values({ id: 1, seen_at: nowMs, held_hours: held })
    .onConflict((c) => c.column('id').doUpdateSet({ seen_at: nowMs, held_hours: held }))
    .execute();
  return held;
}
