/**
 * Drafts: findings that were matched but not published yet, sealed in the operator's vault by organisation and load, and the ids
 * of what was published, by which a re-leak is known for what it is. Findings travel as NDJSON in gzip, secrets apart.
 */
import * as v from 'valibot';
import { fromUtf8, utf8 } from '../../base/bytes.ts';
import type { Bytes } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { packGzip } from '../../sealed/envelope/gzip.ts';
import { mergeFindings } from '../finding/merge.ts';
import type { Finding, FindingId } from '../finding/finding.ts';
import { findingToLine, parseFindingLine } from '../finding/finding-json.ts';
import type { SecretOf } from '../bundle/pack.ts';
import type { SealedStore, StoreTransaction } from '../vault/store.ts';
import type { ClientError } from './api/client-error.ts';
import { toClientError } from './failures.ts';

export const DRAFTS = 'draft/';
export const SECRETS = 'draft-secret/';
/** What a publication held back (held-drafts.ts). */
export const HELD = 'held/';
export const HELD_SECRETS = 'held-secret/';
const RELEASED = 'released/';

const draftRow = (prefix: string, listId: string, loadId: string) => `${prefix}${listId}/${loadId}`;

/** One organisation's share of a load, packed. */
export interface PackedDraft {
  readonly listId: string;
  readonly findings: Bytes;
  readonly secrets: Bytes;
}

/** Packs one organisation's findings of one load. Cost: about 50 bytes a finding once compressed. */
export async function packDraft(
  listId: string,
  findings: readonly Finding[],
  secrets: readonly SecretOf[],
): Promise<PackedDraft> {
  return {
    listId,
    findings: await gzipLines(findings.map(findingToLine)),
    secrets: await gzipLines(secrets.map((secret) => JSON.stringify(secret))),
  };
}

/** Writes a packed draft with the load that made it. */
export function putDraft(tx: StoreTransaction, loadId: string, draft: PackedDraft): void {
  tx.put('segments', draftRow(DRAFTS, draft.listId, loadId), draft.findings);
  tx.put('segments', draftRow(SECRETS, draft.listId, loadId), draft.secrets);
}

/** Deletes the drafts that a load left, held ones too. */
export function deleteDrafts(tx: StoreTransaction, store: SealedStore, loadId: string): void {
  for (const id of rowsOfLoad(store, loadId, [DRAFTS, SECRETS, HELD, HELD_SECRETS])) tx.delete('segments', id);
}

/** Rows that a load left, of all organisations: those of findings unless others are named. */
export function rowsOfLoad(
  store: SealedStore,
  loadId: string,
  prefixes: readonly string[] = [DRAFTS, HELD],
): readonly string[] {
  return prefixes.flatMap((prefix) =>
    store.ids('segments', prefix).filter((id) => id.slice(prefix.length).split('/')[1] === loadId),
  );
}

/** Organisations with drafts that nothing was published of yet. */
export function draftedListIds(store: SealedStore): readonly string[] {
  return [...new Set(store.ids('segments', DRAFTS).map((id) => id.slice(DRAFTS.length).split('/')[0] as string))];
}

/** Loads that an organisation's drafts came from, held ones too. */
export function loadsOfDrafts(store: SealedStore, listId: string): readonly string[] {
  const prefixes = [DRAFTS, HELD].map((prefix) => `${prefix}${listId}/`);
  return [...new Set(prefixes.flatMap((prefix) => store.ids('segments', prefix).map((id) => id.slice(prefix.length))))];
}

/** All drafts of an organisation over all loads, held ones too, one finding an id, sightings united. */
export async function readDrafts(store: SealedStore, listId: string): Promise<Result<readonly Finding[], ClientError>> {
  const ids = [DRAFTS, HELD].flatMap((prefix) => store.ids('segments', `${prefix}${listId}/`));
  const rows = await readLines(store, ids);
  if (!rows.ok) return rows;
  const byId = new Map<FindingId, Finding>();
  for (const line of rows.value) {
    const finding = parseFindingLine(line);
    if (!finding.ok) return err({ kind: 'storage-damaged', code: 'draft' });
    const known = byId.get(finding.value.id);
    byId.set(finding.value.id, known === undefined ? finding.value : mergeFindings(known, finding.value));
  }
  return ok([...byId.values()]);
}

const SecretLineSchema = v.strictObject({ id: v.string(), secret: v.string() });

/** Clear secrets of an organisation's drafts, one an id. */
export async function readDraftSecrets(
  store: SealedStore,
  listId: string,
): Promise<Result<readonly SecretOf[], ClientError>> {
  const ids = [SECRETS, HELD_SECRETS].flatMap((prefix) => store.ids('segments', `${prefix}${listId}/`));
  const rows = await readLines(store, ids);
  if (!rows.ok) return rows;
  const byId = new Map<string, SecretOf>();
  for (const line of rows.value) {
    const { id, secret } = v.parse(SecretLineSchema, JSON.parse(line));
    byId.set(id, { id: id as FindingId, secret });
  }
  return ok([...byId.values()]);
}

/** What was published to an organisation: its ids, each with the sources it was seen in. */
export type Released = ReadonlyMap<FindingId, ReadonlySet<string>>;

/** Reads the published ids of an organisation. Cost: about 30 bytes of storage and 200 of memory an id. */
export async function readReleased(store: SealedStore, listId: string): Promise<Result<Released, ClientError>> {
  const rows = await readLines(store, store.ids('snapshots', `${RELEASED}${listId}/`), 'snapshots');
  if (!rows.ok) return rows;
  const released = new Map<FindingId, Set<string>>();
  for (const line of rows.value) {
    const [id, ...sources] = line.split(' ');
    const known = released.get(id as FindingId) ?? new Set<string>();
    for (const source of sources) known.add(source);
    released.set(id as FindingId, known);
  }
  return ok(released);
}

/** Lines to keep for a publication: written with the commit that queues the bundle. */
export async function packReleased(findings: readonly Finding[]): Promise<Bytes> {
  return gzipLines(findings.map(({ id, sightings }) => [id, ...sightings.map(({ sourceId }) => sourceId)].join(' ')));
}

export function putReleased(tx: StoreTransaction, listId: string, bundleId: string, packed: Bytes): void {
  tx.put('snapshots', `${RELEASED}${listId}/${bundleId}`, packed);
}

/** A withdrawn bundle was not received: its findings count as new again. */
export function deleteReleased(tx: StoreTransaction, listId: string, bundleId: string): void {
  tx.delete('snapshots', `${RELEASED}${listId}/${bundleId}`);
}

/** Lines of packed rows, in the order of `ids`. */
export async function readLines(
  store: SealedStore,
  ids: readonly string[],
  table: 'segments' | 'snapshots' = 'segments',
): Promise<Result<readonly string[], ClientError>> {
  const lines: string[] = [];
  for (const id of ids) {
    const row = await store.get(table, id);
    if (!row.ok) return err(toClientError(row.error));
    if (!(row.value instanceof Uint8Array)) return err({ kind: 'storage-damaged', code: table });
    for (const line of (await gunzipText(row.value)).split('\n')) if (line !== '') lines.push(line);
  }
  return ok(lines);
}

/** Lines as one gzip member. */
export async function gzipLines(lines: readonly string[]): Promise<Bytes> {
  return (await packGzip(utf8(lines.map((line) => `${line}\n`).join('')))).content;
}

/** Text of a gzip member that we wrote. */
export async function gunzipText(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return fromUtf8(new Uint8Array(await new Response(stream).arrayBuffer())) ?? '';
}
