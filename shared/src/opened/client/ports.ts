/** What a client needs from the place it runs in: a network, a clock, randomness. Storage is `SealedStore`. */
import type { Ms } from '../../base/brand.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import type { Room } from '../vault/room.ts';
import type { ReadBundle } from '../bundle/read-bundle.ts';

export interface NetworkRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Absolute URL on the deployment's origin. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Bytes | null;
}

export interface NetworkResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Bytes;
}

/** `offline`: no answer came, the server may or may not have acted. Requests are at most 8 MiB each way plus headers. */
export interface Network {
  request(request: NetworkRequest): Promise<Result<NetworkResponse, { readonly kind: 'offline' }>>;
}

export interface Ports {
  readonly network: Network;
  readonly nowMs: () => Ms;
  readonly random: (length: number) => Bytes;
  /** Milliseconds from any zero, finer than `nowMs`: how long an answer took. */
  readonly clock?: () => number;
  /** Lets other work in between two slices of a long one. */
  readonly pause?: () => Promise<void>;
  /** What the device has for another bundle; left out, nothing is refused before it is fetched. */
  readonly room?: () => Promise<Room>;
  /** Reads bundles in another worker while one offers to; left out, they are read where the client runs. */
  readonly readBundle?: ReadBundle;
}
