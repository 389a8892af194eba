/** Joining: keys and epoch 1 made on the organisation's device, the request sealed to the CERT, the decision waited for. */
import * as v from 'valibot';
import { toBase64url } from '../../base/base64url.ts';
import { fromUtf8, utf8 } from '../../base/bytes.ts';
import type { Bytes } from '../../base/bytes.ts';
import { parseDomainName } from '../../base/domain-name.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { parseStrictJson } from '../../base/strict-json.ts';
import { generateAgeSecret } from '../../sealed/crypto/age.ts';
import { generateSigningSecret, importSigningKey } from '../../sealed/crypto/ed25519.ts';
import { sha256 } from '../../sealed/crypto/hash.ts';
import { digits } from '../../sealed/crypto/keys.ts';
import { makeDeviceClaims, makeEpochClaims, nextPlace, placeAfter } from '../../sealed/directory/builders.ts';
import type { OrgId } from '../../sealed/directory/fields.ts';
import { headOf } from '../../sealed/directory/model.ts';
import { generationOf, isDemo, newestEpoch, organisation } from '../../sealed/directory/roles.ts';
import { CERT_ORG } from '../../sealed/envelope/heads.ts';
import { openEnvelope } from '../../sealed/envelope/open.ts';
import { sealEnvelope } from '../../sealed/envelope/seal.ts';
import { sidToBytes, signStatement } from '../../sealed/envelope/statement.ts';
import { parseInvitation } from '../../sealed/wire/invitation.ts';
import type { Invitation } from '../../sealed/wire/invitation.ts';
import { RequestMadeSchema } from '../../sealed/wire/bodies.ts';
import { INVITATION_HEADER, paths } from '../../sealed/wire/paths.ts';
import { AccessRequestFormSchema } from '../payload/access-request.ts';
import type { AccessRequestContent, AccessRequestForm } from '../payload/access-request.ts';
import { DecisionSchema } from '../payload/decision.ts';
import type { SealedStore } from '../vault/store.ts';
import type { ClientError, InputIssue } from './api/client-error.ts';
import type { InvitationSummary, JoinForm } from './api/joining.ts';
import type { Enrolment } from './api/profile.ts';
import { fetchDirectory, keepStatements } from './directory-cache.ts';
import { maySignFor } from './may-sign.ts';
import { toClientError } from './failures.ts';
import { SignedHttp } from './http.ts';
import { putEpochs, putIdentity, signingToText } from './identity.ts';
import type { OwnEpoch, StoredIdentity } from './identity.ts';
import type { Ports } from './ports.ts';
import { checkClaimedHeads } from './open-listed.ts';
import type { Session } from './session.ts';

/** Reads an invitation (link or fragment) and the directory behind it. Nothing is kept. */
export async function readInvitation(
  ports: Ports,
  text: string,
  appOrigin: string,
): Promise<Result<InvitationSummary, ClientError>> {
  const invitation = parseInvitationText(text);
  if (invitation === null) return err({ kind: 'invalid', issues: [{ field: 'invitation', code: 'bad-value' }] });
  const expiresAtMs = invitation.expiresAtMs;
  if (expiresAtMs <= ports.nowMs()) {
    return err({ kind: 'invalid', issues: [{ field: 'invitation', code: 'expired' }] });
  }
  const origin = invitation.origin ?? appOrigin;
  const fetched = await fetchDirectory(new SignedHttp(ports, origin, null), invitation.deployment);
  if (!fetched.ok) return fetched;
  const root = sidToBytes(invitation.deployment);
  return ok({
    deployment: invitation.deployment,
    origin,
    expiresAtMs,
    rootDigits: digits('root', root, root),
    demo: isDemo(fetched.value.directory),
  });
}

/**
 * Makes device, organisation id and epoch 1, seals the request to the CERT's `intake`, fills `store` (new and empty), then sends.
 * The identity is durable before the first byte goes out: a lost answer repeats the same bytes (`sendRequest`).
 */
