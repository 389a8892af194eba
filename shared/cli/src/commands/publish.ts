/** `publish`: seals the drafts of a folder, one bundle an organisation, and lists them exactly once. */
import { readConstituency, stateOf } from '@sealpost/shared/opened/client/constituency';
import type { Listed } from '@sealpost/shared/opened/client/constituency';
import type { DraftedOrganisation, DraftFile } from '@sealpost/shared/opened/client/draft-file';
import { readReleased } from '@sealpost/shared/opened/client/drafts';
import { flushOutbox } from '@sealpost/shared/opened/client/outbox';
import { onJobDone, prepare, publishTo } from '@sealpost/shared/opened/client/publish';
import type { PublishOptions, PublishOutcome } from '@sealpost/shared/opened/client/api/publishing';
import { selectRelease } from '@sealpost/shared/opened/bundle/release';
import type { Finding } from '@sealpost/shared/opened/finding/finding';
import { PUBLISH_POLICIES, TLPS } from '@sealpost/shared/opened/finding/finding';
import type { Call, Command } from '../command.ts';
import { Failure, HOME_OPTIONS } from '../command.ts';
import { readDraft, readFindings, readSecrets } from '../draft-folder.ts';
import { errorText, orFail } from '../error-text.ts';
import { findOrganisation } from '../find-organisation.ts';
import type { Home } from '../home.ts';
import { withOperator } from '../home.ts';
import type { Io } from '../io.ts';
import { parseWord } from '../option-values.ts';
import { isUsed, putUsed } from '../published-loads.ts';
import { sendRecord } from '../send-record.ts';

/** DOMAIN rule 11. */
const SEALED_CAVEAT = 'named persons only, each reveal logged';

export const publish: Command = {
  name: 'publish',
  summary: 'publish the drafts of a folder; prints one JSON line an organisation: published or held',
  operands: { usage: 'DIR', least: 1, most: 1 },
  options: {
    ...HOME_OPTIONS,
    policy: {
      type: 'string',
      value: 'WORD',
      help: `what is told of secrets: ${PUBLISH_POLICIES.join(', ')} (default masked)`,
    },
    tlp: { type: 'string', value: 'TLP', help: 'default TLP:AMBER+STRICT' },
    org: { type: 'string', value: 'NAME', help: 'only this organisation (name or id)' },
    'dry-run': { type: 'boolean', help: 'say what would happen, send nothing' },
    'include-contextless': { type: 'string', value: 'REASON', help: 'release pairs without host or service, too' },
    'confirm-keyword-only': { type: 'boolean', help: 'release findings that only a keyword hit' },
  },
  async run(call, io) {
    const options = optionsOf(call);
    const folder = io.path(call.operands[0] as string);
    const draft = await readDraft(folder);
    if (draft === null) throw new Failure(`${call.operands[0] as string} holds no drafts`);
    if (draft.deployment === null) {
      throw new Failure(
        'these drafts were made with --watch: they belong to no organisation and cannot be published',
        2,
      );
    }
    await withOperator(call, io, async (home) => {
      if (draft.deployment !== home.session.identity.deployment) throw new Failure('these drafts are of another CERT');
      await publishFolder(call, io, home, { folder, draft, options });
    });
  },
};

interface Publication {
  readonly folder: string;
  readonly draft: DraftFile;
  readonly options: PublishOptions;
}

function optionsOf(call: Call): PublishOptions {
  const policy = parseWord('policy', call.text('policy'), PUBLISH_POLICIES, 'masked');
  const tlp = call.text('tlp')?.toUpperCase() ?? null;
  const reason = call.text('include-contextless');
  if (reason !== null && reason.trim() === '') throw new Failure('--include-contextless needs a reason', 2);
  return {
    policy,
    tlp: parseWord('tlp', tlp === null || tlp.startsWith('TLP:') ? tlp : `TLP:${tlp}`, TLPS, 'TLP:AMBER+STRICT'),
    caveat: policy === 'sealed' ? SEALED_CAVEAT : null,
    includeContextless: reason,
    confirmKeywordOnly: call.flag('confirm-keyword-only'),
  };
}

