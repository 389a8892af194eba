/** `ingest`: leak material to a folder of drafts, matched against all listed organisations or against a watch file. */
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '@sealpost/shared/sealed/crypto/hash';
import { utf8 } from '@sealpost/shared/base/bytes';
import type { LoadSummary } from '@sealpost/shared/opened/client/api';
import { readConstituency, toWatchList } from '@sealpost/shared/opened/client/constituency';
import { Drafting } from '@sealpost/shared/opened/client/drafting';
import type { Drafted } from '@sealpost/shared/opened/client/drafting';
import type { DraftFile } from '@sealpost/shared/opened/client/draft-file';
import { toClientError } from '@sealpost/shared/opened/client/failures';
import { draftBuilders } from '@sealpost/shared/opened/client/draft-builders';
import {
  newLoadId,
  packLoad,
  packSketch,
  putLoad,
  readKnownSources,
  readLoads,
} from '@sealpost/shared/opened/client/load';
import { packMachines, putMachines } from '@sealpost/shared/opened/client/machines';
import { parseWatchFile } from '@sealpost/shared/opened/client/watch-file';
import { DraftBuilder } from '@sealpost/shared/opened/finding/draft';
import { SOURCE_CLASSES } from '@sealpost/shared/opened/finding/finding';
import type { Finding } from '@sealpost/shared/opened/finding/finding';
import { FindingKeys } from '@sealpost/shared/opened/finding/fingerprint';
import { quarantinedShare } from '@sealpost/shared/opened/ingest/ledger';
import type { WatchList } from '@sealpost/shared/opened/match/watch';
import type { Call, Command } from '../command.ts';
import { Failure, HOME_OPTIONS } from '../command.ts';
import { readDraft, readFindings, readSecrets } from '../draft-folder.ts';
import { writeDraft } from '../draft-writer.ts';
import type { DraftedCounts } from '../draft-writer.ts';
import { errorText, orFail } from '../error-text.ts';
import type { Home } from '../home.ts';
import { withOperator } from '../home.ts';
import type { Io } from '../io.ts';
import { loadMaterial } from '../load-material.ts';
import type { LoadedMaterial, MaterialOptions } from '../load-material.ts';
import { processPorts } from '../network.ts';
import { EXPORT_OPTIONS, exportOptions } from '../export-options.ts';
import { parseTime } from '../option-values.ts';
import { isLoadKept, isUsed } from '../published-loads.ts';
import { readSources } from '../source-files.ts';

const MOST_SOURCES = 10_000;
/** INGEST, Ledger: more than this needs a person's look. */
const MUCH_QUARANTINED = 0.05;

export const ingest: Command = {
  name: 'ingest',
  summary: 'load leak material: files, folders, zips, or - for standard input',
  operands: { usage: 'FILES…', least: 1, most: MOST_SOURCES },
  options: {
    ...HOME_OPTIONS,
    home: { type: 'string', value: 'DIR', help: 'home of the CERT: match against all listed organisations' },
    watch: {
      type: 'string',
      value: 'FILE',
      help: 'match against a watch.json instead; such drafts cannot be published',
    },
    out: { type: 'string', required: true, value: 'DIR', help: 'folder for the drafts' },
    alias: { type: 'string', value: 'TEXT', help: 'what organisations see instead of the source’s name' },
    'source-class': { type: 'string', value: 'WORD', help: `what it is, if you know: ${SOURCE_CLASSES.join(', ')}` },
    captured: { type: 'string', value: 'DATE', help: 'when it leaked, if the material does not say' },
    password: { type: 'string', multiple: true, value: 'TEXT', help: 'tried on encrypted archives' },
    ...EXPORT_OPTIONS,
  },
  async run(call, io) {
    const hasHome = call.text('home') !== null;
    if (hasHome === (call.text('watch') !== null)) throw new Failure('give either --home or --watch', 2);
    if (hasHome) await withOperator(call, io, (home) => ingestAtHome(call, io, home));
    else await ingestWatched(call, io);
  },
};

type Told = Pick<
  MaterialOptions,
  'nowMs' | 'sourceClass' | 'alias' | 'capturedAtMs' | 'passwords' | 'columns' | 'domain'
>;

function toldBy(call: Call, nowMs: number): Told {
  const sourceClass = call.text('source-class');
  const known = SOURCE_CLASSES.find((word) => word === sourceClass) ?? null;
  if (sourceClass !== null && known === null) {
    throw new Failure(`--source-class is one of ${SOURCE_CLASSES.join(', ')}`, 2);
  }
  const captured = call.text('captured');
  const alias = call.text('alias') ?? `material ${new Date(nowMs).toISOString().slice(0, 10)}`;
  if (alias.trim() === '' || alias.length > 200) throw new Failure('--alias has 1 to 200 characters', 2);
  return {
    nowMs,
    sourceClass: known,
    alias,
    capturedAtMs: captured === null ? null : parseTime('captured', captured),
    passwords: call.texts('password'),
    ...exportOptions(call),
  };
}

