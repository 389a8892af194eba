/**
 * One load as the page sees it: sources being chosen, read, then kept or discarded. Records never pass here; they go from
 * the ingest worker to the vault worker through a port of their own.
 */
import * as Comlink from 'comlink';
import type { Remote } from 'comlink';
import type { ClientError, LoadSummary } from '@sealpost/shared/opened/client/api';
import type { Ledger } from '@sealpost/shared/opened/ingest/record';
import type { SourceClass } from '@sealpost/shared/opened/finding/finding';
import { startIngestWorker } from '#lib/state/workers.ts';
import type { Vault } from '#lib/state/vault.svelte.ts';
import type { IngestApi, SourceProgress } from '#workers/ingest.api.ts';

/** A file or folder that was dropped, with what the operator says about it. */
export class ChosenSource {
  readonly name: string;
  readonly files: readonly { readonly path: string; readonly file: File }[];
  readonly sizeBytes: number;
  sourceClass = $state<SourceClass | 'auto'>('auto');
  alias = $state('');
  /** `YYYY-MM-DD`, '' if unknown. */
  captured = $state('');
  published = $state('');
  progress = $state.raw<SourceProgress | null>(null);
  startedAtMs = 0;

  constructor(name: string, files: readonly { readonly path: string; readonly file: File }[], alias: string) {
    this.name = name;
    this.files = files;
    this.sizeBytes = files.reduce((sum, { file }) => sum + file.size, 0);
    this.alias = alias;
  }
}

export type LoadStage = 'choosing' | 'reading' | 'read' | 'committing' | 'kept' | 'cancelled' | 'failed';

export class Load {
  stage = $state<LoadStage>('choosing');
  sources = $state.raw<readonly ChosenSource[]>([]);
  ledger = $state.raw<Ledger | null>(null);
  /** All sources were loaded before. */
  allKnown = $state(false);
  summary = $state.raw<LoadSummary | null>(null);
  error = $state.raw<ClientError | null>(null);
  readonly #vault: Vault;
  #worker: Worker | null = null;
  #ingest: Remote<IngestApi> | null = null;

  constructor(vault: Vault) {
    this.#vault = vault;
  }

  get running(): boolean {
    return this.stage === 'reading' || this.stage === 'committing' || this.stage === 'read';
  }

  add(sources: readonly ChosenSource[]): void {
    this.sources = [...this.sources, ...sources];
  }

  remove(source: ChosenSource): void {
    this.sources = this.sources.filter((other) => other !== source);
  }

  /** Same class and dates for all, as in the first source. */
  copyToAll(): void {
    const [first, ...rest] = this.sources;
    if (!first) return;
    for (const source of rest) {
      source.sourceClass = first.sourceClass;
      source.captured = first.captured;
      source.published = first.published;
    }
  }

  async run(): Promise<void> {
    this.stage = 'reading';
    this.error = null;
    this.#worker = startIngestWorker();
    const ingest = Comlink.wrap<IngestApi>(this.#worker);
    this.#ingest = ingest;
    const channel = new MessageChannel();
    await this.#vault.api.openLoad(Comlink.transfer(channel.port1, [channel.port1]));
    const sources = this.sources.map(({ name, files, sourceClass, alias, captured, published }) => ({
      name,
      files: files.map(({ path, file }) => ({ path, file })),
      options: {
        sourceClass: sourceClass === 'auto' ? null : sourceClass,
        alias: alias.trim(),
        capturedAtMs: dateMs(captured),
        publishedAtMs: dateMs(published),
      },
    }));
    const onProgress = Comlink.proxy((progress: SourceProgress) => this.#report(progress));
    const outcome = await ingest.run(sources, Comlink.transfer(channel.port2, [channel.port2]), onProgress);
    if (!outcome.ok) return this.#end(outcome.error);
    this.ledger = outcome.value.ledger;
    this.allKnown = outcome.value.known === this.sources.length;
    this.stage = 'read';
  }

  async cancel(): Promise<void> {
    await this.#ingest?.cancel();
  }

  async commit(): Promise<void> {
    if (!this.#ingest) return;
    this.stage = 'committing';
    const kept = await this.#ingest.commit();
    if (!kept.ok) return this.#end(kept.error);
    this.summary = kept.value;
    this.stage = 'kept';
    this.#stopWorker();
  }

  async discard(): Promise<void> {
    await this.#ingest?.discard();
    this.#stopWorker();
    this.reset();
  }

  /** Ready for the next load. */
  reset(): void {
    this.stage = 'choosing';
    this.sources = [];
    this.ledger = null;
    this.allKnown = false;
    this.summary = null;
    this.error = null;
  }

  /** The page goes: whatever was staged is dropped with the worker. */
  leave(): void {
    if (this.running) void this.#ingest?.discard();
    this.#stopWorker();
  }

  #report(progress: SourceProgress): void {
    const source = this.sources[progress.source];
    if (!source) return;
    if (source.progress?.state !== progress.state) source.startedAtMs = performance.now();
    source.progress = progress;
  }

  #end(error: ClientError): void {
    this.error = error;
    this.stage = error.kind === 'cancelled' ? 'cancelled' : 'failed';
    this.#stopWorker();
  }

  #stopWorker(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#ingest = null;
  }
}

function dateMs(text: string): number | null {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}
