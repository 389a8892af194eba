/** Approving and declining access requests (DOMAIN rules 2 and 4): digits typed, person verified, domains proven, then signed. */
import * as v from 'valibot';
import { toBase64url } from '../../base/base64url.ts';
import { utf8 } from '../../base/bytes.ts';
import { parseDomainName } from '../../base/domain-name.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { sha256 } from '../../sealed/crypto/hash.ts';
import { digits, matchDigits } from '../../sealed/crypto/keys.ts';
import { makeOrganisationClaims, nextPlace } from '../../sealed/directory/builders.ts';
import { CERT_ORG } from '../../sealed/envelope/heads.ts';
import type { OrgId } from '../../sealed/envelope/heads.ts';
import { newestEpoch, organisation } from '../../sealed/directory/roles.ts';
import { sealEnvelope } from '../../sealed/envelope/seal.ts';
import { sidToBytes, signStatement } from '../../sealed/envelope/statement.ts';
import type { Sid } from '../../sealed/envelope/statement.ts';
import { paths } from '../../sealed/wire/paths.ts';
import { msToSeconds } from '../../sealed/wire/times.ts';
import type { DecisionContent } from '../payload/decision.ts';
import { profileDigest, ProfileSchema } from '../payload/profile.ts';
import type { ProfileContent } from '../payload/profile.ts';
import type { ClientError } from './api/client-error.ts';
import type { Approval } from './api/joining.ts';
import { ListedSchema, newListed, putListed, readListed } from './constituency.ts';
import type { Listed } from './constituency.ts';
import { toClientError } from './failures.ts';
import { enqueue } from './outbox.ts';
import { appendHead, appendStatements } from './post-statements.ts';
import { checkGenesis, checkRequestHeads, readRequest, requestRow } from './requests.ts';
import type { GenesisStatements, StoredRequest } from './requests.ts';
import type { Session } from './session.ts';

/**
 * Approves a request. Every step is repeatable: an approval that was cut off is finished by approving once more.
 *
 * @returns `wrong-digits` before anything is signed; `not-allowed` where the list entry is enrolled already or proof is missing.
 */
export async function approveRequest(
  session: Session,
  approval: Approval,
): Promise<Result<{ readonly listId: string }, ClientError>> {
  const { store } = session;
  const request = await readRequest(store, approval.requestId);
  if (!request.ok) return request;
  if (request.value.state !== 'open') return err({ kind: 'already-done', what: 'request' });
  const sid = request.value.sid as Sid;
  const expected = digits('request', sidToBytes(session.identity.deployment), sidToBytes(sid));
  if (!matchDigits(approval.digits, expected)) return err({ kind: 'wrong-digits' });
  if (approval.note.trim() === '') return err({ kind: 'invalid', issues: [{ field: 'note', code: 'required' }] });
  const genesis = await checkGenesis(request.value, request.value.org);
  if (genesis === null) return err({ kind: 'forged', what: 'request', code: 'genesis' });
  const listed = await entryFor(session, approval, request.value);
  if (!listed.ok) return listed;

  const agreed = await checkRequestHeads(session, request.value);
  if (!agreed.ok) return agreed;
  const profile = profileFor(session, listed.value, request.value.org, approval);
  if (!profile.ok) return profile;
  const headed = await appendHead(session);
  if (!headed.ok) return headed;
  const settled = await settleApproval(session, request.value, { listed: listed.value, profile: profile.value });
  if (!settled.ok) return settled;
  return finishApproval(session, request.value, genesis, settled.value);
}

/** What an approval decided. Kept before its first statement goes out: the public digest holds for this profile only. */
interface Decided {
  readonly listed: Listed;
  readonly profile: ProfileContent;
}

const decidedRow = (requestId: string): string => `approving/${requestId}`;
const DecidedSchema = v.strictObject({ listed: ListedSchema, profile: ProfileSchema });

