/** Nonces of signed writes, stored in the transaction of the write, so that a replay finds them whatever happened in between. */
import { compiledOnce } from './compiled.ts';
import type { Writer } from './schema.ts';

/** Remembers (kid, nonce) until `expiresAtMs`; `false` if it is known already: a replay. */
export async function rememberNonce(trx: Writer, kid: string, nonce: string, expiresAtMs: number): Promise<boolean> {
  return (await insertNonce(trx, kid, nonce, expiresAtMs)).length === 1;
}

const insertNonce = compiledOnce((db, kid: string, nonce: string, expiresAtMs: number) =>
  db
    .insertInto('nonces')
    .values({ kid, nonce, expires_at: expiresAtMs })
    .onConflict((conflict) => conflict.doNothing())
    .returning('nonce'),
);

/** Forgets those that could not be accepted any more anyway. */
export async function forgetNonces(trx: Writer, nowMs: number): Promise<void> {
  await trx.deleteFrom('nonces').where('expires_at', '<', nowMs).execute();
}
