/** Opens files of the own mailbox: who may have signed them, and what a failure means to who reads the message. */
import { err } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { OrgId } from '../../sealed/directory/fields.ts';
import type { JsonObject } from '../../base/strict-json.ts';
import { compareHeads } from '../../sealed/directory/freshness.ts';
import type { HeadsVerdict } from '../../sealed/directory/freshness.ts';
import { chainOf } from '../../sealed/directory/model.ts';
import { generationOf } from '../../sealed/directory/roles.ts';
import type { EnvelopeClaims } from '../../sealed/envelope/claims.ts';
import type { Heads } from '../../sealed/envelope/heads.ts';
import type { OpenError } from '../../sealed/envelope/open-error.ts';
import { openEnvelope } from '../../sealed/envelope/open.ts';
import type { OpenedEnvelope, OpenInput } from '../../sealed/envelope/open.ts';
import type { ClientError } from './api.ts';
import { maySignFor } from './may-sign.ts';
import type { Session } from './session.ts';

/** An envelope of the own mailbox, opened and checked. `expected` is what a verified manifest says of the file. */
export async function openListed(
  session: Session,
  org: OrgId,
  sealed: OpenInput['sealed'],
  expected: OpenInput['expected'],
): Promise<Result<OpenedEnvelope & { readonly content: Uint8Array<ArrayBuffer> }, ClientError>> {
  const opened = await openEnvelope(listedInput(session, org, sealed, expected));
  if (!opened.ok) return err(toListedError(opened.error));
  const split = splitView(session, opened.value.claims);
  return split === null ? opened : err(split);
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

/** The signer saw another chain than this device; `null` if not. */
export function splitView(session: Session, claims: EnvelopeClaims): ClientError | null {
  const view = compareHeads(session.directory.current, claims.heads as Heads);
  return view.kind === 'split' ? heldSplitView(session, view, { envelope: claims.id, signer: claims.iss }) : null;
}

/** Keeps what proves that somebody was shown another directory: what carried the heads, both heads, and the statement held here. */
export function heldSplitView(
  session: Session,
  view: Extract<HeadsVerdict, { readonly kind: 'split' }>,
  carrier: JsonObject,
): ClientError {
  const { chain, seen, held } = view;
  const directory = session.directory.current;
  const link = chainOf(directory, chain)?.links[held[0] - 1];
  session.alarms.hold({
    ...carrier,
    chain,
    seen: [seen[0], seen[1]],
    held: [held[0], held[1]],
    statement: link?.statement.compact ?? null,
  });
  return { kind: 'forged', what: 'directory', code: 'split-view' };
}
