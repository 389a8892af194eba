/** Nonces of signed writes, stored in the transaction of the write, so that a replay finds them whatever happened in between. */
import type { Writer } from './schema.ts';

/** Remembers (kid, nonce) until `expiresAtMs`; `false` if it is known already: a replay. */
export async function rememberNonce(trx: Writer, kid: string, nonce: string, expiresAtMs: number): Promise<boolean> {
  const result = await trx
    .insertInto('nonces')
    .values({ kid, nonce, expires_at: expiresAtMs })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) === 1n;
}

/** Forgets those that could not be accepted any more anyway. */
export async function forgetNonces(trx: Writer, nowMs: number): Promise<void> {
  await trx.deleteFrom('nonces').where('expires_at', '<', nowMs).execute();
}
