/**
 * What is done to the triage of findings: each action is one commit, with what the caller wants on record beside it, and in memory only
 * once that is durable. One action after the other.
 */
import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { Turn } from '../../base/turn.ts';
import type { ClientError } from '../client/api/client-error.ts';
import { toClientError } from '../client/failures.ts';
import type { FindingId } from '../finding/finding.ts';
import type { Engine } from '../query/engine.ts';
import type { JournalEntry } from '../triage/journal-entry.ts';
import { findingCount, ID_BYTES } from '../triage/journal-entry.ts';
import type { TriageChange, TriageOperation } from '../triage/triage.ts';
import type { AlsoCommit, FindingsVaultOptions } from './findings-vault.ts';
import type { StoreTransaction } from './store.ts';
import { TouchedRows } from './touched-rows.ts';
import { brokenRules, distinctRows } from './triage-check.ts';
import type { TriageLog } from './triage-log.ts';
import { idBytes } from './triage-log.ts';

/** Bulk actions that are tried out in an idle moment after the opening, and findings of each. */
const TRIALS = 3;
const TRIED_FINDINGS = 10_000;

/** Ids that are parsed into memory that was used before. */
const MOST_KEPT_BYTES = 1024 * 1024;

interface Triaged {
  readonly group: string;
  readonly applied: number;
  readonly distinct: Bytes | null;
}

/** Leaves a transaction without a commit. */
class NothingWritten extends Error {
  readonly result: Result<void, ClientError>;

  constructor(result: Result<void, ClientError>) {
    super('nothing is written');
    this.result = result;
  }
}

/** The part of a `FindingsVault` of the same names. */
export class TriageActions {
  readonly #options: FindingsVaultOptions;
  readonly #log: TriageLog;
  readonly #turn: Turn;
  readonly #engineNow: () => Engine;
  /** For one action after the other: memory that was used before is faster. */
  readonly #asked = new TouchedRows();
  #idBytes: Bytes = new Uint8Array(0);
  #triedOut = 0;

  /** `engineNow`: the engine at the moment, settled with `log`; while `turn` is held it stays the same. */
  constructor(options: FindingsVaultOptions, log: TriageLog, turn: Turn, engineNow: () => Engine) {
    this.#options = options;
    this.#log = log;
    this.#turn = turn;
    this.#engineNow = engineNow;
  }

