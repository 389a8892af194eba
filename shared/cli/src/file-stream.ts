/** A file on disk as a byte stream, read straight into the memory of whoever asks. Node's own adapter copies every chunk. */
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

/** For readers that bring no memory. */
const CHUNK_BYTES = 1 << 20;

/** Opens the file at the first read; fails as reading it does. */
export function streamFile(path: string): ReadableStream<Uint8Array> {
  let file: FileHandle | null = null;
  return new ReadableStream({
    type: 'bytes',
    autoAllocateChunkSize: CHUNK_BYTES,
    async pull(controller) {
      const request = controller.byobRequest;
      const view = request?.view;
      if (request === null || !view) throw new Error('a byte stream is read into memory that it is given');
      try {
        file ??= await open(path, 'r');
        const into = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
        const { bytesRead } = await file.read(into, 0, into.length, null);
        if (bytesRead === 0) {
          await file.close();
          controller.close();
        }
        request.respond(bytesRead);
      } catch (error) {
        await file?.close().catch(() => undefined);
        throw error;
      }
    },
    async cancel() {
      await file?.close();
    },
  });
}
