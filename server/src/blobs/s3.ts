/**
 * Sealed files in S3-compatible storage. No byte of it is believed: what is written is read back and hashed before it counts, what is
 * read is hashed before it goes out, block by block, so that ranges are checked, too. Names, `<deployment>` and `<file>` in hexadecimal:
 *
 *   <deployment>/files/<file>            the bytes
 *   <deployment>/blocks/<file>           SHA-256 of each block of 1 MiB, then that of all of these; for files of more than one block
 *   <deployment>/parts/<file>/<offset>   parts of an unfinished upload; the offset in 12 digits
 *
 * A file of up to 8 MiB is one object, a larger one is kept in pieces of 8 MiB, `<file>` and `<file>.1`, `.2`…
 */
import { createHash } from 'node:crypto';
import { err, ok } from '@sealpost/shared/base/result';
import { BLOB_PART_BYTES, MAX_BLOB_BYTES } from '@sealpost/shared/sealed/wire/limits';
import { BlobsAway } from './blobs.ts';
import type { BlobKey, BlobStore } from './blobs.ts';
import type { S3Client } from './s3-client.ts';

const BLOCK_BYTES = 1 << 20;
/** A PUT holds its body in memory. */
const PIECE_BYTES = 8 * BLOCK_BYTES;
const HASH_BYTES = 32;
const MAX_BLOCKS = MAX_BLOB_BYTES / BLOCK_BYTES;
/** How often bytes that are not what they must be are asked for again. */
const READ_ATTEMPTS = 3;
const MAX_KNOWN_FILES = 2000;

