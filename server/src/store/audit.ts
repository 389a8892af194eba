/** The audit log: entries of 172 bytes in one order per deployment, payloads beside them (they can be erased), forks as evidence. */
import type { Bytes } from '@sealpost/shared/base/bytes';
import { compiledOnce } from './compiled.ts';
import type { Reader, Writer } from './schema.ts';

/** A writer keeps no more evidence than this: its key is known to be bad by then. */
const MAX_FORKS_PER_KEY = 100;

export interface LogRow {
  readonly position: number;
  readonly kid: string;
  readonly seq: number;
  readonly entry: Uint8Array;
  /** As stored: the leaf hash. */
  readonly hash: Uint8Array;
  readonly receivedAtMs: number;
  readonly payload: { readonly salt: Uint8Array; readonly sealed: Uint8Array } | null;
}

export interface WriterHead {
  readonly seq: number;
  readonly head: Uint8Array;
}

/** One entry as it is taken into the log: 172 bytes, their leaf hash, and the payload that it commits to. */
export interface NewEntry {
  readonly seq: number;
  readonly leaf: Bytes;
  readonly bytes: Uint8Array;
  readonly salt: Uint8Array;
  readonly sealed: Uint8Array;
  /** Of the server's own entries: how long the payload is kept depends on it. */
  readonly kind?: string;
}

/** Last accepted entry of a key, or `null`. */
export async function writerHead(db: Reader | Writer, deployment: string, kid: string): Promise<WriterHead | null> {
  const [row] = await selectWriter(db, deployment, kid);
  return row ?? null;
}

const selectWriter = compiledOnce((db, deployment: string, kid: string) =>
  db.selectFrom('log_writers').select(['seq', 'head']).where('deployment', '=', deployment).where('kid', '=', kid),
);

/** The last accepted entry of every key. */
export async function writerHeads(
  db: Reader | Writer,
  deployment: string,
): Promise<readonly (WriterHead & { readonly kid: string })[]> {
  return db.selectFrom('log_writers').select(['kid', 'seq', 'head']).where('deployment', '=', deployment).execute();
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
  const row = await db.selectFrom('log_heads').select('size').where('deployment', '=', deployment).executeTakeFirst();
  return row?.size ?? 0;
}

/** Inserts entries of one key at `position` and behind it; `LogTrees.stage` takes the same leaves in the same job. */
export async function insertEntries(
  trx: Writer,
  deployment: string,
  kid: string,
  position: number,
  entries: readonly NewEntry[],
  nowMs: number,
): Promise<void> {
  const last = entries.at(-1);
  if (last === undefined) return;
  const rows = entries.flatMap(({ seq, leaf, bytes }, at) => [position + at, seq, leaf, bytes]);
  await insertRows(trx, deployment, kid, nowMs, ...rows);
  const payloads = entries.flatMap(({ salt, sealed, kind }, at) => [position + at, salt, sealed, kind ?? null]);
  await insertPayloads(trx, deployment, ...payloads);
  await putWriter(trx, deployment, kid, last.seq, last.leaf);
}

/** `cells`: position, seq, hash and entry of each row in turn. */
const insertRows = compiledOnce((db, deployment: string, kid: string, nowMs: number, ...cells: readonly unknown[]) =>
  db.insertInto('log_entries').values(
    inRows(cells).map(([position, seq, hash, entry]) => ({
      deployment,
      position: position as number,
      kid,
      seq: seq as number,
      hash: hash as Bytes,
      entry: entry as Bytes,
      received_at: nowMs,
    })),
  ),
);

/** `cells`: position, salt, sealed payload and kind of each row in turn. */
const insertPayloads = compiledOnce((db, deployment: string, ...cells: readonly unknown[]) =>
  db.insertInto('log_payloads').values(
    inRows(cells).map(([position, salt, sealed, kind]) => ({
      deployment,
      position: position as number,
      salt: salt as Bytes,
      sealed: sealed as Bytes,
      kind: kind as string | null,
    })),
  ),
);

const putWriter = compiledOnce((db, deployment: string, kid: string, seq: number, head: Bytes) =>
  db
    .insertInto('log_writers')
    .values({ deployment, kid, seq, head })
    .onConflict((c) => c.columns(['deployment', 'kid']).doUpdateSet({ seq, head })),
);

function inRows(cells: readonly unknown[]): readonly (readonly unknown[])[] {
  return Array.from({ length: cells.length / 4 }, (_, row) => cells.slice(row * 4, row * 4 + 4));
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

/** An entry as its row has it, without its payload. */
export interface StoredRow {
  readonly position: number;
  readonly kid: string;
  readonly seq: number;
  readonly entry: Uint8Array;
  readonly hash: Uint8Array;
}

/** Entries from index `from` on, in order. Payloads apart (`payloadsOf`): joined, each row costs three times as much. */
export function rowsFrom(
  db: Reader | Writer,
  deployment: string,
  from: number,
  limit: number,
): Promise<readonly StoredRow[]> {
  return db
    .selectFrom('log_entries')
    .select(['position', 'kid', 'seq', 'entry', 'hash'])
    .where('deployment', '=', deployment)
    .where('position', '>=', from)
    .orderBy('position')
    .limit(limit)
    .execute();
}

/** Payloads of the entries `from` to `end` (exclusive) that are not erased, in order. */
export function payloadsOf(
  db: Reader | Writer,
  deployment: string,
  from: number,
  end: number,
): Promise<readonly { readonly position: number; readonly salt: Uint8Array; readonly sealed: Uint8Array }[]> {
  return db
    .selectFrom('log_payloads')
    .select(['position', 'salt', 'sealed'])
    .where('deployment', '=', deployment)
    .where('position', '>=', from)
    .where('position', '<', end)
    .orderBy('position')
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
    .select(['e.position', 'e.kid', 'e.seq', 'e.entry', 'e.hash', 'e.received_at', 'p.salt', 'p.sealed'])
    .where('e.deployment', '=', deployment)
    .where('e.position', '>=', from);
  if (kids !== null) query = query.where('e.kid', 'in', kids);
  const rows = await query.orderBy('e.position').limit(limit).execute();
  return rows.map((row) => ({
    position: row.position,
    kid: row.kid,
    seq: row.seq,
    entry: row.entry,
    hash: row.hash,
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
