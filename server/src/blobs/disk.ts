/**
 * Sealed files on a local disk: `<root>/<deployment>/<2 hex>/<64 hex>`, unfinished ones in `<root>/<deployment>/parts/`.
 * Each step is made durable before the next: bytes, fsync, rename, fsync of the folder.
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { err, ok } from '@sealpost/shared/base/result';
import type { BlobKey, BlobStore } from './blobs.ts';
import { fileBody } from './file-body.ts';

const READ_BYTES = 1 << 20;

/** Keeps files under `root`, which is made if it is missing. Files are readable by the server's user only. */
export function openDiskBlobs(root: string): BlobStore {
  const folderOf = (deployment: string): string => join(root, hex(deployment));
  const partOf = (key: BlobKey): string => join(folderOf(key.deployment), 'parts', hex(key.sha256));
  const fileOf = (key: BlobKey): string => join(folderOf(key.deployment), hex(key.sha256).slice(0, 2), hex(key.sha256));

  return {
    async writePart(key, offset, bytes) {
      const path = partOf(key);
      let file: FileHandle;
      try {
        if (offset === 0) await makeFolder(join(folderOf(key.deployment), 'parts'));
        const flags = offset === 0 ? constants.O_RDWR | constants.O_CREAT : constants.O_RDWR;
        file = await open(path, flags, 0o600);
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return err({ kind: 'missing' });
        if (codeOf(error) === 'ENOSPC') return err({ kind: 'no-space' });
        throw error;
      }
      try {
        if ((await file.stat()).size < offset) return err({ kind: 'missing' });
        await file.truncate(offset);
        for (let at = 0; at < bytes.length;) {
          const { bytesWritten } = await file.write(bytes, at, bytes.length - at, offset + at);
          at += bytesWritten;
        }
        await file.sync();
        return ok(undefined);
      } catch (error) {
        if (codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT') return err({ kind: 'no-space' });
        throw error;
      } finally {
        await file.close();
      }
    },

    async finish(key, size) {
      const part = partOf(key);
      const hash = await hashFile(part, size);
      if (hash === null) return err({ kind: 'missing' });
      if (hash !== key.sha256) {
        await rm(part, { force: true });
        return err({ kind: 'wrong-hash' });
      }
      const path = fileOf(key);
      const folder = dirname(path);
      await makeFolder(folder);
      await rename(part, path);
      await syncFolder(folder);
      return ok(undefined);
    },

    async abandon(key) {
      await rm(partOf(key), { force: true });
    },

    async read(key, _size, start, end) {
      try {
        return streamOf(await open(fileOf(key), 'r'), start, end);
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return null;
        throw error;
      }
    },

    async send(key, start, end) {
      try {
        return fileBody(await open(fileOf(key), 'r'), start, end);
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return null;
        throw error;
      }
    },

    async storedAtMs(key) {
      try {
        return (await stat(fileOf(key))).mtimeMs;
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return null;
        throw error;
      }
    },

    async remove(key) {
      await rm(fileOf(key), { force: true });
    },

    async removeAll(deployment) {
      await rm(folderOf(deployment), { recursive: true, force: true });
    },

    async list(deployment) {
      const files: string[] = [];
      const parts = new Map<string, number>();
      const folder = folderOf(deployment);
      for (const name of await namesIn(folder)) {
        for (const file of await namesIn(join(folder, name))) {
          if (!/^[0-9a-f]{64}$/.test(file)) continue;
          const sha256 = Buffer.from(file, 'hex').toString('base64url');
          if (name === 'parts') parts.set(sha256, (await stat(join(folder, name, file))).size);
          else files.push(sha256);
        }
      }
      return { files, parts };
    },

    async deployments() {
      const names = (await namesIn(root)).filter((name) => /^[0-9a-f]{64}$/.test(name));
      return names.map((name) => Buffer.from(name, 'hex').toString('base64url'));
    },

    async freeBytes() {
      await mkdir(root, { recursive: true, mode: 0o700 });
      const { bavail, bsize } = await statfs(root);
      return bavail * bsize;
    },
  };
}

/** Hexadecimal: file names that no file system folds to one case. */
function hex(id: string): string {
  return Buffer.from(id, 'base64url').toString('hex');
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error ? String(error.code) : null;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
    throw error;
  }
}

async function makeFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (made === undefined) return;
  // every folder that got a new name in it, from the innermost out
  for (let at = folder; at.length >= made.length; at = dirname(at)) await syncFolder(dirname(at));
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return; // folders cannot be opened there; NTFS journals names itself
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** SHA-256 of a file that must have `size` bytes, base64url; `null` if it is not there in full. */
async function hashFile(path: string, size: number): Promise<string | null> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
  try {
    if ((await file.stat()).size !== size) return null;
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    for (let at = 0; at < size;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) return null;
      hash.update(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
    return hash.digest('base64url');
  } finally {
    await file.close();
  }
}

/** For who reads within this process; to a socket goes `fileBody`. */
function streamOf(file: FileHandle, start: number, end: number): ReadableStream<Uint8Array> {
  let at = start;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, end - at));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
      at += bytesRead;
      if (bytesRead > 0) controller.enqueue(buffer.subarray(0, bytesRead));
      if (at >= end) {
        await file.close();
        controller.close();
      } else if (bytesRead === 0) {
        await file.close();
        controller.error(new Error('A stored file is shorter than its row says.'));
      }
    },
    async cancel() {
      await file.close();
    },
  });
}
