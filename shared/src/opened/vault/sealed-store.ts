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
import { MAX_WRITES_PER_GENERATION, openRow, sealRow, tagOf } from './keyring.ts';
import type { Manifest, ManifestRow } from './manifest.ts';
import { encodeManifest, HEADER_ID, isOutside, MANIFEST_ID } from './manifest.ts';
import { decodeStoredValue, encodeStoredValue } from './stored-value.ts';
import type {
  SealedStore,
  Stage,
  Storable,
  StorageDamaged,
  StoreError,
  StoredValue,
  StoreTransaction,
} from './store.ts';
import { StoreFailure } from './store.ts';
import type { TableKeys, VaultHeader } from './table-keys.ts';
import { addGeneration, encodeHeader } from './table-keys.ts';
import { PendingStage, PendingTransaction } from './pending.ts';

/** What `open-store.ts` hands over. */
export interface OpenedStore {
  readonly backend: Backend;
  readonly keys: TableKeys;
  readonly random: (length: number) => Bytes;
  readonly header: VaultHeader;
  readonly headerRev: number;
  readonly manifest: Manifest;
  readonly manifestRev: number;
  /** Writes after which a table gets a new key; tests lower it. */
  readonly maxWritesPerGeneration?: number;
}

/** Makes the store of an opened or new vault; use `openStore` and `createStore`. */
export class ManifestStore implements SealedStore {
  readonly #backend: Backend;
  readonly #keys: TableKeys;
  readonly #random: (length: number) => Bytes;
  readonly #maxWrites: number;
  #header: VaultHeader;
  #headerRev: number;
  #manifest: Manifest;
  #manifestRev: number;
  readonly #turn = new Turn();

  constructor(opened: OpenedStore) {
    this.#backend = opened.backend;
    this.#keys = opened.keys;
    this.#random = opened.random;
    this.#maxWrites = opened.maxWritesPerGeneration ?? MAX_WRITES_PER_GENERATION;
    this.#header = opened.header;
    this.#headerRev = opened.headerRev;
    this.#manifest = opened.manifest;
    this.#manifestRev = opened.manifestRev;
  }

  get vaultId(): string {
    return this.#header.vault;
  }

  get auditSeq(): number {
    return this.#manifest.auditSeq;
  }

  seen(key: string): JsonValue {
    return this.#manifest.seen[key] ?? null;
  }

