/** The audit log: entries of 172 bytes in one order per deployment, payloads beside them (they can be erased), forks as evidence. */
import type { Reader, Writer } from './schema.ts';

/** A writer keeps no more evidence than this: its key is known to be bad by then. */
const MAX_FORKS_PER_KEY = 100;

export interface LogRow {
  readonly position: number;
  readonly kid: string;
  readonly seq: number;
  readonly entry: Uint8Array;
  readonly receivedAtMs: number;
  readonly payload: { readonly salt: Uint8Array; readonly sealed: Uint8Array } | null;
}

export interface WriterHead {
  readonly seq: number;
  readonly head: Uint8Array;
}

/** Last accepted entry of a key, or `null`. */
export async function writerHead(db: Reader | Writer, deployment: string, kid: string): Promise<WriterHead | null> {
  const row = await db
    .selectFrom('log_writers')
    .select(['seq', 'head'])
    .where('deployment', '=', deployment)
    .where('kid', '=', kid)
    .executeTakeFirst();
  return row ?? null;
}

/** A key's stored entry at `seq`, or `null`. */
export async function entryAt(
  db: Reader | Writer,
  deployment: string,
  kid: string,
  seq: number,
): Promise<{ readonly position: number; readonly hash: Uint8Array } | null> {
  const row = await db
    .selectFrom('log_entries')
    .select(['position', 'hash'])
    .where('deployment', '=', deployment)
    .where('kid', '=', kid)
    .where('seq', '=', seq)
    .executeTakeFirst();
  return row ?? null;
}

/** Number of entries, which is the next one's index. */
export async function logSize(db: Reader | Writer, deployment: string): Promise<number> {
  const row = await db
    .selectFrom('log_entries')
    .select((e) => e.fn.max('position').as('position'))
    .where('deployment', '=', deployment)
    .executeTakeFirst();
  return row?.position === null || row?.position === undefined ? 0 : row.position + 1;
}

/** Appends an entry whose continuity is checked; answers its index. */
export async function appendEntry(
  trx: Writer,
  deployment: string,
  entry: {
    readonly kid: string;
    readonly seq: number;
    readonly leaf: Uint8Array;
    readonly bytes: Uint8Array;
    readonly salt: Uint8Array;
    readonly sealed: Uint8Array;
  },
  nowMs: number,
): Promise<number> {
  const position = await logSize(trx, deployment);
  const { kid, seq, leaf } = entry;
  await trx
    .insertInto('log_entries')
    .values({ deployment, position, kid, seq, hash: leaf, entry: entry.bytes, received_at: nowMs })
    .execute();
  await trx
    .insertInto('log_payloads')
    .values({ deployment, position, salt: entry.salt, sealed: entry.sealed })
    .execute();
  await trx
    .insertInto('log_writers')
    .values({ deployment, kid, seq, head: leaf })
    .onConflict((c) => c.columns(['deployment', 'kid']).doUpdateSet({ seq, head: leaf }))
    .execute();
  return position;
}

/** Keeps a second entry under one number, signed by the same key: evidence. */
export async function keepFork(
  trx: Writer,
  deployment: string,
  fork: { readonly kid: string; readonly seq: number; readonly leaf: Uint8Array; readonly bytes: Uint8Array },
  nowMs: number,
): Promise<void> {
  const { count } = await trx
    .selectFrom('log_forks')
    .select((f) => f.fn.countAll<number>().as('count'))
    .where('deployment', '=', deployment)
    .where('kid', '=', fork.kid)
    .executeTakeFirstOrThrow();
  if (Number(count) >= MAX_FORKS_PER_KEY) return;
  await trx
    .insertInto('log_forks')
    .values({ deployment, kid: fork.kid, seq: fork.seq, hash: fork.leaf, entry: fork.bytes, received_at: nowMs })
    .onConflict((c) => c.doNothing())
    .execute();
}

/** Entries with an index of at least `from`, in order; of the keys `kids` alone if given. */
export async function entriesFrom(
  db: Reader | Writer,
  deployment: string,
  from: number,
  limit: number,
  kids: readonly string[] | null,
): Promise<readonly LogRow[]> {
  let query = db
    .selectFrom('log_entries as e')
    .leftJoin('log_payloads as p', (join) =>
      join.onRef('p.deployment', '=', 'e.deployment').onRef('p.position', '=', 'e.position'),
    )
    .select(['e.position', 'e.kid', 'e.seq', 'e.entry', 'e.received_at', 'p.salt', 'p.sealed'])
    .where('e.deployment', '=', deployment)
    .where('e.position', '>=', from);
  if (kids !== null) query = query.where('e.kid', 'in', kids);
  const rows = await query.orderBy('e.position').limit(limit).execute();
  return rows.map((row) => ({
    position: row.position,
    kid: row.kid,
    seq: row.seq,
    entry: row.entry,
    receivedAtMs: row.received_at,
    payload: row.salt === null || row.sealed === null ? null : { salt: row.salt, sealed: row.sealed },
  }));
}

/** Evidence of forks, oldest first. */
export async function forksOf(
  db: Reader | Writer,
  deployment: string,
): Promise<readonly { readonly entry: Uint8Array }[]> {
  return db
    .selectFrom('log_forks')
    .select('entry')
    .where('deployment', '=', deployment)
    .orderBy('received_at')
    .limit(1000)
    .execute();
}
