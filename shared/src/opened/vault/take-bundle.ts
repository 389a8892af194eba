/** Drives a bundle into files and engine, up to the commit that makes both of them the vault's. Whatever fails leaves nothing behind. */
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { BundleSink } from '../bundle/bundle-sink.ts';
import type { ClientError } from '../client/api/client-error.ts';
import { toClientError } from '../client/failures.ts';
import { EngineFullError } from '../query/engine-full.ts';
import type { EngineImport, LoadedRows } from '../query/engine.ts';
import type { HotDictionaries } from '../query/hot-columns.ts';
import type { BundleFacts, FindingsVaultOptions, ImportOptions, UnpackBundle } from './findings-vault.ts';
import type { ImportFiles } from './import-files.ts';
import { ImportStopped, ImportWriter } from './import-writer.ts';
import type { StoreTransaction } from './store.ts';

/** A bundle whose files are durable and whose rows are in the engine, neither of them named by anything yet. */
export interface TakenBundle {
  readonly facts: Omit<BundleFacts, 'bundleId' | 'receivedAtMs'>;
  readonly files: ImportFiles | null;
  readonly rows: number;
  readonly loaded: LoadedRows;
  /** Commits what `work` puts, then lets the rows appear. After a failure both are gone. */
  commit(work: (tx: StoreTransaction) => Promise<void>): Promise<Result<void, ClientError>>;
  discard(): Promise<void>;
}

/** `beginEngine` is `null` where the rows are not to go into the engine. */
export async function takeBundle(
  vault: FindingsVaultOptions,
  unpack: UnpackBundle,
  options: ImportOptions,
  beginEngine: ((dictionaries: HotDictionaries) => EngineImport) | null,
): Promise<Result<TakenBundle, ClientError>> {
  const intake = new Intake(vault, options, beginEngine);
  try {
    const unpacked = await intake.stopping(() => unpack(intake.sink));
    const prepared = unpacked.ok ? await intake.stopping(() => intake.finish()) : unpacked;
    if (unpacked.ok && prepared.ok) return ok({ facts: unpacked.value, ...prepared.value });
    await intake.abort();
    return err((prepared as { readonly error: ClientError }).error);
  } catch (thrown) {
    await intake.abort();
    throw thrown;
  }
}

class Intake {
  readonly #vault: FindingsVaultOptions;
  readonly #options: ImportOptions;
  readonly #writer: ImportWriter;
  #stopped: ClientError | null = null;

  constructor(
    vault: FindingsVaultOptions,
    options: ImportOptions,
    beginEngine: ((dictionaries: HotDictionaries) => EngineImport) | null,
  ) {
    this.#vault = vault;
    this.#options = options;
    this.#writer = new ImportWriter({ files: vault.store.files, beginEngine, pause: () => this.#pause() });
  }

  readonly sink: BundleSink = {
    begin: () => this.#guarded(() => this.#pause()),
    identities: (dictionary) => this.#guarded(() => this.#writer.identities(dictionary)),
    batch: (columns) =>
      this.#guarded(async () => {
        await this.#writer.batch(columns);
        this.#options.onProgress?.(this.#writer.rows);
      }),
  };

  /** What `work` answers, or why it had to stop, whatever it made of that. */
  async stopping<T>(work: () => Promise<Result<T, ClientError>>): Promise<Result<T, ClientError>> {
    try {
      const answer = await work();
      return this.#stopped === null ? answer : err(this.#stopped);
    } catch (error) {
      this.#note(error);
      if (this.#stopped !== null) return err(this.#stopped);
      throw error;
    }
  }

  /** Files durable, rows prepared. */
  async finish(): Promise<Result<Omit<TakenBundle, 'facts'>, ClientError>> {
    // The engine prepares while the disk makes sure of the files.
    const closing = this.#writer.close();
    let loaded;
    try {
      loaded = await this.#prepare();
    } finally {
      await closing;
    }
    const files = await closing;
    if (!files.ok) return err(toClientError(files.error));
    const { rows } = this.#writer;
    return ok({
      files: files.value,
      rows,
      loaded,
      commit: (work) => this.#commit(work),
      discard: () => this.abort(),
    });
  }

  async abort(): Promise<void> {
    await this.#writer.abort();
  }

  async #prepare(): Promise<LoadedRows> {
    const { engine } = this.#writer;
    let loaded: LoadedRows | null = engine === null ? { added: 0, merged: 0 } : null;
    while (loaded === null) {
      loaded = engine?.prepare() ?? null;
      await this.#pause();
    }
    return loaded;
  }

  async #commit(work: (tx: StoreTransaction) => Promise<void>): Promise<Result<void, ClientError>> {
    let committed;
    try {
      committed = await this.#vault.store.transaction(work);
    } catch (thrown) {
      await this.abort();
      throw thrown;
    }
    if (committed.ok) {
      this.#writer.engine?.commit();
      return committed;
    }
    // Nobody knows whether a commit that failed is on disk: if it is, its row names these files. If not, they are swept at the next opening.
    if (committed.error.kind === 'storage-failed') this.#writer.engine?.rollback();
    else await this.abort();
    return err(toClientError(committed.error));
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#note(error);
      throw this.#stopped === null ? error : new ImportStopped();
    }
  }

  #note(error: unknown): void {
    if (error instanceof EngineFullError) this.#stopped ??= { kind: 'memory-full' };
    const { failure } = this.#writer;
    if (error instanceof ImportStopped && failure !== null) this.#stopped ??= toClientError(failure);
  }

  async #pause(): Promise<void> {
    await this.#vault.pause?.();
    if (this.#options.signal?.aborted !== true) return;
    this.#stopped ??= { kind: 'cancelled' };
    throw new ImportStopped();
  }
}
