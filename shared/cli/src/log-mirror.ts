/** A log's files: on disk as C2SP names them, with the statements beside them, or over HTTP as an operator may read them. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fromUtf8 } from '@sealpost/shared/base/bytes';
import type { Session } from '@sealpost/shared/opened/client/session';
import type { ReadLogFile } from '@sealpost/shared/sealed/audit/verify-log-files';
import { applyStatements } from '@sealpost/shared/sealed/directory/directory';
import type { Directory } from '@sealpost/shared/sealed/directory/model';
import { parseSid, parseStatement } from '@sealpost/shared/sealed/envelope/statement';
import type { Statement } from '@sealpost/shared/sealed/envelope/statement';
import { paths } from '@sealpost/shared/sealed/wire/paths';
import { Failure } from './command.ts';
import { errorText, orFail } from './error-text.ts';

/** Statements of the deployment, one a line: what makes a copy checkable without the server. */
const STATEMENTS_FILE = 'statements';
const QUOTA_WAIT_MS = 2_000;
const MAX_WAITS = 300;

/** Reads files of a copy. */
export function readMirror(folder: string): ReadLogFile {
  return async (name) => {
    try {
      return new Uint8Array(await readFile(join(folder, name)));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw new Failure(`${join(folder, name)} cannot be read`);
    }
  };
}

/** The directory that a copy was saved with, verified against the deployment that its checkpoint names. */
export async function mirrorDirectory(folder: string): Promise<Directory> {
  const read = readMirror(folder);
  const note = fromUtf8((await read('checkpoint')) ?? new Uint8Array(0)) ?? '';
  const deployment = parseSid(/^[^/\n]+\/([A-Za-z0-9_-]{43})\/log\/\d+\n/.exec(note)?.[1] ?? '');
  if (deployment === null)
    throw new Failure('the checkpoint is missing, or of no Sealpost log: name its key with --log-key');
  const text = fromUtf8((await read(STATEMENTS_FILE)) ?? new Uint8Array(0)) ?? '';
  const statements: Statement[] = [];
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const statement = parseStatement(line);
    if (!statement.ok) throw new Failure('a statement in the copy is damaged');
    statements.push(statement.value);
  }
  const directory = await applyStatements(null, deployment, statements);
  if (!directory.ok) throw new Failure(`the statements of the copy do not hold (${directory.error.kind})`);
  return directory.value;
}

/** Reads files from the server; with `mirror`, each is also written there. */
export function readServer(session: Session, mirror: string | null): ReadLogFile {
  const at = paths(session.identity.deployment);
  return async (name) => {
    const path = name === 'checkpoint' ? at.checkpoint() : at.tile(name);
    for (let waits = 0; ; waits++) {
      const answer = await session.http.ask({ method: 'GET', path, accept: [404, 429] });
      if (!answer.ok) throw new Failure(errorText(answer.error));
      if (answer.value.status === 404) return null;
      if (answer.value.status === 200) {
        if (mirror !== null) await save(mirror, name, answer.value.body);
        return answer.value.body;
      }
      if (waits >= MAX_WAITS) throw new Failure('the server answers no more requests for now: try again later');
      await wait(QUOTA_WAIT_MS);
    }
  };
}

/** Writes the statements that this home has verified beside a copy. */
export async function saveStatements(session: Session, mirror: string): Promise<void> {
  const kept = orFail(await session.directory.keptAfter(0));
  await save(mirror, STATEMENTS_FILE, new TextEncoder().encode(kept.map((line) => `${line}\n`).join('')));
}

async function save(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const path = join(folder, name);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  } catch {
    throw new Failure(`${path} cannot be written`);
  }
}
