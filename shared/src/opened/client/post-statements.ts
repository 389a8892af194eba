/** Appends statements to the chains: signed for the place where the chain stands, signed anew when somebody was faster. */
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { makeHeadClaims, nextPlace } from '../../sealed/directory/builders.ts';
import type { Directory } from '../../sealed/directory/model.ts';
import { signStatement } from '../../sealed/envelope/statement.ts';
import type { Statement } from '../../sealed/envelope/statement.ts';
import { StatementsAcceptedSchema } from '../../sealed/wire/bodies.ts';
import { paths } from '../../sealed/wire/paths.ts';
import type { ClientError } from './api/client-error.ts';
import { jsonBody } from './http.ts';
import type { Session } from './session.ts';

const ATTEMPTS = 3;

/**
 * Posts what `make` signs for the directory as it is now; an empty list posts nothing. After a conflict the directory is fetched and
 * `make` is asked again; a lost answer is followed by the same bytes once. The directory is current when this resolves with ok.
 */
export async function appendStatements(
  session: Session,
  make: (directory: Directory) => Promise<readonly Statement[]>,
): Promise<Result<void, ClientError>> {
  let last: ClientError = { kind: 'offline' };
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const statements = await make(session.directory.current);
    if (statements.length === 0) return ok(undefined);
    const post = () =>
      session.http.json(StatementsAcceptedSchema, {
        method: 'POST',
        path: paths(session.identity.deployment).chains(),
        ...jsonBody({ statements: statements.map((statement) => statement.compact) }),
      });
    let posted = await post();
    if (!posted.ok && posted.error.kind === 'offline') posted = await post();
    const refreshed = await session.directory.refresh();
    if (!refreshed.ok) return refreshed;
    if (posted.ok) return ok(undefined);
    last = posted.error;
    if (last.kind !== 'server') return err(last);
    // Statements from the future are refused: a wrong year would be everybody's year.
    if (last.code === 'refused' && session.http.isClockOff) return err({ ...last, code: 'clock' });
    if (last.status !== 409) return err(last);
  }
  return err(last);
}

/** Says that the CERT chain is current: before each approval and publication, and when the last one runs out (FORMATS, heads). */
export function appendHead(session: Session): Promise<Result<void, ClientError>> {
  return appendStatements(session, async (directory) => {
    const place = nextPlace(directory, 'cert', session.nowMs());
    return [await signStatement('head', makeHeadClaims(place), session.signer)];
  });
}
