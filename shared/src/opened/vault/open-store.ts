/** Makes and opens the sealed store of a backend. */
import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import type { Backend } from './backend.ts';
import type { SealedStore, StoreError } from './store.ts';

export interface StoreOptions {
  readonly backend: Backend;
  /** 32 bytes (keyring.ts); copied into non-extractable keys, may be wiped afterwards. */
  readonly vaultKey: Bytes;
  readonly random: (length: number) => Bytes;
}

/** Makes an empty store on an empty backend; `conflict` if one is there. */
export declare function createStore(options: StoreOptions): Promise<Result<SealedStore, StoreError>>;

/** Opens it: reads the manifest, compares it with every table's listing, sweeps abandoned stages. */
export declare function openStore(options: StoreOptions): Promise<Result<SealedStore, StoreError>>;
