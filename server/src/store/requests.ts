/** Sealed access requests and sealed decisions. What is in them only the CERT, and only the requester, can read. */
import type { Reader, Writer } from './schema.ts';

export interface RequestRow {
  readonly position: number;
  readonly id: string;
  readonly size: number;
  readonly invitation: string | null;
  readonly receivedAtMs: number;
  readonly decidedAtMs: number | null;
}

/** Requests with a position above `after`, without their bytes. */
export async function requestsAfter(
  db: Reader | Writer,
  deployment: string,
  after: number,
  limit: number,
): Promise<readonly RequestRow[]> {
  const rows = await db
    .selectFrom('requests')
    .select((r) => [
      'position',
      'id',
      'invitation',
      'received_at',
      'decided_at',
      r.fn<number>('length', ['sealed']).as('size'),
    ])
    .where('deployment', '=', deployment)
    .where('position', '>', after)
    .orderBy('position')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    position: row.position,
    id: row.id,
    size: row.size,
    invitation: row.invitation,
    receivedAtMs: row.received_at,
    decidedAtMs: row.decided_at,
  }));
}

/** Position of the newest request; 0 if there is none. */
export async function lastRequestPosition(db: Reader | Writer, deployment: string): Promise<number> {
  const row = await db
    .selectFrom('requests')
    .select((r) => r.fn.max('position').as('position'))
    .where('deployment', '=', deployment)
    .executeTakeFirst();
  return row?.position ?? 0;
}

/** One request's bytes, or `null`. */
export async function findRequest(
  db: Reader | Writer,
  deployment: string,
  id: string,
): Promise<{ readonly sealed: Uint8Array; readonly decision: Uint8Array | null } | null> {
  const row = await db
    .selectFrom('requests')
    .select(['sealed', 'decision'])
    .where('deployment', '=', deployment)
    .where('id', '=', id)
    .executeTakeFirst();
  return row ?? null;
}

/** Requests without an invitation since `sinceMs`: the quota that all strangers share. */
export async function countUninvited(db: Reader | Writer, deployment: string, sinceMs: number): Promise<number> {
  const row = await db
    .selectFrom('requests')
    .select((r) => r.fn.countAll<number>().as('count'))
    .where('deployment', '=', deployment)
    .where('invitation', 'is', null)
    .where('received_at', '>', sinceMs)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Stores a request under the SHA-256 of its bytes. */
export async function insertRequest(
  trx: Writer,
  deployment: string,
  request: { readonly id: string; readonly sealed: Uint8Array; readonly invitation: string | null },
  nowMs: number,
): Promise<number> {
  const position = (await lastRequestPosition(trx, deployment)) + 1;
  await trx
    .insertInto('requests')
    .values({ deployment, position, ...request, received_at: nowMs, decision: null, decided_at: null })
    .execute();
  return position;
}

/**
 * Deletes requests, with their decisions, that were decided before `beforeMs`; their ids. The newest request stays whatever its age:
 * the next one counts on from it.
 */
export async function deleteDecided(trx: Writer, deployment: string, beforeMs: number): Promise<readonly string[]> {
  const rows = await trx
    .deleteFrom('requests')
    .where('deployment', '=', deployment)
    .where('decided_at', '<', beforeMs)
    .where('position', '<', await lastRequestPosition(trx, deployment))
    .returning('id')
    .execute();
  return rows.map(({ id }) => id);
}

/** True if `deleteDecided` would delete something. */
export async function hasDecided(db: Reader, deployment: string, beforeMs: number): Promise<boolean> {
  const row = await db
    .selectFrom('requests')
    .select('id')
    .where('deployment', '=', deployment)
    .where('decided_at', '<', beforeMs)
    .where('position', '<', await lastRequestPosition(db, deployment))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Leaves a decision where its requester polls; a later one replaces it. */
export async function setDecision(
  trx: Writer,
  deployment: string,
  id: string,
  decision: Uint8Array,
  nowMs: number,
): Promise<void> {
  await trx
    .updateTable('requests')
    .set({ decision, decided_at: nowMs })
    .where('deployment', '=', deployment)
    .where('id', '=', id)
    .execute();
}
