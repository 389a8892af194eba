/** Who was handed which sealed file, and when first: written before the first byte goes out. */
import type { ExpressionBuilder } from 'kysely';
import type { Reader, Schema, Writer } from './schema.ts';

export interface DeliveryRow {
  readonly item: string;
  readonly sha256: string;
  readonly kid: string;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly times: number;
  /** When the file expired; `null` if it did not. */
  readonly expiredAtMs: number | null;
}

/** Notes one delivery, before its first byte; whether it is this device's first of this item, and was none taken to the end yet. */
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
): Promise<{ readonly isFirst: boolean; readonly isOpen: boolean }> {
  const row = await trx
    .insertInto('deliveries')
    .values({ ...delivery, first_at: nowMs, last_at: nowMs, times: 1, ended_at: null })
    .onConflict((c) =>
      c
        .columns(['deployment', 'org', 'item', 'kid'])
        .doUpdateSet((e) => ({ last_at: nowMs, times: e('deliveries.times', '+', 1) })),
    )
    .returning(['times', 'ended_at'])
    .executeTakeFirstOrThrow();
  return { isFirst: row.times === 1, isOpen: row.ended_at === null };
}

/** Notes that a device was handed a file to its end, wherever it is listed. */
export async function noteEnd(
  trx: Writer,
  delivery: { readonly deployment: string; readonly sha256: string; readonly kid: string },
  nowMs: number,
): Promise<void> {
  await trx
    .updateTable('deliveries')
    .set({ ended_at: nowMs })
    .where('deployment', '=', delivery.deployment)
    .where('sha256', '=', delivery.sha256)
    .where('kid', '=', delivery.kid)
    .where('ended_at', 'is', null)
    .execute();
}

/** Deliveries out of one mailbox, oldest first; withdrawn items stay. */
export async function deliveriesOf(
  db: Reader | Writer,
  deployment: string,
  org: string,
): Promise<readonly DeliveryRow[]> {
  const rows = await db
    .selectFrom('deliveries as d')
    .leftJoin('blobs as b', (join) =>
      join.onRef('b.deployment', '=', 'd.deployment').onRef('b.sha256', '=', 'd.sha256'),
    )
    .select(['d.item', 'd.sha256', 'd.kid', 'd.first_at', 'd.last_at', 'd.times', 'b.expired_at'])
    .where('d.deployment', '=', deployment)
    .where('d.org', '=', org)
    .orderBy('d.first_at')
    .limit(10_000)
    .execute();
  return rows.map((row) => ({
    item: row.item,
    sha256: row.sha256,
    kid: row.kid,
    firstAtMs: row.first_at,
    lastAtMs: row.last_at,
    times: row.times,
    expiredAtMs: row.expired_at,
  }));
}

/**
 * Deletes what is known of who was handed what, where the last time was before `beforeMs` and nothing is decided by it any more: the
 * item is listed no longer, or its file expired before then. Answers how many there were. Cost: a look at every old delivery.
 */
export async function deleteDeliveries(trx: Writer, deployment: string, beforeMs: number): Promise<number> {
  const done = await trx
    .deleteFrom('deliveries')
    .where('deployment', '=', deployment)
    .where('last_at', '<', beforeMs)
    .where((e) => e.not(e.exists(listedFile(e, beforeMs))))
    .executeTakeFirst();
  return Number(done.numDeletedRows);
}

/** How many `deleteDeliveries` would delete. */
export async function countOldDeliveries(db: Reader, deployment: string, beforeMs: number): Promise<number> {
  const row = await db
    .selectFrom('deliveries')
    .select((e) => e.fn.countAll<number>().as('count'))
    .where('deployment', '=', deployment)
    .where('last_at', '<', beforeMs)
    .where((e) => e.not(e.exists(listedFile(e, beforeMs))))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** The listing of a delivery's item whose file is there, or expired since `sinceMs`. */
function listedFile(e: ExpressionBuilder<Schema, 'deliveries'>, sinceMs: number) {
  return e
    .selectFrom('items as i')
    .innerJoin('blobs as b', (join) =>
      join.onRef('b.deployment', '=', 'i.deployment').onRef('b.sha256', '=', 'i.sha256'),
    )
    .select('i.id')
    .whereRef('i.deployment', '=', 'deliveries.deployment')
    .whereRef('i.org', '=', 'deliveries.org')
    .whereRef('i.id', '=', 'deliveries.item')
    .where((of) => of.or([of('b.expired_at', 'is', null), of('b.expired_at', '>=', sinceMs)]));
}
