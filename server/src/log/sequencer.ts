/**
 * One writer for the whole server (across processes, where the store is shared): log index, directory position and manifest
 * version are ordered here, in one transaction.
 * Jobs that arrive together share one commit (group commit); each runs in its own savepoint, so that one that fails takes
 * nothing else with it. A promise resolves only after the commit is durable.
 *
 * After a commit that failed nobody knows what lies on disk, so whatever is kept in memory is read again before the next one; after
 * a disk that failed there is no next one: a failed fsync is never tried again.
 */
import { CompiledQuery } from 'kysely';
import { storageFault } from '../store/fault.ts';
import type { Writer } from '../store/schema.ts';
import type { StorageFault, Store } from '../store/store.ts';

const MAX_JOBS_PER_COMMIT = 128;
/** Faults that one job cannot have alone. */
const ENDS_COMMIT: ReadonlySet<StorageFault> = new Set(['broken', 'away', 'again']);

const SAVEPOINT = CompiledQuery.raw('savepoint job');
const RELEASE = CompiledQuery.raw('release job');
const ROLLBACK = CompiledQuery.raw('rollback to job');

/** What happens outside the database once a job is durable. */
type Effect = () => void | Promise<void>;

/** Runs once per commit, after all its jobs and in their transaction; what it returns runs once that is durable, before all other effects. */
type Finish = (trx: Writer) => Promise<() => void>;

/** What one job may use. */
export interface Unit {
  readonly trx: Writer;
  /** Runs `effect` after the commit, before the job's promise resolves; dropped with the job. For caches, streams, files. */
  after(effect: Effect): void;
  /** Runs `finish` at the end of the commit; under one `name` once, however many jobs ask. Dropped with the job that asked first. */
  finishWith(name: string, finish: Finish): void;
  /** Shared by the jobs of one commit: what earlier jobs changed and no reader sees yet. */
  readonly uncommitted: Map<string, unknown>;
}

/** What happens when storage fails. */
export interface StorageFailure {
  /** A commit failed: forget what was read from the database, so that it is read again. */
  readonly reload: () => void;
  /** The disk failed: end the process. */
  readonly onFatal: (error: unknown) => void;
}

interface Waiting {
  readonly run: (unit: Unit) => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Outcome =
  | { readonly ok: true; readonly value: unknown; readonly effects: readonly Effect[] }
  | { readonly ok: false; readonly error: unknown };

export class Sequencer {
  readonly #store: Pick<Store, 'transact'>;
  readonly #failure: StorageFailure;
  #waiting: Waiting[] = [];
  #running: Promise<void> | null = null;
  #closed = false;
  #broken: { readonly error: unknown } | null = null;

  constructor(store: Pick<Store, 'transact'>, failure: StorageFailure) {
    this.#store = store;
    this.#failure = failure;
  }

  /** Runs `job` in order with all others, perhaps more than once (`Store.transact`). Rejects with what it threw (only its own rows are rolled back), or with the commit's error. */
  submit<T>(job: (unit: Unit) => Promise<T>): Promise<T> {
    if (this.#broken !== null) return Promise.reject(asError(this.#broken.error));
    if (this.#closed) return Promise.reject(new Error('The sequencer is closed.'));
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ run: job, resolve: resolve as (value: unknown) => void, reject });
      this.#running ??= this.#drain();
    });
  }

  /** Resolves when everything submitted so far is durable; nothing is taken afterwards. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  async #drain(): Promise<void> {
    // one turn of the event loop: requests that arrived together are committed together
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const jobs = this.#waiting.splice(0, MAX_JOBS_PER_COMMIT);
      if (this.#broken === null) await this.#commit(jobs);
      else for (const job of jobs) job.reject(this.#broken.error);
    }
    this.#running = null;
  }

  async #commit(jobs: readonly Waiting[]): Promise<void> {
    let outcomes: readonly Outcome[];
    let finished: (() => void)[] = [];
    const broken: { error: unknown } = { error: null };
    try {
      outcomes = await this.#store.transact(async (trx) => {
        const shared: Shared = { uncommitted: new Map(), finishes: new Map() };
        const done: Outcome[] = [];
        finished = [];
        broken.error = null;
        for (const job of jobs) done.push(await runInSavepoint(trx, shared, job, broken));
        for (const finish of shared.finishes.values()) finished.push(await finish(trx));
        return done;
      });
    } catch (error) {
      // what broke the transaction says more than that it could not be rolled back any more
      this.#fail(broken.error ?? error, jobs);
      return;
    }
    for (const effect of finished) effect();
    for (const [at, outcome] of outcomes.entries()) {
      const job = jobs[at] as Waiting;
      if (outcome.ok) void runEffects(outcome.effects).then(() => job.resolve(outcome.value), job.reject);
      else job.reject(outcome.error);
    }
  }

  #fail(error: unknown, jobs: readonly Waiting[]): void {
    this.#failure.reload();
    if (storageFault(error) === 'broken') {
      this.#broken = { error };
      this.#failure.onFatal(error);
    }
    for (const job of jobs) job.reject(error);
  }
}

interface Shared {
  readonly uncommitted: Map<string, unknown>;
  readonly finishes: Map<string, Finish>;
}

/** Effects begin at once and in order; only their own job waits for slow ones. */
async function runEffects(effects: readonly Effect[]): Promise<void> {
  await Promise.all(effects.map((effect) => effect()));
}

async function runInSavepoint(
  trx: Writer,
  { uncommitted, finishes }: Shared,
  job: Waiting,
  broken: { error: unknown },
): Promise<Outcome> {
  const before = { uncommitted: new Map(uncommitted), finishes: new Map(finishes) };
  const effects: Effect[] = [];
  await trx.executeQuery(SAVEPOINT);
  try {
    const value = await job.run({
      trx,
      uncommitted,
      after: (effect) => void effects.push(effect),
      finishWith: (name, finish) => void (finishes.has(name) || finishes.set(name, finish)),
    });
    await trx.executeQuery(RELEASE);
    return { ok: true, value, effects };
  } catch (error) {
    try {
      if (ENDS_COMMIT.has(storageFault(error))) throw error;
      await trx.executeQuery(ROLLBACK);
      await trx.executeQuery(RELEASE);
    } catch {
      // everything is rolled back already (a full disk does that to SQLite): the whole commit fails with the first error
      broken.error = error;
      throw error;
    }
    restore(uncommitted, before.uncommitted);
    restore(finishes, before.finishes);
    return { ok: false, error };
  }
}

function restore<Value>(map: Map<string, Value>, before: ReadonlyMap<string, Value>): void {
  map.clear();
  for (const [key, value] of before) map.set(key, value);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('Storage failed before.');
}
