/** What a transaction has gathered before its commit. */
import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { ok } from '../../base/result.ts';
import type { JsonValue } from '../../base/strict-json.ts';
import type { VaultTable } from './backend.ts';
import { isOutside } from './manifest.ts';
import type { SealedFile } from './sealed-file.ts';
import { decodeStoredValue, encodeStoredValue } from './stored-value.ts';
import type { Storable, StoredValue, StoreError, StoreTransaction } from './store.ts';

/** Gathers writes; the store turns them into one batch. Values are encoded at once, so that later changes do not count. */
export class PendingTransaction implements StoreTransaction {
  readonly seen: Record<string, JsonValue> = {};
  auditSeq = 0;
  /** Blocks of files that this transaction adopts. */
  blocks = 0;
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
    return this.#changes.size === 0 && Object.keys(this.seen).length === 0 && this.auditSeq === 0;
  }

  async get(table: VaultTable, id: string): Promise<Result<StoredValue | null, StoreError>> {
    const change = this.#changes.get(`${table} ${id}`);
    if (change === undefined) return this.#read(table, id);
    return ok(change.plain ? (decodeStoredValue(change.plain) ?? null) : null);
  }

  put<T>(table: VaultTable, id: string, value: T & Storable<T>): void {
    this.putPlain(table, id, encodeStoredValue(value));
  }

  /** As `put`, of a value that is encoded already. */
  putPlain(table: VaultTable, id: string, plain: Bytes): void {
    if (isOutside(table, id)) throw new Error('transaction: a reserved id');
    this.#changes.set(`${table} ${id}`, { table, id, plain });
  }

  delete(table: VaultTable, id: string): void {
    if (isOutside(table, id)) throw new Error('transaction: a reserved id');
    this.#changes.set(`${table} ${id}`, { table, id, plain: null });
  }

  adopt(file: SealedFile): void {
    this.blocks += file.blocks.length;
  }

  setSeen(key: string, value: JsonValue): void {
    this.seen[key] = value;
  }

  setAuditSeq(seq: number): void {
    this.auditSeq = Math.max(this.auditSeq, seq);
  }
}
