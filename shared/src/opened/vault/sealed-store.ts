/** The sealed store over a backend: one change after the other in the life that the vault is in (store-life.ts), and re-keys. */
import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { ok } from '../../base/result.ts';
import type { JsonValue } from '../../base/strict-json.ts';
import { Turn } from '../../base/turn.ts';
import type { Backend, Batch, VaultTable } from './backend.ts';
import { VAULT_TABLES } from './backend.ts';
import { importVaultKey } from './keyring.ts';
import { emptyRoot, HEADER_ID, perTable } from './manifest.ts';
import { StoreFiles } from './open-blocks.ts';
import { RowIndex } from './row-index.ts';
import { deleteLives } from './row-space.ts';
import type { SealedFiles } from './sealed-file.ts';
import type { OpenedLife } from './store-life.ts';
import { StoreLife } from './store-life.ts';
import { encodeStoredValue } from './stored-value.ts';
import type { RekeyOptions, SealedStore, Storable, StoredValue, StoreError, StoreTransaction } from './store.ts';
import { encodeHeader, nextLife, TableKeys } from './table-keys.ts';

/** Rows that a re-key moves in one commit. */
const ROWS_AT_ONCE = 64;

/** Makes the store of an opened or new vault; use `openStore` and `createStore`. */
export class ManifestStore implements SealedStore {
  readonly files: SealedFiles;
  /** Rows of all lives. */
  readonly #whole: Backend;
  readonly #random: (length: number) => Bytes;
  #life: StoreLife;
  readonly #turn = new Turn();

  constructor(opened: OpenedLife) {
    this.#whole = opened.backend;
    this.#random = opened.random;
    this.#life = new StoreLife(opened);
    this.files = new StoreFiles(opened.backend.segments, () => this.#life.fileKeys, opened.random);
  }

  get vaultId(): string {
    return this.#life.header.vault;
  }

  get auditSeq(): number {
    return this.#life.root.auditSeq;
  }

  get size(): number {
    return this.#life.size;
  }

  seen(key: string): JsonValue {
    return this.#life.seen(key);
  }

  ids(table: VaultTable, prefix = ''): readonly string[] {
    return this.#life.ids(table, prefix);
  }

  has(table: VaultTable, id: string): boolean {
    return this.#life.has(table, id);
  }

  get(table: VaultTable, id: string): Promise<Result<StoredValue | null, StoreError>> {
    return this.#read((life) => life.get(table, id));
  }

  getMany(table: VaultTable, ids: readonly string[]): Promise<Result<readonly (StoredValue | null)[], StoreError>> {
    return this.#read((life) => life.getMany(table, ids));
  }

  put<T>(table: VaultTable, id: string, value: T & Storable<T>): Promise<Result<void, StoreError>> {
    return this.transaction((tx) => tx.put(table, id, value));
  }

  delete(table: VaultTable, id: string): Promise<Result<void, StoreError>> {
    return this.transaction((tx) => tx.delete(table, id));
  }

  transaction<T>(work: (tx: StoreTransaction) => Promise<T> | T): Promise<Result<T, StoreError>> {
    return this.#turn.run(() => this.#life.write(work));
  }

  tryOut(work: (tx: StoreTransaction) => void): Promise<void> {
    return this.#turn.run(() => this.#life.tryOut(work));
  }

  async slot(id: string): Promise<Bytes | null> {
    return (await this.#life.slot(id))?.bytes ?? null;
  }

  rekey(options: RekeyOptions): Promise<Result<void, StoreError>> {
    return this.#turn.run(async () => {
      const before = this.#life;
      const header = nextLife(before.header, this.#random);
      // Whatever an attempt before this one left.
      await deleteLives(this.#whole, (life) => life === header.life);
      const next = new StoreLife({
        backend: this.#whole,
        keys: new TableKeys(await importVaultKey(options.vaultKey)),
        random: this.#random,
        header,
        headerRev: before.headerRev + 1,
        root: { ...emptyRoot(), seen: before.root.seen, auditSeq: before.root.auditSeq },
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

  /** A re-key may have deleted the rows of the life that was read: then the new one is asked. */
  async #read<T>(from: (life: StoreLife) => Promise<T>): Promise<T> {
    const life = this.#life;
    const read = await from(life);
    return this.#life === life ? read : this.#read(from);
  }

  /** Copies every row into `next`, some at a time: the whole vault does not fit one commit. */
  async #moveTo(next: StoreLife, { move, onRow, also }: RekeyOptions): Promise<Result<void, StoreError>> {
    const files = new StoreFiles(this.#whole.segments, () => next.fileKeys, this.#random);
    for (const table of VAULT_TABLES) {
      const ids = this.#life.ids(table, '');
      for (let from = 0; from < ids.length; from += ROWS_AT_ONCE) {
        const some = ids.slice(from, from + ROWS_AT_ONCE);
        const values = await this.getMany(table, some);
        if (!values.ok) return values;
        const plains: Bytes[] = [];
        for (const value of values.value) {
          const moved = move === undefined ? ok(value) : await move(table, value as StoredValue, files);
          if (!moved.ok) return moved;
          plains.push(encodeStoredValue(moved.value));
          onRow?.();
        }
        const written = await next.write((tx) => {
          for (const [i, plain] of plains.entries()) tx.putPlain(table, some[i] as string, plain);
        });
        if (!written.ok) return written;
      }
    }
    return next.write(async (tx) => {
      await also?.(tx);
    });
  }

  /** One commit: header and slots of the new life; the old manifest goes, so that nobody goes on writing in the old one. */
  async #switchTo(next: StoreLife, slots: RekeyOptions['slots']): Promise<Result<void, StoreError>> {
    const header = { id: HEADER_ID, rev: next.headerRev, bytes: encodeHeader(next.header) };
    const puts: Batch['puts'][number][] = [{ table: 'meta', row: header }];
    for (const { id, bytes } of slots) {
      const rev = ((await this.#whole.get('meta', id))?.rev ?? 0) + 1;
      puts.push({ table: 'meta', row: { id, rev, bytes } });
    }
    const manifest = this.#life.manifestRow;
    const committed = await this.#whole.commit({ puts, deletes: [manifest], expect: manifest });
    if (committed.ok) this.#life = next;
    return committed;
  }
}
