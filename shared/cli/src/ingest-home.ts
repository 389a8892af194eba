/** `ingest --home`: leak material matched against all listed organisations, to a folder of drafts that can be published. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readConstituency } from '@sealpost/shared/opened/client/constituency';
import type { DraftFile } from '@sealpost/shared/opened/client/draft-file';
import { newLoadId, packLoad, packSketch, readKnownSources, readLoads } from '@sealpost/shared/opened/client/load';
import { readUnfinished } from '@sealpost/shared/opened/client/load-journal';
import { Loading } from '@sealpost/shared/opened/client/loading';
import { packMachines } from '@sealpost/shared/opened/client/machines';
import { packProvenance } from '@sealpost/shared/opened/client/provenance';
import type { PackedProvenance } from '@sealpost/shared/opened/client/provenance';
import type { Session } from '@sealpost/shared/opened/client/session';
import type { Finding } from '@sealpost/shared/opened/finding/finding';
import type { Call } from './command.ts';
import { Failure } from './command.ts';
import { readDraft, readFindings, readSecrets } from './draft-folder.ts';
import { writeDraft } from './draft-writer.ts';
import type { DraftedCounts, DraftInput } from './draft-writer.ts';
import { orFail } from './error-text.ts';
import type { Home } from './home.ts';
import { checkQuarantined, report, summaryOf } from './ingest-report.ts';
import type { Io } from './io.ts';
import { loadMaterial } from './load-material.ts';
import type { MaterialOptions } from './load-material.ts';
import { loadingSink } from './material-sink.ts';
import { removeUnfinished } from './private-file.ts';
import { isLoadKept, isUsed } from './published-loads.ts';
import { finishReady, noteReady } from './ready-load.ts';
import { readSources } from './source-files.ts';

/** Loads, or goes on with an unfinished load of the same folder. */
export async function ingestAtHome(call: Call, io: Io, { session }: Home, told: MaterialOptions): Promise<void> {
  const { store } = session;
  const folder = io.path(call.must('out'));
  const unfinished = orFail(await readUnfinished(store)).find((load) => load.folder === folder);
  const isPlaced = unfinished !== undefined && (await finishReady(session, unfinished.loadId));
  if (isPlaced) io.say('the drafts of a load that was interrupted at its very end are in place now');
  await removeUnfinished(folder, new Set());
  const before = await draftBefore(folder, session.identity.deployment);
  const unused = before?.organisations.filter(({ listId }) => !isUsed(store, before.loads, listId)) ?? [];
  const entryOf = (listId: string) => unused.find((entry) => entry.listId === listId);
  const findingsBefore = async (listId: string): Promise<readonly Finding[]> => {
    const entry = entryOf(listId);
    return entry === undefined ? [] : readFindings(folder, entry);
  };
  const kept = new Set(before?.sources.map((source) => source.sha256));
  for (const load of orFail(await readLoads(store))) {
    if (await isLoadKept(store, load)) for (const hash of load.sourceHashes) kept.add(hash);
  }
  const loading =
    unfinished !== undefined && !isPlaced
      ? orFail(await Loading.resume(session, unfinished.loadId, findingsBefore))
      : await beginLoading(session, folder, findingsBefore);
  const { loadId, nowMs } = loading;
  const sink = loadingSink(loading, (hash) => kept.has(hash));
  const sources = await readSources(call.operands, io, call.text('name') ?? 'stdin');
  const read = await loadMaterial(sources, told, sink, io);
  const goOn = `the same command goes on from there, and \`sealpost loads --discard ${loadId}\` gives it up`;
  if (read.isStopped)
    throw new Failure(loading.journal.isAtRest ? `stopped: ${goOn}` : 'stopped: nothing was kept', 130);
  const missing = loading.read.find(({ ledger }) => ledger === null);
  if (missing !== undefined) {
    throw new Failure(`${missing.source.name} was read in part only: name it, too; ${goOn}`);
  }
  const material = sink.material();
  if (material.sources.length === 0) {
    await report(io, read, [], null);
    return;
  }
  const isAccepted = checkQuarantined(material, call.flag('accept-quarantined'), 'call it again');
  const lines = Object.values(material.ledger.total.quarantined).reduce((sum, count) => sum + count, 0);

  const drafted = loading.drafting.finish(loadId, material.read, orFail(await readKnownSources(store)));
  const nameById = new Map(loading.constituency.map(({ listId, form }) => [listId, form.nameEn]));
  const machines = await packMachines(loadId, material.machines, loading.drafting, drafted.results);
  const provenance: PackedProvenance[] = [];
  for (const [listId, result] of drafted.results) provenance.push(await packProvenance(listId, result));
  const sketches = drafted.sources.map(({ sketch }) => packSketch(sketch));
  const summarise = (counts: readonly DraftedCounts[]) =>
    summaryOf(loadId, nowMs, material, counts, drafted, loading.drafting.records);
  const input: DraftInput = {
    deployment: session.identity.deployment,
    ...{ loadId, nowMs, material },
    results: drafted.results,
    nameOf: (listId) => nameById.get(listId) ?? '',
    secretsTo: session.directory.newestEpoch('cert')?.recipients.secrets ?? null,
    before: before === null ? null : { ...before, organisations: unused },
    findingsBefore,
    secretsBefore: async (listId) => {
      const entry = entryOf(listId);
      if (entry === undefined) return [];
      return readSecrets(
        folder,
        entry,
        session.epochs.map(({ secrets }) => secrets),
      );
    },
  };
  const counts = await writeDraft(folder, input, async (ready, placements) => {
    const summary = summarise(ready);
    const listIds = ready.map(({ listId }) => listId);
    const load = await packLoad({
      summary,
      sourceHashes: loading.readHashes,
      sketches,
      folder: { path: folder, listIds },
    });
    orFail(
      await noteReady(session, loading, {
        load,
        machines,
        provenance,
        placements,
        acceptedLines: isAccepted ? lines : null,
      }),
    );
  });
  await finishReady(session, loadId);
  await removeUsed(folder, before, unused, counts);
  await report(io, read, counts, summarise(counts));
}

async function beginLoading(
  session: Session,
  folder: string,
  findingsBefore: (listId: string) => Promise<readonly Finding[]>,
): Promise<Loading> {
  const constituency = orFail(await readConstituency(session.store));
  if (constituency.length === 0) throw new Failure('no organisation is listed yet: import them with `orgs import`');
  const start = { loadId: newLoadId(session), nowMs: session.ports.nowMs(), constituency, folder };
  return Loading.begin(session, start, findingsBefore);
}

/** Drafts that wait in this folder. Those of another CERT or of a watch file are never mixed with ours. */
async function draftBefore(folder: string, deployment: string): Promise<DraftFile | null> {
  const before = await readDraft(folder);
  if (before !== null && before.deployment !== deployment) {
    throw new Failure(`${folder} holds drafts of another origin: choose another folder`);
  }
  return before;
}

/** Files of organisations whose old drafts went out and who got no new ones. */
async function removeUsed(
  folder: string,
  before: DraftFile | null,
  unused: DraftFile['organisations'],
  counts: readonly DraftedCounts[],
): Promise<void> {
  const here = new Set([...unused, ...counts].map(({ listId }) => listId));
  for (const entry of before?.organisations ?? []) {
    if (here.has(entry.listId)) continue;
    await rm(join(folder, entry.file), { force: true });
    if (entry.secretsFile !== null) await rm(join(folder, entry.secretsFile), { force: true });
  }
}
