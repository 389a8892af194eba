/** The findings vault over a sealed store. Every write is durable before the engine or the journal in memory learn of it. */
import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import { Turn } from '../../base/turn.ts';
import type { BundleRow, SavedView } from '../client/api/bundles.ts';
import type { ClientError } from '../client/api/client-error.ts';
import type { WithdrawCode } from '../client/api/publishing.ts';
import { toClientError } from '../client/failures.ts';
import type { Finding, FindingId } from '../finding/finding.ts';
import type { Engine } from '../query/engine.ts';
import { NO_ROW } from '../query/engine.ts';
import { makeOverview } from '../query/overview.ts';
import type {
  Detail,
  GroupField,
  GroupPage,
  Histogram,
  Overview,
  Query,
  QueryResult,
  Row,
  Suggestion,
  TimeField,
} from '../query/query.ts';
import type { JournalEntry } from '../triage/journal-entry.ts';
import { findingCount, ID_BYTES } from '../triage/journal-entry.ts';
import type { TriageChange, TriageOperation } from '../triage/triage.ts';
import type {
  AlsoCommit,
  FindingsVault,
  FindingsRekeyOptions,
  FindingsVaultOptions,
  ImportOptions,
  ImportSummary,
  UnpackBundle,
} from './findings-vault.ts';
import { ReceivedBundles } from './received-bundles.ts';
import { SavedViews } from './saved-views.ts';
import type { ClearSecret } from './secret-rows.ts';
import { SecretRows } from './secret-rows.ts';
import type { StoreTransaction } from './store.ts';
import { brokenRules, distinctRows } from './triage-check.ts';
import { TouchedRows } from './touched-rows.ts';
import { idBytes, StoredJournal, TriageLog } from './triage-log.ts';

const RELATED_ROWS = 50;

/** Opens the findings of a store: loads all hot blocks, then the journal. An empty store is an empty vault. */
export async function openFindingsVault(options: FindingsVaultOptions): Promise<Result<FindingsVault, ClientError>> {
  const { store } = options;
  // The findings first: the other rows are read while their file is opened.
  const [bundles, secrets, views, journal] = await Promise.all([
    ReceivedBundles.open(options),
    SecretRows.read(store),
    SavedViews.read(store),
    StoredJournal.read(store),
  ]);
  if (!secrets.ok) return err(toClientError(secrets.error));
  if (!views.ok) return err(toClientError(views.error));
  if (!bundles.ok) return bundles;
  if (!journal.ok) return err(toClientError(journal.error));
  const log = new TriageLog(options, journal.value, bundles.value.engine);
  return ok(new StoredFindings(options, bundles.value, log, secrets.value, views.value));
}

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

class StoredFindings implements FindingsVault {
  readonly #options: FindingsVaultOptions;
  readonly #bundles: ReceivedBundles;
  readonly #log: TriageLog;
  readonly #secrets: SecretRows;
  readonly #views: SavedViews;
  /** For one action after the other: memory that was used before is faster. */
  readonly #asked = new TouchedRows();
  #idBytes: Bytes = new Uint8Array(0);
  #triedOut = 0;
  /** Changes of triage, secrets and views. */
  readonly #turn = new Turn();
  /** Bundles come and go one after the other; triage goes on meanwhile. */
  readonly #bundleTurn = new Turn();

  constructor(
    options: FindingsVaultOptions,
    bundles: ReceivedBundles,
    log: TriageLog,
    secrets: SecretRows,
    views: SavedViews,
  ) {
    this.#options = options;
    this.#bundles = bundles;
    this.#log = log;
    this.#secrets = secrets;
    this.#views = views;
  }

  get unsentOperations(): number {
    return this.#log.ownOperations;
  }

  get damaged(): readonly string[] {
    return this.#bundles.damaged;
  }

