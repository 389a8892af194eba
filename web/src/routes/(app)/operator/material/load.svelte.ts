/**
 * One load as the page sees it: sources being chosen, read, then kept or discarded. Records never pass here; they go from
 * the ingest worker to the vault worker through a port of their own.
 */
import * as Comlink from 'comlink';
import type { Remote } from 'comlink';
import type { ClientError } from '@sealpost/shared/opened/client/api/client-error';
import type { LoadSummary, UnfinishedLoad } from '@sealpost/shared/opened/client/api/loading';
import type { Ledger, LedgerTotals } from '@sealpost/shared/opened/ingest/record';
import type { MaterialAtHand } from '#lib/state/material-at-hand.svelte.ts';
import { withIngestWorker } from '#lib/state/material-at-hand.svelte.ts';
import type { Vault } from '#lib/state/vault.svelte.ts';
import { startIngestWorker } from '#lib/state/workers.ts';
import type { IngestApi, SourceProgress } from '#workers/ingest.api.ts';
import { toIngestSource } from './chosen-source.svelte.ts';
import type { ChosenSource } from './chosen-source.svelte.ts';

/** `stopped`: put aside, to go on with later. */
export type LoadStage = 'choosing' | 'reading' | 'read' | 'committing' | 'kept' | 'cancelled' | 'stopped' | 'failed';

export class Load {
  stage = $state<LoadStage>('choosing');
  paused = $state(false);
  sources = $state.raw<readonly ChosenSource[]>([]);
  /** The unfinished load that this one goes on with. */
  resumed = $state.raw<UnfinishedLoad | null>(null);
  ledger = $state.raw<Ledger | null>(null);
  /** All sources were loaded before. */
  allKnown = $state(false);
  /** The vault asks for an explicit yes before it keeps this load. */
  needsYes = $state(false);
  summary = $state.raw<LoadSummary | null>(null);
  error = $state.raw<ClientError | null>(null);
  readonly #vault: Vault;
  readonly #atHand: MaterialAtHand;
  #worker: Worker | null = null;
  #ingest: Remote<IngestApi> | null = null;
  #isStopping = false;
  #isCancelling = false;

  constructor(vault: Vault, atHand: MaterialAtHand) {
    this.#vault = vault;
    this.#atHand = atHand;
  }

  get running(): boolean {
    return this.stage === 'reading' || this.stage === 'committing' || this.stage === 'read';
  }

  /** Totals of each source as far as it was read. */
  get totals(): readonly LedgerTotals[] {
    return this.sources.flatMap(({ progress }) => {
      const totals = progress?.ledger?.total ?? progress?.totals ?? null;
      return totals === null ? [] : [totals];
    });
  }

  add(sources: readonly ChosenSource[]): void {
    this.sources = [...this.sources, ...sources];
    void this.#recognise(sources);
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
    this.paused = false;
    this.error = null;
    this.#isStopping = false;
    this.#isCancelling = false;
    for (const source of this.sources) source.progress = null;
    const channel = new MessageChannel();
    const port = Comlink.transfer(channel.port1, [channel.port1]);
    if (this.resumed === null) await this.#vault.api.openLoad(port);
    else {
      const resumed = await this.#vault.api.openUnfinishedLoad(this.resumed.loadId, port);
      if (!resumed.ok) return this.#end(resumed.error);
    }
    this.#worker = startIngestWorker();
    const ingest = Comlink.wrap<IngestApi>(this.#worker);
    this.#ingest = ingest;
    const onProgress = Comlink.proxy((progress: SourceProgress) => this.#report(progress));
    const writer = Comlink.transfer(channel.port2, [channel.port2]);
    const reading = ingest.run(this.sources.map(toIngestSource), writer, onProgress);
    // What was asked for before there was a worker to ask.
    if (this.paused) void ingest.pause(true);
    if (this.#isStopping) void ingest.stop();
    if (this.#isCancelling) void ingest.cancel();
    const outcome = await reading;
    if (!outcome.ok) return this.#end(outcome.error);
    this.ledger = outcome.value.ledger;
    this.allKnown = this.resumed === null && outcome.value.known === this.sources.length;
    this.stage = 'read';
  }

  async pause(isPaused: boolean): Promise<void> {
    this.paused = isPaused;
    await this.#ingest?.pause(isPaused);
  }

  /** Puts it aside: it goes on from here when its files are chosen again. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#ingest?.stop();
  }

  async cancel(): Promise<void> {
    this.#isCancelling = true;
    this.#isStopping = false;
    await this.#ingest?.cancel();
  }

  /** `acceptQuarantined`: a person saw that much could not be read, and wants the rest. */
  async commit(acceptQuarantined: boolean): Promise<void> {
    if (!this.#ingest) return;
    this.stage = 'committing';
    const kept = await this.#ingest.commit({ acceptQuarantined });
    if (!kept.ok && kept.error.kind === 'not-allowed' && kept.error.code === 'quarantined') {
      this.stage = 'read';
      this.needsYes = true;
      return;
    }
    if (!kept.ok) return this.#end(kept.error);
    this.summary = kept.value;
    this.#atHand.keep(kept.value.loadId, this.sources.map(toIngestSource));
    this.stage = 'kept';
    this.#stopWorker();
  }

  async discard(): Promise<void> {
    await this.#ingest?.discard();
    this.#stopWorker();
    this.reset();
  }

  /** Drops what was read and keeps the sources, for another form or class. */
  async changeAndReadAgain(): Promise<void> {
    await this.#ingest?.discard();
    this.#stopWorker();
    this.ledger = null;
    this.resumed = null;
    this.stage = 'choosing';
  }

  /** Ready for the next load. */
  reset(): void {
    this.stage = 'choosing';
    this.sources = [];
    this.resumed = null;
    this.ledger = null;
    this.allKnown = false;
    this.needsYes = false;
    this.summary = null;
    this.error = null;
  }

  /** The page goes: what is being read stays behind as an unfinished load, what was read and not kept is dropped. */
  leave(): void {
    if (this.stage === 'read') void this.#ingest?.discard();
    this.#stopWorker();
  }

  async #recognise(sources: readonly ChosenSource[]): Promise<void> {
    const single = sources.filter(({ files }) => files.length === 1);
    const files = single.flatMap((source) => source.files.map(({ file }) => file));
    const [found, exports] = await withIngestWorker((ingest) =>
      Promise.all([ingest.recognise(sources.map(toIngestSource)), ingest.recogniseExports(files)]),
    );
    for (const [at, source] of sources.entries()) source.recognised = found[at] ?? null;
    for (const [at, source] of single.entries()) {
      source.asked = exports[at] ?? null;
      if (source.asked?.kind === 'table') source.columns = await this.#vault.api.columnsOf(source.asked.columns);
    }
  }

  #report(progress: SourceProgress): void {
    const source = this.sources[progress.source];
    if (!source) return;
    if (source.progress?.state !== progress.state) source.startedAtMs = performance.now();
    source.progress = progress;
  }

  #end(error: ClientError): void {
    this.error = error;
    const isCancelled = error.kind === 'cancelled';
    this.stage = isCancelled ? (this.#isStopping ? 'stopped' : 'cancelled') : 'failed';
    this.#stopWorker();
  }

  #stopWorker(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#ingest = null;
  }
}
