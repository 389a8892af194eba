/**
 * The constituency: who is listed, by which terms they are recognised, and where each stands. Lives in the operator's vault only;
 * the server knows none of it. One row an organisation, named by its list id.
 */
import * as v from 'valibot';
import { toBase64url } from '../../base/base64url.ts';
import type { Ms } from '../../base/brand.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { findOverlaps } from '../match/overlaps.ts';
import type { WatchList } from '../match/watch.ts';
import { StoreFailure } from '../vault/store.ts';
import type { SealedStore, StoreTransaction } from '../vault/store.ts';
import type { ClientError } from './api/client-error.ts';
import type {
  DomainProof,
  ImportedOrganisations,
  Organisation,
  OrganisationForm,
  OrganisationState,
  TermOverlap,
} from './api/organisations.ts';
import { toClientError } from './failures.ts';
import { checkOrganisationForm, OrganisationFormSchema, parseOrganisationsCsv } from './organisations-csv.ts';
import type { Ports } from './ports.ts';

const Time = v.pipe(v.number(), v.safeInteger());

/** The stored row. */
export const ListedSchema = v.strictObject({
  listId: v.pipe(v.string(), v.length(22)),
  form: OrganisationFormSchema,
  /** Id in the directory, once approved. */
  org: v.nullable(v.string()),
  proofs: v.array(
    v.strictObject({
      domain: v.string(),
      method: v.picklist(['operator', 'dns']),
      atMs: Time,
      by: v.string(),
      note: v.string(),
    }),
  ),
  addedAtMs: Time,
  changedAtMs: Time,
  invitedAtMs: v.nullable(Time),
  requestedAtMs: v.nullable(Time),
  enrolledAtMs: v.nullable(Time),
  suspended: v.boolean(),
});

/** What the operator's vault keeps of one organisation. */
export type Listed = v.InferOutput<typeof ListedSchema>;

const PREFIX = 'list/';
const rowId = (listId: string) => `${PREFIX}${listId}`;

/** The state shown: suspended hides all, else the furthest step taken. */
export function stateOf(listed: Listed): OrganisationState {
  if (listed.suspended) return 'suspended';
  if (listed.org !== null) return 'enrolled';
  if (listed.requestedAtMs !== null) return 'requested';
  return listed.invitedAtMs === null ? 'listed' : 'invited';
}

/** All listed organisations by English name. Cost: one read of each row; 300 rows take a few milliseconds. */
export async function readConstituency(store: SealedStore): Promise<Result<readonly Listed[], ClientError>> {
  const rows = await store.getMany('envelopes', store.ids('envelopes', PREFIX));
  if (!rows.ok) return err(toClientError(rows.error));
  const listed = rows.value.map((row) => v.parse(ListedSchema, row));
  return ok(listed.sort((a, b) => a.form.nameEn.localeCompare(b.form.nameEn, 'en')));
}

/** One organisation, or `not-found`. */
export async function readListed(store: SealedStore, listId: string): Promise<Result<Listed, ClientError>> {
  const row = await store.get('envelopes', rowId(listId));
  if (!row.ok) return err(toClientError(row.error));
  if (row.value === null) return err({ kind: 'not-found', what: 'organisation' });
  return ok(v.parse(ListedSchema, row.value));
}

/** Writes `listed` with the transaction's other changes. */
export function putListed(tx: StoreTransaction, listed: Listed): void {
  tx.put('envelopes', rowId(listed.listId), listed);
}

/** Changes one organisation as it is now, whatever was read before the server was asked. Changes nothing where it is gone. */
export async function changeListed(
  tx: StoreTransaction,
  listId: string,
  change: (listed: Listed) => Listed,
): Promise<void> {
  const row = await tx.get('envelopes', rowId(listId));
  if (!row.ok) throw new StoreFailure(row.error);
  if (row.value !== null) putListed(tx, change(v.parse(ListedSchema, row.value)));
}

/** Counts that only other tables know, for the screen. */
export interface ListedCounts {
  readonly drafts: number;
  readonly published: number;
  readonly lastFetchedAtMs: Ms | null;
}

/** The row as pages see it. */
export function toOrganisation(listed: Listed, counts: ListedCounts): Organisation {
  return {
    ...listed.form,
    listId: listed.listId,
    state: stateOf(listed),
    org: listed.org,
    proofs: listed.proofs satisfies readonly DomainProof[],
    addedAtMs: listed.addedAtMs,
    changedAtMs: listed.changedAtMs,
    invitedAtMs: listed.invitedAtMs,
    ...counts,
  };
}