  triage(
    ids: readonly FindingId[],
    changes: readonly TriageChange[],
    also?: AlsoCommit,
  ): Promise<Result<{ readonly group: string; readonly applied: number }, ClientError>> {
    return this.#turn.run(async () => {
      const bytes = this.#parse(ids);
      if (bytes === null) return err({ kind: 'not-found', what: 'finding' });
      let done = await this.#triage(bytes, changes, also);
      // A finding that was named twice is changed once: nothing is written yet.
      if (done.ok && done.value.distinct !== null) done = await this.#triage(done.value.distinct, changes, also);
      return done.ok ? ok({ group: done.value.group, applied: done.value.applied }) : done;
    });
  }

  undo(group: string, also?: AlsoCommit): Promise<Result<{ readonly applied: number }, ClientError>> {
    return this.#turn.run(async () => {
      const entries = this.#log.makeUndo(group);
      if (entries === null) return err({ kind: 'not-found', what: 'group' });
      if (entries.length === 0) return ok({ applied: 0 });
      const written = await this.#append(entries, also);
      return written.ok ? ok({ applied: entries.reduce((sum, entry) => sum + findingCount(entry), 0) }) : written;
    });
  }

  absorb(operations: readonly TriageOperation[], also?: AlsoCommit): Promise<Result<number, ClientError>> {
    return this.#turn.run(async () => {
      const foreign = this.#log.makeForeign(operations);
      if (foreign === null) return err({ kind: 'invalid', issues: [{ field: 'operations', code: 'malformed' }] });
      const written = await this.#append(foreign.entries, also);
      return written.ok ? ok(foreign.fresh) : written;
    });
  }

  compact(): Promise<Result<boolean, ClientError>> {
    return this.#turn.run(async () => {
      const committed = await this.#options.store.transaction((tx) => this.#log.compact(tx));
      if (!committed.ok) return err(toClientError(committed.error));
      committed.value?.();
      return ok(committed.value !== null);
    });
  }

  async tryOut(): Promise<boolean> {
    if (this.#triedOut === TRIALS) return false;
    this.#triedOut++;
    await this.#turn.run(() => this.#options.store.tryOut((tx) => this.#tryTriage(tx)));
    return true;
  }

  get #engine(): Engine {
    return this.#engineNow();
  }

  /** What a bulk action does until it is written, on findings from all over the vault; nothing comes of it. */
  #tryTriage(tx: StoreTransaction): void {
    const count = Math.min(this.#engine.rows, TRIED_FINDINGS);
    const step = this.#engine.rows / count;
    const ids = Array.from({ length: count }, (_, i) => this.#engine.idAt(Math.floor(i * step)));
    const bytes = this.#parse(ids);
    if (bytes === null) return;
    const changes = [{ field: 'state', state: 'triaged' }] as const;
    this.#log.append(tx, [this.#log.makeEntry(bytes, changes).entry]);
    const rows = distinctRows(this.#engine.rowsOf(bytes), this.#asked);
    if (rows !== null) brokenRules(this.#engine, this.#log.overlay, rows, changes, this.#options.nowMs());
  }

  /** Bytes of ids, valid until the next time; `null` if one is none. */
  #parse(ids: readonly FindingId[]): Bytes | null {
    const length = ids.length * ID_BYTES;
    const isMany = length > MOST_KEPT_BYTES;
    if (length > this.#idBytes.length && !isMany) this.#idBytes = new Uint8Array(length);
    return idBytes(ids, isMany ? undefined : this.#idBytes);
  }

  /** Triage of the findings with these ids; nothing is done where some are named more than once: then `distinct` has each once. */
  async #triage(
    ids: Bytes,
    changes: readonly TriageChange[],
    also?: AlsoCommit,
  ): Promise<Result<Triaged, ClientError>> {
    const { group, entry } = this.#log.makeEntry(ids, changes);
    let done: Triaged = { group, applied: ids.length / ID_BYTES, distinct: null };
    const check = (): Result<Uint32Array | null, ClientError> => {
      const rows = this.#engine.rowsOf(ids);
      const distinct = distinctRows(rows, this.#asked);
      if (distinct === null) return err({ kind: 'not-found', what: 'finding' });
      const issues = brokenRules(this.#engine, this.#log.overlay, distinct, changes, this.#options.nowMs());
      if (issues.length > 0) return err({ kind: 'invalid', issues });
      if (rows.length === 0 || changes.length === 0) done = { group, applied: 0, distinct: null };
      else if (distinct === rows) return ok(rows);
      else done = { group, applied: 0, distinct: this.#engine.idBytes(distinct) };
      return ok(null);
    };
    const written = await this.#append([entry], also, check);
    return written.ok ? ok(done) : written;
  }

  /**
   * Writes entries, and `also`; nothing at all where `check` fails or answers `null`. It is asked while keys are at work on what would
   * be written, and answers the rows of the entries' findings; they keep their numbers, because a new engine waits for its turn.
   */
  async #append(
    entries: readonly JournalEntry[],
    also?: AlsoCommit,
    check?: () => Result<Uint32Array | null, ClientError>,
  ): Promise<Result<void, ClientError>> {
    try {
      const committed = await this.#options.store.transaction(async (tx) => {
        const recorded = Promise.resolve(also?.(tx));
        const held = this.#log.append(tx, entries);
        await recorded;
        const checked = check?.() ?? null;
        if (checked === null) return () => held(null);
        if (!checked.ok || checked.value === null) throw new NothingWritten(checked.ok ? ok(undefined) : checked);
        const rows = checked.value;
        return () => held(rows);
      });
      if (!committed.ok) return err(toClientError(committed.error));
      committed.value();
      return ok(undefined);
    } catch (error) {
      if (error instanceof NothingWritten) return error.result;
      throw error;
    }
  }
}
