/** Who watches the log is said by an operator, never by the server that keeps it: a `log` statement of the running epoch names them. */
import { toBase64url } from '../../base/base64url.ts';
import { err } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { parseNoteKey } from '../../sealed/audit/note.ts';
import { makeLogClaims, nextPlace } from '../../sealed/directory/builders.ts';
import { logKeys } from '../../sealed/directory/roles.ts';
import { signStatement } from '../../sealed/envelope/statement.ts';
import type { ClientError } from './api/client-error.ts';
import { appendStatements } from './post-statements.ts';
import type { Session } from './session.ts';

/** See `OperatorClient.nameWitnesses`. */
export async function nameWitnesses(
  session: Session,
  texts: readonly string[],
  quorum: number,
): Promise<Result<void, ClientError>> {
  const witnesses: { readonly name: string; readonly key: string }[] = [];
  for (const text of texts) {
    const key = parseNoteKey(text);
    if (key?.type !== 'witness') return err({ kind: 'invalid', issues: [{ field: 'witness', code: 'bad-value' }] });
    if (witnesses.some(({ name }) => name === key.name)) {
      return err({ kind: 'invalid', issues: [{ field: 'witness', code: 'duplicate', value: key.name }] });
    }
    witnesses.push({ name: key.name, key: toBase64url(key.publicKey) });
  }
  if (quorum > witnesses.length || (quorum < 1 && witnesses.length > 0)) {
    return err({ kind: 'invalid', issues: [{ field: 'quorum', code: 'bad-value' }] });
  }
  return appendStatements(session, async (directory) => {
    const log = logKeys(directory);
    if (log === null) return [];
    const { origin, epoch, checkpoint, entry } = log;
    const own = { origin, epoch, checkpoint, entry, witnesses, quorum, reason: 'key-change' as const };
    const claims = makeLogClaims(nextPlace(directory, 'cert', session.nowMs()), own);
    return [await signStatement('log', claims, session.signer)];
  });
}
