/** What a transaction has gathered before its commit. */
import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { ok } from '../../base/result.ts';
import type { JsonValue } from '../../base/strict-json.ts';
import type { StoredRow, VaultTable } from './backend.ts';
import type { RowMark } from './manifest.ts';
import { isOutside } from './manifest.ts';
import type { SealedFile } from './sealed-file.ts';
import { decodeStoredValue, encodeStoredValue } from './stored-value.ts';
import type { Storable, StoredValue, StoreError, StoreTransaction } from './store.ts';

/** Seals what becomes of a row. */
type SealPut = (table: VaultTable, id: string, plain: Bytes) => Promise<SealedPut>;

/** A row as it will lie, and what the manifest will say of it. */
interface SealedPut {
  readonly row: StoredRow;
  readonly mark: RowMark;
}

interface Put {
  readonly table: VaultTable;
  readonly id: string;
  readonly plain: Bytes;
  readonly sealed: Promise<SealedPut>;
}

/**
 * Gathers writes; the store turns them into one batch. Values are encoded at once, so that later changes do not count, and sealed at
 * once, so that this goes on while the others are made.
 */
export class PendingTransaction implements StoreTransaction {
  readonly seen: Record<string, JsonValue> = {};
  auditSeq = 0;
  /** Blocks of files that this transaction adopts. */
  blocks = 0;
  readonly #works: (() => void)[] = [];
  readonly #changes = new Map<
    string,
    Put | { readonly table: VaultTable; readonly id: string; readonly plain: null }
  >();
  readonly #read: (table: VaultTable, id: string) => Promise<Result<StoredValue | null, StoreError>>;
  readonly #seal: SealPut;
  readonly #take: (length: number) => Bytes;

  /** `take`: memory for plaintexts until the transaction is over. */
  constructor(
    read: (table: VaultTable, id: string) => Promise<Result<StoredValue | null, StoreError>>,
    seal: SealPut,
    take: (length: number) => Bytes,
  ) {
    this.#read = read;
    this.#seal = seal;
    this.#take = take;
  }

  get puts(): Put[] {
    return [...this.#changes.values()].flatMap((change) => (change.plain ? [change] : []));
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
    this.putPlain(table, id, encodeStoredValue(value, this.#take));
  }

  /** As `put`, of a value that is encoded already. */
  putPlain(table: VaultTable, id: string, plain: Bytes): void {
    if (isOutside(table, id)) throw new Error('transaction: a reserved id');
    const sealed = this.#seal(table, id, plain);
    // Told by the commit; where there is none, nobody asks.
    sealed.catch(() => undefined);
    this.#changes.set(`${table} ${id}`, { table, id, plain, sealed });
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

  meanwhile(work: () => void): void {
    this.#works.push(work);
  }

  /** While it is being written; once. */
  runWorks(): void {
    for (const work of this.#works.splice(0)) work();
  }
}
