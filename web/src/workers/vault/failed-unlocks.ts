/**
 * Counts wrong passphrases while the vault is locked, to be told and recorded at the next unlock. The counter lies beside the slot,
 * readable and forgeable by whoever has the disk: a hint, not a proof.
 */
import type { Backend } from '@sealpost/shared/opened/vault/backend';

const ROW = 'slot/failed';

export async function countFailedUnlock(backend: Backend): Promise<void> {
  await write(backend, (await readFailedUnlocks(backend)) + 1);
}

export async function readFailedUnlocks(backend: Backend): Promise<number> {
  const row = await backend.get('meta', ROW);
  return row === null || row.bytes.length !== 4 ? 0 : new DataView(row.bytes.buffer, row.bytes.byteOffset).getUint32(0);
}

export async function clearFailedUnlocks(backend: Backend): Promise<void> {
  if ((await readFailedUnlocks(backend)) > 0) await write(backend, 0);
}

async function write(backend: Backend, count: number): Promise<void> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, count);
  const rev = ((await backend.get('meta', ROW))?.rev ?? 0) + 1;
  await backend.commit({ puts: [{ table: 'meta', row: { id: ROW, rev, bytes } }], deletes: [] });
}
