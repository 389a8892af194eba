/** Access requests as the operator's vault keeps them: fetched, opened with the intake key, checked, joined to the list. */
import * as v from 'valibot';
import { toBase64url } from '../../base/base64url.ts';
import { fromUtf8 } from '../../base/bytes.ts';
import { isWithinDomain, parseDomainName } from '../../base/domain-name.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { parseStrictJson } from '../../base/strict-json.ts';
import { parsePublicKey } from '../../sealed/crypto/ed25519.ts';
import { sha256 } from '../../sealed/crypto/hash.ts';
import { thumbprint } from '../../sealed/crypto/keys.ts';
import { parseClaims } from '../../sealed/directory/claims.ts';
import { isUnknownKey } from '../../sealed/directory/roles.ts';
import { CERT_ORG, HeadSchema } from '../../sealed/envelope/heads.ts';
import { openEnvelope } from '../../sealed/envelope/open.ts';
import { parseStatement, verifyStatement } from '../../sealed/envelope/statement.ts';
import type { Statement } from '../../sealed/envelope/statement.ts';
import { RequestsPageSchema } from '../../sealed/wire/bodies.ts';
import { paths } from '../../sealed/wire/paths.ts';
import { AccessRequestFormSchema, AccessRequestSchema } from '../payload/access-request.ts';
import type { AccessRequestContent } from '../payload/access-request.ts';
import type { SealedStore } from '../vault/store.ts';
import type { ClientError } from './api/client-error.ts';
import type { AccessRequest } from './api/joining.ts';
import { putListed, readConstituency, readListed } from './constituency.ts';
import type { Listed } from './constituency.ts';
import { toClientError } from './failures.ts';
import { listIdOfInvitation } from './invite.ts';
import type { Session } from './session.ts';
import { checkHeads } from './split-view.ts';

const PREFIX = 'request/';
const POSITION_ROW = 'requests';

const StoredRequestSchema = v.strictObject({
  id: v.string(),
  receivedAtMs: v.number(),
  /** Sid of the request's JWS: its digits name it. */
  sid: v.string(),
  org: v.string(),
  form: AccessRequestFormSchema,
  recovery: v.nullable(v.string()),
  device: v.string(),
  epoch: v.string(),
  /** List entry of the invitation it came with. */
  invitedListId: v.nullable(v.string()),
  state: v.picklist(['open', 'approved', 'declined']),
  /** The CERT's chain as the requester was shown it, and what he signed that in; requests of earlier versions have neither. */
  view: v.exactOptional(v.strictObject({ cert: HeadSchema, signed: v.string() })),
});
export type StoredRequest = v.InferOutput<typeof StoredRequestSchema>;

/** A request's two statements, checked: they are signed by one key that no chain knows, for one organisation. */
export interface GenesisStatements {
  readonly device: Statement;
  readonly epoch: Statement;
  readonly publicKey: Uint8Array;
  readonly recipient: string;
}

/**
 * Fetches requests that are new. One that does not open or hold is counted and left aside: anybody may post one. `isElsewhere`: somebody
 * who was invited has been shown another directory.
 */
