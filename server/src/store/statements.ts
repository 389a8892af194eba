/** Signed statements as received, in the one order of the server (`position`), which is each chain's order, too. */
import type { Reader, Writer } from './schema.ts';

export interface StatementRow {
  readonly position: number;
  readonly chain: string;
  readonly ver: number;
  readonly sid: string;
  readonly type: string;
  readonly kid: string;
  readonly compact: string;
}

/** Statements with a position above `after`, at most `limit`, in order. */
export async function statementsAfter(
  db: Reader | Writer,
  deployment: string,
  after: number,
  limit: number,
): Promise<readonly { readonly position: number; readonly compact: string }[]> {
  return db
    .selectFrom('statements')
    .select(['position', 'compact'])
    .where('deployment', '=', deployment)
    .where('position', '>', after)
    .orderBy('position')
    .limit(limit)
    .execute();
}

/** Every statement with a position above `after`, in order, to rebuild the directory. */
export async function allStatements(
  db: Reader,
  deployment: string,
  after: number,
): Promise<readonly { readonly position: number; readonly compact: string }[]> {
  return db
    .selectFrom('statements')
    .select(['position', 'compact'])
    .where('deployment', '=', deployment)
    .where('position', '>', after)
    .orderBy('position')
    .execute();
}

/** Position of the newest statement; 0 if there is none. */
export async function lastPosition(db: Reader | Writer, deployment: string): Promise<number> {
  const row = await db
    .selectFrom('statements')
    .select((s) => s.fn.max('position').as('position'))
    .where('deployment', '=', deployment)
    .executeTakeFirst();
  return row?.position ?? 0;
}

/** Stores statements that the directory has accepted. */
export async function insertStatements(
  trx: Writer,
  deployment: string,
  rows: readonly StatementRow[],
  nowMs: number,
): Promise<void> {
  for (const row of rows) {
    await trx
      .insertInto('statements')
      .values({ ...row, deployment, received_at: nowMs })
      .execute();
  }
}
