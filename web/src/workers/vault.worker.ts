/**
 * Rim of the vault worker: one for each identity, named `sealpost-<identity id>`. A SharedWorker that all tabs reach, or the
 * dedicated worker of the one tab that holds the lock. It has no network (its own policy) and is the only place with keys.
 */
import { expose } from 'comlink';
import type { VaultHello } from './vault.api';
import { tabLockPrefix, whenTabIsGone } from './vault/tab-locks';
import { VaultHost } from './vault/vault-host';

/** A moment, so that answers and the news of the lock still get out. */
const CLOSE_AFTER_MS = 100;

let closing = false;

const host = new VaultHost(self.name.replace(/^sealpost-/, ''), () => {
  closing = true;
  setTimeout(() => self.close(), CLOSE_AFTER_MS);
});

if ('onconnect' in self) {
  self.onconnect = (event: MessageEvent) => {
    const port = event.ports[0];
    if (port === undefined) return;
    const hello: VaultHello = closing ? 'closing' : 'ready';
    port.postMessage(hello);
    if (!closing) expose(host.connect(whenTabIsGone(tabLockPrefix(self.name))), port);
  };
} else expose(host.connect(new Promise(() => undefined)));
