/**
 * The writer's side of a load in the vault: the only place of ingest that holds keys. Records come from parser workers; they are
 * matched exactly, fingerprinted, classified, scored and merged per organisation, and become drafts in one commit, or none.
 */
import { toBase64url } from '../../base/base64url.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { MUCH_QUARANTINED, quarantinedShare } from '../ingest/ledger.ts';
import type { SourceDescription } from '../ingest/record.ts';
import type { ClientError } from './api/client-error.ts';
import type { CommitOptions, LoadSummary, LoadWriter } from './api/loading.ts';
import { readConstituency } from './constituency.ts';
import { packDomainCounts, putDomainCounts } from './domain-counts.ts';
import { gzipLines, packDraft, putDraft, readDrafts } from './drafts.ts';
import type { PackedDraft } from './drafts.ts';
import { toClientError } from './failures.ts';
import { newLoadId, packLoad, packSketch, putLoad, putQuarantine, readKnownSources, readLoads } from './load.ts';
import { Loading } from './loading.ts';
import type { DraftedBefore } from './loading.ts';
import { packMachines, putMachines } from './machines.ts';
import { packProvenance, putProvenance } from './provenance.ts';
import type { PackedProvenance } from './provenance.ts';
import type { Session } from './session.ts';

/** Open writers by session and load: a load that goes on in another tab leaves the writer of the dead one behind. */
const openLoads = new WeakMap<Session, Map<string, Loading>>();

/** Opens a load over what is listed now. Organisations that are listed later are found by loading again. */
export async function beginLoad(session: Session): Promise<LoadWriter> {
  const constituency = await readConstituency(session.store);
  if (!constituency.ok) throw new TypeError(`beginLoad: ${constituency.error.kind}`);
  const start = {
    loadId: newLoadId(session),
    nowMs: session.ports.nowMs(),
    constituency: constituency.value,
    folder: null,
  };
  return writerOf(session, Loading.begin(session, start, draftedIn(session)));
}

/** Goes on with an unfinished load from its last checkpoint. */
export async function resumeLoad(session: Session, loadId: string): Promise<Result<LoadWriter, ClientError>> {
  await openLoads.get(session)?.get(loadId)?.close();
  const resumed = await Loading.resume(session, loadId, draftedIn(session));
  return resumed.ok ? ok(writerOf(session, resumed.value)) : resumed;
}

function draftedIn({ store }: Session): DraftedBefore {
  return async (listId) => {
    const drafted = await readDrafts(store, listId);
    if (!drafted.ok) throw new TypeError('load: earlier drafts cannot be read');
    return drafted.value;
  };
}

function writerOf(session: Session, loading: Loading): LoadWriter {
  const open = openLoads.get(session) ?? new Map<string, Loading>();
  openLoads.set(session, open.set(loading.loadId, loading));
  const close = async (): Promise<void> => {
    await loading.close();
    if (open.get(loading.loadId) === loading) open.delete(loading.loadId);
  };
  return {
    watch: () => Promise.resolve(loading.watch),
    nowMs: () => Promise.resolve(loading.nowMs),
    beginSource: async (source) => {
      const isLoaded = await isLoadedBefore(session, source);
      return isLoaded.ok ? loading.beginSource(source, isLoaded.value) : isLoaded;
    },
    write: (sourceNumber, records) => loading.write(sourceNumber, records),
    writeMachines: async (sourceNumber, machines) => loading.writeMachines(sourceNumber, machines),
    noteDomains: async (sourceNumber, counts) => loading.noteDomains(sourceNumber, counts),
    checkpoint: (sourceNumber, checkpoint) => loading.checkpoint(sourceNumber, checkpoint),
    endSource: async (sourceNumber, ledger, quarantine) => {
      // A journal that could not be written has the step for its next row, and the commit has all of it.
      await loading.endSource(sourceNumber, ledger, quarantine);
    },
    commit: (options = {}) => commitLoad(session, loading, options, close),
    suspend: async () => {
      await close();
      loading.clear();
    },
    discard: async () => {
      await close();
      loading.clear();
      if (!loading.journal.isAtRest) return;
      // On a failure it stays among the unfinished loads, and can be discarded from there.
      await session.store.transaction((tx) => loading.journal.delete(tx));
    },
  };
}

async function isLoadedBefore(
  { store }: Session,
  { sha256 }: SourceDescription,
): Promise<Result<boolean, ClientError>> {
  const loads = await readLoads(store);
  if (!loads.ok) return loads;
  const hash = toBase64url(sha256);
  return ok(loads.value.some(({ sourceHashes }) => sourceHashes.includes(hash)));
}

async function commitLoad(
  session: Session,
  loading: Loading,
  { acceptQuarantined = false }: CommitOptions,
  close: () => Promise<void>,
): Promise<Result<LoadSummary, ClientError>> {
  if (loading.isClosed) return err({ kind: 'already-done', what: 'load' });
  const { loadId, ledger, drafting } = loading;
  const isMuch = quarantinedShare(ledger.total) > MUCH_QUARANTINED;
  if (isMuch && !acceptQuarantined) return err({ kind: 'not-allowed', code: 'quarantined' });
  const known = await readKnownSources(session.store);
  if (!known.ok) return known;
  await close();
  const { results, sources } = drafting.finish(loadId, loading.read, known.value);
  const drafts: PackedDraft[] = [];
  const provenance: PackedProvenance[] = [];
  let findings = 0;
  let added = 0;
  for (const [listId, result] of results) {
    const rows = [...result.findings()].map(({ finding }) => finding);
    if (rows.length === 0) continue;
    findings += rows.length;
    added += result.counts.added;
    drafts.push(await packDraft(listId, rows, [...result.secrets()]));
    provenance.push(await packProvenance(listId, result));
  }
  const summary: LoadSummary = {
    ...{ loadId, ledger, findings, added },
    sources: loading.read.map(({ source: { name, alias, sourceClass, sizeBytes } }, i) => ({
      ...{ name, alias, sourceClass, sizeBytes },
      quality: sources[i]?.quality ?? null,
    })),
    loadedAtMs: loading.nowMs,
    records: drafting.records,
    sightings: findings - added,
    organisations: drafts.length,
  };
  const sketches = sources.map(({ sketch }) => packSketch(sketch));
  const row = await packLoad({ summary, sourceHashes: loading.readHashes, sketches });
  const machines = await packMachines(loadId, loading.machines, drafting, results);
  const quarantine = await gzipLines(loading.quarantine.map((line) => JSON.stringify(line)));
  const domains = await packDomainCounts(loading.domains);
  const quarantined = Object.values(ledger.total.quarantined).reduce((sum, count) => sum + count, 0);
  const done = await session.store.transaction(async (tx) => {
    for (const draft of drafts) putDraft(tx, loadId, draft);
    for (const one of provenance) putProvenance(tx, loadId, one);
    putLoad(tx, loadId, row);
    putMachines(tx, loadId, machines);
    putDomainCounts(tx, loadId, domains);
    putQuarantine(tx, loadId, quarantine);
    loading.journal.delete(tx);
    if (isMuch) await session.audit.record(tx, { kind: 'ingest_override', override: 'quarantine', count: quarantined });
  });
  loading.clear();
  return done.ok ? ok(summary) : err(toClientError(done.error));
}
