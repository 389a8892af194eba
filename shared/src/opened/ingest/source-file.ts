/** The one shape in which material reaches ingest: a browser `File` and a Node file both adapt to it. Never a path on disk. */

export interface SourceFile {
  /** Name, or path inside the dropped folder with `/`. Untrusted: shown escaped, never opened. */
  readonly name: string;
  readonly size: number;
  /** A new stream over all bytes from the start, at each call. */
  stream(): ReadableStream<Uint8Array>;
  /** Random access, `end` exclusive; without it an archive is first read into memory, up to `limits.memoryBytes`. */
  slice?(start: number, end: number): Promise<Uint8Array>;
}

/** A source over bytes already in memory (pastes, nested archives, tests); `chunkBytes` cuts its stream. */
export function bytesToSource(name: string, bytes: Uint8Array, chunkBytes = 1 << 20): SourceFile {
  return {
    name,
    size: bytes.length,
    stream() {
      let at = 0;
      return new ReadableStream<Uint8Array>({
        pull(controller) {
          if (at >= bytes.length) {
            controller.close();
            return;
          }
          controller.enqueue(bytes.subarray(at, Math.min(bytes.length, at + chunkBytes)));
          at += chunkBytes;
        },
      });
    },
    slice: (start, end) => Promise.resolve(bytes.subarray(start, end)),
  };
}

/** Chunks of a stream; cancels it when the loop is left early. */
export async function* readChunks(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = stream.getReader();
  let isDone = false;
  try {
    for (;;) {
      const step = await reader.read();
      if (step.done) {
        isDone = true;
        return;
      }
      if (step.value.length > 0) yield step.value;
    }
  } finally {
    // The stream may have failed on its own: its error has been thrown above, so a second one is of no use.
    if (!isDone) await reader.cancel().catch(() => undefined);
  }
}
