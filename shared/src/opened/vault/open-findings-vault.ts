/** The findings vault over a sealed store. Every write is durable before the engine or the journal in memory learn of it. */
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import { Turn } from '../../base/turn.ts';
import type { BundleColumns } from '../bundle/columns.ts';
import type { BundleRow, ClientError, InputIssue, WithdrawCode } from '../client/api.ts';
import { toClientError } from '../client/failures.ts';
import type { Finding, FindingId } from '../finding/finding.ts';
import type { Engine } from '../query/engine.ts';
import { makeOverview } from '../query/overview.ts';
import { createPlainEngine } from '../query/plain-engine.ts';
import type { Detail, Overview, Query, QueryResult, Row } from '../query/query.ts';
import { splitSegments } from '../query/segment.ts';
import type { JournalEntry } from '../triage/journal-entry.ts';
import { entryOf } from '../triage/journal-entry.ts';
import { checkChanges, isRuleBroken } from '../triage/rules.ts';
import type { TriageChange, TriageOperation } from '../triage/triage.ts';
import type { ImportRow } from './bundle-rows.ts';
import { countAdded, loadBundle, readImports, stageBundle, stagePrefix } from './bundle-rows.ts';
import type { AlsoCommit, BundleFacts, FindingsVault, FindingsVaultOptions, ImportSummary } from './findings-vault.ts';
import { SecretRows } from './secret-rows.ts';
import type { ClearSecret } from './secret-rows.ts';
import type { StoreError, StoreTransaction } from './store.ts';
import { TriageLog } from './triage-log.ts';

/** Most findings that an error names. */
const MAX_ISSUES = 20;
const RELATED_ROWS = 50;

/** Opens the findings of a store: loads all segments, then the journal. An empty store is an empty vault. */
export async function openFindingsVault(options: FindingsVaultOptions): Promise<Result<FindingsVault, ClientError>> {
  const { store } = options;
  const imports = await readImports(store);
  if (!imports.ok) return err(toClientError(imports.error));
  const log = await TriageLog.read(options);
  if (!log.ok) return err(toClientError(log.error));
  const secrets = await SecretRows.read(store);
  if (!secrets.ok) return err(toClientError(secrets.error));
  const vault = new StoredFindings(options, imports.value, log.value, secrets.value);
  const loaded = await vault.reload();
  return loaded.ok ? ok(vault) : err(toClientError(loaded.error));
}

class StoredFindings implements FindingsVault {
  readonly #options: FindingsVaultOptions;
  readonly #log: TriageLog;
  readonly #secrets: SecretRows;
  #imports: readonly ImportRow[];
  #engine: Engine;
  #lastToken = 0;
  readonly #turn = new Turn();

  constructor(options: FindingsVaultOptions, imports: readonly ImportRow[], log: TriageLog, secrets: SecretRows) {
    this.#options = options;
    this.#imports = imports;
    this.#log = log;
    this.#secrets = secrets;
    this.#engine = this.#newEngine();
  }

  get unsentOperations(): number {
    return this.#log.ownOperations;
  }

