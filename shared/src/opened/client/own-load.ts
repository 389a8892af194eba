/**
 * An organisation's own material: an export of a provider that it pays itself, loaded into its own vault. Matched against its proven
 * and listed domains, classified and scored as the CERT does it; ids and fingerprints are under a key of the organisation's own, so
 * nobody else can join them. Nothing of it is sent anywhere; the audit log says how many findings came.
 */
import * as v from 'valibot';
import { parseBase64url, toBase64url } from '../../base/base64url.ts';
import type { Ms } from '../../base/brand.ts';
import type { Bytes } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { BundleMetadata } from '../bundle/columns.ts';
import { columnsOf } from '../bundle/columns-of.ts';
import { selectSecrets } from '../bundle/release.ts';
import { splitBatches } from '../bundle/split-batches.ts';
import { DraftBuilder } from '../finding/draft.ts';
import type { DraftResult } from '../finding/draft.ts';
import type { Finding } from '../finding/finding.ts';
import { FindingKeys, KEY_VERSION } from '../finding/fingerprint.ts';
import { addTotals } from '../ingest/ledger.ts';
import type { Ledger, LoadedRecord, SourceDescription } from '../ingest/record.ts';
import type { WatchList } from '../match/watch.ts';
import type { ProfileContent } from '../payload/profile.ts';
import { ProfileSchema } from '../payload/profile.ts';
import { MODEL_V1 } from '../risk/model-v1.ts';
import type { FindingsVault, ImportOptions, UnpackBundle } from '../vault/findings-vault.ts';
import type { SealedStore } from '../vault/store.ts';
import type { ClientError } from './api/client-error.ts';
import type { BegunSource, LoadSummary, LoadWriter } from './api/loading.ts';
import { Drafting } from './drafting.ts';
import type { Drafted } from './drafting.ts';
import { gunzipText } from './drafts.ts';
import { toClientError } from './failures.ts';
import { mustBytes } from './identity.ts';
import { knownSourcesOf, packLoad, packSketch } from './load.ts';
import type { StoredLoad } from './load.ts';
import type { Session } from './session.ts';

const LOADS = 'own-load/';
/** 32 bytes in base64url; made at the first load, and never anybody else's. */
const MASTER_ROW = 'own-ingest-master';
/** What the organisation may do with what it brought itself is its own affair; strict is the safe beginning. */
const OWN_LABELS = { policy: 'sealed', tlp: 'TLP:AMBER+STRICT', caveat: null } as const;
const NOTHING_WITHHELD = { contextless: 0, unproven: 0, unconfirmed: 0 };

interface Source {
  readonly description: SourceDescription;
  /** `null` until the source was read to its end. */
  ledger: Ledger | null;
}

/** What the CERT's profile says of this organisation; `null` before it came: nothing can be matched without it. */
export function ownProfile(session: Session): ProfileContent | null {
  const parsed = v.safeParse(ProfileSchema, session.identity.profile);
  return parsed.success ? parsed.output : null;
}

/** Opens a load into the own vault. Without a profile it watches nothing, and `beginSource` answers `not-allowed`. */
export async function beginOwnLoad(session: Session, findings: FindingsVault): Promise<LoadWriter> {
  const profile = ownProfile(session);
  return new OwnLoad(session, findings, profile, await ownMaster(session));
}

