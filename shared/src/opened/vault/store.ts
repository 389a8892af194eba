/**
 * The sealed store's interface: typed values by table and id over a `Backend`, every row AES-256-GCM, and one sealed manifest
 * that is rewritten in each commit and knows every row, so that removed, swapped or rolled-back rows are noticed and named.
 */
import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import type { JsonValue } from '../../base/strict-json.ts';
import type { VaultTable } from './backend.ts';
import type { BackendError } from './backend-error.ts';
import type { SealedFile, SealedFiles } from './sealed-file.ts';
import type { StorageDamaged } from './storage-damaged.ts';

/** `Uint8Array`s are kept as bytes, everything else as JSON. */
export type StoredValue = JsonValue | Bytes;

/** `T` if a read gives back what was put; whatever JSON would lose or change (bytes inside, maps, `undefined`) is `never`. */
export type Storable<T> = T extends StoredValue ? T : Jsonable<T>;

type Jsonable<T> = T extends JsonValue
  ? T
  : T extends
        | undefined
        | bigint
        | symbol
        | Date
        | ArrayBufferView
        | ReadonlyMap<unknown, unknown>
        | ReadonlySet<unknown>
        | ((...args: never) => unknown)
    ? never
    : { readonly [K in keyof T]: Jsonable<T[K]> };

export type StoreError = StorageDamaged | BackendError;

/** Thrown inside a transaction's work to give it up with a failure of the storage: the transaction answers it as a value. */
export class StoreFailure extends Error {
  readonly failure: StoreError;

  constructor(failure: StoreError) {
    super(failure.kind);
    this.failure = failure;
  }
}

/** Reads and writes that commit together. Reads see the transaction's own writes. */
export interface StoreTransaction {
  get(table: VaultTable, id: string): Promise<Result<StoredValue | null, StoreError>>;
  put<T>(table: VaultTable, id: string, value: T & Storable<T>): void;
  delete(table: VaultTable, id: string): void;
  /** Counts the blocks of a file that a row names from this commit on among the writes under the key it is sealed with. */
  adopt(file: SealedFile): void;
  /** Small values inside the manifest itself: highest versions seen, per feed or chain. `null` removes. */
  setSeen(key: string, value: JsonValue): void;
  /** Last sequence number this device used in the audit log; never falls. */
  setAuditSeq(seq: number): void;
  /** Runs `work` while the commit is on its way to the disk, if it comes to that: time for what the next one needs. */
  meanwhile(work: () => void): void;
}

/** A new vault key for everything at rest. */
export interface RekeyOptions {
  /** 32 bytes; copied into non-extractable keys, may be wiped afterwards. */
  readonly vaultKey: Bytes;
  /** Slots that open to the new key, in the place of those of these ids. */
  readonly slots: readonly { readonly id: string; readonly bytes: Bytes }[];
  /** What a row holds in the new life; for rows that name files, which are to be sealed anew with `to`. Left out: what it held. */
  readonly move?: (table: VaultTable, value: StoredValue, to: SealedFiles) => Promise<Result<StoredValue, StoreError>>;
  /** Each row that is sealed anew. */
  readonly onRow?: () => void;
  /** Commits together with the change, in the new life. */
  readonly also?: (tx: StoreTransaction) => void | Promise<void>;
}

export interface SealedStore {
  /** Random id of this vault, part of every row's additional data. */
  readonly vaultId: string;
  readonly auditSeq: number;
  seen(key: string): JsonValue;
  /** Ids of a table in code unit order, optionally those that begin with `prefix`. From memory. */
  ids(table: VaultTable, prefix?: string): readonly string[];
  has(table: VaultTable, id: string): boolean;
  get(table: VaultTable, id: string): Promise<Result<StoredValue | null, StoreError>>;
  /** In the order of `ids`; all or the first failure. */
  getMany(table: VaultTable, ids: readonly string[]): Promise<Result<readonly (StoredValue | null)[], StoreError>>;
  /** One row, one commit. */
  put<T>(table: VaultTable, id: string, value: T & Storable<T>): Promise<Result<void, StoreError>>;
  delete(table: VaultTable, id: string): Promise<Result<void, StoreError>>;
  /**
   * Runs `work`, then commits its writes and the manifest at once. Transactions run one after the other. Durable when it
   * resolves with ok; on a failure nothing is changed. What `work` throws is thrown (a `StoreFailure` answered), nothing is written.
   */
  transaction<T>(work: (tx: StoreTransaction) => Promise<T> | T): Promise<Result<T, StoreError>>;
  /** Runs `work` and all of its commit but the end: nothing is changed, also by what fails. The next one like it is faster. */
  tryOut(work: (tx: StoreTransaction) => void): Promise<void>;
  /** Large sealed files beside the rows. They are the vault's once a row names them; whoever keeps that row sweeps the others. */
  readonly files: SealedFiles;
  /** How many rows there are. */
  readonly size: number;
  /** A slot beside the rows (slots.ts), `null` if there is none. */
  slot(id: string): Promise<Bytes | null>;
  /**
   * Seals every row anew under another vault key; transactions wait meanwhile. One commit makes the change: before it everything opens
   * with the old key, after it with the new one, and whoever has this store goes on with it. After a failure the old rows hold; where
   * that failure is `storage-failed`, reopening tells which of the two it is.
   */
  rekey(options: RekeyOptions): Promise<Result<void, StoreError>>;
  close(): Promise<void>;
}
