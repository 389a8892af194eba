/**
 * Rim of the vault worker: one for each identity, named `sealpost-<identity id>`. A SharedWorker that all tabs reach, or the
 * dedicated worker of the one tab that holds the lock. It has no network (its own policy) and is the only place with keys.
 */
import { expose } from 'comlink';
import { OpfsFiles } from './store/opfs-files.ts';
import type { VaultHello } from './vault.api';
import { DiskPorts } from './vault/disk-ports.ts';
import { holdWorkerLock } from './vault/tab-locks.ts';
import { VaultHost } from './vault/vault-host.ts';

/** A moment, so that answers and the news of the lock still get out. */
const CLOSE_AFTER_MS = 100;

let closing = false;

const isShared = 'onconnect' in self;
const host = new VaultHost(self.name, isShared ? new DiskPorts() : OpfsFiles.here(self.name), () => {
  closing = true;
  setTimeout(() => self.close(), CLOSE_AFTER_MS);
});

if ('onconnect' in self) {
  const alive = holdWorkerLock(self.name);
  self.onconnect = async (event: MessageEvent) => {
    const port = event.ports[0];
    if (port === undefined) return;
    await alive;
    const hello: VaultHello = closing ? 'closing' : 'ready';
    port.postMessage(hello);
    if (!closing) expose(host.connect(), port);
  };
} else expose(host.connect());