class OwnLoad implements LoadWriter {
  readonly #session: Session;
  readonly #findings: FindingsVault;
  readonly #profile: ProfileContent | null;
  readonly #watch: WatchList;
  readonly #drafting: Drafting;
  readonly #sources: Source[] = [];
  readonly #loadId: string;
  readonly #nowMs: Ms;
  #isOver = false;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(session: Session, findings: FindingsVault, profile: ProfileContent | null, master: Bytes) {
    this.#session = session;
    this.#findings = findings;
    this.#profile = profile;
    this.#loadId = toBase64url(session.ports.random(16));
    this.#nowMs = session.nowMs();
    this.#watch = { organisations: profile === null ? [] : [watchedBy(profile)] };
    this.#drafting = new Drafting(this.#watch, () => Promise.resolve(this.#builder(master)));
  }

  watch(): Promise<WatchList> {
    return Promise.resolve(this.#watch);
  }

  nowMs(): Promise<Ms> {
    return Promise.resolve(this.#nowMs);
  }

  async beginSource(source: SourceDescription): Promise<Result<BegunSource, ClientError>> {
    if (this.#profile === null) return err({ kind: 'not-allowed', code: 'not-enrolled' });
    const hash = toBase64url(source.sha256);
    const isHere = this.#sources.some(({ description }) => toBase64url(description.sha256) === hash);
    const loads = await readOwnLoads(this.#session.store);
    if (!loads.ok) return loads;
    // What is damaged here cannot be fetched again: its file may be loaded once more.
    const intact = loads.value.filter(({ summary }) => !this.#findings.damaged.includes(summary.loadId));
    if (isHere || intact.some(({ sourceHashes }) => sourceHashes.includes(hash))) {
      return err({ kind: 'already-done', what: 'source' });
    }
    this.#sources.push({ description: source, ledger: null });
    return ok({ sourceNumber: this.#sources.length - 1, source, resume: null });
  }

  write(sourceNumber: number, records: readonly LoadedRecord[]): Promise<void> {
    const work = this.#queue.then(async () => {
      if (this.#isOver) throw new RangeError('write: the load is over');
      await this.#drafting.write(records, this.#source(sourceNumber).description);
    });
    this.#queue = work.catch(() => undefined);
    return work;
  }

  /** A finding names its machine, and the vault finds all accounts of one: nothing more is kept of it. */
  writeMachines(sourceNumber: number): Promise<void> {
    this.#source(sourceNumber);
    return Promise.resolve();
  }

  /** Suggestions of domains are for whoever lists organisations. */
  noteDomains(sourceNumber: number): Promise<void> {
    this.#source(sourceNumber);
    return Promise.resolve();
  }

  /** An export of one's own provider is read in seconds, and read again where its tab died. */
  checkpoint(sourceNumber: number): Promise<Result<void, ClientError>> {
    this.#source(sourceNumber);
    return Promise.resolve(ok(undefined));
  }

  endSource(sourceNumber: number, ledger: Ledger): Promise<void> {
    this.#source(sourceNumber).ledger = ledger;
    return Promise.resolve();
  }

  async commit(): Promise<Result<LoadSummary, ClientError>> {
    await this.#queue;
    if (this.#isOver) return err({ kind: 'already-done', what: 'load' });
    this.#isOver = true;
    const loads = await readOwnLoads(this.#session.store);
    if (!loads.ok) return loads;
    const read = this.#sources.map(({ description, ledger }) => ({ source: description, ledger }));
    const drafted = this.#drafting.finish(this.#loadId, read, knownSourcesOf(loads.value));
    const [result] = drafted.results.values();
    const done = result === undefined ? await this.#keepEmpty(drafted) : await this.#import(result, drafted);
    this.#drafting.clear();
    return done;
  }

  suspend(): Promise<void> {
    return this.discard();
  }

  async discard(): Promise<void> {
    await this.#queue;
    this.#isOver = true;
    this.#drafting.clear();
    this.#sources.length = 0;
  }

  async #import(result: DraftResult, drafted: Drafted): Promise<Result<LoadSummary, ClientError>> {
    const { audit } = this.#session;
    const rows = [...result.findings()].map(({ finding }) => finding);
    const options: ImportOptions = {
      // DOMAIN rule 2: whoever brought it, clear secrets of customers are nobody's to see.
      secrets: selectSecrets(rows, result.secrets(), 'sealed'),
      also: async (tx, { added, merged }) => {
        const summary = this.#summary(drafted, { findings: rows.length, added, sightings: merged });
        tx.put('envelopes', LOADS + this.#loadId, await this.#pack(summary, drafted));
        await audit.record(tx, { kind: 'bundle_opened', bundle: this.#loadId, findings: rows.length });
      },
    };
    const imported = await this.#findings.importBundle(this.#loadId, unpackOf(rows, this.#nowMs), options);
    if (!imported.ok) return imported;
    const { findings, added, merged } = imported.value;
    return ok(this.#summary(drafted, { findings, added, sightings: merged }));
  }

  /** Nothing concerns this organisation: the sources are remembered all the same. */
  async #keepEmpty(drafted: Drafted): Promise<Result<LoadSummary, ClientError>> {
    const summary = this.#summary(drafted, { findings: 0, added: 0, sightings: 0 });
    const packed = await this.#pack(summary, drafted);
    const kept = await this.#session.store.put('envelopes', LOADS + this.#loadId, packed);
    return kept.ok ? ok(summary) : err(toClientError(kept.error));
  }

  #summary(drafted: Drafted, counts: Pick<LoadSummary, 'findings' | 'added' | 'sightings'>): LoadSummary {
    const ledgers = this.#sources.flatMap(({ ledger }) => (ledger === null ? [] : [ledger]));
    return {
      loadId: this.#loadId,
      sources: this.#sources.map(({ description: { name, alias, sourceClass, sizeBytes } }, i) => ({
        ...{ name, alias, sourceClass, sizeBytes },
        quality: drafted.sources[i]?.quality ?? null,
      })),
      loadedAtMs: this.#nowMs,
      ledger: {
        total: addTotals(ledgers.map(({ total }) => total)),
        sources: ledgers.flatMap(({ sources }) => sources),
      },
      records: this.#drafting.records,
      ...counts,
      organisations: counts.findings > 0 ? 1 : 0,
    };
  }

  #pack(summary: LoadSummary, drafted: Drafted): Promise<Bytes> {
    // A source that was not read to its end may be loaded again.
    const whole = this.#sources.filter(({ ledger }) => ledger !== null);
    const sourceHashes = whole.map(({ description }) => toBase64url(description.sha256));
    return packLoad({ summary, sourceHashes, sketches: drafted.sources.map(({ sketch }) => packSketch(sketch)) });
  }

  #builder(master: Bytes): DraftBuilder {
    const profile = this.#profile;
    if (profile === null) throw new RangeError('own load: a match without a profile');
    const listId = mustBytes(profile.listId, 16);
    return new DraftBuilder({
      profile: { listId, names: [profile.nameTh, profile.nameEn], domains: profile.domains, exclude: [] },
      keys: new FindingKeys(master, listId),
      nowMs: this.#nowMs,
      isKnown: () => false,
    });
  }

  #source(number: number): Source {
    const source = this.#sources[number];
    if (source === undefined) throw new RangeError('own load: no such source');
    return source;
  }
}

/** Loads of own material, newest first. Rows we wrote ourselves, sealed: their form is not checked again. */
export async function readOwnLoads(store: SealedStore): Promise<Result<readonly StoredLoad[], ClientError>> {
  const rows = await store.getMany('envelopes', store.ids('envelopes', LOADS));
  if (!rows.ok) return err(toClientError(rows.error));
  const loads: StoredLoad[] = [];
  for (const row of rows.value) {
    if (row instanceof Uint8Array) loads.push(JSON.parse(await gunzipText(row as Bytes)) as StoredLoad);
  }
  return ok(loads.sort((a, b) => b.summary.loadedAtMs - a.summary.loadedAtMs));
}

/** Removes a load with its findings and secrets; the deletion is audited. Its sources may be loaded again. */
export async function discardOwnLoad(
  session: Session,
  findings: FindingsVault,
  loadId: string,
): Promise<Result<void, ClientError>> {
  const { store, audit } = session;
  if (!store.has('envelopes', LOADS + loadId)) return err({ kind: 'not-found', what: 'load' });
  const bundle = findings.bundles().find((row) => row.bundleId === loadId);
  if (bundle === undefined) {
    const done = await store.transaction((tx) => tx.delete('envelopes', LOADS + loadId));
    return done.ok ? ok(undefined) : err(toClientError(done.error));
  }
  if (bundle.withdrawn === null) {
    const hidden = await findings.withdraw(loadId, 'superseded');
    if (!hidden.ok) return hidden;
  }
  return findings.confirmDeletion(loadId, async (tx) => {
    tx.delete('envelopes', LOADS + loadId);
    await audit.record(tx, { kind: 'wipe', findings: bundle.findings });
  });
}

function watchedBy({ listId, nameEn, domains }: ProfileContent): WatchList['organisations'][number] {
  return { id: listId, name: nameEn, domains, exclude: [], keywords: [] };
}

/** The own findings as a bundle that nobody sent. */
function unpackOf(rows: readonly Finding[], nowMs: Ms): UnpackBundle {
  return async (sink) => {
    const facts = { ...OWN_LABELS, withheld: NOTHING_WITHHELD };
    const versions = {
      schemaVersion: 1,
      modelVersion: MODEL_V1.version,
      keyVersion: KEY_VERSION,
      sources: [],
    } as const;
    await sink.begin({ ...facts, ...versions } satisfies BundleMetadata);
    for (const batch of splitBatches(columnsOf(rows, OWN_LABELS.policy))) await sink.batch(batch);
    return ok({ ...facts, publishedAtMs: nowMs });
  };
}

/** The organisation's own ingest master, made at the first load. Throws where the vault cannot be read or written. */
async function ownMaster({ store, ports }: Session): Promise<Bytes> {
  const row = await store.get('meta', MASTER_ROW);
  if (!row.ok) throw new TypeError(`ownMaster: ${row.error.kind}`);
  const known = typeof row.value === 'string' ? parseBase64url(row.value, 32) : null;
  if (known !== null) return known;
  const master = ports.random(32);
  const kept = await store.put('meta', MASTER_ROW, toBase64url(master));
  if (!kept.ok) throw new TypeError(`ownMaster: ${kept.error.kind}`);
  return master;
}
