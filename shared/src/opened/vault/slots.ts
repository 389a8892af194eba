/**
 * Slots: ways to the vault key. A passphrase slot is an age scrypt file around the 32 bytes (FORMATS, Envelope: passphrase
 * files); a passkey slot comes with the access issue. Slots lie in `meta` beside the sealed rows, readable before any key is there.
 */
import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import { openWithPassphrase, sealWithPassphrase } from '../../sealed/crypto/passphrase.ts';
import type { Backend } from './backend.ts';
import type { BackendError } from './backend-error.ts';
import { VAULT_KEY_BYTES } from './keyring.ts';

/** Id of the passphrase slot in `meta`; ids that begin with `slot/` are no rows of the sealed store. */
export const PASSPHRASE_SLOT = 'slot/passphrase';

export type SlotError =
  | { readonly kind: 'wrong-passphrase' }
  | { readonly kind: 'no-slot' }
  | { readonly kind: 'storage-damaged'; readonly table: 'meta'; readonly id: string; readonly how: 'altered' };

/** Writes the passphrase slot, replacing the one before. Cost: one scrypt of work factor 17. */
export async function putPassphraseSlot(
  backend: Backend,
  vaultKey: Bytes,
  passphrase: string,
): Promise<Result<void, BackendError>> {
  const bytes = await sealWithPassphrase(vaultKey, passphrase);
  const before = await backend.get('meta', PASSPHRASE_SLOT);
  const row = { id: PASSPHRASE_SLOT, rev: (before?.rev ?? 0) + 1, bytes };
  return backend.commit({ puts: [{ table: 'meta', row }], deletes: [] });
}

/** The vault key behind the passphrase; the caller wipes it after `openStore`. `no-slot`: there is no vault here. */
export async function openPassphraseSlot(backend: Backend, passphrase: string): Promise<Result<Bytes, SlotError>> {
  return openSlot((await backend.get('meta', PASSPHRASE_SLOT))?.bytes ?? null, passphrase);
}

/** As `openPassphraseSlot`, of a slot that was read already. */
export async function openSlot(bytes: Bytes | null, passphrase: string): Promise<Result<Bytes, SlotError>> {
  if (bytes === null) return err({ kind: 'no-slot' });
  const opened = await openWithPassphrase(bytes, passphrase);
  if (!opened.ok && opened.error.kind === 'wrong-passphrase') return err({ kind: 'wrong-passphrase' });
  if (!opened.ok || opened.value.length !== VAULT_KEY_BYTES) {
    return err({ kind: 'storage-damaged', table: 'meta', id: PASSPHRASE_SLOT, how: 'altered' });
  }
  return ok(opened.value);
}