export async function fetchRequests(
  session: Session,
): Promise<Result<{ readonly added: number; readonly bad: number; readonly isElsewhere: boolean }, ClientError>> {
  const { store, http, identity } = session;
  const row = await store.get('meta', POSITION_ROW);
  if (!row.ok) return err(toClientError(row.error));
  let position = row.value === null ? 0 : v.parse(v.strictObject({ position: v.number() }), row.value).position;
  let added = 0;
  let bad = 0;
  let isElsewhere = false;
  for (;;) {
    const page = await http.json(RequestsPageSchema, {
      method: 'GET',
      path: paths(identity.deployment).requestsAfter(position),
    });
    if (!page.ok) return page;
    for (const listed of page.value.requests) {
      if (store.has('envelopes', PREFIX + listed.id)) continue;
      const sealed = await http.ask({ method: 'GET', path: paths(identity.deployment).request(listed.id) });
      if (!sealed.ok) return sealed;
      // The id is the file's hash: a server that swaps files would join one requester's words to the other's invitation.
      if (toBase64url(sha256(sealed.value.body)) !== listed.id)
        return err({ kind: 'forged', what: 'request', code: 'not-as-listed' });
      const opened = await openRequest(session, sealed.value.body);
      if (opened === null) {
        bad++;
        continue;
      }
      const invitedListId = listed.invitation === null ? null : await listIdOfInvitation(store, listed.invitation);
      const stored: StoredRequest = {
        ...opened,
        id: listed.id,
        receivedAtMs: listed.received * 1000,
        invitedListId,
        state: listed.decided ? 'declined' : 'open',
      };
      const kept = await keepRequest(store, stored, session.ports.nowMs());
      if (!kept.ok) return kept;
      added++;
      // Whoever was invited is believed enough for an alarm at once; of a stranger it is told when he is to be approved.
      const seen = invitedListId === null ? ok(undefined) : await checkRequestHeads(session, stored);
      if (!seen.ok) {
        if (seen.error.kind !== 'forged') return seen;
        await session.alarms.raise(seen.error);
        isElsewhere = true;
      }
    }
    if (page.value.more && page.value.position <= position)
      return err({ kind: 'server', status: 200, code: 'bad-answer' });
    position = page.value.position;
    const kept = await store.put('meta', POSITION_ROW, { position });
    if (!kept.ok) return err(toClientError(kept.error));
    if (!page.value.more) return ok({ added, bad, isElsewhere });
  }
}

/** `forged` if the requester was shown another directory than this device; anybody can claim that, so the request itself stays. */
export async function checkRequestHeads(session: Session, request: StoredRequest): Promise<Result<void, ClientError>> {
  const { view, id } = request;
  if (view === undefined) return ok(undefined);
  return checkHeads(session, { [CERT_ORG]: view.cert }, { request: id, signed: view.signed });
}

async function keepRequest(
  store: SealedStore,
  request: StoredRequest,
  nowMs: number,
): Promise<Result<void, ClientError>> {
  const listed = request.invitedListId === null ? null : await readListed(store, request.invitedListId);
  const done = await store.transaction((tx) => {
    tx.put('envelopes', PREFIX + request.id, request);
    if (listed?.ok && listed.value.org === null) putListed(tx, { ...listed.value, requestedAtMs: nowMs });
  });
  return done.ok ? ok(undefined) : err(toClientError(done.error));
}

async function openRequest(
  session: Session,
  sealed: Uint8Array,
): Promise<Omit<StoredRequest, 'id' | 'receivedAtMs' | 'invitedListId' | 'state'> | null> {
  const identities = session.epochs.flatMap((epoch) => (epoch.intake === null ? [] : [epoch.intake]));
  const opened = await openEnvelope({
    sealed,
    expected: null,
    identities,
    expect: { kinds: ['access-request'], org: CERT_ORG, generation: 0 },
    maySign: async (_kind, kid, claims, content) => {
      const parsed = content === null ? null : parseContent(content);
      const genesis = parsed === null ? null : await checkGenesis(parsed, claims.iss);
      if (genesis === null || !isUnknownKey(session.directory.current, kid)) return null;
      return thumbprint(genesis.publicKey) === kid ? genesis.publicKey : null;
    },
    nowMs: session.nowMs(),
  });
  if (!opened.ok) return null;
  const content = parseContent(opened.value.content);
  if (content === null) return null;
  const { form, recovery, device, epoch } = content;
  const { statement, claims } = opened.value;
  const cert = claims.heads[CERT_ORG];
  const view = cert === undefined ? {} : { view: { cert, signed: statement.compact } };
  return { sid: statement.sid, org: claims.iss, form, recovery, device, epoch, ...view };
}

function parseContent(bytes: Uint8Array): AccessRequestContent | null {
  const text = fromUtf8(bytes);
  const json = text === null ? null : parseStrictJson(text, 64 * 1024);
  const parsed = json?.ok ? v.safeParse(AccessRequestSchema, json.value) : null;
  return parsed?.success ? parsed.output : null;
}

