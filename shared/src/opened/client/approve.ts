/** Approving and declining access requests (DOMAIN rules 2 and 4): digits typed, person verified, domains proven, then signed. */
import * as v from 'valibot';
import { toBase64url } from '../../base/base64url.ts';
import { concatBytes, utf8 } from '../../base/bytes.ts';
import { canonicalJsonBytes } from '../../base/canonical-json.ts';
import { parseDomainName } from '../../base/domain-name.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { sha256 } from '../../sealed/crypto/hash.ts';
import { digits, matchDigits } from '../../sealed/crypto/keys.ts';
import { makeOrganisationClaims, nextPlace } from '../../sealed/directory/builders.ts';
import type { OrgId } from '../../sealed/directory/fields.ts';
import { newestEpoch, organisation } from '../../sealed/directory/roles.ts';
import { sealEnvelope } from '../../sealed/envelope/seal.ts';
import { sidToBytes, signStatement } from '../../sealed/envelope/statement.ts';
import type { Sid } from '../../sealed/envelope/statement.ts';
import { paths } from '../../sealed/wire/paths.ts';
import { msToSeconds } from '../../sealed/wire/times.ts';
import type { DecisionContent } from '../payload/decision.ts';
import { ProfileSchema } from '../payload/profile.ts';
import type { ProfileContent } from '../payload/profile.ts';
import type { Approval, ClientError } from './api.ts';
import { newListed, putListed, readListed } from './constituency.ts';
import type { Listed } from './constituency.ts';
import { toClientError } from './failures.ts';
import { enqueue } from './outbox.ts';
import { appendHead, appendStatements } from './post-statements.ts';
import { checkGenesis, readRequest, requestRow } from './requests.ts';
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

  const profile = profileFor(session, listed.value, request.value.org, approval);
  if (!profile.ok) return profile;
  const headed = await appendHead(session);
  if (!headed.ok) return headed;
  const posted = await postOrganisation(session, request.value, genesis, profile.value);
  if (!posted.ok) return posted;
  const decided = await sendDecision(session, request.value, genesis, { decision: 'approved', reason: '' });
  if (!decided.ok) return decided;

  const nowMs = session.ports.nowMs();
  const envelope = await sealProfile(session, request.value.org as OrgId, profile.value);
  const proofs = profile.value.proofs.map(({ at, ...proof }) => ({ ...proof, atMs: at * 1000 }));
  const done = await store.transaction(async (tx) => {
    putListed(tx, {
      ...listed.value,
      org: request.value.org,
      proofs: mergeProofs(listed.value.proofs, proofs),
      requestedAtMs: listed.value.requestedAtMs ?? request.value.receivedAtMs,
      enrolledAtMs: nowMs,
      changedAtMs: nowMs,
    });
    tx.put('envelopes', requestRow(request.value.id), { ...request.value, state: 'approved' } as never);
    enqueue(
      tx,
      {
        id: `profile-${request.value.org}`,
        org: request.value.org,
        withdraw: [],
        purpose: { kind: 'profile', ref: '' },
      },
      [{ envelope, epoch: 1, counts: null }],
    );
    await session.audit.record(tx, {
      kind: 'request_approved',
      request: toBase64url(sha256(utf8(request.value.id)).slice(0, 16)),
      org: request.value.org,
    });
  });
  return done.ok ? ok({ listId: listed.value.listId }) : err(toClientError(done.error));
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
    tx.put('envelopes', requestRow(requestId), { ...request.value, state: 'declined' } as never);
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

/** The digest in the public statement: SHA-256(salt || canonical JSON of the profile). */
export function profileDigest(profile: ProfileContent): string {
  return toBase64url(sha256(concatBytes(utf8(profile.salt), canonicalJsonBytes(profile as never))));
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
    iss: 'cert' as never,
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
    iss: 'cert' as never,
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
