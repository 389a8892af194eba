/** Opens files of the own mailbox: who may have signed them, and what a failure means to who reads the message. */
import { err } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { OrgId } from '../../sealed/directory/fields.ts';
import { generationOf } from '../../sealed/directory/roles.ts';
import type { Heads } from '../../sealed/envelope/heads.ts';
import type { OpenError } from '../../sealed/envelope/open-error.ts';
import { openEnvelope } from '../../sealed/envelope/open.ts';
import type { OpenedEnvelope, OpenInput } from '../../sealed/envelope/open.ts';
import type { ClientError } from './api/client-error.ts';
import { maySignFor } from './may-sign.ts';
import type { Session } from './session.ts';
import { checkHeads } from './split-view.ts';

/** An envelope of the own mailbox, opened and checked. `expected` is what a verified manifest says of the file. */
export async function openListed(
  session: Session,
  org: OrgId,
  sealed: OpenInput['sealed'],
  expected: OpenInput['expected'],
): Promise<Result<OpenedEnvelope & { readonly content: Uint8Array<ArrayBuffer> }, ClientError>> {
  const opened = await openEnvelope(listedInput(session, org, sealed, expected));
  if (!opened.ok) return err(toListedError(opened.error));
  const agreed = await checkClaimedHeads(session, opened.value);
  return agreed.ok ? opened : agreed;
}

/** How a file of the own mailbox is opened. */
export function listedInput(
  session: Session,
  org: OrgId,
  sealed: OpenInput['sealed'],
  expected: OpenInput['expected'],
): OpenInput {
  const directory = session.directory.current;
  return {
    sealed,
    expected,
    identities: session.epochs.flatMap((epoch) => [epoch.read, epoch.secrets]),
    expect: {
      kinds: ['bundle', 'secrets', 'withdrawal', 'profile', 'advisory'],
      org,
      generation: generationOf(directory, org) ?? 1,
    },
    maySign: maySignFor(directory, org),
    nowMs: session.nowMs(),
  };
}

/** A file that does not open: offline and old versions apart, somebody lied or it is damaged. */
export function toListedError(error: OpenError): ClientError {
  if (error.kind === 'interrupted') return { kind: 'offline' };
  if (error.kind === 'update-needed') return { kind: 'update-needed' };
  return { kind: 'forged', what: 'envelope', code: error.kind };
}

/** What the signer of an envelope had seen of the chains, compared with this device (`checkHeads`). */
export function checkClaimedHeads(
  session: Session,
  { claims, statement }: OpenedEnvelope,
): Promise<Result<void, ClientError>> {
  return checkHeads(session, claims.heads as Heads, { envelope: claims.id, signed: statement.compact });
}