export async function createOrganisation(
  store: SealedStore,
  ports: Ports,
  identityId: string,
  form: JoinForm,
): Promise<Result<void, ClientError>> {
  const invitation = parseInvitationText(form.invitation);
  if (invitation === null) return err({ kind: 'invalid', issues: [{ field: 'invitation', code: 'bad-value' }] });
  const checked = checkForm(form);
  if (!checked.ok) return checked;
  const origin = invitation.origin ?? form.appOrigin;
  const fetched = await fetchDirectory(new SignedHttp(ports, origin, null), invitation.deployment);
  if (!fetched.ok) return fetched;
  const { directory, statements, position } = fetched.value;
  const certEpoch = newestEpoch(directory, 'cert');
  const intake = certEpoch?.recipients.intake;
  const certHead = headOf(directory.cert);
  if (certEpoch === null || intake === undefined || certHead === null) {
    return err({ kind: 'forged', what: 'directory', code: 'no-intake' });
  }

  const nowMs = Math.max(ports.nowMs(), directory.cert.newestIatSeconds * 1000);
  const [signing, device, read, secrets, audit] = await Promise.all([
    generateSigningSecret(),
    generateAgeSecret(),
    generateAgeSecret(),
    generateAgeSecret(),
    generateAgeSecret(),
  ]);
  const signer = await importSigningKey(signing);
  const org = toBase64url(ports.random(16)) as OrgId;
  const epoch: OwnEpoch = { n: 1, read, secrets, audit, intake: null };
  const place = { ...nextPlace(directory, org, nowMs), previous: null };
  const deviceStatement = await signStatement(
    'device',
    makeDeviceClaims(place, {
      publicKey: signer.publicKey,
      recipient: device.recipient,
      role: 'admin',
      label: toBase64url(sha256(ports.random(32))),
    }),
    signer,
  );
  const epochStatement = await signStatement(
    'epoch',
    makeEpochClaims(placeAfter(place, deviceStatement.sid), {
      n: 1,
      recipients: { read: read.recipient, secrets: secrets.recipient, audit: audit.recipient },
    }),
    signer,
  );
  const content: AccessRequestContent = {
    form: checked.value,
    recovery: null,
    device: deviceStatement.compact,
    epoch: epochStatement.compact,
  };
  const sealed = await sealEnvelope({
    kind: 'access-request',
    iss: org,
    aud: { org: CERT_ORG, generation: 0 },
    epoch: certEpoch.n,
    seq: 1,
    heads: { cert: certHead, [org]: [2, epochStatement.sid] },
    media: 'application/json',
    content: utf8(JSON.stringify(content)),
    signer,
    recipients: [intake],
    nowMs,
    random: ports.random,
  });
  const enrolment: Enrolment = {
    kind: 'pending',
    requestId: toBase64url(sealed.sha256),
    sentAtMs: nowMs,
    digits: digits('request', sidToBytes(invitation.deployment), sidToBytes(sealed.sid)),
    checkedAtMs: null,
  };
  const identity: StoredIdentity = {
    v: 1,
    identityId,
    kind: 'organisation',
    nameTh: form.nameTh,
    nameEn: form.nameEn,
    deployment: invitation.deployment,
    origin,
    demo: isDemo(directory),
    createdAtMs: nowMs,
    signing: signingToText(signing),
    device,
    org,
    generation: 1,
    ingestMaster: null,
    backup: { madeAtMs: null, provedAtMs: null },
    enrolment: { ...enrolment, digits: [...enrolment.digits] },
    genesis: [deviceStatement.compact, epochStatement.compact],
    profile: null,
  };
  const kept = await store.transaction((tx) => {
    putIdentity(tx, identity);
    putEpochs(tx, [epoch]);
    keepStatements(tx, 0, position, statements);
    tx.put('outbox', 'request', sealed.bytes as Bytes);
    tx.put('outbox', 'request-token', toBase64url(invitation.token));
  });
  signing.seed.fill(0);
  return kept.ok ? ok(undefined) : err(toClientError(kept.error));
}

/** Sends the sealed request if it was not acknowledged yet. Safe to repeat: the same bytes are the same request. */
export async function sendRequest(session: Session): Promise<Result<void, ClientError>> {
  const { store, identity, http } = session;
  const body = await store.get('outbox', 'request');
  const token = await store.get('outbox', 'request-token');
  if (!body.ok) return err(toClientError(body.error));
  if (!token.ok) return err(toClientError(token.error));
  if (!(body.value instanceof Uint8Array)) return ok(undefined);
  const made = await http.json(RequestMadeSchema, {
    method: 'POST',
    path: paths(identity.deployment).requests(),
    signed: false,
    body: body.value,
    headers: {
      'content-type': 'application/octet-stream',
      ...(typeof token.value === 'string' ? { [INVITATION_HEADER]: token.value } : {}),
    },
  });
  if (!made.ok) return made;
  const done = await store.transaction(async (tx) => {
    tx.delete('outbox', 'request');
    tx.delete('outbox', 'request-token');
    await session.audit.record(tx, {
      kind: 'notice_accepted',
      notice: toBase64url(sha256(utf8(identity.deployment)).slice(0, 16)),
    });
    await session.audit.record(tx, { kind: 'key_created', purpose: 'epoch', n: 1 });
  });
  return done.ok ? ok(undefined) : err(toClientError(done.error));
}

