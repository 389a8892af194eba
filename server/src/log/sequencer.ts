/**
 * One writer for the whole server: log index, directory position and manifest version are ordered here, in one transaction.
 * Jobs that arrive together share one commit (group commit); each runs in its own savepoint, so that one that fails takes
 * nothing else with it. A promise resolves only after the commit is durable.
 */
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Schema, Writer } from '../store/schema.ts';

const MAX_JOBS_PER_COMMIT = 128;

/** What happens outside the database once a job is durable. */
type Effect = () => void | Promise<void>;

/** What one job may use. */
export interface Unit {
  readonly trx: Writer;
  /** Runs `effect` after the commit, before the job's promise resolves; dropped with the job. For caches, streams, files. */
  after(effect: Effect): void;
  /** Shared by the jobs of one commit: what earlier jobs changed and no reader sees yet. */
  readonly uncommitted: Map<string, unknown>;
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
  readonly #db: Kysely<Schema>;
  #waiting: Waiting[] = [];
  #running: Promise<void> | null = null;
  #closed = false;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Runs `job` in order with all others. Rejects with what it threw (only its own rows are rolled back), or with the commit's error. */
  submit<T>(job: (unit: Unit) => Promise<T>): Promise<T> {
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
    while (this.#waiting.length > 0) await this.#commit(this.#waiting.splice(0, MAX_JOBS_PER_COMMIT));
    this.#running = null;
  }

  async #commit(jobs: readonly Waiting[]): Promise<void> {
    let outcomes: readonly Outcome[];
    const broken: { error: unknown } = { error: null };
    try {
      outcomes = await this.#db.transaction().execute(async (trx) => {
        const uncommitted = new Map<string, unknown>();
        const done: Outcome[] = [];
        for (const job of jobs) done.push(await runInSavepoint(trx, uncommitted, job, broken));
        return done;
      });
    } catch (error) {
      // what broke the transaction says more than that it could not be rolled back any more
      for (const job of jobs) job.reject(broken.error ?? error);
      return;
    }
    for (const [at, outcome] of outcomes.entries()) {
      const job = jobs[at] as Waiting;
      if (outcome.ok) void runEffects(outcome.effects).then(() => job.resolve(outcome.value), job.reject);
      else job.reject(outcome.error);
    }
  }
}

/** Effects begin at once and in order; only their own job waits for slow ones. */
async function runEffects(effects: readonly Effect[]): Promise<void> {
  await Promise.all(effects.map((effect) => effect()));
}

async function runInSavepoint(
  trx: Writer,
  uncommitted: Map<string, unknown>,
  job: Waiting,
  broken: { error: unknown },
): Promise<Outcome> {
  const before = new Map(uncommitted);
  const effects: Effect[] = [];
  await sql`savepoint job`.execute(trx);
  try {
    const value = await job.run({ trx, uncommitted, after: (effect) => void effects.push(effect) });
    await sql`release job`.execute(trx);
    return { ok: true, value, effects };
  } catch (error) {
    try {
      await sql`rollback to job`.execute(trx);
      await sql`release job`.execute(trx);
    } catch {
      // SQLite has already rolled everything back (a full disk does that): the whole commit fails with the first error
      broken.error = error;
      throw error;
    }
    uncommitted.clear();
    for (const [key, value] of before) uncommitted.set(key, value);
    return { ok: false, error };
  }
}
