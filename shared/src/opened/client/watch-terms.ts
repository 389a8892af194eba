/**
 * Watch terms as an operator changes them: every change is a version of its organisation's terms, with the way back. The terms in
 * force stand in the constituency, which loads are matched against; here is how they came to be.
 */
import * as v from 'valibot';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { addVersion, compareTerms, mergeHistories } from '../match/watch-history.ts';
import type { TermChange, WatchTerms, WatchVersion } from '../match/watch-history.ts';
import { HistorySchema } from '../payload/watch.ts';
import { StoreFailure } from '../vault/store.ts';
import type { SealedStore, StoreTransaction } from '../vault/store.ts';
import type { ClientError } from './api/client-error.ts';
import type { OrganisationForm, ToldVersion } from './api/organisations.ts';
import { changeListed, readConstituency, readListed } from './constituency.ts';
import type { Listed } from './constituency.ts';
import { toClientError } from './failures.ts';
import { checkOrganisationForm } from './organisations-csv.ts';
import type { Session } from './session.ts';

const PREFIX = 'watch/';
/** There while terms changed that no other operator was told of. */
export const WATCH_UNSHARED = 'watch-unshared';

/** Terms that are in force for a listed organisation. */
function termsOf({ form }: Listed): WatchTerms {
  const { domains, exclude, keywords, patterns = [], exposureRules = [] } = form;
  return { domains, exclude, keywords, patterns, rules: exposureRules };
}

/** `form` with `terms` in it; the rules stay where the terms say nothing about them. */
function withTerms(form: OrganisationForm, { rules, ...terms }: WatchTerms): OrganisationForm {
  return { ...form, ...terms, ...(rules === undefined ? {} : { exposureRules: rules }) };
}

/** Versions of an organisation's terms, newest first; the first of them is in force. */
export async function readWatchHistory(
  store: SealedStore,
  listId: string,
): Promise<Result<readonly ToldVersion[], ClientError>> {
  const listed = await readListed(store, listId);
  if (!listed.ok) return listed;
  const row = await store.get('envelopes', PREFIX + listId);
  if (!row.ok) return err(toClientError(row.error));
  const history = historyWith(parseHistory(row.value), listed.value, '');
  return ok(history.map((version, at) => ({ ...version, changes: changesOf(history, at) })));
}

function changesOf(history: readonly WatchVersion[], at: number): readonly TermChange[] {
  const version = history[at];
  const before = history[at + 1] ?? null;
  if (version === undefined || (before === null && version.version > 1)) return [];
  return compareTerms(before?.terms ?? null, version.terms);
}

/** The stored history, with the terms in force on top where nobody noted them; the same array where they are noted. */
function historyWith(history: readonly WatchVersion[], listed: Listed, by: string): readonly WatchVersion[] {
  return addVersion(history, { atMs: listed.changedAtMs, by, terms: termsOf(listed), undoes: null });
}

function parseHistory(row: unknown): readonly WatchVersion[] {
  return row === null ? [] : v.parse(HistorySchema, row);
}

/**
 * Puts `terms` in force for one organisation, as a new version; `undoes` says which one it goes back to. `invalid` names the terms
 * that cannot be watched; `already-done` where they are in force.
 */
export async function saveWatchTerms(
  session: Session,
  listId: string,
  terms: WatchTerms,
  undoes: number | null,
): Promise<Result<WatchVersion, ClientError>> {
  const { store, ports, signer } = session;
  const listed = await readListed(store, listId);
  if (!listed.ok) return listed;
  const form = checkOrganisationForm(withTerms(listed.value.form, terms));
  if (!form.ok) return err({ kind: 'invalid', issues: form.error });
  const nowMs = ports.nowMs();
  const done = await store.transaction(async (tx) => {
    let history = await readRow(tx, listId);
    await changeListed(tx, listId, (now) => {
      history = historyWith(history, now, '');
      const changed: Listed = { ...now, form: form.value as Listed['form'], changedAtMs: nowMs };
      history = addVersion(history, { atMs: nowMs, by: signer.kid, terms: termsOf(changed), undoes });
      return changed;
    });
    putHistory(tx, listId, history);
    return history;
  });
  if (!done.ok) return err(toClientError(done.error));
  const [newest] = done.value;
  return newest?.atMs === nowMs ? ok(newest) : err({ kind: 'already-done', what: 'watch' });
}

/**
 * Notes what is in force for every organisation (or `only` one) that has no such version on top, as changed by this device: called
 * before and after a form or a CSV changes the constituency.
 */
export async function noteWatchTerms(session: Session, only: string | null): Promise<Result<void, ClientError>> {
  const { store, signer } = session;
  const all = only === null ? await readConstituency(store) : await readOne(store, only);
  if (!all.ok) return all;
  const done = await store.transaction(async (tx) => {
    for (const listed of all.value) {
      const noted = await readRow(tx, listed.listId);
      const history = historyWith(noted, listed, signer.kid);
      if (history !== noted) putHistory(tx, listed.listId, history);
    }
  });
  return done.ok ? ok(undefined) : err(toClientError(done.error));
}

function putHistory(tx: StoreTransaction, listId: string, history: readonly WatchVersion[]): void {
  tx.put('envelopes', PREFIX + listId, history);
  tx.put('envelopes', WATCH_UNSHARED, true);
}

/** All histories that were ever noted. */
export async function readAllHistories(
  store: SealedStore,
): Promise<Result<readonly { readonly listId: string; readonly versions: readonly WatchVersion[] }[], ClientError>> {
  const ids = store.ids('envelopes', PREFIX);
  const rows = await store.getMany('envelopes', ids);
  if (!rows.ok) return err(toClientError(rows.error));
  return ok(
    rows.value.map((row, at) => ({ listId: (ids[at] as string).slice(PREFIX.length), versions: parseHistory(row) })),
  );
}

/**
 * Merges what another operator knows of an organisation's terms; where its newest version wins, its terms are in force. Terms of an
 * organisation that is not listed here wait for it. Terms that cannot be watched are noted and change nothing.
 */
export async function mergeWatchTerms(
  tx: StoreTransaction,
  listId: string,
  theirs: readonly WatchVersion[],
): Promise<void> {
  const ours = await readRow(tx, listId);
  const merged = mergeHistories(ours, theirs);
  const [newest] = merged;
  if (newest === undefined) return;
  tx.put('envelopes', PREFIX + listId, merged);
  await changeListed(tx, listId, (now) => {
    if (compareTerms(termsOf(now), newest.terms).length === 0) return now;
    const form = checkOrganisationForm(withTerms(now.form, newest.terms));
    return form.ok ? { ...now, form: form.value as Listed['form'], changedAtMs: newest.atMs } : now;
  });
}

async function readOne(store: SealedStore, listId: string): Promise<Result<readonly Listed[], ClientError>> {
  const listed = await readListed(store, listId);
  return listed.ok ? ok([listed.value]) : listed;
}

async function readRow(tx: StoreTransaction, listId: string): Promise<readonly WatchVersion[]> {
  const row = await tx.get('envelopes', PREFIX + listId);
  if (!row.ok) throw new StoreFailure(row.error);
  return parseHistory(row.value);
}
