/** Deletes the bytes of sealed files whose row is gone. In the sequencer: nobody can begin to use them again meanwhile, in any process. */
import type { Deps } from '../deps.ts';
import { findBlob, findUpload } from '../store/blobs.ts';
import type { BlobKey } from './blobs.ts';

/** Deletes a file unless a row or an upload names it (again). */
export async function removeUnused(deps: Deps, key: BlobKey): Promise<void> {
  await deps.sequencer.submit(async ({ trx }) => {
    if ((await findBlob(trx, key.deployment, key.sha256)) !== null) return;
    if ((await findUpload(trx, key.deployment, key.sha256)) !== null) return;
    await deps.blobs.remove(key);
  });
}
