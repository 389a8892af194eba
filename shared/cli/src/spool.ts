/**
 * Standard input as a source that can be read again and from any place. It lies in a file without a name, encrypted under a key that
 * only this process's memory holds: whenever the process dies, nothing of the leak is left that anybody could read or would find.
 */
import { createDecipheriv, createCipheriv, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { open as openFile, read as readFile, write as writeFile } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SourceFile } from '@sealpost/shared/opened/ingest/source-file';
import { Failure } from './command.ts';

// Plain numbers, not `FileHandle`s, which complain when they are collected open: the file lives as long as the process.
const open = promisify(openFile);
const read = promisify(readFile);
const write = promisify(writeFile);

/** Counter mode: a place in the file is a place in the text. The key is used for one file, so the counter starts at 0. */
const CIPHER = 'aes-256-ctr';
const BLOCK_BYTES = 16;
const READ_BYTES = 1 << 20;

/** Takes all of `input`, one piece in memory at a time. Fails in plain words where the disk has no room. */
export async function spool(
  name: string,
  input: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
): Promise<SourceFile> {
  const key = randomBytes(32);
  const cipher = createCipheriv(CIPHER, key, Buffer.alloc(BLOCK_BYTES));
  let size = 0;
  try {
    const file = await openNameless();
    for await (const piece of input) {
      const sealed = cipher.update(piece);
      for (let done = 0; done < sealed.length;) {
        done += (await write(file, sealed, done, sealed.length - done, size + done)).bytesWritten;
      }
      size += sealed.length;
      onBytes(size);
    }
    return { name, size, ...reader(file, key, size) };
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new Failure(
      `standard input could not be kept in ${tmpdir()} (${code}): set TMPDIR to a folder with room, or save it to a file first`,
    );
  }
}

/** A file that is gone as soon as nobody has it open. */
async function openNameless(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'sealpost-'));
  try {
    return await open(join(folder, 'input'), 'wx+', 0o600);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function reader(file: number, key: Buffer, size: number): Required<Pick<SourceFile, 'stream' | 'slice'>> {
  const slice = async (start: number, end: number): Promise<Uint8Array> => {
    const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
    let done = 0;
    while (done < bytes.length) {
      const { bytesRead } = await read(file, bytes, done, bytes.length - done, start + done);
      if (bytesRead === 0) throw new Error('spool: the file ends before its end');
      done += bytesRead;
    }
    const counter = Buffer.alloc(BLOCK_BYTES);
    counter.writeBigUInt64BE(BigInt(Math.floor(start / BLOCK_BYTES)), BLOCK_BYTES - 8);
    const decipher = createDecipheriv(CIPHER, key, counter);
    decipher.update(Buffer.alloc(start % BLOCK_BYTES));
    return decipher.update(bytes);
  };
  return {
    slice,
    stream: () => {
      let at = 0;
      return new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            if (at >= size) {
              controller.close();
              return;
            }
            const bytes = await slice(at, at + READ_BYTES);
            at += bytes.length;
            controller.enqueue(bytes);
          },
        },
        { highWaterMark: 0 },
      );
    },
  };
}
