/**
 * The rows of a vault under one vault key. Everything that is written rewrites the manifest in the same batch; everything that is read is
 * held against it. In memory: the manifest, never a value.
 */
import { toBase64url } from '../../base/base64url.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { JsonValue } from '../../base/strict-json.ts';
import type { Backend, Batch, StoredRow, VaultTable } from './backend.ts';
import { VAULT_TABLES } from './backend.ts';
import { MAX_WRITES_PER_GENERATION, openRow, sealRow, tagOf } from './keyring.ts';
import type { ManifestRoot, PageMark, RowMark } from './manifest.ts';
import { encodePage, encodeRoot, HEADER_ID, MANIFEST_ID, pageId, perTable } from './manifest.ts';
import type { FileKeys } from './open-blocks.ts';
import { PendingTransaction } from './pending.ts';
import { RowBuffers, Scratch } from './row-buffers.ts';
import type { PlannedPage, RowIndex } from './row-index.ts';
import { idAtRest, rowSpace } from './row-space.ts';
import { decodeStoredValue, encodeStoredValue } from './stored-value.ts';
import type { StoredValue, StoreError } from './store.ts';
import type { StorageDamaged } from './storage-damaged.ts';
import { StoreFailure } from './store.ts';
import type { TableKeys, VaultHeader } from './table-keys.ts';
import { addGeneration, encodeHeader } from './table-keys.ts';

/** A life as it was read from the disk, or as it begins. */
export interface OpenedLife {
  /** Rows of all lives. */
  readonly backend: Backend;
  readonly keys: TableKeys;
  readonly random: (length: number) => Bytes;
  readonly header: VaultHeader;
  readonly headerRev: number;
  readonly root: ManifestRoot;
  readonly rootRev: number;
  readonly rows: Readonly<Record<VaultTable, RowIndex>>;
  /** Writes after which a table gets a new key; tests lower it. */
  readonly maxWritesPerGeneration?: number;
}

type TableChanges = Record<VaultTable, Map<string, RowMark | null>>;

type Put = Batch['puts'][number];

/** A transaction as it is written, and what is so in memory once that is durable. */
interface SealedCommit {
  readonly batch: Batch;
  readonly held: () => void;
}

/** What one table's part of the manifest becomes with a commit. */
interface PlannedTable {
  readonly table: VaultTable;
  readonly planned: readonly PlannedPage[];
  readonly marks: ReadonlyMap<number, PageMark>;
}

/** One life, from one re-key to the next. Whoever writes waits for the writer before: the caller sees to that. */
export class StoreLife {
  readonly #backend: Backend;
  readonly #keys: TableKeys;
  readonly #random: (length: number) => Bytes;
  readonly #maxWrites: number;
  readonly #rows: Readonly<Record<VaultTable, RowIndex>>;
  readonly #scratch = new Scratch();
  readonly #buffers = new RowBuffers();
  #header: VaultHeader;
  #headerRev: number;
  #root: ManifestRoot;
  #rootRev: number;

  constructor(opened: OpenedLife) {
    this.#backend = rowSpace(opened.backend, opened.header.life);
    this.#keys = opened.keys;
    this.#random = opened.random;
    this.#maxWrites = opened.maxWritesPerGeneration ?? MAX_WRITES_PER_GENERATION;
    this.#rows = opened.rows;
    this.#header = opened.header;
    this.#headerRev = opened.headerRev;
    this.#root = opened.root;
    this.#rootRev = opened.rootRev;
  }

  get header(): VaultHeader {
    return this.#header;
  }

  get headerRev(): number {
    return this.#headerRev;
  }

  get root(): ManifestRoot {
    return this.#root;
  }

