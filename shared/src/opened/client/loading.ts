/**
 * A load while it is read, for browser and CLI, which differ in where its drafts go: sources one after the other, records to drafts in
 * memory, and a journal by which it goes on after its process died. Holds keys; what it is handed comes from readers that do not.
 */
import { toBase64url } from '../../base/base64url.ts';
import type { Ms } from '../../base/brand.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { DraftBuilder } from '../finding/draft.ts';
import type { Finding } from '../finding/finding.ts';
import { addCheckpoint } from '../ingest/checkpoint.ts';
import type { IngestCheckpoint } from '../ingest/checkpoint.ts';
import { addTotals } from '../ingest/ledger.ts';
import type { Ledger, LoadedRecord, MachineSummary, QuarantinedLine, SourceDescription } from '../ingest/record.ts';
import type { WatchList } from '../match/watch.ts';
import type { DomainCounts } from '../scan/domain-census.ts';
import type { ClientError } from './api/client-error.ts';
import type { BegunSource } from './api/loading.ts';
import { toWatchList } from './constituency.ts';
import type { Listed } from './constituency.ts';
import { draftBuilders } from './draft-builders.ts';
import { Drafting } from './drafting.ts';
import type { ReadSource } from './drafting.ts';
import { LoadJournal, openJournal } from './load-journal.ts';
import type { JournalStart, JournalStep } from './load-journal.ts';
import type { Session } from './session.ts';

/** Lines kept for looking at; their number is in the ledger, whatever it is. */
const MAX_QUARANTINED_KEPT = 100_000;
const MAX_MACHINES_KEPT = 200_000;

/** One source of a load. */
interface Source {
  readonly description: SourceDescription;
  /** All checkpoints so far as one. */
  resume: IngestCheckpoint | null;
  /** `null` until the source was read to its end. */
  ledger: Ledger | null;
  /** Since the last step of the journal. */
  records: LoadedRecord[];
  machines: MachineSummary[];
  domains: DomainCounts[];
  isNoted: boolean;
}

/** Drafts of an organisation that wait already: they are sightings of this load, not new. */
export type DraftedBefore = (listId: string) => Promise<readonly Pick<Finding, 'id'>[]>;

export class Loading {
  readonly loadId: string;
  readonly nowMs: Ms;
  readonly watch: WatchList;
  readonly constituency: readonly Listed[];
  readonly drafting: Drafting;
  readonly journal: LoadJournal;
  readonly quarantine: QuarantinedLine[] = [];
  readonly machines: MachineSummary[] = [];
  readonly domains: DomainCounts[] = [];
  readonly #session: Session;
  readonly #sources: Source[] = [];
  #isClosed = false;
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(session: Session, start: JournalStart, drafted: DraftedBefore, parts: number) {
    this.#session = session;
    this.loadId = start.loadId;
    this.nowMs = start.nowMs;
    this.constituency = start.constituency;
    this.watch = toWatchList(start.constituency);
    this.journal = new LoadJournal(session.store, start, parts);
    const builderOf = draftBuilders(session, start.constituency, start.nowMs);
    const open = async (listId: string): Promise<DraftBuilder> => builderOf(listId, await drafted(listId));
    this.drafting = new Drafting(this.watch, open);
  }

  /** Over what is listed now. Organisations that are listed later are found by loading again. */
  static begin(session: Session, start: JournalStart, drafted: DraftedBefore): Loading {
    return new Loading(session, start, drafted, 0);
  }

  /** From the last checkpoint of an unfinished load, over what was listed when it began. */
  static async resume(session: Session, loadId: string, drafted: DraftedBefore): Promise<Result<Loading, ClientError>> {
    const opened = await openJournal(session.store, loadId);
    if (!opened.ok) return opened;
    const { start, parts, steps } = opened.value;
    const loading = new Loading(session, start, drafted, parts);
    for (let part = 0; part < parts; part++) {
      const read = await steps(part);
      if (!read.ok) return read;
      for (const step of read.value) await loading.#replay(step);
    }
    return ok(loading);
  }

  /** Sources in the order in which they were begun. */
  get read(): readonly ReadSource[] {
    return this.#sources.map(({ description, ledger }) => ({ source: description, ledger }));
  }

  /** Hashes of the sources that were read to their end: the others may be loaded again. */
  get readHashes(): readonly string[] {
    return this.#sources.filter(({ ledger }) => ledger !== null).map(({ description }) => hashOf(description));
  }

  get ledger(): Ledger {
    const ledgers = this.#sources.flatMap(({ ledger }) => (ledger === null ? [] : [ledger]));
    return { total: addTotals(ledgers.map(({ total }) => total)), sources: ledgers.flatMap(({ sources }) => sources) };
  }

