/** Invitations: a single-use token for each organisation, of which the server learns the hash only. */
import * as v from 'valibot';
import { toBase64url } from '../../base/base64url.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { sha256 } from '../../sealed/crypto/hash.ts';
import { formatInvitation } from '../../sealed/wire/invitation.ts';
import { paths } from '../../sealed/wire/paths.ts';
import { msToSeconds } from '../../sealed/wire/times.ts';
import type { SealedStore } from '../vault/store.ts';
import type { ClientError } from './api/client-error.ts';
import type { Invitation } from './api/organisations.ts';
import { changeListed, readListed } from './constituency.ts';
import { toClientError } from './failures.ts';
import { jsonBody } from './http.ts';
import type { Session } from './session.ts';

const DAY_MS = 86_400_000;
const PREFIX = 'invitation/';

const InvitedSchema = v.strictObject({ listId: v.string(), expiresAtMs: v.number() });

/**
 * Makes one invitation for each organisation, valid for `days`. The tokens stand in the returned links only; kept are their hashes,
 * by which a request is joined to its list entry.
 */
export async function inviteOrganisations(
  session: Session,
  listIds: readonly string[],
  days: number,
  appOrigin: string,
): Promise<Result<readonly Invitation[], ClientError>> {
  if (!Number.isInteger(days) || days < 1 || days > 90) {
    return err({ kind: 'invalid', issues: [{ field: 'days', code: 'bad-value' }] });
  }
  const { store, ports, identity } = session;
  const nowMs = session.nowMs();
  const expiresAtMs = nowMs + days * DAY_MS;
  const invited: { readonly hash: string; readonly invitation: Invitation }[] = [];
  for (const listId of listIds) {
    const listed = await readListed(store, listId);
    if (!listed.ok) return listed;
    const token = ports.random(16);
    const link = formatInvitation(
      { deployment: identity.deployment, token, expiresAtMs, origin: identity.origin },
      appOrigin,
    );
    invited.push({
      hash: toBase64url(sha256(token)),
      invitation: { listId, link, expiresAtMs },
    });
  }
  const posted = await session.http.ask({
    method: 'POST',
    path: paths(identity.deployment).invitations(),
    ...jsonBody({ invitations: invited.map(({ hash }) => ({ token: hash, exp: msToSeconds(expiresAtMs) })) }),
  });
  if (!posted.ok) return posted;
  const kept = await store.transaction(async (tx) => {
    for (const { invitation, hash } of invited) {
      tx.put('envelopes', PREFIX + hash, { listId: invitation.listId, expiresAtMs });
      await changeListed(tx, invitation.listId, (listed) => ({ ...listed, invitedAtMs: nowMs }));
    }
  });
  return kept.ok ? ok(invited.map(({ invitation }) => invitation)) : err(toClientError(kept.error));
}

/** The list entry that an invitation was made for, by the token's hash. */
export async function listIdOfInvitation(store: SealedStore, tokenHash: string): Promise<string | null> {
  const row = await store.get('envelopes', PREFIX + tokenHash);
  return row.ok && row.value !== null ? v.parse(InvitedSchema, row.value).listId : null;
}
