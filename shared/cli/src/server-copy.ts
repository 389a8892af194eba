/**
 * A copy of a server's data folder that holds together, made while the server runs: the files that the copy of the database names are
 * all in it. Files are immutable and named by their hash, so a second copy into the same folder takes only what is new.
 */
import Database from 'better-sqlite3';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Failure } from './command.ts';
import { PrivateFile, writePrivate } from './private-file.ts';

const DATABASE = 'sealpost.sqlite';
const KEYS = 'server-keys.json';
const CHUNK_BYTES = 1 << 20;
/** A file may be withdrawn between the copy of the database and its own: then both are taken again. */
const ATTEMPTS = 5;

/** What a copy holds. */
export interface ServerCopy {
  readonly files: number;
  readonly bytes: number;
}

interface NamedFile {
  /** Below the data folder. */
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
}

/**
 * Copies `from` to `to`. Order: the files that are there, then the database in one transaction, then the files that it names and that
 * came since. Every file is hashed on its way; everything is durable when this resolves.
 */
export async function copyServer(from: string, to: string): Promise<ServerCopy> {
  if (!existsSync(join(from, DATABASE))) throw new Failure(`${from} holds no ${DATABASE}: not a server's data folder`);
  await mkdir(to, { recursive: true, mode: 0o700 });
  await writePrivate(join(to, KEYS), new Uint8Array(await readFile(join(from, KEYS))));
  for (const file of filesOf(join(from, DATABASE))) await copyFile(from, to, file);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    await copyDatabase(join(from, DATABASE), join(to, DATABASE));
    const files = filesOf(join(to, DATABASE));
    let isWhole = true;
    for (const file of files) isWhole = (await copyFile(from, to, file)) && isWhole;
    if (!isWhole) continue;
    await removeOthers(to, files);
    return { files: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) };
  }
  throw new Failure('files went away faster than they could be copied: try again');
}

/** Reads a whole copy: the database against itself, every file against its name. Throws what is wrong. */
export async function checkCopy(folder: string): Promise<ServerCopy> {
  const db = new Database(join(folder, DATABASE), { readonly: true, fileMustExist: true });
  try {
    const found = String(db.pragma('integrity_check(1)', { simple: true }));
    if (found !== 'ok') throw new Failure(`the database of the copy is damaged: ${found}`);
  } finally {
    db.close();
  }
  const files = filesOf(join(folder, DATABASE));
  for (const { path, sha256, size } of files) {
    if (!(await holds(join(folder, path), sha256, size)))
      throw new Failure(`${path} is missing or damaged in the copy`);
  }
  return { files: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) };
}

/** The sealed files that a database names, those that expired left out: of them the row alone is there. */
function filesOf(database: string): readonly NamedFile[] {
  const db = new Database(database, { readonly: true, fileMustExist: true });
  try {
    const columns = db.pragma('table_info(blobs)') as readonly { readonly name: string }[];
    // a folder of an earlier version has no such column
    const living = columns.some(({ name }) => name === 'expired_at') ? ' where expired_at is null' : '';
    const rows = db.prepare(`select deployment, sha256, size from blobs${living}`).all() as readonly {
      readonly deployment: string;
      readonly sha256: string;
      readonly size: number;
    }[];
    return rows.map(({ deployment, sha256, size }) => {
      const hex = Buffer.from(sha256, 'base64url').toString('hex');
      const folder = Buffer.from(deployment, 'base64url').toString('hex');
      return { path: join('blobs', folder, hex.slice(0, 2), hex), sha256, size };
    });
  } finally {
    db.close();
  }
}

/** One reading transaction, whatever is written meanwhile (https://www.sqlite.org/lang_vacuum.html, VACUUM INTO). */
async function copyDatabase(from: string, to: string): Promise<void> {
  const made = `${to}.new`;
  await rm(made, { force: true });
  const db = new Database(from, { fileMustExist: true });
  try {
    db.pragma('busy_timeout = 10000');
    db.prepare('vacuum into ?').run(made);
  } finally {
    db.close();
  }
  await sync(made, 'r+');
  for (const suffix of ['-wal', '-shm']) await rm(to + suffix, { force: true });
  await rename(made, to);
  await sync(dirname(to), 'r');
}

/** Copies one file unless it is there in full; `false` if it is gone at the source. */
async function copyFile(from: string, to: string, { path, sha256, size }: NamedFile): Promise<boolean> {
  const target = join(to, path);
  if (await holds(target, sha256, size)) return true;
  const source = await open(join(from, path), 'r').catch(() => null);
  if (source === null) return false;
  try {
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    const copy = await PrivateFile.create(target);
    const copied = await hashOf(source, (chunk) => copy.write(chunk)).catch(async (error: unknown) => {
      await copy.discard();
      throw error;
    });
    if (copied !== sha256) {
      await copy.discard();
      throw new Failure(`${path} is damaged at the server: its bytes are not those of its name`);
    }
    await copy.commit();
  } finally {
    await source.close();
  }
  await sync(dirname(target), 'r');
  return true;
}

/** SHA-256 of a file, base64url, read in chunks that `each` gets before the next one. Memory: one chunk. */
async function hashOf(
  file: FileHandle,
  each: (chunk: Uint8Array) => Promise<void> = () => Promise.resolve(),
): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  for (let at = 0; ;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) return hash.digest('base64url');
    const chunk = buffer.subarray(0, bytesRead);
    hash.update(chunk);
    await each(chunk);
    at += bytesRead;
  }
}

/** Files of an earlier copy that the database names no longer. */
async function removeOthers(to: string, files: readonly NamedFile[]): Promise<void> {
  const named = new Set(files.map(({ path }) => path));
  const root = join(to, 'blobs');
  if (!existsSync(root)) return;
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !named.has(path.slice(to.length + 1))) await rm(path);
  }
}

/** True if the file has these bytes. */
async function holds(path: string, sha256: string, size: number): Promise<boolean> {
  const file = await open(path, 'r').catch(() => null);
  if (file === null) return false;
  try {
    if ((await file.stat()).size !== size) return false;
    return (await hashOf(file)) === sha256;
  } finally {
    await file.close();
  }
}

async function sync(path: string, flags: string): Promise<void> {
  const handle = await open(path, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
