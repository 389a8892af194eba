/** Starts this app's workers, and no other script: one Trusted Types policy that knows their addresses. */
import diskUrl from '#workers/disk.worker.ts?worker&url';
import ingestUrl from '#workers/ingest.worker.ts?worker&url';
import syncUrl from '#workers/sync.worker.ts?worker&url';
import unpackUrl from '#workers/unpack.worker.ts?worker&url';
import vaultUrl from '#workers/vault.worker.ts?worker&url';

const KNOWN = new Set([vaultUrl, syncUrl, diskUrl, unpackUrl, ingestUrl]);

/** Browsers without Trusted Types take the plain address. */
const policy = globalThis.trustedTypes?.createPolicy('sealpost', {
  createScriptURL(url) {
    if (!KNOWN.has(url)) throw new TypeError('not a worker of this app');
    return url;
  },
});

/** The DOM types of TypeScript 6 still want a string where the platform takes a TrustedScriptURL. */
function scriptUrl(url: string): string {
  return (policy?.createScriptURL(url) ?? url) as string;
}

/** One name an identity: all tabs of an identity reach the same worker. Also the name of its database, folder and lock. */
export const workerName = (identityId: string): string => `sealpost-${identityId}`;

export function startSharedVaultWorker(identityId: string): SharedWorker {
  return new SharedWorker(scriptUrl(vaultUrl), { type: 'module', name: workerName(identityId) });
}

export function startVaultWorker(identityId: string): Worker {
  return new Worker(scriptUrl(vaultUrl), { type: 'module', name: workerName(identityId) });
}

/** The only worker with the network. */
export function startSyncWorker(): Worker {
  return new Worker(scriptUrl(syncUrl), { type: 'module', name: 'sealpost-sync' });
}

/** Opens files for a vault worker that is shared and cannot. */
export function startDiskWorker(): Worker {
  return new Worker(scriptUrl(diskUrl), { type: 'module', name: 'sealpost-disk' });
}

/** Decrypts, unpacks and checks bundles while a sync runs, on a core of its own. */
export function startUnpackWorker(): Worker {
  return new Worker(scriptUrl(unpackUrl), { type: 'module', name: 'sealpost-unpack' });
}

/** One for each part of the material that is read at the same time; ends with the load. */
export function startIngestWorker(): Worker {
  return new Worker(scriptUrl(ingestUrl), { type: 'module', name: 'sealpost-ingest' });
}
