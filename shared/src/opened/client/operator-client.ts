/** The operator's calls of `api.ts` over a session: each a thin line to the module that does the work, with the change told. */
import { toBase64url } from '../../base/base64url.ts';
import { utf8 } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { sha256 } from '../../sealed/crypto/hash.ts';
import { digits } from '../../sealed/crypto/keys.ts';
import { makeNoticeClaims, makeOrganisationClaims, nextPlace } from '../../sealed/directory/builders.ts';
import type { OrgId } from '../../sealed/directory/fields.ts';
import { needsHead } from '../../sealed/directory/freshness.ts';
import { organisationAt } from '../../sealed/directory/model.ts';
import { sidToBytes, signStatement } from '../../sealed/envelope/statement.ts';
import { paths } from '../../sealed/wire/paths.ts';
import { HANDLING_NOTICE } from '../respond/handling-notice.ts';
import type { SyncProgress, SyncSummary } from './api/bundles.ts';
import type { ClientError } from './api/client-error.ts';
import type { OperatorClient } from './api/operator.ts';
import type { Organisation } from './api/organisations.ts';
import type { Badges, Profile } from './api/profile.ts';
import { approveRequest, declineRequest } from './approve.ts';
import { readAudit } from './audit-report.ts';
import { makeBackup, proveBackup } from './backup.ts';
import { catchUpAfterRestore } from './catch-up.ts';
import {
  importConstituency,
  readConstituency,
  readListed,
  readOverlaps,
  saveListed,
  changeListed,
  toOrganisation,
  toWatchList,
} from './constituency.ts';
import { draftedListIds } from './drafts.ts';
import { toClientError } from './failures.ts';
import { inviteOrganisations } from './invite.ts';
import { readMachines } from './machines.ts';
import { ignoreDomain, readSuggestions } from './domain-counts.ts';
import { discardLoad, readLoadedSources, readLoads, readQuarantine } from './load.ts';
import { readUnfinished } from './load-journal.ts';
import { beginLoad, resumeLoad } from './load-writer.ts';
import { saveCountsProof } from './counts-proof.ts';
import { declareRestore } from './new-log-epoch.ts';
import { nameWitnesses } from './name-witnesses.ts';
import { readWitnessKey } from './read-witness-key.ts';
import { readOrigins } from './provenance.ts';
import { flushOutbox, isAllOver, renewFeeds, waitingJobs } from './outbox.ts';
import { appendHead, appendStatements } from './post-statements.ts';
import { onJobDone, publishDrafts } from './publish.ts';
import { fetchDeliveries, readPublished, toPublishedBundle } from './published.ts';
import { fetchRequests, listRequests } from './requests.ts';
import { readDraftRows, readLetterFacts, reviewDrafts } from './review.ts';
import { openKeyFile, RootFileSchema } from './root-file.ts';
import type { Session } from './session.ts';
import { shareWatchTerms, takeWatchTerms } from './share-watch.ts';
import { Turn } from '../../base/turn.ts';
import { readDraftsElsewhere } from './drafts-elsewhere.ts';
import { renameAlias } from './rename-alias.ts';
import { noteWatchTerms, readWatchHistory, saveWatchTerms } from './watch-terms.ts';
import { withdrawBundle } from './withdraw.ts';

/** A failure that only a damaged vault can cause: told by throwing, shown by the shell. */
function must<T>(result: Result<T, ClientError>): T {
  if (!result.ok) throw new TypeError(`vault: ${result.error.kind}`);
  return result.value;
}