async function ingestAtHome(call: Call, io: Io, { session }: Home): Promise<void> {
  const { store } = session;
  const told = toldBy(call, session.ports.nowMs());
  const folder = io.path(call.must('out'));
  const constituency = orFail(await readConstituency(store));
  if (constituency.length === 0) throw new Failure('no organisation is listed yet: import them with `orgs import`');
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
  const watch = toWatchList(constituency);
  const builderOf = draftBuilders(session, constituency, told.nowMs);
  const drafting = new Drafting(watch, async (listId) => builderOf(listId, await findingsBefore(listId)));
  const sources = await readSources(call.operands, io);
  const isKnown = (sha256: string) => kept.has(sha256);
  const material = await loadMaterial(sources, { ...told, watch, drafting, isKnown }, io);
  if (material.sources.length === 0) {
    await report(io, material, [], null);
    return;
  }

  const loadId = newLoadId(session);
  const drafted = drafting.finish(loadId, material.read, orFail(await readKnownSources(store)));
  const nameById = new Map(constituency.map(({ listId, form }) => [listId, form.nameEn]));
  const counts = await writeDraft(folder, {
    deployment: session.identity.deployment,
    loadId,
    nowMs: told.nowMs,
    material,
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
  });
  const summary = summaryOf(loadId, told, material, counts, drafted, drafting.records);
  const sourceHashes = material.sources.map((source) => source.sha256);
  const listIds = counts.map(({ listId }) => listId);
  const sketches = drafted.sources.map(({ sketch }) => packSketch(sketch));
  const packed = await packLoad({ summary, sourceHashes, sketches, folder: { path: folder, listIds } });
  const machines = await packMachines(loadId, material.machines, drafting, drafted.results);
  const noted = await store.transaction((tx) => {
    putLoad(tx, loadId, packed);
    putMachines(tx, loadId, machines);
  });
  if (!noted.ok) throw new Failure(errorText(toClientError(noted.error)));
  await removeUsed(folder, before, unused, counts);
  await report(io, material, counts, summary);
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

/** Without keys: ids are made under a random master that nobody keeps, and no secret is written. */
async function ingestWatched(call: Call, io: Io): Promise<void> {
  const { nowMs, random } = processPorts();
  const told = toldBy(call, nowMs());
  const folder = io.path(call.must('out'));
  const watch = await readWatch(call, io);
  const before = await readDraft(folder);
  if (before !== null && before.deployment !== null) {
    throw new Failure(`${folder} holds drafts of another origin: choose another folder`);
  }
  const master = random(32);
  const drafting = new Drafting(watch, (id) => Promise.resolve(watchedBuilder(watch, id, master, told.nowMs)));
  const sources = await readSources(call.operands, io);
  const material = await loadMaterial(sources, { ...told, watch, drafting, isKnown: () => false }, io);
  for (const entry of before?.organisations ?? []) await rm(join(folder, entry.file), { force: true });
  const drafted = drafting.finish('watch', material.read, []);
  const counts = await writeDraft(folder, {
    deployment: null,
    loadId: 'watch',
    nowMs: told.nowMs,
    material,
    results: drafted.results,
    nameOf: (id) => watch.organisations.find((one) => one.id === id)?.name ?? '',
    secretsTo: null,
    before: null,
    findingsBefore: () => Promise.resolve([]),
    secretsBefore: () => Promise.resolve([]),
  });
  await report(io, material, counts, summaryOf('watch', told, material, counts, drafted, drafting.records));
}

async function readWatch(call: Call, io: Io): Promise<WatchList> {
  const name = call.must('watch');
  const path = io.path(name);
  if (!existsSync(path)) throw new Failure(`${name} is not there`);
  const watch = parseWatchFile(await readFile(path));
  if (!watch.ok) throw new Failure(`${name}: ${errorText({ kind: 'invalid', issues: watch.error })}`, 2);
  return watch.value;
}

function watchedBuilder(watch: WatchList, id: string, master: Uint8Array, nowMs: number): DraftBuilder {
  const organisation = watch.organisations.find((one) => one.id === id);
  const listId = sha256(utf8(id)).slice(0, 16);
  return new DraftBuilder({
    profile: {
      listId,
      names: [organisation?.name ?? ''],
      domains: organisation?.domains ?? [],
      exclude: organisation?.exclude ?? [],
    },
    keys: new FindingKeys(master, listId),
    nowMs,
    isKnown: () => false,
    keepSecrets: false,
  });
}

function summaryOf(
  loadId: string,
  told: Told,
  { sources, ledger }: LoadedMaterial,
  counts: readonly DraftedCounts[],
  drafted: Drafted,
  records: number,
): LoadSummary {
  const findings = counts.reduce((sum, one) => sum + one.findings, 0);
  const added = counts.reduce((sum, one) => sum + one.added, 0);
  return {
    loadId,
    sources: sources.map(({ name, alias, sizeBytes }, i) => ({
      ...{ name, alias, sizeBytes },
      sourceClass: told.sourceClass ?? 'ulp',
      quality: (drafted.sources[i] as Drafted['sources'][number]).quality,
    })),
    loadedAtMs: told.nowMs,
    ledger,
    records,
    findings,
    added,
    sightings: findings - added,
    organisations: counts.length,
  };
}

async function report(
  io: Io,
  material: LoadedMaterial,
  organisations: readonly DraftedCounts[],
  summary: LoadSummary | null,
): Promise<void> {
  const share = quarantinedShare(material.ledger.total);
  if (share > MUCH_QUARANTINED) {
    io.say(`${(100 * share).toFixed(1)} % of what looked like records could not be read: see quarantine.ndjson`);
  }
  if (material.quarantineDropped > 0) io.say(`${material.quarantineDropped} quarantined lines are counted only`);
  if (summary === null) io.say('nothing new: the drafts are as they were');
  await io.json({
    loaded: material.sources.length,
    known: material.known.length,
    records: summary?.records ?? 0,
    findings: summary?.findings ?? 0,
    added: summary?.added ?? 0,
    sightings: summary?.sightings ?? 0,
    ledger: material.ledger.total,
    sources: summary?.sources.map(({ name, quality }) => ({ name, quality })) ?? [],
    organisations,
  });
}
