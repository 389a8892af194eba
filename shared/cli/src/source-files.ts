/** Leak material on disk, in the one shape that ingest reads: files, folders with their paths, or standard input. */
import { open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { SourceFile } from '@sealpost/shared/opened/ingest/source-file';
import { Failure } from './command.ts';
import { streamFile } from './file-stream.ts';
import type { Io } from './io.ts';
import { spool } from './spool.ts';

const TOLD_EVERY_BYTES = 16 * 2 ** 20;

/** One source: a file, or the files of one folder. */
export interface DiskSource {
  /** As the operator named it; stays with the operator. */
  readonly name: string;
  readonly files: SourceFile | readonly SourceFile[];
  readonly sizeBytes: number;
}

/** The sources behind the operands. A folder is one source; links are not followed. `stdinName` is what `-` is called. */
export async function readSources(
  operands: readonly string[],
  io: Io,
  stdinName = 'stdin',
): Promise<readonly DiskSource[]> {
  const sources: DiskSource[] = [];
  for (const operand of operands) {
    if (operand === '-') {
      sources.push(await readStdin(stdinName, io));
      continue;
    }
    const path = io.path(operand);
    const found = await stat(path).catch(() => null);
    if (found === null) throw new Failure(`${operand} is not there or cannot be read`);
    if (found.isFile()) {
      const name = basename(path);
      sources.push({ name, files: fileToSource(path, name, found.size), sizeBytes: found.size });
    } else if (found.isDirectory()) {
      const files = await readFolder(path, '');
      const sizeBytes = files.reduce((sum, { size }) => sum + size, 0);
      sources.push({ name: basename(path), files, sizeBytes });
    } else throw new Failure(`${operand} is neither a file nor a folder`);
  }
  return sources;
}

/** A file that is opened anew for each reading. */
function fileToSource(path: string, name: string, size: number): SourceFile {
  return {
    name,
    size,
    stream: () => streamFile(path),
    slice: async (start, end) => {
      const file = await open(path, 'r');
      try {
        const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
        let done = 0;
        while (done < bytes.length) {
          const { bytesRead } = await file.read(bytes, done, bytes.length - done, start + done);
          if (bytesRead === 0) break;
          done += bytesRead;
        }
        return bytes.subarray(0, done);
      } finally {
        await file.close();
      }
    },
  };
}

async function readFolder(folder: string, prefix: string): Promise<readonly SourceFile[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => {
    throw new Failure(`the folder ${folder} cannot be read`);
  });
  const files: SourceFile[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    const name = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) files.push(...(await readFolder(path, name)));
    else if (entry.isFile()) files.push(fileToSource(path, name, (await stat(path)).size));
  }
  return files;
}

async function readStdin(name: string, io: Io): Promise<DiskSource> {
  let toldBytes = 0;
  const file = await spool(name, process.stdin, (bytes) => {
    if (bytes - toldBytes < TOLD_EVERY_BYTES) return;
    toldBytes = bytes;
    io.progress(`${name}: ${Math.round(bytes / 1e6)} MB taken in`);
  });
  return { name, files: file, sizeBytes: file.size };
}
