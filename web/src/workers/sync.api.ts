/** The sync worker: the only place with the network. It holds no key: what it sends was signed and sealed in the vault. */
import type { Network } from '@sealpost/shared/opened/client/ports';

/** First message to the worker: the port on which it serves `Network`, and the only origin it may talk to. */
export interface SyncStart {
  readonly port: MessagePort;
}

export type NetworkApi = Network;