/** Checks that device and epoch statement are versions 1 and 2 of `org`'s chain, signed by the device itself. */
export async function checkGenesis(
  content: { readonly device: string; readonly epoch: string },
  org: string,
): Promise<GenesisStatements | null> {
  const device = parseStatement(content.device);
  const epoch = parseStatement(content.epoch);
  if (!device.ok || !epoch.ok) return null;
  const deviceLink = parseClaims(device.value);
  const epochLink = parseClaims(epoch.value);
  if (!deviceLink.ok || !epochLink.ok || deviceLink.value.type !== 'device' || epochLink.value.type !== 'epoch')
    return null;
  const { claims } = deviceLink.value;
  const publicKey = parsePublicKey(claims.key);
  const placed = claims.chain === org && claims.ver === 1 && epochLink.value.claims.chain === org;
  const follows = epochLink.value.claims.ver === 2 && epochLink.value.claims.prev === device.value.sid;
  if (publicKey === null || !placed || !follows || claims.role !== 'admin') return null;
  const signed = (await verifyStatement(device.value, publicKey)) && (await verifyStatement(epoch.value, publicKey));
  return signed ? { device: device.value, epoch: epoch.value, publicKey, recipient: claims.recipient } : null;
}

/** One stored request, or `not-found`. */
export async function readRequest(store: SealedStore, id: string): Promise<Result<StoredRequest, ClientError>> {
  const row = await store.get('envelopes', PREFIX + id);
  if (!row.ok) return err(toClientError(row.error));
  return row.value === null ? err({ kind: 'not-found', what: 'request' }) : ok(v.parse(StoredRequestSchema, row.value));
}

/** Row id of a request, for whoever writes its new state. */
export const requestRow = (id: string): string => PREFIX + id;

/** All requests with the list entries they may be, newest first. Their digits are nowhere in the answer. */
export async function listRequests(store: SealedStore): Promise<Result<readonly AccessRequest[], ClientError>> {
  const rows = await store.getMany('envelopes', store.ids('envelopes', PREFIX));
  if (!rows.ok) return err(toClientError(rows.error));
  const constituency = await readConstituency(store);
  if (!constituency.ok) return constituency;
  const requests = rows.value.map((row) => v.parse(StoredRequestSchema, row));
  return ok(
    requests
      .sort((a, b) => b.receivedAtMs - a.receivedAtMs)
      .map((request) => ({
        id: request.id,
        receivedAtMs: request.receivedAtMs,
        form: request.form,
        withInvitation: request.invitedListId !== null,
        state: request.state,
        candidates: candidatesOf(request, constituency.value),
      })),
  );
}

function candidatesOf(request: StoredRequest, constituency: readonly Listed[]): AccessRequest['candidates'] {
  const candidates: { readonly listId: string; readonly reason: 'invitation' | 'domain' | 'name' }[] = [];
  for (const listed of constituency) {
    if (listed.listId === request.invitedListId) candidates.unshift({ listId: listed.listId, reason: 'invitation' });
    else if (sharesDomain(request, listed)) candidates.push({ listId: listed.listId, reason: 'domain' });
    else if (sharesName(request, listed)) candidates.push({ listId: listed.listId, reason: 'name' });
  }
  return candidates.slice(0, 10);
}

function sharesDomain(request: StoredRequest, listed: Listed): boolean {
  return request.form.domains.some((text) => {
    const domain = parseDomainName(text);
    return (
      domain !== null &&
      listed.form.domains.some((other) => {
        const known = parseDomainName(other);
        return known !== null && (isWithinDomain(domain, known) || isWithinDomain(known, domain));
      })
    );
  });
}

function sharesName(request: StoredRequest, listed: Listed): boolean {
  return (
    request.form.nameEn.toLowerCase() === listed.form.nameEn.toLowerCase() || request.form.nameTh === listed.form.nameTh
  );
}