async function publishFolder(call: Call, io: Io, home: Home, publication: Publication): Promise<void> {
  const { session } = home;
  const { draft, options } = publication;
  const isDry = call.flag('dry-run');
  const constituency = orFail(await readConstituency(session.store));
  const wanted = wantedEntries(call, draft, constituency);
  if (!isDry && wanted.length > 0) {
    orFail(await prepare(session));
    orFail(await flushOutbox(session, onJobDone(session)));
  }
  let failures = 0;
  for (const [at, entry] of wanted.entries()) {
    io.progress(`publishing ${at + 1} of ${wanted.length}: ${entry.name}`);
    const listed = constituency.find(({ listId }) => listId === entry.listId);
    if (listed === undefined) throw new Failure(`${entry.name} is not listed any more`);
    const outcome = isDry
      ? await foresee(home, publication, entry, listed)
      : await publishEntry(home, publication, entry, listed);
    if (outcome.kind === 'failed') {
      failures++;
      io.say(`${entry.name}: ${errorText(outcome.error)}`);
    }
    await io.json({
      ...describe(outcome),
      name: entry.name,
      policy: options.policy,
      ...(isDry ? { dryRun: true } : {}),
    });
  }
  if (!isDry) await sendRecord(home, io);
  if (failures > 0) throw new Failure(`${failures} of ${wanted.length} organisations failed`);
}

function wantedEntries(call: Call, draft: DraftFile, constituency: readonly Listed[]): readonly DraftedOrganisation[] {
  const named = call.text('org');
  if (named === null) return draft.organisations;
  const all = constituency.map(({ listId, org, form }) => ({ listId, org, nameEn: form.nameEn, nameTh: form.nameTh }));
  const { listId } = findOrganisation(all, named);
  const entry = draft.organisations.find((one) => one.listId === listId);
  if (entry === undefined) throw new Failure(`the drafts hold nothing for "${named}"`);
  return [entry];
}

async function publishEntry(
  { session }: Home,
  { folder, draft, options }: Publication,
  entry: DraftedOrganisation,
  listed: Listed,
): Promise<PublishOutcome> {
  const { listId } = entry;
  const findings = await newFindings(session.store, folder, entry);
  if (isUsed(session.store, draft.loads, listId) && release(listed, findings, options).released.length === 0) {
    return { kind: 'held', listId, reason: 'nothing_to_release', findings: 0 };
  }
  const needsSecrets = options.policy === 'sealed' && listed.org !== null;
  const identities = session.epochs.map(({ secrets }) => secrets);
  const secrets = needsSecrets ? await readSecrets(folder, entry, identities) : [];
  return publishTo(session, { listed, findings, secrets }, options, (tx) => putUsed(tx, draft.loads, listId));
}

/** `publishTo` without a word to the server. */
async function foresee(
  { session }: Home,
  { folder, draft, options }: Publication,
  entry: DraftedOrganisation,
  listed: Listed,
): Promise<PublishOutcome> {
  const { listId } = entry;
  const findings = await newFindings(session.store, folder, entry);
  const state = stateOf(listed);
  const held = (reason: 'suspended' | 'not_enrolled' | 'nothing_to_release'): PublishOutcome => ({
    kind: 'held',
    listId,
    reason,
    findings: findings.length,
  });
  if (state === 'suspended') return held('suspended');
  if (state !== 'enrolled') return held('not_enrolled');
  const { released, withheld } = release(listed, findings, options);
  const count = withheld.contextless + withheld.unconfirmed + withheld.unproven;
  if (released.length === 0 && (count === 0 || isUsed(session.store, draft.loads, listId))) {
    return held('nothing_to_release');
  }
  return { kind: 'published', listId, bundleId: '', findings: released.length, withheld: count, sizeBytes: 0 };
}

function release(listed: Listed, findings: readonly Finding[], options: PublishOptions) {
  return selectRelease(findings, {
    provenDomains: listed.proofs.map(({ domain }) => domain),
    includeContextless: options.includeContextless !== null,
    confirmKeywordOnly: options.confirmKeywordOnly,
  });
}

/** Findings that were not published yet, or not in all their sources. */
async function newFindings(
  store: Home['session']['store'],
  folder: string,
  entry: DraftedOrganisation,
): Promise<readonly Finding[]> {
  const released = orFail(await readReleased(store, entry.listId));
  return (await readFindings(folder, entry)).filter(({ id, sightings }) => {
    const sources = released.get(id);
    return sources === undefined || sightings.some(({ sourceId }) => !sources.has(sourceId));
  });
}

function describe(outcome: PublishOutcome): Record<string, unknown> {
  switch (outcome.kind) {
    case 'published': {
      const { kind, listId, bundleId, findings, withheld, sizeBytes } = outcome;
      return { result: kind, listId, bundleId, findings, withheld, sizeBytes };
    }
    case 'held':
      return { result: 'held', listId: outcome.listId, reason: outcome.reason, findings: outcome.findings };
    case 'failed':
      return { result: 'failed', listId: outcome.listId, queued: outcome.queued };
  }
}