/** Asks whether the request was decided, and learns it from the decision and from the chains, whichever is there. */
export async function checkEnrolment(session: Session): Promise<Result<Enrolment, ClientError>> {
  const { identity, store } = session;
  const { enrolment } = identity;
  if (enrolment.kind !== 'pending') return ok(enrolment);
  const sent = await sendRequest(session);
  if (!sent.ok) return sent;
  const refreshed = await session.directory.refresh();
  if (!refreshed.ok) return refreshed;
  const org = identity.org as OrgId;
  const nowMs = session.ports.nowMs();
  let next: Enrolment = { ...enrolment, checkedAtMs: nowMs };
  if (organisation(session.directory.current, org) !== null) next = { kind: 'enrolled', atMs: nowMs };
  else {
    const decision = await readDecision(session, enrolment.requestId);
    if (!decision.ok) return decision;
    if (decision.value?.decision === 'declined') {
      next = { kind: 'declined', reason: decision.value.reason, atMs: nowMs };
    }
  }
  const changed = { ...identity, enrolment: next as StoredIdentity['enrolment'] };
  const kept = await store.transaction((tx) => putIdentity(tx, changed));
  if (!kept.ok) return err(toClientError(kept.error));
  session.identity = changed;
  return ok(next);
}

async function readDecision(
  session: Session,
  requestId: string,
): Promise<Result<v.InferOutput<typeof DecisionSchema> | null, ClientError>> {
  const { http, identity } = session;
  const answer = await http.ask({
    method: 'GET',
    path: paths(identity.deployment).decision(requestId),
    signed: false,
    accept: [404],
  });
  if (!answer.ok) return answer;
  if (answer.value.status === 404 || answer.value.body.length === 0) return ok(null);
  const org = identity.org as OrgId;
  const opened = await openEnvelope({
    sealed: answer.value.body,
    expected: null,
    identities: [session.device],
    expect: {
      kinds: ['decision'],
      org: org,
      generation: generationOf(session.directory.current, org) ?? 1,
    },
    maySign: maySignFor(session.directory.current, org),
    nowMs: session.nowMs(),
  });
  if (!opened.ok) return err({ kind: 'forged', what: 'decision', code: opened.error.kind });
  const agreed = await checkClaimedHeads(session, opened.value);
  if (!agreed.ok) return agreed;
  const text = fromUtf8(opened.value.content);
  const json = text === null ? null : parseStrictJson(text, 16_384);
  const parsed = json?.ok ? v.safeParse(DecisionSchema, json.value) : null;
  if (!parsed?.success || parsed.output.org !== org) {
    return err({ kind: 'forged', what: 'decision', code: 'malformed' });
  }
  return ok(parsed.output);
}

function parseInvitationText(text: string): Invitation | null {
  const parsed = parseInvitation(text);
  return parsed.ok ? parsed.value : null;
}

function checkForm(form: JoinForm): Result<AccessRequestForm, ClientError> {
  const issues: InputIssue[] = [];
  const domains: string[] = [];
  for (const text of form.domains) {
    const domain = parseDomainName(text);
    if (domain === null) issues.push({ field: 'domains', code: 'bad-domain', value: text.slice(0, 100) });
    else domains.push(domain);
  }
  const candidate = {
    nameTh: form.nameTh.trim(),
    nameEn: form.nameEn.trim(),
    type: form.type,
    sector: form.sector,
    domains: [...new Set(domains)],
    contact: form.contact,
    secondContact: form.secondContact,
    channel: form.channel,
    scope: form.scope,
    notice: form.notice,
  };
  const parsed = v.safeParse(AccessRequestFormSchema, candidate);
  if (!parsed.success) {
    issues.push(
      ...parsed.issues.map((issue) => ({
        field: v.getDotPath(issue) ?? '',
        code: issue.type === 'min_length' ? 'required' : issue.type === 'max_length' ? 'too-long' : 'bad-value',
      })),
    );
  }
  return parsed.success && issues.length === 0 ? ok(parsed.output) : err({ kind: 'invalid', issues });
}
