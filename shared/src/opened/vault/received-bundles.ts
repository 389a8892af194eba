/**
 * The received bundles of a vault: their rows in `imports`, their files, and the engine that holds their findings. Bundles come, are
 * repaired, withdrawn and deleted one after the other; queries go on meanwhile.
 */
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { ClientError } from '../client/api/client-error.ts';
import type { WithdrawCode } from '../client/api/publishing.ts';
import { toClientError } from '../client/failures.ts';
import type { Finding, FindingId } from '../finding/finding.ts';
import { createEngine } from '../query/create-engine.ts';
import { EngineFullError } from '../query/engine-full.ts';
import type { Engine } from '../query/engine.ts';
import { NO_ROW } from '../query/engine.ts';
import { mergeFinding } from '../query/merge-finding.ts';
import type {
  AlsoCommit,
  FindingsRekeyOptions,
  FindingsVaultOptions,
  ImportOptions,
  ImportSummary,
  UnpackBundle,
} from './findings-vault.ts';
import type { StoredPlace } from './finding-reader.ts';
import { FindingReader } from './finding-reader.ts';
import type { ImportFiles, ImportRow } from './import-files.ts';
import { missingFiles } from './import-files.ts';
import { loadImports } from './import-loader.ts';
import { takeBundle } from './take-bundle.ts';
import { resealFiles } from './reseal-files.ts';
import { sizeOf } from './sealed-file.ts';
import type { SegmentFile } from './segment-storage.ts';
import type { SealedStore, StoredValue, StoreError, StoreTransaction } from './store.ts';

/** What a row counts for in the progress of a re-key: they are small, and how small is not known before they are read. */
const ROW_BYTES = 1024;

type WithFiles = ImportRow & { readonly files: ImportFiles };

export class ReceivedBundles {
  readonly #options: FindingsVaultOptions;
  #imports: readonly ImportRow[];
  #engine: Engine;
  /** Bundles in the engine by the number of their import. */
  #parts: ImportRow[] = [];
  #damaged: ReadonlySet<string> = new Set();
  /** Set anew when files change: what was read before may name files that are gone. */
  #reader: FindingReader;
  #lastToken = 0;

  private constructor(options: FindingsVaultOptions, imports: readonly ImportRow[]) {
    this.#options = options;
    this.#imports = imports;
    this.#engine = options.engine ?? this.#newEngine();
    this.#reader = new FindingReader(options.store.files);
  }

  /** Reads the rows, sweeps files that none of them names, loads the findings. `memory-full` where they do not fit. */
  static async open(options: FindingsVaultOptions): Promise<Result<ReceivedBundles, ClientError>> {
    const [imports, listed] = await Promise.all([readImports(options.store), options.store.files.list()]);
    if (!imports.ok) return err(toClientError(imports.error));
    const bundles = new ReceivedBundles(options, imports.value);
    const swept = await bundles.#sweep(listed);
    if (!swept.ok) return err(toClientError(swept.error));
    const loaded = await bundles.#load(bundles.#engine, listed);
    return loaded.ok ? ok(bundles) : loaded;
  }

  get engine(): Engine {
    return this.#engine;
  }

  /** By arrival. */
  get imports(): readonly ImportRow[] {
    return this.#imports;
  }

  /** Ids of bundles whose files are missing or damaged, by arrival. */
  get damaged(): readonly string[] {
    return this.#imports.filter(({ bundleId }) => this.#damaged.has(bundleId)).map(({ bundleId }) => bundleId);
  }

  find(bundleId: string): ImportRow | undefined {
    return this.#imports.find((row) => row.bundleId === bundleId);
  }

  /** Remembers that an answer with `token` was given: a new engine goes on counting from it. */
  noteToken(token: number): void {
    this.#lastToken = token;
  }