  get figures(): FindingsVault['figures'] {
    const { rows, memoryBytes } = this.#engine;
    return { findings: rows, untouched: this.#log.overlay.untouched, memoryBytes };
  }

  query(query: Query): QueryResult {
    const result = this.#engine.run(query);
    this.#bundles.noteToken(result.token);
    return result;
  }

  window(token: number, offset: number, limit: number): readonly Row[] {
    return this.#engine.window(token, offset, limit);
  }

  ids(token: number, from: number, to: number): readonly FindingId[] {
    return this.#engine.ids(token, from, to);
  }

  position(token: number, id: FindingId): number {
    return this.#engine.position(token, id);
  }

  groups(token: number, by: GroupField, offset: number, limit: number): GroupPage {
    return this.#engine.groups(token, by, offset, limit);
  }

  histogram(token: number, field: TimeField, bars: number): Histogram {
    return this.#engine.histogram(token, field, bars);
  }

  suggest(text: string, limit: number): readonly Suggestion[] {
    return this.#engine.suggest(text, limit);
  }

  async findings(ids: readonly FindingId[]): Promise<Result<readonly (Finding | null)[], ClientError>> {
    const read = await this.#bundles.read(ids);
    return read.ok ? ok(read.value.map((one) => one?.finding ?? null)) : read;
  }

  async detail(id: FindingId): Promise<Result<Detail, ClientError>> {
    const read = await this.#bundles.read([id]);
    if (!read.ok) return read;
    const [known] = read.value;
    const row = this.#engine.rowOf(id);
    // It may have been withdrawn while its blocks were read.
    if (known === null || known === undefined || row === NO_ROW) return err({ kind: 'not-found', what: 'finding' });
    return ok({
      ...known,
      status: this.#log.overlay.status(row),
      history: this.#log.history(id),
      sameMachine: this.#engine.related(row, 'machine', RELATED_ROWS),
      sameIdentity: this.#engine.related(row, 'identity', RELATED_ROWS),
      hasSecret: this.#secrets.has(id),
    });
  }

  overview(): Overview {
    const last = this.#bundles.imports.findLast(({ withdrawn }) => withdrawn === null);
    const lastBundle = last
      ? { id: last.bundleId, receivedAtMs: last.receivedAtMs, added: last.added, merged: last.merged }
      : null;
    return makeOverview(this.#engine, this.#log.overlay.firstContained(), this.#options.nowMs(), lastBundle);
  }

  bundles(): readonly BundleRow[] {
    return this.#bundles.imports.toReversed().map(({ number: _number, files: _files, areNew: _new, ...row }) => row);
  }

  importBundle(
    bundleId: string,
    unpack: UnpackBundle,
    options: ImportOptions = {},
  ): Promise<Result<ImportSummary, ClientError>> {
    const { secrets, also } = options;
    let held = () => {};
    const withSecrets: ImportOptions = {
      ...options,
      also: async (tx, summary) => {
        if (secrets !== undefined) held = this.#secrets.put(this.#options.store, tx, bundleId, secrets);
        await also?.(tx, summary);
      },
    };
    return this.#bundleTurn.run(async () => {
      const imported = await this.#bundles.import(bundleId, unpack, withSecrets, (from) =>
        this.#log.overlay.foldArrived(from),
      );
      if (imported.ok) held();
      return imported;
    });
  }

  repairBundle(
    bundleId: string,
    unpack: UnpackBundle,
    options: ImportOptions = {},
  ): Promise<Result<ImportSummary, ClientError>> {
    return this.#rebuilding(() => this.#bundles.repair(bundleId, unpack, options));
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

  putSecrets(bundleId: string, secrets: readonly ClearSecret[], also?: AlsoCommit): Promise<Result<void, ClientError>> {
    return this.#change((tx) => this.#secrets.put(this.#options.store, tx, bundleId, secrets), also);
  }

  async secret(id: FindingId, also?: AlsoCommit): Promise<Result<{ readonly secret: string }, ClientError>> {
    // A finding that is hidden (withdrawn) gives nothing, and what gives nothing is not recorded as revealed.
    if (!this.#secrets.has(id) || this.#engine.rowOf(id) === NO_ROW) return err({ kind: 'not-found', what: 'secret' });
    // The reveal is on record before the secret is out.
    const recorded = also ? await this.#change(() => () => undefined, also) : ok(undefined);
    if (!recorded.ok) return recorded;
    const secret = await this.#secrets.open(this.#options.store, id);
    if (!secret.ok) return err(toClientError(secret.error));
    return secret.value === null ? err({ kind: 'not-found', what: 'secret' }) : ok({ secret: secret.value });
  }

  withdraw(bundleId: string, code: WithdrawCode, also?: AlsoCommit): Promise<Result<void, ClientError>> {
    return this.#rebuilding(() => this.#bundles.withdraw(bundleId, code, also));
  }

  confirmDeletion(bundleId: string, also?: AlsoCommit): Promise<Result<void, ClientError>> {
    return this.#rebuilding(async () => {
      let held = () => {};
      const deleted = await this.#bundles.delete(
        bundleId,
        (tx) => {
          held = this.#secrets.delete(this.#options.store, tx, bundleId);
        },
        also,
      );
      if (deleted.ok) held();
      return deleted;
    });
  }

  savedViews(): readonly SavedView[] {
    return this.#views.list;
  }

  saveView(view: SavedView): Promise<Result<void, ClientError>> {
    return this.#change((tx) => this.#views.put(tx, view));
  }

  deleteView(id: string): Promise<Result<void, ClientError>> {
    return this.#change((tx) => this.#views.delete(tx, id));
  }

  rekey(options: FindingsRekeyOptions): Promise<Result<void, ClientError>> {
    return this.#bundleTurn.run(() => this.#turn.run(() => this.#bundles.rekey(options)));
  }

  async idle(): Promise<boolean> {
    if (this.#engine.warm()) return true;
    const compacted = await this.compact();
    return compacted.ok && compacted.value;
  }

  async tryOut(): Promise<boolean> {
    if (this.#triedOut === TRIALS) return false;
    this.#triedOut++;
    await this.#turn.run(() => this.#options.store.tryOut((tx) => this.#tryTriage(tx)));
    return true;
  }

  get #engine(): Engine {
    this.#log.settle();
    return this.#bundles.engine;
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

  /** Work that may build a new engine: nobody triages meanwhile, and the new one learns what was done. */
  #rebuilding<T>(work: () => Promise<Result<T, ClientError>>): Promise<Result<T, ClientError>> {
    return this.#bundleTurn.run(() =>
      this.#turn.run(async () => {
        const before = this.#engine;
        const done = await work();
        if (this.#engine !== before) this.#log.moveTo(this.#engine);
        return done;
      }),
    );
  }

  /** One commit; what `work` returns runs after it held. */
  #change(work: (tx: StoreTransaction) => () => void, also?: AlsoCommit): Promise<Result<void, ClientError>> {
    return this.#turn.run(async () => {
      const committed = await this.#options.store.transaction(async (tx) => {
        const held = work(tx);
        await also?.(tx);
        return held;
      });
      if (!committed.ok) return err(toClientError(committed.error));
      committed.value();
      return ok(undefined);
    });
  }
}
