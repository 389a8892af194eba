/**
 * The sealed store over a backend. Everything that is written passes `#commit`, which rewrites the manifest in the same batch;
 * everything that is read passes `#open`, which holds the row against the manifest. In memory: the manifest, never a value.
 */
import { toBase64url } from '../../base/base64url.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { JsonValue } from '../../base/strict-json.ts';
import { Turn } from '../../base/turn.ts';
import type { Backend, Batch, StoredRow, VaultTable } from './backend.ts';
import { VAULT_TABLES } from './backend.ts';
import { importVaultKey, MAX_WRITES_PER_GENERATION, openRow, sealRow, tagOf } from './keyring.ts';
import type { ManifestRoot, PageMark, RowMark } from './manifest.ts';
import { emptyRoot, encodePage, encodeRoot, HEADER_ID, MANIFEST_ID, pageId, perTable } from './manifest.ts';
import { StoreFiles } from './open-blocks.ts';
import { PendingTransaction } from './pending.ts';
import type { PlannedPage } from './row-index.ts';
import { RowBuffers, Scratch } from './row-buffers.ts';
import { RowIndex } from './row-index.ts';
import { deleteLives, idAtRest, rowSpace } from './row-space.ts';
import type { SealedFiles } from './sealed-file.ts';
import { decodeStoredValue, encodeStoredValue } from './stored-value.ts';
import type { RekeyOptions, SealedStore, Storable, StoreError, StoredValue, StoreTransaction } from './store.ts';
import type { StorageDamaged } from './storage-damaged.ts';
import { StoreFailure } from './store.ts';
import type { VaultHeader } from './table-keys.ts';
import { addGeneration, encodeHeader, nextLife, TableKeys } from './table-keys.ts';

/** What `open-store.ts` hands over. */
export interface OpenedStore {
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

/** Rows that a re-key moves in one commit. */
const ROWS_AT_ONCE = 64;

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

/** Makes the store of an opened or new vault; use `openStore` and `createStore`. */
export class ManifestStore implements SealedStore {
  readonly files: SealedFiles;
  /** Rows of all lives. */
  readonly #whole: Backend;
  /** Rows of this life. */
  #backend: Backend;
  #keys: TableKeys;
  readonly #random: (length: number) => Bytes;
  readonly #maxWrites: number;
  #rows: Readonly<Record<VaultTable, RowIndex>>;
  #header: VaultHeader;
  #headerRev: number;
  #root: ManifestRoot;
  #rootRev: number;
  readonly #turn = new Turn();
  readonly #scratch = new Scratch();
  readonly #buffers = new RowBuffers();

  constructor(opened: OpenedStore) {
    this.#whole = opened.backend;
    this.#backend = rowSpace(opened.backend, opened.header.life);
    this.#keys = opened.keys;
    this.#random = opened.random;
    this.#maxWrites = opened.maxWritesPerGeneration ?? MAX_WRITES_PER_GENERATION;
    this.#header = opened.header;
    this.#headerRev = opened.headerRev;
    this.#root = opened.root;
    this.#rootRev = opened.rootRev;
    this.#rows = opened.rows;
    const fileKeys = () => ({
      vault: this.#header.vault,
      generation: this.#header.salts.segments.length - 1,
      key: (generation: number) => this.#keys.key(this.#header, 'segments', generation),
    });
    this.files = new StoreFiles(opened.backend.segments, fileKeys, opened.random);
  }

  get vaultId(): string {
    return this.#header.vault;
  }

  get auditSeq(): number {
    return this.#root.auditSeq;
  }

  seen(key: string): JsonValue {
    return this.#root.seen[key] ?? null;
  }

  ids(table: VaultTable, prefix = ''): readonly string[] {
    return this.#rows[table].ids(prefix);
  }

  has(table: VaultTable, id: string): boolean {
    return this.#rows[table].mark(id) !== undefined;
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

  put<T>(table: VaultTable, id: string, value: T & Storable<T>): Promise<Result<void, StoreError>> {
    return this.transaction((tx) => tx.put(table, id, value));
  }

  delete(table: VaultTable, id: string): Promise<Result<void, StoreError>> {
    return this.transaction((tx) => tx.delete(table, id));
  }

  transaction<T>(work: (tx: StoreTransaction) => Promise<T> | T): Promise<Result<T, StoreError>> {
    return this.#turn.run(async () => {
      const tx = this.#begin();
      try {
        const worked = await failureAsValue(() => work(tx));
        if (!worked.ok) return worked;
        const committed = tx.isEmpty ? ok(undefined) : await this.#commit(tx);
        return committed.ok ? ok(worked.value) : committed;
      } finally {
        this.#scratch.wipe();
      }
    });
  }

