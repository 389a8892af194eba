/** Loads that were committed: what each had, what of it could not be read, and how one is discarded. */
import * as v from 'valibot';
import { parseBase64url, toBase64url } from '../../base/base64url.ts';
import type { Bytes } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { Sketch } from '../finding/pair-sketch.ts';
import { bytesToSketch, sketchToBytes } from '../finding/pair-sketch.ts';
import type { QuarantinedLine } from '../ingest/record.ts';
import type { SealedStore, StoreTransaction } from '../vault/store.ts';
import type { ClientError } from './api/client-error.ts';
import type { LoadedSource, LoadSummary, SourceQuality } from './api/loading.ts';
import { deleteDomainCounts } from './domain-counts.ts';
import { deleteDrafts, gunzipText, gzipLines } from './drafts.ts';
import { toClientError } from './failures.ts';
import { deleteJournal, hasJournal } from './load-journal.ts';
import { deleteMachines } from './machines.ts';
import { deleteProvenance } from './provenance.ts';
import type { Session } from './session.ts';
import type { KnownSource } from './source-quality.ts';

const LOADS = 'load/';
const QUARANTINE = 'quarantine/';

/** Ids of loads sort by time. */
export function newLoadId({ ports }: Session): string {
  return `${String(ports.nowMs()).padStart(14, '0')}-${toBase64url(ports.random(6))}`;
}

/** What is kept of a load. */
export interface StoredLoad {
  readonly summary: LoadSummary;
  /** base64url of 32 bytes each. */
  readonly sourceHashes: readonly string[];
  /** base64url of each source's sketch, in the order of the summary's sources: later sources are compared with them. */
  readonly sketches?: readonly string[];
  /** CLI: where the drafts lie instead of the vault, and of whom; drafts that are gone from there unpublished were discarded. */
  readonly folder?: { readonly path: string; readonly listIds: readonly string[] };
}

/** A load's row, for `putLoad`. */
export function packLoad(load: StoredLoad): Promise<Bytes> {
  return gzipLines([JSON.stringify(load)]);
}

/** Remembers a load and its sources with the transaction's other changes. */
export function putLoad(tx: StoreTransaction, loadId: string, packed: Bytes): void {
  tx.put('imports', LOADS + loadId, packed);
}

/** All loads, newest first. Rows we wrote ourselves, sealed: their form is not checked again. */
export async function readLoads(store: SealedStore): Promise<Result<readonly StoredLoad[], ClientError>> {
  const rows = await store.getMany('imports', store.ids('imports', LOADS));
  if (!rows.ok) return err(toClientError(rows.error));
  const loads: StoredLoad[] = [];
  for (const row of rows.value) {
    if (!(row instanceof Uint8Array)) continue;
    const load = JSON.parse(await gunzipText(row)) as StoredLoad;
    const { summary } = load;
    const sources = summary.sources.map((source) => ({
      ...source,
      quality: (source.quality as SourceQuality | undefined) ?? null,
    }));
    loads.push({ ...load, summary: { ...summary, sources } });
  }
  return ok(loads.reverse());
}

/** A source's sketch as a load keeps it. */
export function packSketch(sketch: Sketch): string {
  return toBase64url(sketchToBytes(sketch));
}

/** Sources of all loads, for telling what a new one repeats. Cost: 24 KiB a source at most. */
export async function readKnownSources(store: SealedStore): Promise<Result<readonly KnownSource[], ClientError>> {
  const loads = await readLoads(store);
  return loads.ok ? ok(knownSourcesOf(loads.value)) : loads;
}

/** Sources of `loads`, as later ones are compared with them. */
export function knownSourcesOf(loads: readonly StoredLoad[]): readonly KnownSource[] {
  return loads.flatMap(({ summary, sketches }) =>
    summary.sources.map(({ name }, i) => ({
      loadId: summary.loadId,
      name,
      sketch: bytesToSketch(parseBase64url(sketches?.[i] ?? '') ?? new Uint8Array(0)),
    })),
  );
}

/** Names and hashes of what a load read to its end. */
export async function readLoadedSources(
  store: SealedStore,
  loadId: string,
): Promise<Result<readonly LoadedSource[], ClientError>> {
  const loads = await readLoads(store);
  if (!loads.ok) return loads;
  const load = loads.value.find(({ summary }) => summary.loadId === loadId);
  if (load === undefined) return ok([]);
  return ok(load.sourceHashes.map((sha256, at) => ({ name: load.summary.sources[at]?.name ?? '', sha256 })));
}

const QuarantinedSchema = v.object({ entry: v.string(), offset: v.number(), length: v.number(), reason: v.string() });

/** Quarantined lines of a load: reason and place, never text. */
export async function readQuarantine(
  store: SealedStore,
  loadId: string,
): Promise<Result<readonly QuarantinedLine[], ClientError>> {
  const row = await store.get('imports', QUARANTINE + loadId);
  if (!row.ok) return err(toClientError(row.error));
  if (!(row.value instanceof Uint8Array)) return ok([]);
  const lines = (await gunzipText(row.value)).split('\n').filter((line) => line !== '');
  return ok(lines.map((line) => v.parse(QuarantinedSchema, JSON.parse(line)) as QuarantinedLine));
}

/** Keeps a load's quarantined lines with the transaction's other changes. */
export function putQuarantine(tx: StoreTransaction, loadId: string, packed: Bytes): void {
  tx.put('imports', QUARANTINE + loadId, packed);
}

/** Removes a load with its drafts that were not published, or an unfinished one. Its sources may be loaded again. */
export async function discardLoad(store: SealedStore, loadId: string): Promise<Result<void, ClientError>> {
  if (!store.has('imports', LOADS + loadId) && !hasJournal(store, loadId))
    return err({ kind: 'not-found', what: 'load' });
  const done = await store.transaction((tx) => {
    deleteJournal(tx, store, loadId);
    deleteDrafts(tx, store, loadId);
    tx.delete('imports', LOADS + loadId);
    tx.delete('imports', QUARANTINE + loadId);
    deleteMachines(tx, loadId);
    deleteProvenance(tx, store, loadId);
    deleteDomainCounts(tx, loadId);
  });
  return done.ok ? ok(undefined) : err(toClientError(done.error));
}
