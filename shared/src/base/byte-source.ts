/** Bytes that come piece by piece, pulled by whoever reads them: a `ReadableStream` without its cost for every piece. */

export interface ByteSource {
  /** The next piece, `null` at the end. It rejects where the source broke off. A piece is good until the next call. */
  next(): Promise<Uint8Array | null>;
  /** Lets go of the source; nothing is read any more. */
  cancel(): Promise<void>;
}

const PIECE_BYTES = 256 * 1024;

/** A source of what stands in memory; its pieces are views. */
export function sourceOfBytes(bytes: Uint8Array): ByteSource {
  let at = 0;
  return {
    next: () => Promise.resolve(at < bytes.length ? bytes.subarray(at, (at += PIECE_BYTES)) : null),
    cancel: () => Promise.resolve(),
  };
}

/** A source of what a stream brings. */
export function sourceOfStream(stream: ReadableStream<Uint8Array>): ByteSource {
  const reader = stream.getReader();
  return {
    next: async () => (await reader.read()).value ?? null,
    cancel: () => reader.cancel().catch(() => undefined), // a stream that failed already says so again
  };
}
