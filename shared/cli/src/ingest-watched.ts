/** `ingest --watch`: drafts for a look at what is in the material, which nobody can publish. */
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { utf8 } from '@sealpost/shared/base/bytes';
import { Drafting } from '@sealpost/shared/opened/client/drafting';
import { parseWatchFile } from '@sealpost/shared/opened/client/watch-file';
import { DraftBuilder } from '@sealpost/shared/opened/finding/draft';
import { FindingKeys } from '@sealpost/shared/opened/finding/fingerprint';
import type { WatchList } from '@sealpost/shared/opened/match/watch';
import { sha256 } from '@sealpost/shared/sealed/crypto/hash';
import type { Call } from './command.ts';
import { Failure } from './command.ts';
import { readDraft } from './draft-folder.ts';
import { writeDraft } from './draft-writer.ts';
import { errorText } from './error-text.ts';
import { checkQuarantined, report, summaryOf } from './ingest-report.ts';
import type { Io } from './io.ts';
import { loadMaterial } from './load-material.ts';
import type { MaterialOptions } from './load-material.ts';
import { watchedSink } from './material-sink.ts';
import { processPorts } from './network.ts';
import { readSources } from './source-files.ts';

/** Loads without keys: ids are made under a random master that nobody keeps, and no secret is written. */
export async function ingestWatched(call: Call, io: Io, told: MaterialOptions): Promise<void> {
  const { nowMs: clock, random } = processPorts();
  const nowMs = clock();
  const folder = io.path(call.must('out'));
  const watch = await readWatch(call, io);
  const before = await readDraft(folder);
  if (before !== null && before.deployment !== null) {
    throw new Failure(`${folder} holds drafts of another origin: choose another folder`);
  }
  const master = random(32);
  const drafting = new Drafting(watch, (id) => Promise.resolve(watchedBuilder(watch, id, master, nowMs)));
  const sources = await readSources(call.operands, io, call.text('name') ?? 'stdin');
  const sink = watchedSink(watch, drafting, nowMs);
  const read = await loadMaterial(sources, told, sink, io);
  if (read.isStopped) throw new Failure('stopped; without a home there is no key to seal a checkpoint with', 130);
  const material = sink.material();
  checkQuarantined(material, call.flag('accept-quarantined'), 'call it again');
  for (const entry of before?.organisations ?? []) await rm(join(folder, entry.file), { force: true });
  const drafted = drafting.finish('watch', material.read, []);
  const counts = await writeDraft(folder, {
    deployment: null,
    loadId: 'watch',
    nowMs,
    material,
    results: drafted.results,
    nameOf: (id) => watch.organisations.find((one) => one.id === id)?.name ?? '',
    secretsTo: null,
    before: null,
    findingsBefore: () => Promise.resolve([]),
    secretsBefore: () => Promise.resolve([]),
  });
  await report(io, read, counts, summaryOf('watch', nowMs, material, counts, drafted, drafting.records));
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
