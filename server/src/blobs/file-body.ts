/**
 * A piece of a file on its way to a socket: read into buffers that are used again, one being filled while the other is written. Who
 * reads slowly holds two of them.
 */
import type { FileHandle } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import type { RawBody } from '../raw-body.ts';

const BUFFER_BYTES = 512 * 1024;
/** What four downloads at once use; more is given back to the system. */
const MOST_SPARE = 8;

const spare: Buffer[] = [];

/** Bytes `start` to `end` (exclusive) of `file`, which is closed at the end whatever happens. */
export function fileBody(file: FileHandle, start: number, end: number): RawBody {
  return {
    async sendTo(outgoing) {
      try {
        await copy(file, start, end, outgoing);
      } catch (error) {
        outgoing.destroy(); // its head promised more: the client must see that this is not all
        throw error;
      } finally {
        await file.close();
      }
    },
    drop: () => file.close(),
  };
}

async function copy(file: FileHandle, start: number, end: number, outgoing: ServerResponse): Promise<void> {
  const line = lineOf(outgoing);
  try {
    let written = Promise.resolve(true);
    for (let at = start; at < end;) {
      const buffer = spare.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES);
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, end - at), at);
      if (bytesRead === 0) throw new Error('A stored file is shorter than its row says.');
      at += bytesRead;
      if (!(await written)) return;
      written = line.write(buffer.subarray(0, bytesRead)).finally(() => giveBack(buffer));
    }
    if (await written) outgoing.end();
  } finally {
    line.forget();
  }
}

function giveBack(buffer: Buffer): void {
  if (spare.length < MOST_SPARE) spare.push(buffer);
}

interface Written {
  /** Resolves once the bytes are the system's; `false` if the line is gone, and nobody reads them any more either. */
  write(bytes: Uint8Array): Promise<boolean>;
  forget(): void;
}

/** A socket that closes ends what is being written, also if the answer never came to its turn on it and nobody calls back. */
function lineOf(outgoing: ServerResponse): Written {
  const { socket } = outgoing.req;
  let gone: () => void = () => undefined;
  const onClose = (): void => gone();
  socket.once('close', onClose);
  return {
    write: (bytes) =>
      new Promise((resolve) => {
        gone = () => resolve(false);
        if (socket.destroyed) gone();
        else outgoing.write(bytes, (error) => resolve(error === null || error === undefined));
      }),
    forget: () => void socket.off('close', onClose),
  };
}