/** Files in the bucket of `client`. */
export function openS3Blobs(client: S3Client): BlobStore {
  /** Block hashes of files that were read last: 32 bytes for each MiB. */
  const known = new Map<string, Uint8Array>();

  async function blocksOf(key: BlobKey, isSingle: boolean): Promise<Uint8Array | null> {
    if (isSingle) return Buffer.from(key.sha256, 'base64url');
    const path = blocksPath(key);
    const blocks = known.get(path) ?? (await readBlocks(path));
    if (blocks === null) return null;
    known.delete(path);
    known.set(path, blocks);
    const [oldest] = known.keys();
    if (known.size > MAX_KNOWN_FILES && oldest !== undefined) known.delete(oldest);
    return blocks;
  }

  /** The hashes of a file's blocks, without their own hash at the end. */
  async function readBlocks(path: string): Promise<Uint8Array | null> {
    for (let attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
      const stored = await client.get(path, 0, (MAX_BLOCKS + 1) * HASH_BYTES);
      if (stored === null) return null;
      const blocks = stored.subarray(0, -HASH_BYTES);
      if (sha256Of(blocks).equals(stored.subarray(-HASH_BYTES))) return blocks;
    }
    throw new BlobsAway('The blob storage does not have the bytes that were stored.');
  }

  /** Block `at` of a file, checked; asked for again if it is wrong. */
  async function readBlock(key: BlobKey, at: number, blocks: Uint8Array): Promise<Uint8Array> {
    const expected = blocks.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);
    const start = at * BLOCK_BYTES;
    const from = start % PIECE_BYTES;
    for (let attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
      const block = await client.get(piecePath(key, Math.floor(start / PIECE_BYTES)), from, from + BLOCK_BYTES);
      if (block !== null && sha256Of(block).equals(expected)) return block;
    }
    throw new BlobsAway('The blob storage does not have the bytes that were stored.');
  }

  /** Stores `bytes` under `path` and reads them back. */
  async function putChecked(path: string, bytes: Uint8Array): Promise<void> {
    const expected = sha256Of(bytes);
    for (let attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
      await client.put(path, bytes);
      const stored = await client.get(path, 0, bytes.length + 1);
      if (stored !== null && sha256Of(stored).equals(expected)) return;
    }
    throw new BlobsAway('The blob storage does not keep the bytes that it takes.');
  }

  /** The upload's bytes in pieces, from parts of any size; one buffer for all of them. `null` where a part is missing. */
  async function* piecesOf(key: BlobKey, size: number): AsyncGenerator<Uint8Array | null> {
    const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, size));
    let filled = 0;
    for (let at = 0; at < size;) {
      const part = await client.get(partPath(key, at), 0, BLOB_PART_BYTES);
      if (part === null || part.length === 0 || at + part.length > size) {
        yield null;
        return;
      }
      for (let from = 0; from < part.length;) {
        const taken = part.copy(piece, filled, from);
        from += taken;
        filled += taken;
        if (filled < piece.length && at + from < size) continue;
        yield piece.subarray(0, filled);
        filled = 0;
      }
      at += part.length;
    }
  }

  async function removePrefix(prefix: string): Promise<void> {
    const { objects } = await client.list(prefix, null);
    for (const object of objects) await client.delete(object.key);
  }

  return {
    async writePart(key, offset, bytes) {
      await putChecked(partPath(key, offset), bytes);
      return ok(undefined);
    },

    async finish(key, size) {
      const whole = createHash('sha256');
      const hashes: Buffer[] = [];
      let only: Uint8Array | null = null;
      for await (const piece of piecesOf(key, size)) {
        if (piece === null) return err({ kind: 'missing' });
        whole.update(piece);
        hashes.push(hashBlocks(piece));
        if (size <= PIECE_BYTES) only = piece;
      }
      if (whole.digest('base64url') !== key.sha256) {
        await removePrefix(partsPath(key));
        return err({ kind: 'wrong-hash' });
      }
      if (size > BLOCK_BYTES) await putChecked(blocksPath(key), withHash(Buffer.concat(hashes)));
      let index = 0;
      for await (const piece of only === null ? piecesOf(key, size) : [only]) {
        // somebody else may be uploading other bytes by this name: nothing but the file's own is ever written over it
        if (piece === null || hashes[index]?.equals(hashBlocks(piece)) !== true) return err({ kind: 'missing' });
        await putChecked(piecePath(key, index), piece);
        index += 1;
      }
      await removePrefix(partsPath(key));
      return ok(undefined);
    },

    abandon: (key) => removePrefix(partsPath(key)),

    async read(key, size, start, end) {
      const blocks = await blocksOf(key, size <= BLOCK_BYTES);
      if (blocks === null) return null;
      let at = Math.floor(start / BLOCK_BYTES);
      // before the answer begins: a file that is not there is told as one
      let next: Uint8Array | null = await readBlock(key, at, blocks);
      return new ReadableStream<Uint8Array>({
        async pull(controller) {
          const block = next ?? (await readBlock(key, at, blocks));
          next = null;
          const first = at * BLOCK_BYTES;
          controller.enqueue(block.subarray(Math.max(0, start - first), Math.min(block.length, end - first)));
          at += 1;
          if (at * BLOCK_BYTES >= end) controller.close();
        },
      });
    },

    async storedAtMs(key) {
      return (await client.head(piecePath(key, 0)))?.storedAtMs ?? null;
    },

    async remove(key) {
      known.delete(blocksPath(key));
      await removePrefix(piecePath(key, 0));
      await client.delete(blocksPath(key));
    },

    removeAll: (deployment) => removePrefix(`${hex(deployment)}/`),

    async list(deployment) {
      const files: string[] = [];
      const parts = new Map<string, number>();
      for (const { key, size } of (await client.list(`${hex(deployment)}/`, null)).objects) {
        const [, kind, name = '', offset] = key.split('/');
        if (!/^[0-9a-f]{64}$/.test(name)) continue;
        const sha256 = Buffer.from(name, 'hex').toString('base64url');
        if (kind === 'files') files.push(sha256);
        if (kind === 'parts') parts.set(sha256, Math.max(parts.get(sha256) ?? 0, Number(offset) + size));
      }
      return { files, parts };
    },

    async deployments() {
      const { folders } = await client.list('', '/');
      const names = folders.map((folder) => folder.slice(0, -1)).filter((name) => /^[0-9a-f]{64}$/.test(name));
      return names.map((name) => Buffer.from(name, 'hex').toString('base64url'));
    },

    freeBytes: async () => Number.MAX_SAFE_INTEGER,
  };
}

function piecePath({ deployment, sha256 }: BlobKey, index: number): string {
  return `${hex(deployment)}/files/${hex(sha256)}${index === 0 ? '' : `.${index}`}`;
}

function blocksPath({ deployment, sha256 }: BlobKey): string {
  return `${hex(deployment)}/blocks/${hex(sha256)}`;
}

function partsPath({ deployment, sha256 }: BlobKey): string {
  return `${hex(deployment)}/parts/${hex(sha256)}/`;
}

function partPath(key: BlobKey, offset: number): string {
  return partsPath(key) + String(offset).padStart(12, '0');
}

/** SHA-256 of each block, one behind the other. */
function hashBlocks(piece: Uint8Array): Buffer {
  const hashes: Buffer[] = [];
  for (let at = 0; at < piece.length; at += BLOCK_BYTES) hashes.push(sha256Of(piece.subarray(at, at + BLOCK_BYTES)));
  return Buffer.concat(hashes);
}

function withHash(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes, sha256Of(bytes)]);
}

function hex(id: string): string {
  return Buffer.from(id, 'base64url').toString('hex');
}

function sha256Of(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
