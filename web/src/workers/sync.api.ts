/** The sync worker: the only place with the network. It holds no key: what it sends was signed and sealed in the vault. */
import type { Network, NetworkRequest, StreamedResponse } from '@sealpost/shared/opened/client/ports';
import type { Result } from '@sealpost/shared/base/result';

/** First message to the worker: the port on which it serves `NetworkApi`, and the only origin it may talk to. */
export interface SyncStart {
  readonly port: MessagePort;
}

export interface NetworkApi extends Pick<Network, 'request'> {
  /** `Network.stream`; the body goes through `port` (streamed-body.ts). */
  stream(
    request: NetworkRequest,
    port: MessagePort,
  ): Promise<Result<Omit<StreamedResponse, 'body'>, { readonly kind: 'offline' }>>;
}
