/**
 * After a restore of the server: an operator declares that its log begins anew where the backup ends. Statements that the backup lacks
 * go up again first, then the `log` statement, which names the last checkpoint that this operator verified; from then on every device
 * takes the new log and sends again what it lost. Without this statement each of them alarms, as it must.
 */
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { makeLogClaims, nextPlace } from '../../sealed/directory/builders.ts';
import { logKeys } from '../../sealed/directory/roles.ts';
import { signStatement } from '../../sealed/envelope/statement.ts';
import { ChainsPageSchema, LogKeysSchema, StatementsAcceptedSchema } from '../../sealed/wire/bodies.ts';
import { MAX_STATEMENTS_PER_POST } from '../../sealed/wire/limits.ts';
import { paths } from '../../sealed/wire/paths.ts';
import type { ClientError } from './api/client-error.ts';
import { jsonBody } from './http.ts';
import { appendStatements } from './post-statements.ts';
import type { Session } from './session.ts';

/** Declares the new epoch. `already-done` where the log still continues what this operator saw: nothing was restored. */
export async function declareRestore(session: Session): Promise<Result<void, ClientError>> {
  const { held } = session.witness;
  const contact = await session.witness.contact();
  if (contact.ok) return err({ kind: 'already-done', what: 'restore' });
  if (contact.error.kind !== 'forged' || contact.error.what !== 'log') return contact;
  const again = await postLostStatements(session);
  if (!again.ok) return again;
  const refreshed = await session.directory.refresh();
  if (!refreshed.ok) return refreshed;
  const keys = await session.http.json(LogKeysSchema, {
    method: 'GET',
    path: paths(session.identity.deployment).logKeys(),
    signed: false,
  });
  if (!keys.ok) return keys;
  const posted = await appendStatements(session, async (directory) => {
    const log = logKeys(directory);
    const epoch = (log?.epoch ?? 0) + 1;
    const claims = makeLogClaims(nextPlace(directory, 'cert', session.nowMs()), {
      ...keys.value,
      origin: keys.value.origin.replace(/\d+$/, String(epoch)),
      epoch,
      witnesses: log?.witnesses ?? [],
      quorum: log?.quorum ?? 0,
      previous: held === null ? null : { size: held.size, root: held.root },
      reason: 'restore',
    });
    return [await signStatement('log', claims, session.signer)];
  });
  if (!posted.ok) return posted;
  const first = await session.witness.contact();
  return first.ok ? ok(undefined) : first;
}

/** Statements that this device knows and the server has lost, in their order: whoever signed them, they still hold. */
async function postLostStatements(session: Session): Promise<Result<void, ClientError>> {
  const { http, identity, directory } = session;
  const at = paths(identity.deployment);
  for (;;) {
    const page = await http.json(ChainsPageSchema, {
      method: 'GET',
      path: at.chainsAfter(directory.position),
      signed: false,
    });
    if (!page.ok) return page;
    if (page.value.position >= directory.position) return ok(undefined);
    const lost = await directory.keptAfter(page.value.position);
    if (!lost.ok) return lost;
    const posted = await http.json(StatementsAcceptedSchema, {
      method: 'POST',
      path: at.chains(),
      ...jsonBody({ statements: lost.value.slice(0, MAX_STATEMENTS_PER_POST) }),
    });
    if (!posted.ok) return posted;
  }
}
