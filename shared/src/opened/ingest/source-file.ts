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

/** Of a byte stream, so much is read at once, into the same memory: touching it for the first time costs more than a read. */
const READ_BYTES = 1 << 20;

/**
 * Chunks of a stream; cancels it when the loop is left early. A chunk is valid until the next one is asked for: whoever keeps it, or
 * gives it to what may, copies it. `sizeBytes`: about what will come, 0 if that is not known.
 */
export async function* readChunks(
  stream: ReadableStream<Uint8Array>,
  sizeBytes = 0,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = openChunks(stream, sizeBytes);
  let isDone = false;
  try {
    for (;;) {
      const chunk = await reader.read();
      if (chunk === null) {
        isDone = true;
        return;
      }
      if (chunk.length > 0) yield chunk;
    }
  } finally {
    // The stream may have failed on its own: its error has been thrown above, so a second one is of no use.
    if (!isDone) await reader.cancel().catch(() => undefined);
  }
}

interface ChunkReader {
  /** `null` at the end. */
  read(): Promise<Uint8Array | null>;
  cancel(): Promise<void>;
}

function openChunks(stream: ReadableStream<Uint8Array>, sizeBytes: number): ChunkReader {
  const byob = sizeBytes > READ_BYTES ? byobReader(stream) : null;
  if (byob === null) {
    const reader = stream.getReader();
    return { read: async () => (await reader.read()).value ?? null, cancel: () => reader.cancel() };
  }
  let memory = new ArrayBuffer(READ_BYTES);
  return {
    async read() {
      const { done, value } = await byob.read(new Uint8Array(memory));
      if (done || value === undefined) return null;
      memory = value.buffer;
      return value;
    },
    cancel: () => byob.cancel(),
  };
}

/** `null` for a stream of other things than bytes that lie somewhere. */
function byobReader(stream: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | null {
  try {
    return stream.getReader({ mode: 'byob' });
  } catch {
    return null;
  }
}