/** Adds (`listId` null) or changes one organisation. */
export async function saveListed(
  store: SealedStore,
  ports: Ports,
  listId: string | null,
  form: OrganisationForm,
): Promise<Result<Listed, ClientError>> {
  const checked = checkOrganisationForm(form);
  if (!checked.ok) return err({ kind: 'invalid', issues: checked.error });
  const all = await readConstituency(store);
  if (!all.ok) return all;
  const sameName = all.value.find((other) => other.listId !== listId && isSameName(other.form, checked.value));
  if (sameName) return err({ kind: 'invalid', issues: [{ field: 'nameEn', code: 'duplicate' }] });
  const known = listId === null ? null : all.value.find((other) => other.listId === listId);
  if (known === undefined) return err({ kind: 'not-found', what: 'organisation' });
  const listed = known === null ? newListed(checked.value, ports) : changed(known, checked.value, ports.nowMs());
  const saved = await store.transaction((tx) => putListed(tx, listed));
  return saved.ok ? ok(listed) : err(toClientError(saved.error));
}

/** A fresh entry. The list id is 16 random bytes, kept for ever: finding ids depend on it. */
export function newListed(form: OrganisationForm, ports: Pick<Ports, 'nowMs' | 'random'>): Listed {
  const nowMs = ports.nowMs();
  return {
    listId: newListId(ports.random),
    form: form as Listed['form'],
    org: null,
    proofs: [],
    addedAtMs: nowMs,
    changedAtMs: nowMs,
    invitedAtMs: null,
    requestedAtMs: null,
    enrolledAtMs: null,
    suspended: false,
  };
}

/** 16 random bytes whose text does not begin with a dash: it names files and stands on command lines. */
function newListId(random: Ports['random']): string {
  for (;;) {
    const listId = toBase64url(random(16));
    if (!listId.startsWith('-')) return listId;
  }
}

function changed(known: Listed, form: OrganisationForm, nowMs: Ms): Listed {
  return { ...known, form: form as Listed['form'], changedAtMs: nowMs };
}

function isSameName(a: OrganisationForm, b: OrganisationForm): boolean {
  return a.nameEn.toLowerCase() === b.nameEn.toLowerCase();
}

/**
 * Imports a CSV: rows with a known English name update (contacts and keywords that the CSV cannot say are kept), others are added;
 * one fault and nothing is imported. All rows in one commit.
 */
export async function importConstituency(
  store: SealedStore,
  ports: Ports,
  csv: Uint8Array,
): Promise<Result<ImportedOrganisations, ClientError>> {
  const forms = parseOrganisationsCsv(csv);
  if (!forms.ok) return err({ kind: 'invalid', issues: forms.error });
  const all = await readConstituency(store);
  if (!all.ok) return all;
  const knownByName = new Map(all.value.map((listed) => [listed.form.nameEn.toLowerCase(), listed]));
  let added = 0;
  let updated = 0;
  let unchanged = 0;
  const writes: Listed[] = [];
  for (const form of forms.value) {
    const known = knownByName.get(form.nameEn.toLowerCase());
    if (known === undefined) {
      writes.push(newListed(form, ports));
      added++;
      continue;
    }
    const merged = mergeImported(known.form, form);
    if (JSON.stringify(merged) === JSON.stringify(known.form)) unchanged++;
    else {
      writes.push(changed(known, merged, ports.nowMs()));
      updated++;
    }
  }
  if (writes.length > 0) {
    const saved = await store.transaction((tx) => writes.forEach((listed) => putListed(tx, listed)));
    if (!saved.ok) return err(toClientError(saved.error));
  }
  const after = await readConstituency(store);
  return after.ok ? ok({ added, updated, unchanged, overlaps: overlapsOf(after.value) }) : after;
}

/** A CSV holds one contact, no keywords, patterns, rules or networks: the contact replaces the first one with the same address or name, the rest stays. */
function mergeImported(known: OrganisationForm, form: OrganisationForm): OrganisationForm {
  const contact = form.contacts[0];
  const others = known.contacts.filter(
    (other) => contact === undefined || (other.email !== contact.email && other.name !== contact.name),
  );
  const { patterns, exposureRules, networks } = known;
  return {
    ...form,
    ...(patterns === undefined ? {} : { patterns }),
    ...(exposureRules === undefined ? {} : { exposureRules }),
    ...(networks === undefined ? {} : { networks }),
    keywords: known.keywords,
    contacts: contact === undefined ? known.contacts : [contact, ...others].slice(0, 20),
  };
}

/** Where terms of two organisations contain each other. */
export async function readOverlaps(store: SealedStore): Promise<Result<readonly TermOverlap[], ClientError>> {
  const all = await readConstituency(store);
  return all.ok ? ok(overlapsOf(all.value)) : all;
}

/** Terms of all listed organisations, suspended ones too: material is matched for everybody. */
export function toWatchList(constituency: readonly Listed[]): WatchList {
  return {
    organisations: constituency.map((listed) => ({
      id: listed.listId,
      name: listed.form.nameEn,
      domains: listed.form.domains,
      exclude: listed.form.exclude,
      keywords: listed.form.keywords,
      patterns: listed.form.patterns ?? [],
    })),
  };
}

function overlapsOf(constituency: readonly Listed[]): readonly TermOverlap[] {
  return findOverlaps(toWatchList(constituency)).map((overlap) => ({
    term: overlap.term,
    listId: overlap.organisationId,
    otherTerm: overlap.otherTerm,
    otherListId: overlap.otherOrganisationId,
  }));
}