  /** See `FindingsVault.importBundle`; `arrived` runs when the new rows are there, from row `from` on. */
  async import(
    bundleId: string,
    unpack: UnpackBundle,
    options: ImportOptions,
    arrived: (from: number) => void,
  ): Promise<Result<ImportSummary, ClientError>> {
    if (this.find(bundleId) !== undefined) return err({ kind: 'already-done', what: 'bundle' });
    const receivedAtMs = this.#options.nowMs();
    const taken = await takeBundle(this.#options, unpack, options, (dictionaries) =>
      this.#engine.begin(dictionaries, { bundleId, receivedAtMs }),
    );
    if (!taken.ok) return taken;
    const { facts, files, rows, loaded } = taken.value;
    const summary = { bundleId, findings: rows, ...loaded };
    const number = (this.#imports.at(-1)?.number ?? 0) + 1;
    const areNew = loaded.merged === 0 && this.#damaged.size === 0;
    const row: ImportRow = { ...facts, ...summary, receivedAtMs, number, withdrawn: null, files, areNew };
    const from = this.#engine.rows;
    const committed = await taken.value.commit((tx) => this.#putImport(tx, row, options, summary));
    if (!committed.ok) return committed;
    this.#imports = [...this.#imports, row];
    if (files !== null) this.#parts.push(row);
    arrived(from);
    return ok(summary);
  }

  /** See `FindingsVault.repairBundle`. The caller reloads the triage of the new engine. */
  async repair(
    bundleId: string,
    unpack: UnpackBundle,
    options: ImportOptions,
  ): Promise<Result<ImportSummary, ClientError>> {
    const row = this.find(bundleId);
    if (row === undefined || row.files === null) return err({ kind: 'not-found', what: 'bundle' });
    if (!this.#damaged.has(bundleId)) return err({ kind: 'already-done', what: 'repair' });
    const taken = await takeBundle(this.#options, unpack, options, null);
    if (!taken.ok) return taken;
    const { findings, added, merged } = row;
    const summary = { bundleId, findings, added, merged };
    if (taken.value.rows !== findings || taken.value.files === null) {
      await taken.value.discard();
      return err({ kind: 'forged', what: 'bundle', code: 'other-content' });
    }
    const repaired = { ...row, files: taken.value.files };
    const committed = await taken.value.commit((tx) => this.#putImport(tx, repaired, options, summary));
    if (!committed.ok) return committed;
    await this.#replace(repaired, row.files);
    const reloaded = await this.reload(this.#options.pause);
    return reloaded.ok ? ok(summary) : reloaded;
  }

  /** Hides a bundle; the engine is built without it. */
  withdraw(bundleId: string, code: WithdrawCode, also?: AlsoCommit): Promise<Result<void, ClientError>> {
    return this.#change(bundleId, (row) => ({ ...row, withdrawn: code }), also);
  }

  /** Deletes a withdrawn bundle's files in the commit that runs `work`. */
  async delete(
    bundleId: string,
    work: (tx: StoreTransaction) => void,
    also?: AlsoCommit,
  ): Promise<Result<void, ClientError>> {
    if ((this.find(bundleId)?.withdrawn ?? null) === null) return err({ kind: 'not-found', what: 'withdrawal' });
    return this.#change(
      bundleId,
      (row) => ({ ...row, files: null }),
      async (tx) => {
        work(tx);
        await also?.(tx);
      },
    );
  }

  /** Builds the engine anew from what is stored. Bundles that are damaged are left out. */
  async reload(pause?: () => Promise<void>): Promise<Result<void, ClientError>> {
    return this.#load(this.#newEngine(), await this.#options.store.files.list(), pause);
  }

  /** Loads what is stored into an empty engine. `listed`: the files that are there. */
  async #load(
    engine: Engine,
    listed: readonly SegmentFile[],
    pause?: () => Promise<void>,
  ): Promise<Result<void, ClientError>> {
    const shown = this.#imports.filter((row): row is WithFiles => row.withdrawn === null && row.files !== null);
    const gone = shown.map((row) => ({ row, missing: missingFiles(row.files, listed) }));
    const readable = gone.filter(({ row, missing }) => !missing.includes(row.files.hot.file.name));
    try {
      const rows = readable.map(({ row }) => row);
      const { loaded, damaged } = await loadImports(this.#options.store.files, engine, rows, pause);
      this.#engine = engine;
      this.#parts = [...loaded];
      const incomplete = gone.filter(({ missing }) => missing.length > 0).map(({ row }) => row.bundleId);
      this.#damaged = new Set([...damaged, ...incomplete]);
      return ok(undefined);
    } catch (error) {
      if (error instanceof EngineFullError) return err({ kind: 'memory-full' });
      throw error;
    }
  }

  /** See `FindingsVault.rekey`. */
  async rekey({ onProgress, ...options }: FindingsRekeyOptions): Promise<Result<void, ClientError>> {
    const { store } = this.#options;
    const old = this.#imports.flatMap(({ files }) => (files === null ? [] : [files.hot.file, files.cold.file]));
    const totalBytes = old.reduce((sum, file) => sum + sizeOf(file), store.size * ROW_BYTES);
    let doneBytes = 0;
    const onBytes = (bytes: number) => onProgress?.((doneBytes += bytes), totalBytes);
    const moved = new Map<string, ImportRow>();
    const written: string[] = [];
    const done = await store.rekey({
      ...options,
      onRow: () => onBytes(ROW_BYTES),
      move: async (table, value, to) => {
        if (table !== 'imports') return ok(value);
        const row = value as unknown as ImportRow;
        if (row.files === null) return ok(value);
        const files = await resealFiles(row.files, store.files, to, onBytes, (name) => written.push(name));
        if (files.ok) moved.set(row.bundleId, { ...row, files: files.value });
        // A damaged bundle keeps the name of what nothing opens any more: it is told as damaged until it is repaired.
        else if (files.error.kind === 'storage-damaged') return ok(value);
        return files.ok ? ok(moved.get(row.bundleId) as unknown as StoredValue) : files;
      },
    });
    if (!done.ok) {
      // Where nobody knows whether the change is on disk, the next opening sweeps the files of the other life.
      if (done.error.kind !== 'storage-failed') await store.files.remove(written);
      return err(toClientError(done.error));
    }
    const now = (row: ImportRow) => moved.get(row.bundleId) ?? row;
    // Withdrawn bundles are not shown: nobody misses their files.
    const left = this.#imports.filter(
      (row) => row.withdrawn === null && row.files !== null && !moved.has(row.bundleId),
    );
    this.#damaged = new Set([...this.#damaged, ...left.map(({ bundleId }) => bundleId)]);
    this.#imports = this.#imports.map(now);
    this.#parts = this.#parts.map(now);
    this.#reader = new FindingReader(store.files);
    const named = new Set(
      this.#imports.flatMap(({ files }) => (files ? [files.hot.file.name, files.cold.file.name] : [])),
    );
    await store.files.remove(old.map(({ name }) => name).filter((name) => !named.has(name)));
    return ok(undefined);
  }

  /** Findings with the sightings of all their bundles, `null` for an id that is not here, and the bundle that came last. */
  async read(
    ids: readonly FindingId[],
  ): Promise<Result<readonly ({ readonly finding: Finding; readonly bundleId: string } | null)[], ClientError>> {
    const reader = this.#reader;
    const places: StoredPlace[] = [];
    const last = ids.map((id) => {
      const row = this.#engine.rowOf(id);
      if (row === NO_ROW) return null;
      const from = places.length;
      let bundleId = '';
      for (const { part, segment, row: at } of this.#engine.appearances(row)) {
        const stored = this.#parts[part] as WithFiles;
        places.push({ files: stored.files, segment, row: at });
        ({ bundleId } = stored);
      }
      return { from, to: places.length, bundleId };
    });
    const read = await reader.read(places);
    if (!read.ok) {
      // A repair or a re-key put other files in the place of those that were asked for.
      if (reader !== this.#reader) return this.read(ids);
      const hurt = this.#imports.find(({ files }) => files === read.error.files);
      if (hurt !== undefined) this.#damaged = new Set([...this.#damaged, hurt.bundleId]);
      return err(toClientError(read.error.damage));
    }
    return ok(
      last.map((one) =>
        one === null
          ? null
          : { finding: read.value.slice(one.from, one.to).reduce(mergeFinding), bundleId: one.bundleId },
      ),
    );
  }

  async #putImport(
    tx: StoreTransaction,
    row: ImportRow,
    options: ImportOptions,
    summary: ImportSummary,
  ): Promise<void> {
    tx.put('imports', row.bundleId, row);
    if (row.files !== null) {
      tx.adopt(row.files.hot.file);
      tx.adopt(row.files.cold.file);
    }
    await options.also?.(tx, summary);
  }

  /** Rewrites one row, then builds the engine without what is withdrawn. */
  async #change(
    bundleId: string,
    change: (row: ImportRow) => ImportRow,
    also?: AlsoCommit,
  ): Promise<Result<void, ClientError>> {
    const row = this.find(bundleId);
    if (row === undefined) return err({ kind: 'not-found', what: 'bundle' });
    const changed = change(row);
    const committed = await this.#options.store.transaction(async (tx) => {
      tx.put('imports', bundleId, changed);
      await also?.(tx);
    });
    if (!committed.ok) return err(toClientError(committed.error));
    await this.#replace(changed, changed.files === null ? row.files : null);
    return this.reload(this.#options.pause);
  }

  /** Takes a row as it now is; files it no longer names are removed, or else swept when the vault is opened next. */
  async #replace(row: ImportRow, unnamed: ImportFiles | null): Promise<void> {
    this.#imports = this.#imports.map((one) => (one.bundleId === row.bundleId ? row : one));
    this.#reader = new FindingReader(this.#options.store.files);
    if (unnamed !== null) {
      await this.#options.store.files.remove([unnamed.hot.file.name, unnamed.cold.file.name]);
    }
  }

  /**
   * Removes files that no row names: what a killed worker or a failed removal left. The commit before that makes any other process
   * that is about to name one of them fail: it started from an older manifest.
   */
  async #sweep(listed: readonly SegmentFile[]): Promise<Result<void, StoreError>> {
    const { store } = this.#options;
    const named = new Set(
      this.#imports.flatMap(({ files }) => (files ? [files.hot.file.name, files.cold.file.name] : [])),
    );
    const unnamed = listed.map(({ name }) => name).filter((name) => !named.has(name));
    if (unnamed.length === 0) return ok(undefined);
    const noted = await store.transaction((tx) => tx.setSeen('swept', Number(store.seen('swept') ?? 0) + 1));
    return noted.ok ? store.files.remove(unnamed) : noted;
  }

  #newEngine(): Engine {
    // Tokens go on counting: an answer of the old engine must not name one of the new.
    return createEngine(this.#options.clock, this.#lastToken + 1);
  }
}

/** All bundles by arrival. */
async function readImports(store: SealedStore): Promise<Result<readonly ImportRow[], StoreError>> {
  const rows = await store.getMany('imports', store.ids('imports'));
  if (!rows.ok) return rows;
  const imports = rows.value as unknown as readonly ImportRow[];
  return ok([...imports].sort((a, b) => a.number - b.number));
}
