/** A new vault key under a new passphrase: for a device that was lost, or a profile that somebody copied. */
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { sealWithPassphrase } from '../../sealed/crypto/passphrase.ts';
import type { FindingsVault } from '../vault/findings-vault.ts';
import { openSlot, PASSPHRASE_SLOT } from '../vault/slots.ts';
import type { SealedStore, StoreTransaction } from '../vault/store.ts';
import type { ClientError } from './api/client-error.ts';
import { toClientError } from './failures.ts';
import { isPassphraseStrongEnough } from './passphrase-strength.ts';
import type { Session } from './session.ts';

/** What a row counts for in the progress: they are small, and how small is not known before they are read. */
const ROW_BYTES = 1024;

/**
 * Seals everything at rest anew. `weak-passphrase` and `wrong-passphrase` before anything is written; the audit event commits together
 * with the change. Cost: two scrypts, and one pass over everything stored.
 */
export async function rekeyVault(
  session: Session,
  findings: FindingsVault | null,
  passphrase: string,
  newPassphrase: string,
  onProgress: (doneBytes: number, totalBytes: number) => void,
): Promise<Result<void, ClientError>> {
  if (!isPassphraseStrongEnough(newPassphrase)) return err({ kind: 'weak-passphrase' });
  const { store } = session;
  const held = await openSlot(await store.slot(PASSPHRASE_SLOT), passphrase);
  if (!held.ok) {
    if (held.error.kind === 'storage-damaged') return err(toClientError(held.error));
    return err(held.error.kind === 'no-slot' ? { kind: 'not-found', what: 'vault' } : { kind: 'wrong-passphrase' });
  }
  held.value.fill(0);
  const vaultKey = session.ports.random(32);
  const slots = [{ id: PASSPHRASE_SLOT, bytes: await sealWithPassphrase(vaultKey, newPassphrase) }];
  const also = (tx: StoreTransaction) => session.audit.record(tx, { kind: 'key_rotated', purpose: 'vault', n: 1 });
  const options = { vaultKey, slots, also };
  const done =
    findings === null ? await rekeyRows(store, options, onProgress) : await findings.rekey({ ...options, onProgress });
  vaultKey.fill(0);
  return done;
}

/** A vault without findings has no files. */
async function rekeyRows(
  store: SealedStore,
  options: Parameters<SealedStore['rekey']>[0],
  onProgress: (doneBytes: number, totalBytes: number) => void,
): Promise<Result<void, ClientError>> {
  const totalBytes = store.size * ROW_BYTES;
  let doneBytes = 0;
  const done = await store.rekey({ ...options, onRow: () => onProgress((doneBytes += ROW_BYTES), totalBytes) });
  return done.ok ? ok(undefined) : err(toClientError(done.error));
}