  /** Registers a source, or finds it again. `isLoaded`: an earlier load had the same bytes. */
  beginSource(source: SourceDescription, isLoaded: boolean): Result<BegunSource, ClientError> {
    this.#checkOpen();
    const hash = hashOf(source);
    const known = this.#sources.findIndex(({ description }) => hashOf(description) === hash);
    const found = this.#sources[known];
    if (isLoaded || (found !== undefined && (found.ledger !== null || !found.isNoted))) {
      return err({ kind: 'already-done', what: 'source' });
    }
    if (found !== undefined) return ok({ sourceNumber: known, source: found.description, resume: found.resume });
    this.#sources.push({
      ...{ description: source, resume: null, ledger: null },
      ...{ records: [], machines: [], domains: [], isNoted: false },
    });
    return ok({ sourceNumber: this.#sources.length - 1, source, resume: null });
  }

  /** One batch after the other: the caller waits, so that readers never run ahead of the writer. */
  write(sourceNumber: number, records: readonly LoadedRecord[]): Promise<void> {
    const work = this.#queue.then(async () => {
      this.#checkOpen();
      const source = this.#source(sourceNumber);
      const matched = await this.drafting.write(records, source.description);
      for (const record of matched) source.records.push(record);
    });
    this.#queue = work.catch(() => undefined);
    return work;
  }

  writeMachines(sourceNumber: number, machines: readonly MachineSummary[]): void {
    const source = this.#source(sourceNumber);
    source.machines.push(...machines);
    this.#keepMachines(machines);
  }

  noteDomains(sourceNumber: number, counts: DomainCounts): void {
    this.#source(sourceNumber).domains.push(counts);
    this.domains.push(counts);
  }

  /** Durable with all that was written before it when it resolves with ok. */
  async checkpoint(sourceNumber: number, checkpoint: IngestCheckpoint): Promise<Result<void, ClientError>> {
    await this.#queue;
    this.#checkOpen();
    const source = this.#source(sourceNumber);
    source.resume = addCheckpoint(source.resume, checkpoint);
    return this.#step(sourceNumber, { checkpoint, end: null });
  }

  /** Ends a source that was read; its step in the journal may wait for the next where it is small. */
  async endSource(
    sourceNumber: number,
    ledger: Ledger,
    quarantine: readonly QuarantinedLine[],
  ): Promise<Result<void, ClientError>> {
    await this.#queue;
    this.#checkOpen();
    const source = this.#source(sourceNumber);
    source.ledger = ledger;
    source.resume = null;
    this.#keepQuarantine(quarantine);
    return this.#step(sourceNumber, { checkpoint: null, end: { ledger, quarantine } });
  }

  /** Waits for what is being written; nothing is taken afterwards. */
  async close(): Promise<void> {
    await this.#queue;
    this.#isClosed = true;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Drops what is in memory. */
  clear(): void {
    this.#isClosed = true;
    this.drafting.clear();
    this.#sources.length = 0;
    this.machines.length = 0;
  }

  #step(sourceNumber: number, how: Pick<JournalStep, 'checkpoint' | 'end'>): Promise<Result<void, ClientError>> {
    const source = this.#source(sourceNumber);
    const { description, records, machines, domains, isNoted } = source;
    const step: JournalStep = {
      ...{ sourceNumber, records, machines, domains, ...how },
      begun: isNoted ? null : description,
      counts: this.drafting.counts(description),
    };
    source.records = [];
    source.machines = [];
    source.domains = [];
    source.isNoted = true;
    return this.journal.add(step, this.#session.ports.nowMs());
  }

  async #replay(step: JournalStep): Promise<void> {
    this.journal.note(step);
    const { sourceNumber, begun, checkpoint, end } = step;
    if (begun !== null) {
      this.#sources[sourceNumber] = {
        ...{ description: begun, resume: null, ledger: null },
        ...{ records: [], machines: [], domains: [], isNoted: true },
      };
    }
    const source = this.#source(sourceNumber);
    await this.drafting.write(step.records, source.description);
    this.drafting.restore(source.description, step.counts);
    this.#keepMachines(step.machines);
    this.domains.push(...step.domains);
    if (checkpoint !== null) source.resume = addCheckpoint(source.resume, checkpoint);
    if (end === null) return;
    source.ledger = end.ledger;
    source.resume = null;
    this.#keepQuarantine(end.quarantine);
  }

  #keepMachines(machines: readonly MachineSummary[]): void {
    for (const machine of machines) if (this.machines.length < MAX_MACHINES_KEPT) this.machines.push(machine);
  }

  #keepQuarantine(lines: readonly QuarantinedLine[]): void {
    for (const line of lines) if (this.quarantine.length < MAX_QUARANTINED_KEPT) this.quarantine.push(line);
  }

  #source(sourceNumber: number): Source {
    const source = this.#sources[sourceNumber];
    if (source === undefined) throw new RangeError('load: no such source');
    return source;
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new RangeError('load: it is closed');
  }
}

function hashOf({ sha256 }: SourceDescription): string {
  return toBase64url(sha256);
}