/** Makes the operator's calls. */
export function makeOperatorClient(session: Session): OperatorClient {
  const { store, ports } = session;
  // A double click decides or publishes once: the second finds what the first did.
  const turn = new Turn();
  return {
    proveRootFile: (bytes, passphrase) => proveRootFile(session, bytes, passphrase),
    makeBackup: (passphrase) => makeBackup(session, passphrase),
    proveBackup: (bytes, passphrase) => proveBackup(session, bytes, passphrase),

    organisations: () => listOrganisations(session),
    overlaps: async () => must(await readOverlaps(store)),
    saveOrganisation: async (listId, form) => {
      if (listId !== null) await noteWatchTerms(session, listId);
      const saved = await saveListed(store, ports, listId, form);
      if (saved.ok) await noteWatchTerms(session, saved.value.listId);
      return saved.ok ? ok(toOrganisation(saved.value, { drafts: 0, published: 0, lastFetchedAtMs: null })) : saved;
    },
    importOrganisations: async (csv) => {
      await noteWatchTerms(session, null);
      const imported = await importConstituency(store, ports, csv);
      if (imported.ok) await noteWatchTerms(session, null);
      return imported;
    },
    suspendOrganisation: (listId, suspended) => turn.run(() => suspendOrganisation(session, listId, suspended)),
    invite: (listIds, days, appOrigin) => inviteOrganisations(session, listIds, days, appOrigin),

    requests: async () => must(await listRequests(store)),
    approve: async (approval) => {
      const approved = await turn.run(() => approveRequest(session, approval));
      if (!approved.ok) {
        if (approved.error.kind === 'forged') await session.alarms.raise(approved.error);
        return approved;
      }
      // The profile goes out now if it can; else with the next sync.
      await flushOutbox(session, onJobDone(session));
      const drafts = draftedListIds(store).includes(approved.value.listId) ? 1 : 0;
      return ok({ listId: approved.value.listId, drafts });
    },
    decline: (requestId, reason) => turn.run(() => declineRequest(session, requestId, reason)),

    watchList: async () => toWatchList(must(await readConstituency(store))),
    watchHistory: (listId) => readWatchHistory(store, listId),
    saveWatchTerms: (listId, terms, undoes) => turn.run(() => saveWatchTerms(session, listId, terms, undoes)),
    draftsElsewhere: (listId, terms) => readDraftsElsewhere(session, listId, terms),
    domainSuggestions: async () => must(await readSuggestions(store)),
    ignoreDomain: (domain, isIgnored) => ignoreDomain(store, domain, isIgnored),

    beginLoad: () => beginLoad(session),
    resumeLoad: (loadId) => resumeLoad(session, loadId),
    unfinishedLoads: async () => must(await readUnfinished(store)),
    loads: async () => must(await readLoads(store)).map(({ summary }) => summary),
    quarantine: async (loadId) => must(await readQuarantine(store, loadId)),
    machines: async () => must(await readMachines(store)),
    sourcesOf: async (loadId) => must(await readLoadedSources(store, loadId)),
    renameAlias: (loadId, from, to) => turn.run(() => renameAlias(session, loadId, from, to)),
    discardLoad: (loadId) => discardLoad(store, loadId),

    origins: async (id) => must(await readOrigins(store, id)),
    reviews: async () => must(await reviewDrafts(session)),
    draftRows: async (listId, offset, limit) => must(await readDraftRows(session, listId, offset, limit)),
    publish: (listIds, options, onProgress) => turn.run(() => publishDrafts(session, listIds, options, onProgress)),
    published: async () => must(await readPublished(store)).map(toPublishedBundle),
    withdraw: (bundleId, code) => turn.run(() => withdrawBundle(session, bundleId, code)),
    letter: (listId) => readLetterFacts(session, listId),

    audit: async (filter, onProgress) => {
      const refreshed = await session.directory.refresh();
      if (!refreshed.ok) return refreshed;
      const report = await readAudit(session, filter, onProgress);
      if (!report.ok && report.error.kind === 'forged') await session.alarms.raise(report.error);
      return report;
    },
    declareRestore: () => turn.run(() => declareRestore(session)),
    countsProof: (bundleId) => saveCountsProof(session, bundleId),
    nameWitnesses: (keys, quorum) => turn.run(() => nameWitnesses(session, keys, quorum)),
    readWitnessKey: (typed) => Promise.resolve(readWitnessKey(typed)),
    removeDemo: () => removeDemo(session),
  };
}

/** What an operator exchanges: directory, outbox, requests, deliveries, feeds that run out, audit entries. */
export async function syncOperator(
  session: Session,
  onProgress: (progress: SyncProgress) => void,
): Promise<Result<SyncSummary, ClientError>> {
  const progress = (stage: SyncProgress['stage'], doneBytes = 0, totalBytes = 0) =>
    onProgress({ stage, doneBytes, totalBytes, rows: 0 });
  progress('directory');
  const refreshed = await session.directory.refresh();
  if (!refreshed.ok) return refreshed;
  const caughtUp = await catchUpAfterRestore(session);
  if (!caughtUp.ok) return caughtUp;
  if (needsHead(session.directory.current, session.ports.nowMs())) {
    const headed = await appendHead(session);
    if (!headed.ok) return headed;
  }
  const noticed = await postNotice(session);
  if (!noticed.ok) return noticed;
  const renewed = await renewFeeds(session);
  if (!renewed.ok) return renewed;
  const shared = await shareWatchTerms(session);
  if (!shared.ok) return shared;
  const sent = await flushOutbox(session, onJobDone(session), (done, total) => progress('download', done, total));
  // One mailbox that is stuck stops neither requests nor the record; it is told at the end.
  if (!sent.ok && isAllOver(sent.error)) return sent;
  const terms = await takeWatchTerms(session);
  if (!terms.ok) return terms;
  const requests = await fetchRequests(session);
  if (!requests.ok) return requests;
  const delivered = await fetchDeliveries(session);
  if (!delivered.ok) return delivered;
  progress('audit');
  const proved = await session.witness.contact();
  if (!proved.ok) return proved;
  const audit = await session.audit.upload();
  if (!audit.ok) return audit;
  if (!sent.ok) return sent;
  progress('done');
  return ok({
    atMs: session.ports.nowMs(),
    bundles: Math.max(0, sent.value - shared.value),
    added: 0,
    merged: 0,
    withdrawn: 0,
    requests: requests.value.added,
    auditSent: audit.value,
    expired: [],
    warnings: [
      ...(session.http.isClockOff ? ['clock-off'] : []),
      ...(requests.value.bad > 0 ? ['requests-unreadable'] : []),
      ...(requests.value.isElsewhere ? ['request-elsewhere'] : []),
    ],
  });
}

