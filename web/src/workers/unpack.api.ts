/**
 * The unpack worker: decrypts, hashes, inflates and checks bundles for the vault worker, so that both cores work on an import. It has
 * no network, no storage, and of keys the one of the file that it reads. A page starts it for a sync.
 */

/** First message to the worker: the port on which it serves `UnpackApi`. */
export interface UnpackStart {
  readonly port: MessagePort;
}

export interface UnpackApi {
  /** Sends the buffer back: how long that takes tells whether both workers live in one process, and that this one lives at all. */
  echo(buffer: ArrayBuffer): Promise<ArrayBuffer>;
  /** Reads one file, by the messages of `opened/bundle/unpack-messages.ts`. */
  serve(port: MessagePort): Promise<void>;
}
