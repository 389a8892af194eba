/** Files that the CLI writes: readable by their owner only, and either whole or not there. */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { open, readdir, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from './command.ts';

/** Bytes gathered before a write. */
const BUFFER_BYTES = 1 << 20;

/** Names that are not in place yet; a process that is stopped takes them with it. */
const unfinished = new Set<string>();
process.on('exit', () => {
  for (const path of unfinished) rmSync(path, { force: true });
});

/** Where a finished file lies and where it belongs. */
export interface Placement {
  readonly temporary: string;
  readonly path: string;
}

/** Puts a finished file in its place; one that was placed before is left as it is. */
export async function placeFile({ temporary, path }: Placement): Promise<void> {
  try {
    await rename(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw new Failure(`${path} cannot be written`);
  }
}

/** Removes what a process that was killed left half written in `folder`, but for `kept`. */
export async function removeUnfinished(folder: string, kept: ReadonlySet<string>): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const path = join(folder, name);
    if (/\.[0-9a-f]{12}\.part$/.test(name) && !kept.has(path)) await rm(path, { force: true });
  }
}

/** A file being written under another name; nothing stands at `path` before `commit`. */
export class PrivateFile {
  readonly #path: string;
  readonly #temporary: string;
  readonly #file: FileHandle;
  #parts: string[] = [];
  #gathered = 0;

  private constructor(path: string, temporary: string, file: FileHandle) {
    this.#path = path;
    this.#temporary = temporary;
    this.#file = file;
  }

  static async create(path: string): Promise<PrivateFile> {
    const temporary = `${path}.${randomBytes(6).toString('hex')}.part`;
    try {
      const file = await open(temporary, 'wx', 0o600);
      unfinished.add(temporary);
      return new PrivateFile(path, temporary, file);
    } catch {
      throw new Failure(`${path} cannot be written`);
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#flush();
    await this.#append(bytes);
  }

  /** Adds a line; its newline is put here. */
  async line(text: string): Promise<void> {
    this.#parts.push(text, '\n');
    this.#gathered += text.length + 1;
    if (this.#gathered >= BUFFER_BYTES) await this.#flush();
  }

  /** Makes it durable under its name, in place of a file that stood there. */
  async commit(): Promise<void> {
    await this.finish();
    await this.place();
  }

  /** Makes it durable under its temporary name, which is answered with its own; nothing can be added afterwards. */
  async finish(): Promise<Placement> {
    await this.#flush();
    try {
      await this.#file.sync();
      await this.#file.close();
    } catch {
      await this.discard();
      throw new Failure(`${this.#path} cannot be written`);
    }
    return { temporary: this.#temporary, path: this.#path };
  }

  /** After `finish`: puts it in the place of a file that stood there. */
  async place(): Promise<void> {
    await placeFile({ temporary: this.#temporary, path: this.#path });
    unfinished.delete(this.#temporary);
  }

  /** Somebody else will place it should this process end first. */
  leave(): void {
    unfinished.delete(this.#temporary);
  }

  async discard(): Promise<void> {
    await this.#file.close().catch(() => undefined);
    await rm(this.#temporary, { force: true });
    unfinished.delete(this.#temporary);
  }

  async #flush(): Promise<void> {
    if (this.#gathered === 0) return;
    const text = this.#parts.join('');
    this.#parts = [];
    this.#gathered = 0;
    await this.#append(Buffer.from(text));
  }

  async #append(bytes: Uint8Array): Promise<void> {
    try {
      await this.#file.writeFile(bytes);
    } catch {
      await this.discard();
      throw new Failure(`${this.#path} cannot be written: is the disk full?`);
    }
  }
}

/** Writes a whole file. */
export async function writePrivate(path: string, content: Uint8Array | string): Promise<void> {
  const file = await PrivateFile.create(path);
  await file.write(typeof content === 'string' ? Buffer.from(content) : content);
  await file.commit();
}