  /** The manifest's row at rest, as it is now. */
  get manifestRow(): { readonly table: 'meta'; readonly id: string; readonly rev: number } {
    return { table: 'meta', id: idAtRest('meta', MANIFEST_ID, this.#header.life), rev: this.#rootRev };
  }

  /** Keys of sealed files. */
  get fileKeys(): FileKeys {
    return {
      vault: this.#header.vault,
      generation: this.#header.salts.segments.length - 1,
      key: (generation) => this.#keys.key(this.#header, 'segments', generation),
    };
  }

  get size(): number {
    return VAULT_TABLES.reduce((sum, table) => sum + this.#rows[table].size, 0);
  }

  seen(key: string): JsonValue {
    return this.#root.seen[key] ?? null;
  }

  ids(table: VaultTable, prefix: string): readonly string[] {
    return this.#rows[table].ids(prefix);
  }

  has(table: VaultTable, id: string): boolean {
    return this.#rows[table].mark(id) !== undefined;
  }

  /** As it lies, not opened. */
  slot(id: string): Promise<StoredRow | null> {
    return this.#backend.get('meta', id);
  }

  async get(table: VaultTable, id: string): Promise<Result<StoredValue | null, StoreError>> {
    const expected = this.#rows[table].mark(id);
    if (expected === undefined) return ok(null);
    const row = await this.#backend.get(table, id);
    // A commit may have replaced the row between looking up the manifest and reading: then the newer pair is asked again.
    if (this.#rows[table].mark(id) !== expected) return this.get(table, id);
    return this.#open(table, id, expected, row);
  }

  async getMany(
    table: VaultTable,
    ids: readonly string[],
  ): Promise<Result<readonly (StoredValue | null)[], StoreError>> {
    const marks = ids.map((id) => this.#rows[table].mark(id));
    const rows = await this.#backend.getMany(table, ids);
    if (ids.some((id, i) => this.#rows[table].mark(id) !== marks[i])) return this.getMany(table, ids);
    const opened = await Promise.all(
      ids.map((id, i) => {
        const expected = marks[i];
        return expected === undefined ? ok(null) : this.#open(table, id, expected, rows[i] ?? null);
      }),
    );
    const values: (StoredValue | null)[] = [];
    for (const one of opened) {
      if (!one.ok) return one;
      values.push(one.value);
    }
    return ok(values);
  }

  /** One commit of what `work` writes; nothing where it fails. */
  async write<T>(work: (tx: PendingTransaction) => Promise<T> | T): Promise<Result<T, StoreError>> {
    const tx = this.#begin();
    try {
      const worked = await failureAsValue(() => work(tx));
      if (!worked.ok) return worked;
      // A life that begins gets its manifest, whatever is in it.
      const isNothing = tx.isEmpty && this.#rootRev > 0;
      const committed = isNothing ? ok(undefined) : await this.#commit(tx);
      return committed.ok ? ok(worked.value) : committed;
    } finally {
      this.#scratch.wipe();
    }
  }

  /** See `SealedStore.tryOut`. */
  async tryOut(work: (tx: PendingTransaction) => void): Promise<void> {
    const tx = this.#begin();
    try {
      work(tx);
      if (tx.isEmpty) return;
      const { batch } = await this.#sealed(tx);
      await this.#backend.tryOut(batch);
      this.#takeBack(batch);
    } finally {
      this.#scratch.wipe();
    }
  }

  async #open(
    table: VaultTable,
    id: string,
    expected: RowMark,
    row: StoredRow | null,
  ): Promise<Result<StoredValue, StorageDamaged>> {
    const damaged = (how: StorageDamaged['how']) => err({ kind: 'storage-damaged', table, id, how } as const);
    if (row === null) return damaged('removed');
    if (row.rev !== expected.rev) return damaged('rolled-back');
    const key = await this.#keys.key(this.#header, table, expected.generation);
    const place = { vault: this.#header.vault, table, generation: expected.generation, id, rev: expected.rev };
    const plain = key && (await openRow(key, place, row.bytes));
    const value = plain ? decodeStoredValue(plain) : undefined;
    if (value === undefined) return damaged('altered');
    // An authentic row with the right revision and another tag: an older life of the same id (deleted, then written anew).
    return toBase64url(tagOf(row.bytes)) === expected.tag ? ok(value) : damaged('rolled-back');
  }

  async #seal(table: VaultTable, id: string, rev: number, plain: Bytes): Promise<{ row: StoredRow; mark: RowMark }> {
    const generation = this.#header.salts[table].length - 1;
    const key = await this.#keys.key(this.#header, table, generation);
    if (key === null) throw new Error('sealed store: the header has no key for its newest generation');
    const place = { vault: this.#header.vault, table, generation, id, rev };
    const bytes = await sealRow(key, place, plain, this.#random(12), (length) => this.#buffers.take(length));
    return { row: { id, rev, bytes }, mark: { rev, generation, tag: toBase64url(tagOf(bytes)) } };
  }

  /** One at a time: the next revision of every row is known from the beginning. */
  #begin(): PendingTransaction {
    return new PendingTransaction(
      (table, id) => this.get(table, id),
      (table, id, plain) => this.#seal(table, id, (this.#rows[table].mark(id)?.rev ?? 0) + 1, plain),
      (length) => this.#scratch.take(length),
    );
  }

  async #commit(tx: PendingTransaction): Promise<Result<void, StoreError>> {
    const { batch, held } = await this.#sealed(tx);
    const committed = await this.#backend.commit({ ...batch, meanwhile: () => tx.runWorks() });
    this.#takeBack(batch);
    if (committed.ok) held();
    return committed;
  }

  /** Bytes of a batch that the backend is done with are used again. */
  #takeBack({ puts }: Batch): void {
    for (const { row } of puts) this.#buffers.give(row.bytes);
  }

  /** What `tx` writes, sealed, with the manifest that names it. */
  async #sealed(tx: PendingTransaction): Promise<SealedCommit> {
    const { puts: waiting, deletes } = tx;
    const changes: TableChanges = perTable(() => new Map());
    const writes = { ...this.#root.writes };
    const sealed = await Promise.all(waiting.map(async ({ table, sealed: row }) => ({ table, ...(await row) })));
    const puts: Put[] = [];
    for (const { table, row, mark } of sealed) {
      puts.push({ table, row });
      changes[table].set(row.id, mark);
      writes[table]++;
    }
    for (const { table, id } of deletes) changes[table].set(id, null);
    writes.segments += tx.blocks;
    const merged = Object.entries({ ...this.#root.seen, ...tx.seen });
    const seen = Object.fromEntries(merged.filter(([, value]) => value !== null));
    const auditSeq = Math.max(this.#root.auditSeq, tx.auditSeq);
    return this.#withManifest(changes, { writes, seen, auditSeq }, puts, deletes);
  }

  /** Seals the changed pages, then the root that names them. */
  async #withManifest(
    changes: TableChanges,
    after: {
      readonly writes: Record<VaultTable, number>;
      readonly seen: ManifestRoot['seen'];
      readonly auditSeq: number;
    },
    puts: Put[],
    rowDeletes: Batch['deletes'],
  ): Promise<SealedCommit> {
    const deletes = [...rowDeletes];
    const planned = await Promise.all(
      VAULT_TABLES.filter((table) => changes[table].size > 0).map((table) => this.#sealPages(table, changes[table])),
    );
    const pages = { ...this.#root.pages };
    for (const { table, planned: list, marks, rows } of planned) {
      pages[table] = this.#rows[table].pagesAfter(list, marks);
      for (const row of rows) puts.push({ table: 'meta', row });
      for (const { page, rev } of list) {
        if (!marks.has(page) && rev > 0) deletes.push({ table: 'meta', id: pageId(table, page) });
      }
      after.writes.meta += rows.length;
    }
    after.writes.meta++;
    const header = this.#rotate(after.writes);
    const root: ManifestRoot = { ...after, pages };
    const rev = this.#rootRev + 1;
    // Under the old header's newest key: the new one is not durable before this very commit.
    const { row } = await this.#seal('meta', MANIFEST_ID, rev, encodeStoredValue(encodeRoot(root)));
    puts.push({ table: 'meta', row });
    const rotated = header !== this.#header;
    const headerRow = { id: HEADER_ID, rev: this.#headerRev + 1, bytes: encodeHeader(header) };
    if (rotated) puts.push({ table: 'meta', row: headerRow });
    const expect = { table: 'meta' as const, id: MANIFEST_ID, rev: this.#rootRev === 0 ? null : this.#rootRev };
    const held = (): void => {
      for (const { table, planned: list, marks } of planned) this.#rows[table].apply(changes[table], list, marks);
      this.#root = root;
      this.#rootRev = rev;
      if (rotated) this.#headerRev++;
      this.#header = header;
    };
    return { batch: { puts, deletes, expect }, held };
  }

  async #sealPages(
    table: VaultTable,
    changes: ReadonlyMap<string, RowMark | null>,
  ): Promise<PlannedTable & { readonly rows: readonly StoredRow[] }> {
    const planned = this.#rows[table].plan(changes);
    const marks = new Map<number, PageMark>();
    const rows = await Promise.all(
      planned
        .filter((page) => page.rows.size > 0)
        .map(async ({ page, rev, rows: entries }) => {
          const plain = encodeStoredValue(encodePage(entries));
          const { row, mark } = await this.#seal('meta', pageId(table, page), rev + 1, plain);
          marks.set(page, { page, ...mark });
          return row;
        }),
    );
    return { table, planned, marks, rows };
  }

  /** The header that holds after this commit; counts of tables with a new key begin again. */
  #rotate(writes: Record<VaultTable, number>): VaultHeader {
    let header = this.#header;
    for (const table of Object.keys(writes) as VaultTable[]) {
      if (writes[table] < this.#maxWrites) continue;
      header = addGeneration(header, table, this.#random);
      writes[table] = 0;
    }
    return header;
  }
}

async function failureAsValue<T>(work: () => Promise<T> | T): Promise<Result<T, StoreError>> {
  try {
    return ok(await work());
  } catch (error) {
    if (error instanceof StoreFailure) return err(error.failure);
    throw error;
  }
}