  ids(table: VaultTable, prefix = ''): readonly string[] {
    return [...this.#manifest.rows[table].keys()].filter((id) => id.startsWith(prefix)).sort();
  }

  has(table: VaultTable, id: string): boolean {
    return this.#manifest.rows[table].has(id);
  }

  async get(table: VaultTable, id: string): Promise<Result<StoredValue | null, StoreError>> {
    const expected = this.#manifest.rows[table].get(id);
    if (expected === undefined) return ok(null);
    const row = await this.#backend.get(table, id);
    // A commit may have replaced the row between looking up the manifest and reading: then the newer pair is asked again.
    if (this.#manifest.rows[table].get(id) !== expected) return this.get(table, id);
    return this.#open(table, id, expected, row);
  }

  async getMany(
    table: VaultTable,
    ids: readonly string[],
  ): Promise<Result<readonly (StoredValue | null)[], StoreError>> {
    const manifest = this.#manifest;
    const rows = await this.#backend.getMany(table, ids);
    if (manifest !== this.#manifest) return this.getMany(table, ids);
    const opened = await Promise.all(
      ids.map((id, i) => {
        const expected = manifest.rows[table].get(id);
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
      const tx = new PendingTransaction((table, id) => this.get(table, id));
      const worked = await failureAsValue(() => work(tx));
      if (!worked.ok) return worked;
      const { value } = worked;
      const committed = tx.isEmpty ? ok(undefined) : await this.#commit(tx);
      return committed.ok ? ok(value) : committed;
    });
  }

  async stage(prefix: string): Promise<Result<Stage, StoreError>> {
    const tx = new PendingTransaction((table, id) => this.get(table, id));
    tx.stages.add(prefix);
    const announced = await this.#turn.run(() => this.#commit(tx));
    if (!announced.ok) return announced;
    return ok(
      new PendingStage(
        prefix,
        (table, id, value) => this.#putStaged(table, id, value),
        () => this.#sweep(prefix),
      ),
    );
  }

  async close(): Promise<void> {
    await this.#turn.run(() => this.#backend.close());
  }

  async #open(
    table: VaultTable,
    id: string,
    expected: ManifestRow,
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

  async #seal(
    table: VaultTable,
    id: string,
    rev: number,
    plain: Bytes,
  ): Promise<{ row: StoredRow; entry: ManifestRow }> {
    const generation = this.#header.salts[table].length - 1;
    const key = await this.#keys.key(this.#header, table, generation);
    if (key === null) throw new Error('sealed store: the header has no key for its newest generation');
    const place = { vault: this.vaultId, table, generation, id, rev };
    const bytes = await sealRow(key, place, plain, this.#random(12));
    return { row: { id, rev, bytes }, entry: { rev, generation, tag: toBase64url(tagOf(bytes)) } };
  }

  async #putStaged(table: VaultTable, id: string, value: unknown): Promise<Result<ManifestRow, StoreError>> {
    if (this.has(table, id) || isOutside(table, id)) throw new Error('stage: the id is taken');
    const { row, entry } = await this.#seal(table, id, 1, encodeStoredValue(value));
    const written = await this.#backend.commit({ puts: [{ table, row }], deletes: [] });
    return written.ok ? ok(entry) : written;
  }

  /** Deletes what a stage wrote and ends it. */
  async #sweep(prefix: string): Promise<Result<void, StoreError>> {
    return this.#turn.run(async () => {
      if (!this.#manifest.stages.includes(prefix)) return ok(undefined);
      const tx = new PendingTransaction((table, id) => this.get(table, id));
      tx.ended.add(prefix);
      const tables = Object.keys(this.#manifest.rows) as VaultTable[];
      for (const table of tables) {
        for (const { id } of await this.#backend.list(table)) {
          if (id.startsWith(prefix) && !this.has(table, id)) tx.delete(table, id);
        }
      }
      return this.#commit(tx);
    });
  }

  /** Ends the stages that a killed worker left behind. */
  async sweepStages(): Promise<Result<void, StoreError>> {
    for (const prefix of this.#manifest.stages) {
      const swept = await this.#sweep(prefix);
      if (!swept.ok) return swept;
    }
    return ok(undefined);
  }

  async #commit(tx: PendingTransaction): Promise<Result<void, StoreError>> {
    const rows = { ...this.#manifest.rows };
    const writes = { ...this.#manifest.writes };
    const change = (table: VaultTable): Map<string, ManifestRow> => {
      const copy =
        rows[table] === this.#manifest.rows[table] ? new Map(rows[table]) : (rows[table] as Map<string, ManifestRow>);
      rows[table] = copy;
      return copy;
    };
    const puts: { table: VaultTable; row: StoredRow }[] = [];
    const sealed = await Promise.all(
      tx.puts.map(async ({ table, id, plain }) => {
        const rev = (this.#manifest.rows[table].get(id)?.rev ?? 0) + 1;
        return { table, ...(await this.#seal(table, id, rev, plain)) };
      }),
    );
    for (const { table, row, entry } of sealed) {
      puts.push({ table, row });
      change(table).set(row.id, entry);
      writes[table]++;
    }
    for (const { table, id } of tx.deletes) change(table).delete(id);
    for (const { table, id, entry } of tx.adopted) {
      change(table).set(id, entry);
      writes[table]++;
    }
    writes.meta++;
    const header = this.#rotate(writes);
    const stages = [...this.#manifest.stages, ...tx.stages].filter((prefix) => !tx.ended.has(prefix));
    const merged = Object.entries({ ...this.#manifest.seen, ...tx.seen });
    const seen = Object.fromEntries(merged.filter(([, value]) => value !== null));
    const manifest: Manifest = { rows, writes, stages, seen, auditSeq: Math.max(this.#manifest.auditSeq, tx.auditSeq) };
    return this.#write(manifest, header, puts, tx.deletes);
  }

  async #write(
    manifest: Manifest,
    header: VaultHeader,
    puts: { table: VaultTable; row: StoredRow }[],
    deletes: Batch['deletes'],
  ): Promise<Result<void, StoreError>> {
    const rev = this.#manifestRev + 1;
    // Under the old header's newest key: the new one is not durable before this very commit.
    const { row } = await this.#seal('meta', MANIFEST_ID, rev, encodeStoredValue(encodeManifest(manifest)));
    puts.push({ table: 'meta', row });
    const rotated = header !== this.#header;
    const headerRow = { id: HEADER_ID, rev: this.#headerRev + 1, bytes: encodeHeader(header) };
    if (rotated) puts.push({ table: 'meta', row: headerRow });
    const expect = { table: 'meta' as const, id: MANIFEST_ID, rev: this.#manifestRev === 0 ? null : this.#manifestRev };
    const committed = await this.#backend.commit({ puts, deletes, expect });
    if (!committed.ok) return committed;
    this.#manifest = manifest;
    this.#manifestRev = rev;
    if (rotated) this.#headerRev++;
    this.#header = header;
    return ok(undefined);
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
