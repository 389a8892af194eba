/** The findings vault over a sealed store. Every write is durable before the engine or the journal in memory learn of it. */
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
import { TriageActions } from './triage-actions.ts';
import { StoredJournal, TriageLog } from './triage-log.ts';

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

class StoredFindings implements FindingsVault {
  readonly #options: FindingsVaultOptions;
  readonly #bundles: ReceivedBundles;
  readonly #log: TriageLog;
  readonly #secrets: SecretRows;
  readonly #views: SavedViews;
  readonly #actions: TriageActions;
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
    this.#actions = new TriageActions(options, log, this.#turn, () => this.#engine);
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
    return this.#actions.triage(ids, changes, also);
  }

  undo(group: string, also?: AlsoCommit): Promise<Result<{ readonly applied: number }, ClientError>> {
    return this.#actions.undo(group, also);
  }

  absorb(operations: readonly TriageOperation[], also?: AlsoCommit): Promise<Result<number, ClientError>> {
    return this.#actions.absorb(operations, also);
  }

  compact(): Promise<Result<boolean, ClientError>> {
    return this.#actions.compact();
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

  tryOut(): Promise<boolean> {
    return this.#actions.tryOut();
  }

  get #engine(): Engine {
    this.#log.settle();
    return this.#bundles.engine;
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