/** Numbers beside the operator's menu. */
export async function operatorBadges(session: Session): Promise<Badges> {
  const requests = must(await listRequests(session.store));
  return {
    requests: requests.filter(({ state }) => state === 'open').length,
    drafts: draftedListIds(session.store).length,
    outbox: waitingJobs(session.store),
    bundles: 0,
    newFindings: 0,
  };
}

/** Six groups of digits that name the root. */
export function rootDigits(session: Session): Profile['rootDigits'] {
  const root = sidToBytes(session.identity.deployment);
  return digits('root', root, root);
}

async function listOrganisations(session: Session): Promise<readonly Organisation[]> {
  const { store } = session;
  const constituency = must(await readConstituency(store));
  const published = must(await readPublished(store));
  const drafted = new Map(must(await reviewDrafts(session)).map(({ listId, findings }) => [listId, findings]));
  return constituency.map((listed) => {
    const own = published.filter(({ listId, state }) => listId === listed.listId && state !== 'withdrawn');
    const fetched = own.flatMap(({ fetchedAtMs }) => (fetchedAtMs === null ? [] : [fetchedAtMs]));
    return toOrganisation(listed, {
      drafts: drafted.get(listed.listId) ?? 0,
      published: own.reduce((sum, { findings }) => sum + findings, 0),
      lastFetchedAtMs: fetched.length === 0 ? null : Math.max(...fetched),
    });
  });
}

/** Suspends or resumes: in the list, and in the chain where the organisation is enrolled. */
async function suspendOrganisation(
  session: Session,
  listId: string,
  suspended: boolean,
): Promise<Result<void, ClientError>> {
  const listed = await readListed(session.store, listId);
  if (!listed.ok) return listed;
  const org = listed.value.org as OrgId | null;
  if (org !== null) {
    const refreshed = await session.directory.refresh();
    if (!refreshed.ok) return refreshed;
    const posted = await appendStatements(session, async (directory) => {
      const record = directory.organisations.get(org);
      const newest = record === undefined ? null : organisationAt(record);
      const status = suspended ? 'suspended' : 'active';
      if (newest === null || newest.claims.status === status) return [];
      const { generation, genesis, admins, recovery, profile } = newest.claims;
      const claims = makeOrganisationClaims(nextPlace(directory, 'cert', session.nowMs()), {
        ...{ org, generation, genesis, admins, profile, status },
        recovery: recovery ?? null,
      });
      return [await signStatement('organisation', claims, session.signer)];
    });
    if (!posted.ok) return posted;
  }
  const done = await session.store.transaction(async (tx) => {
    await changeListed(tx, listId, (now) => ({ ...now, suspended, changedAtMs: session.ports.nowMs() }));
    if (org !== null) {
      await session.audit.record(tx, {
        kind: 'member_change',
        change: suspended ? 'suspended' : 'resumed',
        member: org,
      });
    }
  });
  return done.ok ? ok(undefined) : err(toClientError(done.error));
}

/** Reads a root file back, so that it is known to hold before anybody needs it. Nothing of it is kept. */
async function proveRootFile(
  session: Session,
  bytes: Uint8Array,
  passphrase: string,
): Promise<Result<void, ClientError>> {
  const opened = await openKeyFile(RootFileSchema, bytes, passphrase);
  if (!opened.ok) return opened;
  if (opened.value.deployment !== session.identity.deployment) {
    return err({ kind: 'forged', what: 'key-file', code: 'other-deployment' });
  }
  return session.audit.recordAlone({ kind: 'key_created', purpose: 'root', n: 1 });
}

/** The data-handling notice in force stands in the chain by its hashes. */
function postNotice(session: Session): Promise<Result<void, ClientError>> {
  return appendStatements(session, async (directory) => {
    if (directory.cert.notices.at(-1)?.claims.version === HANDLING_NOTICE.version) return [];
    const claims = makeNoticeClaims(nextPlace(directory, 'cert', session.nowMs()), {
      version: HANDLING_NOTICE.version,
      th: toBase64url(sha256(utf8(HANDLING_NOTICE.th.join('\n')))),
      en: toBase64url(sha256(utf8(HANDLING_NOTICE.en.join('\n')))),
    });
    return [await signStatement('notice', claims, session.signer)];
  });
}

async function removeDemo(session: Session): Promise<Result<void, ClientError>> {
  if (!session.identity.demo) return err({ kind: 'not-allowed', code: 'not-demo' });
  const removed = await session.http.ask({
    method: 'DELETE',
    path: paths(session.identity.deployment).deployment(),
    accept: [404],
  });
  return removed.ok ? ok(undefined) : removed;
}