  tryOut(work: (tx: StoreTransaction) => void): Promise<void> {
    return this.#turn.run(async () => {
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
    });
  }

  get size(): number {
    return VAULT_TABLES.reduce((sum, table) => sum + this.#rows[table].size, 0);
  }

  async slot(id: string): Promise<Bytes | null> {
    return (await this.#backend.get('meta', id))?.bytes ?? null;
  }

  rekey(options: RekeyOptions): Promise<Result<void, StoreError>> {
    return this.#turn.run(async () => {
      const header = nextLife(this.#header, this.#random);
      // Whatever an attempt before this one left.
      await deleteLives(this.#whole, (life) => life === header.life);
      const next = new ManifestStore({
        backend: this.#whole,
        keys: new TableKeys(await importVaultKey(options.vaultKey)),
        random: this.#random,
        header,
        headerRev: this.#headerRev + 1,
        root: { ...emptyRoot(), seen: this.#root.seen, auditSeq: this.#root.auditSeq },
        rootRev: 0,
        rows: perTable(() => new RowIndex()),
        // A new generation would write the header, which is the old life's until the end.
        maxWritesPerGeneration: Infinity,
      });
      const moved = await this.#moveTo(next, options);
      const switched = moved.ok ? await this.#switchTo(next, options.slots) : moved;
      if (!switched.ok) {
        // If the failed switch is on disk after all, its rows are the vault: they are left for the next opening to judge.
        if (switched.error.kind !== 'storage-failed') await deleteLives(this.#whole, (life) => life === header.life);
        return switched;
      }
      await deleteLives(this.#whole, (life) => life !== header.life);
      return ok(undefined);
    });
  }

  async close(): Promise<void> {
    await this.#turn.run(() => this.#whole.close());
  }

  /** Copies every row into `next`, some at a time: the whole vault does not fit one commit. */
  async #moveTo(next: ManifestStore, { move, onRow, also }: RekeyOptions): Promise<Result<void, StoreError>> {
    for (const table of VAULT_TABLES) {
      const ids = this.#rows[table].ids('');
      for (let from = 0; from < ids.length; from += ROWS_AT_ONCE) {
        const some = ids.slice(from, from + ROWS_AT_ONCE);
        const values = await this.getMany(table, some);
        if (!values.ok) return values;
        const tx = next.#begin();
        for (const [i, value] of values.value.entries()) {
          const movedValue = move === undefined ? ok(value) : await move(table, value as StoredValue, next.files);
          if (!movedValue.ok) return movedValue;
          tx.putPlain(table, some[i] as string, encodeStoredValue(movedValue.value));
          onRow?.();
        }
        const committed = await next.#commit(tx);
        if (!committed.ok) return committed;
      }
    }
    const last = next.#begin();
    const worked = await failureAsValue(async () => {
      await also?.(last);
    });
    return worked.ok ? next.#commit(last) : worked;
  }

  /** One commit: header and slots of the new life; the old manifest goes, so that nobody goes on writing in the old one. */
  async #switchTo(next: ManifestStore, slots: RekeyOptions['slots']): Promise<Result<void, StoreError>> {
    const puts: Put[] = [
      { table: 'meta', row: { id: HEADER_ID, rev: next.#headerRev, bytes: encodeHeader(next.#header) } },
    ];
    for (const { id, bytes } of slots) {
      const rev = ((await this.#whole.get('meta', id))?.rev ?? 0) + 1;
      puts.push({ table: 'meta', row: { id, rev, bytes } });
    }
    const manifest = { table: 'meta', id: idAtRest('meta', MANIFEST_ID, this.#header.life) } as const;
    const expect = { ...manifest, rev: this.#rootRev };
    const committed = await this.#whole.commit({ puts, deletes: [manifest], expect });
    if (!committed.ok) return committed;
    this.#backend = next.#backend;
    this.#keys = next.#keys;
    this.#rows = next.#rows;
    this.#header = next.#header;
    this.#headerRev = next.#headerRev;
    this.#root = next.#root;
    this.#rootRev = next.#rootRev;
    return committed;
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
    const place = { vault: this.vaultId, table, generation: expected.generation, id, rev: expected.rev };
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
    const place = { vault: this.vaultId, table, generation, id, rev };
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
