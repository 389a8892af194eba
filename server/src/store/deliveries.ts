/** Who was handed which sealed file, and when first: written before the first byte goes out. */
import type { Reader, Writer } from './schema.ts';

export interface DeliveryRow {
  readonly item: string;
  readonly sha256: string;
  readonly kid: string;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly times: number;
}

/** Notes one delivery; `true` if it is this device's first of this item. */
export async function noteDelivery(
  trx: Writer,
  delivery: {
    readonly deployment: string;
    readonly org: string;
    readonly item: string;
    readonly sha256: string;
    readonly kid: string;
  },
  nowMs: number,
): Promise<boolean> {
  const row = await trx
    .insertInto('deliveries')
    .values({ ...delivery, first_at: nowMs, last_at: nowMs, times: 1 })
    .onConflict((c) =>
      c
        .columns(['deployment', 'org', 'item', 'kid'])
        .doUpdateSet((e) => ({ last_at: nowMs, times: e('deliveries.times', '+', 1) })),
    )
    .returning('times')
    .executeTakeFirstOrThrow();
  return row.times === 1;
}

/** Deliveries out of one mailbox, oldest first; withdrawn items stay. */
export async function deliveriesOf(
  db: Reader | Writer,
  deployment: string,
  org: string,
): Promise<readonly DeliveryRow[]> {
  const rows = await db
    .selectFrom('deliveries')
    .select(['item', 'sha256', 'kid', 'first_at', 'last_at', 'times'])
    .where('deployment', '=', deployment)
    .where('org', '=', org)
    .orderBy('first_at')
    .limit(10_000)
    .execute();
  return rows.map((row) => ({
    item: row.item,
    sha256: row.sha256,
    kid: row.kid,
    firstAtMs: row.first_at,
    lastAtMs: row.last_at,
    times: row.times,
  }));
}