  query(query: Query): QueryResult {
    const result = this.#engine.run(query);
    this.#lastToken = result.token;
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

  finding(id: FindingId): Finding | null {
    return this.#engine.finding(id);
  }

  detail(id: FindingId): Result<Detail, ClientError> {
    const finding = this.#engine.finding(id);
    const origin = this.#engine.origin(id);
    if (finding === null || origin === null) return err({ kind: 'not-found', what: 'finding' });
    return ok({
      finding,
      status: this.#log.journal.status(id),
      history: this.#log.journal.history(id),
      sameMachine: this.#engine.related(id, 'machine', RELATED_ROWS),
      sameIdentity: this.#engine.related(id, 'identity', RELATED_ROWS),
      hasSecret: this.#secrets.has(id),
      bundleId: origin.bundleId,
    });
  }

  overview(): Overview {
    const last = this.#imports.findLast(({ withdrawn }) => withdrawn === null);
    const lastBundle = last
      ? { id: last.bundleId, receivedAtMs: last.receivedAtMs, added: last.added, merged: last.merged }
      : null;
    return makeOverview(this.#engine, this.#log.journal, this.#options.nowMs(), lastBundle);
  }

  bundles(): readonly BundleRow[] {
    return this.#imports.toReversed().map(({ number: _number, deleted: _deleted, ...row }) => row);
  }

  importBundle(
    columns: BundleColumns,
    facts: BundleFacts,
    options: { readonly also?: AlsoCommit; readonly onProgress?: (rows: number) => void } = {},
  ): Promise<Result<ImportSummary, ClientError>> {
    return this.#turn.run(async () => {
      if (this.#imports.some(({ bundleId }) => bundleId === facts.bundleId)) {
        return err({ kind: 'already-done', what: 'bundle' });
      }
      const added = countAdded(this.#engine, columns);
      const counts = { findings: columns.rows, added, merged: columns.rows - added };
      const number = (this.#imports.at(-1)?.number ?? 0) + 1;
      const row: ImportRow = { ...facts, ...counts, number, withdrawn: null, deleted: false };
      const committed = await this.#stageAndCommit(columns, row, options);
      if (!committed.ok) return err(toClientError(committed.error));
      this.#imports = [...this.#imports, row];
      for (const segment of splitSegments(columns)) this.#engine.loadSegment(segment, row);
      this.#overlay(this.#log.journal.touched());
      return ok({ bundleId: row.bundleId, added, merged: counts.merged });
    });
  }

  triage(
    ids: readonly FindingId[],
    changes: readonly TriageChange[],
    also?: AlsoCommit,
  ): Promise<Result<{ readonly group: string; readonly applied: number }, ClientError>> {
    return this.#turn.run(async () => {
      const findings = [...new Set(ids)];
      if (!findings.every((id) => this.#engine.has(id))) return err({ kind: 'not-found', what: 'finding' });
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

  putSecrets(bundleId: string, secrets: readonly ClearSecret[], also?: AlsoCommit): Promise<Result<void, ClientError>> {
    return this.#change((tx) => this.#secrets.put(tx, bundleId, secrets), also);
  }

  async secret(id: FindingId, also?: AlsoCommit): Promise<Result<{ readonly secret: string }, ClientError>> {
    // A finding that is hidden (withdrawn) gives nothing, and what gives nothing is not recorded as revealed.
    if (!this.#secrets.has(id) || !this.#engine.has(id)) return err({ kind: 'not-found', what: 'secret' });
    // The reveal is on record before the secret is out.
    const recorded = also ? await this.#change(() => () => undefined, also) : ok(undefined);
    if (!recorded.ok) return recorded;
    const secret = await this.#secrets.open(this.#options.store, id);
    if (!secret.ok) return err(toClientError(secret.error));
    return secret.value === null ? err({ kind: 'not-found', what: 'secret' }) : ok({ secret: secret.value });
  }

  withdraw(bundleId: string, code: WithdrawCode, also?: AlsoCommit): Promise<Result<void, ClientError>> {
    return this.#changeImport(
      bundleId,
      (row) => ({ ...row, withdrawn: code }),
      () => () => undefined,
      also,
    );
  }

  confirmDeletion(bundleId: string, also?: AlsoCommit): Promise<Result<void, ClientError>> {
    const { store } = this.#options;
    const isWithdrawn = this.#imports.some((row) => row.bundleId === bundleId && row.withdrawn !== null);
    if (!isWithdrawn) return Promise.resolve(err({ kind: 'not-found', what: 'withdrawal' }));
    const remove = (tx: StoreTransaction) => {
      for (const table of ['segments', 'deltas'] as const) {
        for (const id of store.ids(table, stagePrefix(bundleId))) tx.delete(table, id);
      }
      return this.#secrets.delete(store, tx, bundleId);
    };
    return this.#changeImport(bundleId, (row) => ({ ...row, deleted: true }), remove, also);
  }

  /** Builds the engine anew from what is stored; the old one stays if that fails. */
  async reload(): Promise<Result<void, StoreError>> {
    const engine = this.#newEngine();
    for (const row of this.#imports) {
      if (row.withdrawn !== null) continue;
      const loaded = await loadBundle(this.#options.store, engine, row);
      if (!loaded.ok) return loaded;
    }
    this.#engine = engine;
    this.#overlay(this.#log.journal.touched());
    return ok(undefined);
  }

  #newEngine(): Engine {
    // Tokens go on counting: an answer of the old engine must not name one of the new.
    return createPlainEngine(this.#options.clock, this.#lastToken + 1);
  }

  async #stageAndCommit(
    columns: BundleColumns,
    row: ImportRow,
    options: { readonly also?: AlsoCommit; readonly onProgress?: (rows: number) => void },
  ): Promise<Result<void, StoreError>> {
    const { store } = this.#options;
    const stage = await store.stage(stagePrefix(row.bundleId));
    if (!stage.ok) return stage;
    const discard = async (failure: { readonly ok: false; readonly error: StoreError }) => {
      // If this fails too, the next `open` sweeps.
      await stage.value.discard();
      return failure;
    };
    try {
      const staged = await stageBundle(stage.value, columns, options.onProgress ?? (() => undefined));
      if (!staged.ok) return await discard(staged);
      const committed = await store.transaction(async (tx) => {
        tx.adopt(stage.value);
        tx.put('imports', row.bundleId, row);
        await options.also?.(tx);
      });
      return committed.ok ? committed : await discard(committed);
    } catch (thrown) {
      await stage.value.discard();
      throw thrown;
    }
  }

  #brokenRules(findings: readonly FindingId[], changes: readonly TriageChange[]): readonly InputIssue[] {
    const issues: InputIssue[] = [];
    const nowMs = this.#options.nowMs();
    for (const id of findings) {
      const sourceClass = this.#engine.row(id)?.sourceClass ?? 'stealer';
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
    for (const id of ids) this.#engine.setStatus(id, this.#log.journal.status(id));
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

  /** Rewrites one import row, then builds the engine without what is withdrawn. */
  async #changeImport(
    bundleId: string,
    change: (row: ImportRow) => ImportRow,
    work: (tx: StoreTransaction) => () => void,
    also?: AlsoCommit,
  ): Promise<Result<void, ClientError>> {
    const row = this.#imports.find((one) => one.bundleId === bundleId);
    if (row === undefined) return err({ kind: 'not-found', what: 'bundle' });
    const changed = change(row);
    const committed = await this.#change((tx) => {
      tx.put('imports', bundleId, changed);
      const held = work(tx);
      return () => {
        this.#imports = this.#imports.map((one) => (one.bundleId === bundleId ? changed : one));
        held();
      };
    }, also);
    if (!committed.ok) return committed;
    const reloaded = await this.#turn.run(() => this.reload());
    return reloaded.ok ? ok(undefined) : err(toClientError(reloaded.error));
  }
}
