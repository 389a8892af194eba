/** What a transaction or a stage has gathered before its commit. */
import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { ok } from '../../base/result.ts';
import type { JsonValue } from '../../base/strict-json.ts';
import type { VaultTable } from './backend.ts';
import type { ManifestRow } from './manifest.ts';
import { isOutside } from './manifest.ts';
import { decodeStoredValue, encodeStoredValue } from './stored-value.ts';
import type { Stage, Storable, StoreError, StoredValue, StoreTransaction } from './store.ts';

interface Adopted {
  readonly table: VaultTable;
  readonly id: string;
  readonly entry: ManifestRow;
}

/** Rows that are written but not yet the vault's. */
export class PendingStage implements Stage {
  readonly prefix: string;
  readonly rows: Adopted[] = [];
  readonly #write: (table: VaultTable, id: string, value: unknown) => Promise<Result<ManifestRow, StoreError>>;
  readonly #sweep: () => Promise<Result<void, StoreError>>;

  constructor(
    prefix: string,
    write: (table: VaultTable, id: string, value: unknown) => Promise<Result<ManifestRow, StoreError>>,
    sweep: () => Promise<Result<void, StoreError>>,
  ) {
    this.prefix = prefix;
    this.#write = write;
    this.#sweep = sweep;
  }

  async put<T>(table: VaultTable, id: string, value: T & Storable<T>): Promise<Result<void, StoreError>> {
    if (!id.startsWith(this.prefix)) throw new Error('stage: the id does not begin with its prefix');
    const written = await this.#write(table, id, value);
    if (!written.ok) return written;
    this.rows.push({ table, id, entry: written.value });
    return ok(undefined);
  }

  discard(): Promise<Result<void, StoreError>> {
    return this.#sweep();
  }
}

/** Gathers writes; the store turns them into one batch. Values are encoded at once, so that later changes do not count. */
export class PendingTransaction implements StoreTransaction {
  readonly stages = new Set<string>();
  readonly ended = new Set<string>();
  readonly adopted: Adopted[] = [];
  readonly seen: Record<string, JsonValue> = {};
  auditSeq = 0;
  readonly #changes = new Map<string, { table: VaultTable; id: string; plain: Bytes | null }>();
  readonly #read: (table: VaultTable, id: string) => Promise<Result<StoredValue | null, StoreError>>;

  constructor(read: (table: VaultTable, id: string) => Promise<Result<StoredValue | null, StoreError>>) {
    this.#read = read;
  }

  get puts(): { table: VaultTable; id: string; plain: Bytes }[] {
    return [...this.#changes.values()].flatMap(({ table, id, plain }) => (plain ? [{ table, id, plain }] : []));
  }

  get deletes(): { table: VaultTable; id: string }[] {
    return [...this.#changes.values()].flatMap(({ table, id, plain }) => (plain ? [] : [{ table, id }]));
  }

  get isEmpty(): boolean {
    const sizes = this.#changes.size + this.stages.size + this.ended.size + this.adopted.length;
    return sizes === 0 && Object.keys(this.seen).length === 0 && this.auditSeq === 0;
  }

  async get(table: VaultTable, id: string): Promise<Result<StoredValue | null, StoreError>> {
    const change = this.#changes.get(`${table} ${id}`);
    if (change === undefined) return this.#read(table, id);
    return ok(change.plain ? (decodeStoredValue(change.plain) ?? null) : null);
  }

  put<T>(table: VaultTable, id: string, value: T & Storable<T>): void {
    if (isOutside(table, id)) throw new Error('transaction: a reserved id');
    this.#changes.set(`${table} ${id}`, { table, id, plain: encodeStoredValue(value) });
  }

  delete(table: VaultTable, id: string): void {
    if (isOutside(table, id)) throw new Error('transaction: a reserved id');
    this.#changes.set(`${table} ${id}`, { table, id, plain: null });
  }

  adopt(stage: Stage): void {
    if (!(stage instanceof PendingStage)) throw new Error('transaction: a stage of another store');
    this.adopted.push(...stage.rows);
    this.ended.add(stage.prefix);
  }

  setSeen(key: string, value: JsonValue): void {
    this.seen[key] = value;
  }

  setAuditSeq(seq: number): void {
    this.auditSeq = Math.max(this.auditSeq, seq);
  }
}