/** Keeps what is decided now; or, where an approval that was cut off has posted its statement, goes on with what it decided. */
async function settleApproval(
  { store, directory }: Session,
  request: StoredRequest,
  decided: Decided,
): Promise<Result<Decided, ClientError>> {
  const posted = organisation(directory.current, request.org as OrgId);
  if (posted === null) {
    const kept = await store.put('envelopes', decidedRow(request.id), decided);
    return kept.ok ? ok(decided) : err(toClientError(kept.error));
  }
  const row = await store.get('envelopes', decidedRow(request.id));
  if (!row.ok) return err(toClientError(row.error));
  const known = v.safeParse(DecidedSchema, row.value);
  // Not ours: another operator has approved it.
  if (!known.success || profileDigest(known.output.profile) !== posted.profile) {
    return err({ kind: 'already-done', what: 'request' });
  }
  return ok(known.output);
}

async function finishApproval(
  session: Session,
  request: StoredRequest,
  genesis: GenesisStatements,
  { listed, profile }: Decided,
): Promise<Result<{ readonly listId: string }, ClientError>> {
  const posted = await postOrganisation(session, request, genesis, profile);
  if (!posted.ok) return posted;
  const decided = await sendDecision(session, request, genesis, { decision: 'approved', reason: '' });
  if (!decided.ok) return decided;

  const nowMs = session.ports.nowMs();
  const envelope = await sealProfile(session, request.org as OrgId, profile);
  const proofs = profile.proofs.map(({ at, ...proof }) => ({ ...proof, atMs: at * 1000 }));
  const done = await session.store.transaction(async (tx) => {
    putListed(tx, {
      ...listed,
      org: request.org,
      proofs: mergeProofs(listed.proofs, proofs),
      requestedAtMs: listed.requestedAtMs ?? request.receivedAtMs,
      enrolledAtMs: nowMs,
      changedAtMs: nowMs,
    });
    tx.put('envelopes', requestRow(request.id), { ...request, state: 'approved' });
    tx.delete('envelopes', decidedRow(request.id));
    enqueue(
      tx,
      {
        id: `profile-${request.org}`,
        org: request.org,
        withdraw: [],
        purpose: { kind: 'profile', ref: '' },
      },
      [{ envelope, epoch: 1, counts: null }],
    );
    await session.audit.record(tx, {
      kind: 'request_approved',
      request: toBase64url(sha256(utf8(request.id)).slice(0, 16)),
      org: request.org,
    });
  });
  return done.ok ? ok({ listId: listed.listId }) : err(toClientError(done.error));
}

/** Declines a request; the reason is sealed to the requesting device and shown there as it stands. */
export async function declineRequest(
  session: Session,
  requestId: string,
  reason: string,
): Promise<Result<void, ClientError>> {
  const { store } = session;
  const request = await readRequest(store, requestId);
  if (!request.ok) return request;
  if (request.value.state !== 'open') return err({ kind: 'already-done', what: 'request' });
  const text = reason.trim();
  if (text === '' || text.length > 1000) {
    return err({ kind: 'invalid', issues: [{ field: 'reason', code: text === '' ? 'required' : 'too-long' }] });
  }
  const genesis = await checkGenesis(request.value, request.value.org);
  if (genesis === null) return err({ kind: 'forged', what: 'request', code: 'genesis' });
  const sent = await sendDecision(session, request.value, genesis, { decision: 'declined', reason: text });
  if (!sent.ok) return sent;
  const listed = request.value.invitedListId === null ? null : await readListed(store, request.value.invitedListId);
  const done = await store.transaction(async (tx) => {
    tx.put('envelopes', requestRow(requestId), { ...request.value, state: 'declined' });
    if (listed?.ok && listed.value.org === null) putListed(tx, { ...listed.value, requestedAtMs: null });
    await session.audit.record(tx, {
      kind: 'request_declined',
      request: toBase64url(sha256(utf8(requestId)).slice(0, 16)),
    });
  });
  return done.ok ? ok(undefined) : err(toClientError(done.error));
}

async function entryFor(
  session: Session,
  approval: Approval,
  request: StoredRequest,
): Promise<Result<Listed, ClientError>> {
  if (approval.listId !== null) {
    const listed = await readListed(session.store, approval.listId);
    if (!listed.ok) return listed;
    return listed.value.org === null || listed.value.org === request.org
      ? listed
      : err({ kind: 'not-allowed', code: 'already-enrolled' });
  }
  const { form } = request;
  const contacts = [form.contact, ...(form.secondContact === null ? [] : [form.secondContact])];
  return ok(
    newListed(
      {
        nameTh: form.nameTh,
        nameEn: form.nameEn,
        type: form.type,
        sector: form.sector,
        parent: null,
        province: null,
        // Only what the operator proves: a stranger does not decide what he is sent.
        domains: approval.provenDomains,
        exclude: [],
        keywords: [],
        contacts,
      },
      session.ports,
    ),
  );
}

