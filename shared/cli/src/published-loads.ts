/** Which loads were used up by which publication: drafts on disk stay where they are, so the vault remembers. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DRAFT_FILE } from '@sealpost/shared/opened/client/draft-file';
import type { StoredLoad } from '@sealpost/shared/opened/client/load';
import type { SealedStore, StoreTransaction } from '@sealpost/shared/opened/vault/store';
import { readDraft } from './draft-folder.ts';

const row = (loadId: string, listId: string) => `used-load/${loadId}/${listId}`;

/** Notes that drafts of `loads` went out to an organisation, in the commit that queues the bundle. */
export function putUsed(tx: StoreTransaction, loads: readonly string[], listId: string): void {
  for (const loadId of loads) tx.put('imports', row(loadId, listId), 1);
}

/** True if all `loads` went out to this organisation already. */
export function isUsed(store: SealedStore, loads: readonly string[], listId: string): boolean {
  return loads.every((loadId) => store.has('imports', row(loadId, listId)));
}

/**
 * True if the load still counts: its drafts lie in the vault or in their folder, or went out to everybody they concerned.
 * A folder that was deleted before that was discarded, and its sources may be loaded again.
 */
export async function isLoadKept(store: SealedStore, load: StoredLoad): Promise<boolean> {
  const { folder, summary } = load;
  if (folder === undefined || folder.listIds.every((listId) => isUsed(store, [summary.loadId], listId))) return true;
  if (!existsSync(join(folder.path, DRAFT_FILE))) return false;
  return (await readDraft(folder.path))?.loads.includes(summary.loadId) === true;
}
