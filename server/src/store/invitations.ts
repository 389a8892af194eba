/** Invitations: only SHA-256 of a token is here. One use each. */
import type { Reader, Writer } from './schema.ts';

export interface InvitationRow {
  readonly tokenHash: string;
  readonly expiresAtMs: number;
  readonly usedAtMs: number | null;
}

/** Registers invitations; one that is known keeps what it has (a repeated POST changes nothing). */
export async function insertInvitations(
  trx: Writer,
  deployment: string,
  invitations: readonly { readonly tokenHash: string; readonly expiresAtMs: number }[],
  madeBy: string,
  nowMs: number,
): Promise<number> {
  let added = 0;
  for (const { tokenHash, expiresAtMs } of invitations) {
    const result = await trx
      .insertInto('invitations')
      .values({
        deployment,
        token_hash: tokenHash,
        expires_at: expiresAtMs,
        made_by: madeBy,
        made_at: nowMs,
        used_at: null,
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    added += Number(result.numInsertedOrUpdatedRows ?? 0n);
  }
  return added;
}

/** One invitation, or `null`. */
export async function findInvitation(
  db: Reader | Writer,
  deployment: string,
  tokenHash: string,
): Promise<InvitationRow | null> {
  const row = await db
    .selectFrom('invitations')
    .select(['token_hash', 'expires_at', 'used_at'])
    .where('deployment', '=', deployment)
    .where('token_hash', '=', tokenHash)
    .executeTakeFirst();
  return row === undefined ? null : { tokenHash: row.token_hash, expiresAtMs: row.expires_at, usedAtMs: row.used_at };
}

/** Uses an invitation up. */
export async function useInvitation(trx: Writer, deployment: string, tokenHash: string, nowMs: number): Promise<void> {
  await trx
    .updateTable('invitations')
    .set({ used_at: nowMs })
    .where('deployment', '=', deployment)
    .where('token_hash', '=', tokenHash)
    .execute();
}
