/** What a client needs from the place it runs in: a network, a clock, randomness. Storage is `SealedStore`. */
import type { Ms } from '../../base/brand.ts';
import type { ByteSource } from '../../base/byte-source.ts';
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

/** An answer whose body comes piece by piece; `next` rejects where the line breaks off. To be read to its end, or cancelled. */
export interface StreamedResponse extends Omit<NetworkResponse, 'body'> {
  readonly body: ByteSource;
}

/** `offline`: no answer came, the server may or may not have acted. */
export interface Network {
  /** At most 8 MiB each way plus headers. */
  request(request: NetworkRequest): Promise<Result<NetworkResponse, { readonly kind: 'offline' }>>;
  /** An answer of any size. Left out where bodies come as a whole: files are then asked for in parts. */
  stream?(request: NetworkRequest): Promise<Result<StreamedResponse, { readonly kind: 'offline' }>>;
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
