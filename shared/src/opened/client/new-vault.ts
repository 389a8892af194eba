/** Makes and opens an identity's vault on an empty or known backend: slot, vault key, sealed store. */
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { Backend } from '../vault/backend.ts';
import { createStore, openStore } from '../vault/open-store.ts';
import { openPassphraseSlot, putPassphraseSlot } from '../vault/slots.ts';
import type { SealedStore } from '../vault/store.ts';
import type { ClientError } from './api/client-error.ts';
import { toClientError } from './failures.ts';
import { isPassphraseStrongEnough } from './passphrase-strength.ts';
import type { Ports } from './ports.ts';

/** Makes a vault behind `passphrase`. `weak-passphrase` before anything is written. Cost: one scrypt (about 0.5 s). */
export async function createVault(
  backend: Backend,
  passphrase: string,
  random: Ports['random'],
): Promise<Result<SealedStore, ClientError>> {
  if (!isPassphraseStrongEnough(passphrase)) return err({ kind: 'weak-passphrase' });
  const vaultKey = random(32);
  const slot = await putPassphraseSlot(backend, vaultKey, passphrase);
  if (!slot.ok) return err(toClientError(slot.error));
  const store = await createStore({ backend, vaultKey, random });
  vaultKey.fill(0);
  return store.ok ? ok(store.value) : err(toClientError(store.error));
}

/** Opens a vault. `wrong-passphrase`, `not-found` where there is none, `storage-damaged` with the row that does not hold. */
export async function openVault(
  backend: Backend,
  passphrase: string,
  random: Ports['random'],
): Promise<Result<SealedStore, ClientError>> {
  const vaultKey = await openPassphraseSlot(backend, passphrase);
  if (!vaultKey.ok) {
    switch (vaultKey.error.kind) {
      case 'wrong-passphrase':
        return err({ kind: 'wrong-passphrase' });
      case 'no-slot':
        return err({ kind: 'not-found', what: 'vault' });
      case 'storage-damaged':
        return err(toClientError(vaultKey.error));
    }
  }
  const store = await openStore({ backend, vaultKey: vaultKey.value, random });
  vaultKey.value.fill(0);
  return store.ok ? ok(store.value) : err(toClientError(store.error));
}
