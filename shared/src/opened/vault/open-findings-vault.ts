/** The findings vault over a sealed store. Every write is durable before the engine or the journal in memory learn of it. */
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import { Turn } from '../../base/turn.ts';
import type { BundleRow, ClientError, InputIssue, SavedView, WithdrawCode } from '../client/api.ts';
import { toClientError } from '../client/failures.ts';
import type { Finding, FindingId } from '../finding/finding.ts';
import type { Engine } from '../query/engine.ts';
import { NO_ROW } from '../query/engine.ts';
import type { FirstContained } from '../query/overview.ts';
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
import { entryOf } from '../triage/journal-entry.ts';
import { checkChanges, isRuleBroken } from '../triage/rules.ts';
import type { TriageChange, TriageOperation } from '../triage/triage.ts';
import type {
  AlsoCommit,
  FindingsVault,
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
import { TriageLog } from './triage-log.ts';

/** Most findings that an error names. */
const MAX_ISSUES = 20;
const RELATED_ROWS = 50;

/** Opens the findings of a store: loads all hot blocks, then the journal. An empty store is an empty vault. */
export async function openFindingsVault(options: FindingsVaultOptions): Promise<Result<FindingsVault, ClientError>> {
  const { store } = options;
  const log = await TriageLog.read(options);
  if (!log.ok) return err(toClientError(log.error));
  const secrets = await SecretRows.read(store);
  if (!secrets.ok) return err(toClientError(secrets.error));
  const views = await SavedViews.read(store);
  if (!views.ok) return err(toClientError(views.error));
  const bundles = await ReceivedBundles.open(options);
  if (!bundles.ok) return bundles;
  return ok(new StoredFindings(options, bundles.value, log.value, secrets.value, views.value));
}

class StoredFindings implements FindingsVault {
  readonly #options: FindingsVaultOptions;
  readonly #bundles: ReceivedBundles;
  readonly #log: TriageLog;
  readonly #secrets: SecretRows;
  readonly #views: SavedViews;
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
    this.#overlay(log.journal.touched());
  }

  get unsentOperations(): number {
    return this.#log.ownOperations;
  }

  get damaged(): readonly string[] {
    return this.#bundles.damaged;
  }

  get figures(): FindingsVault['figures'] {
    let untouched = 0;
    this.#engine.visitColumns(({ state, rows }) => {
      for (let row = 0; row < rows; row++) if (state[row] === 0) untouched++;
    });
    return { findings: this.#engine.rows, untouched, memoryBytes: this.#engine.memoryBytes };
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
      status: this.#log.journal.status(id),
      history: this.#log.journal.history(id),
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
    return makeOverview(this.#engine, this.#firstContained(), this.#options.nowMs(), lastBundle);
  }

  bundles(): readonly BundleRow[] {
    return this.#bundles.imports.toReversed().map(({ number: _number, files: _files, ...row }) => row);
  }

  importBundle(
    bundleId: string,
    unpack: UnpackBundle,
    options: ImportOptions = {},
  ): Promise<Result<ImportSummary, ClientError>> {
    return this.#bundleTurn.run(() =>
      this.#bundles.import(bundleId, unpack, options, () => this.#overlay(this.#log.journal.touched())),
    );
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
      const findings = [...new Set(ids)];
      if (!findings.every((id) => this.#engine.rowOf(id) !== NO_ROW))
        return err({ kind: 'not-found', what: 'finding' });
      const issues = this.#brokenRules(findings, changes);
      if (issues.length > 0) return err({ kind: 'invalid', issues });
      const group = this.#log.newGroup();
      if (findings.length === 0 || changes.length === 0) return ok({ group, applied: 0 });
      const written = await this.#append([this.#log.makeEntry(group, findings, changes)], also);
      return written.ok ? ok({ group, applied: findings.length }) : written;
    });
  }

  undo(group: string, also?: AlsoCommit): Promise<Result<{ readonly applied: number }, ClientError>> {
    return this.#turn.run(async () => {
      const entries = this.#log.makeUndo(group);
      if (entries === null) return err({ kind: 'not-found', what: 'group' });
      if (entries.length === 0) return ok({ applied: 0 });
      const written = await this.#append(entries, also);
      return written.ok ? ok({ applied: entries.reduce((sum, { findings }) => sum + findings.length, 0) }) : written;
    });
  }

  absorb(operations: readonly TriageOperation[], also?: AlsoCommit): Promise<Result<number, ClientError>> {
    return this.#turn.run(async () => {
      const fresh = operations.filter(({ id }) => !this.#log.journal.has(id));
      const written = await this.#append(fresh.map(entryOf), also);
      return written.ok ? ok(fresh.length) : written;
    });
  }

  async compact(): Promise<Result<boolean, ClientError>> {
    return ok(false);
  }

  putSecrets(bundleId: string, secrets: readonly ClearSecret[], also?: AlsoCommit): Promise<Result<void, ClientError>> {
    return this.#change((tx) => this.#secrets.put(tx, bundleId, secrets), also);
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

  async idle(): Promise<boolean> {
    return this.#engine.warm();
  }

  get #engine(): Engine {
    return this.#bundles.engine;
  }

  #firstContained(): FirstContained {
    const known: (readonly [number, number])[] = [];
    for (const id of this.#log.journal.touched()) {
      const atMs = this.#log.journal.firstContainedMs(id);
      const row = atMs === null ? NO_ROW : this.#engine.rowOf(id);
      if (atMs !== null && row !== NO_ROW) known.push([row, atMs]);
    }
    known.sort(([a], [b]) => a - b);
    return { rows: Uint32Array.from(known, ([row]) => row), atMs: Float64Array.from(known, ([, atMs]) => atMs) };
  }

  #brokenRules(findings: readonly FindingId[], changes: readonly TriageChange[]): readonly InputIssue[] {
    const issues: InputIssue[] = [];
    const nowMs = this.#options.nowMs();
    for (const id of findings) {
      const { sourceClass } = this.#engine.row(this.#engine.rowOf(id));
      const answer = checkChanges(this.#log.journal.status(id), changes, sourceClass, nowMs);
      if (isRuleBroken(answer)) issues.push({ field: answer.field, code: answer.rule, value: id });
      if (issues.length >= MAX_ISSUES) break;
    }
    return issues;
  }

  async #append(entries: readonly JournalEntry[], also?: AlsoCommit): Promise<Result<void, ClientError>> {
    const committed = await this.#options.store.transaction(async (tx) => {
      const held = this.#log.append(tx, entries);
      await also?.(tx);
      return held;
    });
    if (!committed.ok) return err(toClientError(committed.error));
    this.#overlay(committed.value());
    return ok(undefined);
  }

  #overlay(ids: Iterable<FindingId>): void {
    for (const id of ids) {
      const row = this.#engine.rowOf(id);
      if (row !== NO_ROW) this.#engine.setStatus(Uint32Array.of(row), this.#log.journal.status(id));
    }
  }

  /** Work that may build a new engine: nobody triages meanwhile, and the new one learns what was done. */
  #rebuilding<T>(work: () => Promise<Result<T, ClientError>>): Promise<Result<T, ClientError>> {
    return this.#bundleTurn.run(() =>
      this.#turn.run(async () => {
        const before = this.#engine;
        const done = await work();
        if (this.#engine !== before) this.#overlay(this.#log.journal.touched());
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
