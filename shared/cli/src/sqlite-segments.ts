/**
 * Segment files as parts in the vault's SQLite file. Parts are written without waiting for the disk; closing a file commits with
 * `synchronous=FULL`, which syncs the log they all lie in, so that a million findings do not wait for a hundred syncs.
 */
import type Database from 'better-sqlite3';
import type { Bytes } from '@sealpost/shared/base/bytes';
import type { Result } from '@sealpost/shared/base/result';
import { err, ok } from '@sealpost/shared/base/result';
import type { BackendError } from '@sealpost/shared/opened/vault/backend-error';
import type { SegmentFile, SegmentStorage, SegmentWriter } from '@sealpost/shared/opened/vault/segment-storage';

interface Part {
  readonly start: number;
  readonly bytes: Buffer;
}

/** Runs statements; what SQLite throws becomes a value. */
export type RunWrite = <T>(write: () => T) => Result<T, BackendError>;

export class SqliteSegments implements SegmentStorage {
  readonly kind = 'sqlite';
  readonly #db: Database.Database;
  readonly #run: RunWrite;

  constructor(db: Database.Database, run: RunWrite) {
    this.#db = db;
    this.#run = run;
    // A file stands in `files` from its first moment; its parts lie one behind the other.
    db.exec(`CREATE TABLE IF NOT EXISTS files (name TEXT PRIMARY KEY, size INTEGER NOT NULL, closed INTEGER NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS parts (name TEXT NOT NULL, start INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;
      CREATE UNIQUE INDEX IF NOT EXISTS parts_by_place ON parts (name, start);`);
  }

  async create(name: string): Promise<Result<SegmentWriter, BackendError>> {
    const made = this.#run(() =>
      this.#db.prepare('INSERT INTO files (name, size, closed) VALUES (?, 0, 0) ON CONFLICT DO NOTHING').run(name),
    );
    if (!made.ok) return made;
    if (made.value.changes === 0) return err({ kind: 'conflict' });
    return ok({
      append: async (bytes) => {
        const written = this.#run(() => this.#append(name, bytes));
        return written.ok ? ok(bytes.buffer) : written;
      },
      close: async () => this.#close(name),
      abort: async () => {
        await this.remove([name]);
      },
    });
  }

  async read(name: string, offset: number, length: number, into?: ArrayBuffer): Promise<Bytes | null> {
    const size = this.#sizeOf(name);
    if (size === null || offset + length > size) return null;
    const answer = new Uint8Array(into !== undefined && into.byteLength >= length ? into : new ArrayBuffer(length));
    const first = this.#db
      .prepare<[string, number], { start: number | null }>(
        'SELECT max(start) AS start FROM parts WHERE name = ? AND start <= ?',
      )
      .get(name, offset);
    const parts = this.#db
      .prepare<[string, number, number], Part>(
        'SELECT start, bytes FROM parts WHERE name = ? AND start >= ? AND start < ? ORDER BY start',
      )
      .iterate(name, first?.start ?? 0, offset + length);
    let filled = 0;
    for (const { start, bytes } of parts) {
      const cut = bytes.subarray(Math.max(0, offset - start), Math.max(0, offset + length - start));
      answer.set(cut, Math.max(0, start - offset));
      filled += cut.length;
    }
    return filled === length ? answer.subarray(0, length) : null;
  }

  async remove(names: readonly string[]): Promise<Result<void, BackendError>> {
    const removed = this.#run(
      this.#db.transaction(() => {
        for (const name of names) {
          this.#db.prepare('DELETE FROM parts WHERE name = ?').run(name);
          this.#db.prepare('DELETE FROM files WHERE name = ?').run(name);
        }
      }),
    );
    return removed.ok ? ok(undefined) : removed;
  }

  async list(): Promise<readonly SegmentFile[]> {
    return this.#db.prepare<[], SegmentFile>('SELECT name, size FROM files').all();
  }

  #append(name: string, bytes: Bytes): void {
    const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#db.pragma('synchronous = NORMAL');
    try {
      this.#db.transaction(() => {
        const start = this.#sizeOf(name);
        if (start === null) throw new TypeError('segments: the file is gone');
        this.#db.prepare('INSERT INTO parts (name, start, bytes) VALUES (?, ?, ?)').run(name, start, content);
        this.#db.prepare('UPDATE files SET size = size + ? WHERE name = ?').run(content.length, name);
      })();
    } finally {
      this.#db.pragma('synchronous = FULL');
    }
  }

  /** A change that really changes: SQLite writes and syncs nothing for a row that stays the same. */
  #close(name: string): Result<void, BackendError> {
    const closed = this.#run(() => this.#db.prepare('UPDATE files SET closed = 1 WHERE name = ?').run(name));
    if (!closed.ok) return closed;
    return closed.value.changes === 1 ? ok(undefined) : err({ kind: 'storage-failed' });
  }

  #sizeOf(name: string): number | null {
    const row = this.#db.prepare<[string], { size: number }>('SELECT size FROM files WHERE name = ?').get(name);
    return row?.size ?? null;
  }
}