function profileFor(
  session: Session,
  listed: Listed,
  org: string,
  approval: Approval,
): Result<ProfileContent, ClientError> {
  const proven: string[] = [];
  for (const text of approval.provenDomains) {
    const domain = parseDomainName(text);
    if (domain === null) {
      return err({
        kind: 'invalid',
        issues: [{ field: 'provenDomains', code: 'bad-domain', value: text.slice(0, 100) }],
      });
    }
    proven.push(domain);
  }
  const at = msToSeconds(session.ports.nowMs());
  const note = `${approval.method}: ${approval.note.trim()}`.slice(0, 1000);
  return ok(
    v.parse(ProfileSchema, {
      v: 1,
      org,
      listId: listed.listId,
      salt: toBase64url(session.ports.random(16)),
      nameTh: listed.form.nameTh,
      nameEn: listed.form.nameEn,
      type: listed.form.type,
      sector: listed.form.sector,
      domains: listed.form.domains,
      proofs: proven.map((domain) => ({ domain, method: 'operator', at, by: session.signer.kid, note })),
      certTh: session.identity.nameTh,
      certEn: session.identity.nameEn,
    }),
  );
}

/** One call: the operator's statement, and the two that become versions 1 and 2 of the organisation's chain. */
function postOrganisation(
  session: Session,
  request: StoredRequest,
  genesis: GenesisStatements,
  profile: ProfileContent,
): Promise<Result<void, ClientError>> {
  const org = request.org as OrgId;
  return appendStatements(session, async (directory) => {
    if (organisation(directory, org) !== null) return [];
    const claims = makeOrganisationClaims(nextPlace(directory, 'cert', session.nowMs()), {
      org,
      generation: 1,
      genesis: [genesis.device.sid, genesis.epoch.sid],
      admins: [genesis.device.kid],
      recovery: request.recovery,
      status: 'active',
      profile: profileDigest(profile),
    });
    return [await signStatement('organisation', claims, session.signer), genesis.device, genesis.epoch];
  });
}

async function sendDecision(
  session: Session,
  request: StoredRequest,
  genesis: GenesisStatements,
  decision: Pick<DecisionContent, 'decision' | 'reason'>,
): Promise<Result<void, ClientError>> {
  const org = request.org as OrgId;
  const sealed = await sealEnvelope({
    kind: 'decision',
    iss: CERT_ORG,
    aud: { org, generation: 1 },
    epoch: 0,
    seq: 1,
    heads: session.directory.heads('cert'),
    media: 'application/json',
    content: utf8(JSON.stringify({ v: 1, org, ...decision } satisfies DecisionContent)),
    signer: session.signer,
    recipients: [genesis.recipient],
    nowMs: session.nowMs(),
    random: session.ports.random,
  });
  const put = await session.http.ask({
    method: 'PUT',
    path: paths(session.identity.deployment).decision(request.id),
    body: sealed.bytes,
    headers: { 'content-type': 'application/octet-stream' },
  });
  return put.ok ? ok(undefined) : put;
}

/** The organisation's first envelope: who the CERT takes it for, and which domains are proven. */
async function sealProfile(session: Session, org: OrgId, profile: ProfileContent) {
  const epoch = newestEpoch(session.directory.current, org);
  if (epoch === null) throw new TypeError('sealProfile: the organisation was just posted');
  return sealEnvelope({
    kind: 'profile',
    iss: CERT_ORG,
    aud: { org, generation: 1 },
    epoch: epoch.n,
    seq: 1,
    heads: session.directory.heads(org),
    media: 'application/json',
    content: utf8(JSON.stringify(profile)),
    signer: session.signer,
    recipients: [epoch.recipients.read],
    nowMs: session.nowMs(),
    random: session.ports.random,
  });
}

function mergeProofs(known: Listed['proofs'], added: Listed['proofs']): Listed['proofs'] {
  const domains = new Set(added.map(({ domain }) => domain));
  return [...known.filter(({ domain }) => !domains.has(domain)), ...added];
}
