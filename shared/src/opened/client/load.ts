/**
 * The writer's side of a load: the only place of ingest that holds keys. Records come from parser workers; they are matched exactly,
 * fingerprinted, classified, scored and merged per organisation, and become drafts in one commit, or nothing remains of them.
 */
import * as v from 'valibot';
import { parseBase64url, toBase64url } from '../../base/base64url.ts';
import type { Ms } from '../../base/brand.ts';
import type { Bytes } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { DraftBuilder } from '../finding/draft.ts';
import type { Finding, FindingId } from '../finding/finding.ts';
import { FindingKeys } from '../finding/fingerprint.ts';
import type { Sketch } from '../finding/pair-sketch.ts';
import { bytesToSketch, sketchToBytes } from '../finding/pair-sketch.ts';
import type { OrganisationProfile } from '../finding/profile.ts';
import { addTotals } from '../ingest/ledger.ts';
import type { Ledger, LoadedRecord, MachineSummary, QuarantinedLine, SourceDescription } from '../ingest/record.ts';
import type { WatchList } from '../match/watch.ts';
import type { SealedStore, StoreTransaction } from '../vault/store.ts';
import type { ClientError, LoadedSource, LoadSummary, LoadWriter, SourceQuality } from './api.ts';
import { readConstituency, toWatchList } from './constituency.ts';
import type { Listed } from './constituency.ts';
import type { DomainCounts } from '../scan/domain-census.ts';
import { deleteDomainCounts, packDomainCounts, putDomainCounts } from './domain-counts.ts';
import { Drafting } from './drafting.ts';
import { deleteDrafts, gunzipText, gzipLines, packDraft, putDraft, readDrafts, readReleased } from './drafts.ts';
import type { PackedDraft } from './drafts.ts';
import { toClientError } from './failures.ts';
import { mustBytes } from './identity.ts';
import { deleteMachines, packMachines, putMachines } from './machines.ts';
import type { Session } from './session.ts';
import type { KnownSource } from './source-quality.ts';

const LOADS = 'load/';
const QUARANTINE = 'quarantine/';
/** Lines kept for looking at; their number is in the ledger, whatever it is. */
const MAX_QUARANTINED_KEPT = 100_000;
const MAX_MACHINES_KEPT = 200_000;

interface Source {
  readonly description: SourceDescription;
  /** `null` until the source was read to its end. */
  ledger: Ledger | null;
}

/** Opens a load over what is listed now. Organisations that are listed later are found by loading again. */
export async function beginLoad(session: Session): Promise<LoadWriter> {
  const constituency = await readConstituency(session.store);
  if (!constituency.ok) throw new TypeError(`beginLoad: ${constituency.error.kind}`);
  return new Load(session, constituency.value);
}

class Load implements LoadWriter {
  readonly #session: Session;
  readonly #watch: WatchList;
  readonly #drafting: Drafting;
  readonly #sources: Source[] = [];
  readonly #quarantine: QuarantinedLine[] = [];
  readonly #machines: MachineSummary[] = [];
  readonly #domains: DomainCounts[] = [];
  readonly #loadId: string;
  readonly #nowMs: Ms;
  #isOver = false;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(session: Session, constituency: readonly Listed[]) {
    this.#session = session;
    this.#watch = toWatchList(constituency);
    this.#nowMs = session.ports.nowMs();
    this.#loadId = newLoadId(session);
    const builderOf = draftBuilders(session, constituency, this.#nowMs);
    this.#drafting = new Drafting(this.#watch, async (listId) => {
      const drafted = await readDrafts(session.store, listId);
      if (!drafted.ok) throw new TypeError('load: earlier drafts cannot be read');
      return builderOf(listId, drafted.value);
    });
  }

  watch(): Promise<WatchList> {
    return Promise.resolve(this.#watch);
  }

  async beginSource(source: SourceDescription): Promise<Result<{ readonly sourceNumber: number }, ClientError>> {
    const hash = toBase64url(source.sha256);
    const isHere = this.#sources.some(({ description }) => toBase64url(description.sha256) === hash);
    const loads = await readLoads(this.#session.store);
    if (!loads.ok) return loads;
    if (isHere || loads.value.some((load) => load.sourceHashes.includes(hash))) {
      return err({ kind: 'already-done', what: 'source' });
    }
    this.#sources.push({ description: source, ledger: null });
    return ok({ sourceNumber: this.#sources.length - 1 });
  }

  /** One batch after the other: the caller waits, so that parser workers never run ahead of the writer. */
  write(sourceNumber: number, records: readonly LoadedRecord[]): Promise<void> {
    const work = this.#queue.then(() => this.#write(sourceNumber, records));
    this.#queue = work.catch(() => undefined);
    return work;
  }

  writeMachines(sourceNumber: number, machines: readonly MachineSummary[]): Promise<void> {
    if (this.#sources[sourceNumber] === undefined) throw new RangeError('writeMachines: no such source');
    for (const machine of machines) if (this.#machines.length < MAX_MACHINES_KEPT) this.#machines.push(machine);
    return Promise.resolve();
  }

  noteDomains(sourceNumber: number, counts: DomainCounts): Promise<void> {
    if (this.#sources[sourceNumber] === undefined) throw new RangeError('noteDomains: no such source');
    this.#domains.push(counts);
    return Promise.resolve();
  }

  endSource(sourceNumber: number, ledger: Ledger, quarantine: readonly QuarantinedLine[]): Promise<void> {
    const source = this.#sources[sourceNumber];
    if (source === undefined) throw new RangeError('endSource: no such source');
    source.ledger = ledger;
    for (const line of quarantine) {
      if (this.#quarantine.length < MAX_QUARANTINED_KEPT) this.#quarantine.push(line);
    }
    return Promise.resolve();
  }

  async commit(): Promise<Result<LoadSummary, ClientError>> {
    await this.#queue;
    if (this.#isOver) return err({ kind: 'already-done', what: 'load' });
    this.#isOver = true;
    const known = await readKnownSources(this.#session.store);
    if (!known.ok) return known;
    const read = this.#sources.map(({ description, ledger }) => ({ source: description, ledger }));
    const { results, sources } = this.#drafting.finish(this.#loadId, read, known.value);
    const drafts: PackedDraft[] = [];
    let findings = 0;
    let added = 0;
    for (const [listId, result] of results) {
      const rows = [...result.findings()].map(({ finding }) => finding);
      if (rows.length === 0) continue;
      findings += rows.length;
      added += result.counts.added;
      drafts.push(await packDraft(listId, rows, [...result.secrets()]));
    }
    const summary: LoadSummary = {
      loadId: this.#loadId,
      sources: this.#sources.map(({ description: { name, alias, sourceClass, sizeBytes } }, i) => ({
        ...{ name, alias, sourceClass, sizeBytes },
        quality: (sources[i] as (typeof sources)[number]).quality,
      })),
      loadedAtMs: this.#nowMs,
      ledger: sumLedgers(this.#sources.flatMap(({ ledger }) => (ledger === null ? [] : [ledger]))),
      records: this.#drafting.records,
      findings,
      added,
      sightings: findings - added,
      organisations: drafts.length,
    };
    // A source that was not read to its end may be loaded again.
    const whole = this.#sources.filter(({ ledger }) => ledger !== null);
    const sourceHashes = whole.map(({ description }) => toBase64url(description.sha256));
    const row = await packLoad({ summary, sourceHashes, sketches: sources.map(({ sketch }) => packSketch(sketch)) });
    const machines = await packMachines(this.#loadId, this.#machines, this.#drafting, results);
    const quarantine = await gzipLines(this.#quarantine.map((line) => JSON.stringify(line)));
    const domains = await packDomainCounts(this.#domains);
    const done = await this.#session.store.transaction((tx) => {
      putDomainCounts(tx, this.#loadId, domains);
      for (const draft of drafts) putDraft(tx, this.#loadId, draft);
      putLoad(tx, this.#loadId, row);
      putMachines(tx, this.#loadId, machines);
      tx.put('imports', QUARANTINE + this.#loadId, quarantine);
    });
    this.#drafting.clear();
    return done.ok ? ok(summary) : err(toClientError(done.error));
  }

  async discard(): Promise<void> {
    await this.#queue;
    this.#isOver = true;
    this.#drafting.clear();
    this.#sources.length = 0;
    this.#machines.length = 0;
  }

  async #write(sourceNumber: number, records: readonly LoadedRecord[]): Promise<void> {
    const source = this.#sources[sourceNumber];
    if (source === undefined || this.#isOver) throw new RangeError('write: no such source');
    await this.#drafting.write(records, source.description);
  }
}

function sumLedgers(ledgers: readonly Ledger[]): Ledger {
  return { total: addTotals(ledgers.map(({ total }) => total)), sources: ledgers.flatMap(({ sources }) => sources) };
}

/** Ids of loads sort by time. */
export function newLoadId({ ports }: Session): string {
  return `${String(ports.nowMs()).padStart(14, '0')}-${toBase64url(ports.random(6))}`;
}

/** Makes builders that know what was published before, and which of `drafted` waits: those ids are sightings, not new. */
export function draftBuilders(
  session: Session,
  constituency: readonly Listed[],
  nowMs: Ms,
): (listId: string, drafted: readonly Pick<Finding, 'id'>[]) => Promise<DraftBuilder> {
  const listedById = new Map(constituency.map((listed) => [listed.listId, listed]));
  return async (listId, drafted) => {
    const listed = listedById.get(listId);
    if (listed === undefined) throw new RangeError('load: a match of no listed organisation');
    const released = await readReleased(session.store, listId);
    if (!released.ok) throw new TypeError('load: published ids cannot be read');
    const known = new Set<FindingId>(released.value.keys());
    for (const { id } of drafted) known.add(id);
    return new DraftBuilder({
      profile: toFindingProfile(listed),
      keys: findingKeys(session, listId),
      nowMs,
      isKnown: (id) => known.has(id),
    });
  };
}

/** What matching, exposure and scoring need to know of a listed organisation. */
function toFindingProfile(listed: Listed): OrganisationProfile {
  const { form } = listed;
  return {
    listId: mustBytes(listed.listId, 16),
    names: [form.nameTh, form.nameEn],
    domains: form.domains,
    exclude: form.exclude,
    exposureRules: form.exposureRules ?? [],
    networks: form.networks ?? [],
  };
}

/** Keys of an organisation's ids and fingerprints: operators only. */
function findingKeys(session: Session, listId: string): FindingKeys {
  const { ingestMaster } = session.identity;
  if (ingestMaster === null) throw new TypeError('findingKeys: not an operator');
  return new FindingKeys(mustBytes(ingestMaster, 32), parseBase64url(listId, 16) ?? mustBytes(listId, 16));
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

/** Removes a load with its drafts that were not published. Its sources may be loaded again. */
export async function discardLoad(store: SealedStore, loadId: string): Promise<Result<void, ClientError>> {
  if (!store.has('imports', LOADS + loadId)) return err({ kind: 'not-found', what: 'load' });
  const done = await store.transaction((tx) => {
    deleteDrafts(tx, store, loadId);
    tx.delete('imports', LOADS + loadId);
    tx.delete('imports', QUARANTINE + loadId);
    deleteMachines(tx, loadId);
    deleteDomainCounts(tx, loadId);
  });
  return done.ok ? ok(undefined) : err(toClientError(done.error));
}
