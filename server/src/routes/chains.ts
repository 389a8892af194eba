/** Chains of signed statements: anyone may read them, those in the directory add to them. A POST is accepted as a whole or not at all. */
import { Hono } from 'hono';
import { appendStatements } from '@sealpost/shared/sealed/directory/directory';
import { publicKeyToText } from '@sealpost/shared/sealed/crypto/ed25519';
import type { Directory } from '@sealpost/shared/sealed/directory/model';
import { logKeys } from '@sealpost/shared/sealed/directory/roles';
import { parseChainName } from '@sealpost/shared/sealed/directory/fields';
import { chainOf, headOf } from '@sealpost/shared/sealed/directory/model';
import { parseSid, parseStatement } from '@sealpost/shared/sealed/envelope/statement';
import type { Sid, Statement } from '@sealpost/shared/sealed/envelope/statement';
import { StatementsBodySchema } from '@sealpost/shared/sealed/wire/bodies';
import type { ChainsPage, StatementsAccepted } from '@sealpost/shared/sealed/wire/bodies';
import { MAX_JSON_BODY_BYTES, MAX_STATEMENTS_PER_PAGE } from '@sealpost/shared/sealed/wire/limits';
import { ROUTES } from '@sealpost/shared/sealed/wire/paths';
import type { Deps } from '../deps.ts';
import type { Unit } from '../log/sequencer.ts';
import type { Guard } from '../guard/caller.ts';
import type { StatementRow } from '../store/statements.ts';
import { isOperator, writeOnce } from '../guard/caller.ts';
import { parseCount, parseJsonBody } from '../guard/json.ts';
import { refuse } from '../guard/problems.ts';
import { appendOwn, halfId } from '../log/own-entries.ts';
import type { OwnEvent } from '../log/own-entries.ts';
import { findDeployment } from '../store/deployments.ts';
import { insertStatements, lastPosition, statementsAfter } from '../store/statements.ts';

/** GET and POST `/:deployment/chains`. */
export function chainRoutes(deps: Deps, guard: Guard): Hono {
  const app = new Hono();

  app.get(ROUTES.chains, async (c) => {
    const refused = guard.stranger(c);
    if (refused !== null) return refused;
    const deployment = parseSid(c.req.param('deployment'));
    const after = parseCount(c.req.query('after') ?? '0');
    if (after === null) return refuse('bad-request');
    if (deployment === null || (await findDeployment(deps.reader, deployment)) === null) return refuse('not-found');

    const rows = await statementsAfter(deps.reader, deployment, after, MAX_STATEMENTS_PER_PAGE + 1);
    const page = rows.slice(0, MAX_STATEMENTS_PER_PAGE);
    const position = page.at(-1)?.position ?? Math.min(after, await lastPosition(deps.reader, deployment));
    const etag = `"${after}-${position}-${rows.length}"`;
    const headers = { ETag: etag, 'Cache-Control': 'no-cache' };
    if (c.req.header('If-None-Match') === etag) return c.body(null, 304, headers);
    const answer: ChainsPage = {
      statements: page.map((row) => row.compact),
      position,
      more: rows.length > page.length,
    };
    return c.json(answer, 200, headers);
  });

  app.post(ROUTES.chains, async (c) => {
    const caller = await guard.member(c, MAX_JSON_BODY_BYTES);
    if (!caller.ok) return caller.error;
    const { deployment, org } = caller.value;
    const statements = parseStatements(caller.value.body);
    if (statements === null) return refuse('bad-request');
    const foreign = statements.some((statement) => statement.claims['chain'] !== org);
    if (foreign && !isOperator(caller.value)) return refuse('forbidden');

    return writeOnce(deps, caller.value, async (unit) => {
      const directory = await deps.directories.inUnit(unit, deployment);
      const appended = await appendStatements(directory, deployment, statements, deps.now());
      if (!appended.ok) {
        switch (appended.error.kind) {
          case 'malformed':
            return refuse('bad-request');
          case 'conflict':
            return refuse('conflict', { heads: headsOf(directory, statements) });
          case 'unsupported':
            return refuse('update-needed');
          case 'refused':
            return refuse('refused', { code: appended.error.code });
        }
      }
      const { added } = appended.value;
      // the log goes on under the keys that this server has, or not at all
      if (added.some(({ type }) => type === 'log') && !namesOwnKeys(deps, appended.value.directory))
        return refuse('refused', { code: 'log-keys' });
      const position = await storeStatements(deps, unit, appended.value.directory, added);
      const answer: StatementsAccepted = { position };
      return c.json(answer, 200);
    });
  });

  return app;
}

/** The statements of a body, in its order; `null` if anything of it is malformed. */
export function parseStatements(body: Uint8Array): readonly Statement[] | null {
  const parsed = parseJsonBody(StatementsBodySchema, body);
  if (parsed === null) return null;
  const statements: Statement[] = [];
  for (const compact of parsed.statements) {
    const statement = parseStatement(compact);
    if (!statement.ok) return null;
    statements.push(statement.value);
  }
  return statements;
}

/** Stores statements that `directory` has accepted, with one log entry each, in order; answers the newest position. */
export async function storeStatements(
  deps: Deps,
  unit: Unit,
  directory: Directory,
  added: readonly Statement[],
): Promise<number> {
  const { deployment } = directory;
  const before = await lastPosition(unit.trx, deployment);
  const rows = added.map((statement, at): StatementRow => {
    const { sid, type, kid, compact, claims } = statement;
    return {
      position: before + at + 1,
      chain: String(claims['chain']),
      ver: Number(claims['ver']),
      sid,
      type,
      kid,
      compact,
    };
  });
  if (rows.length === 0) return before;
  await insertStatements(unit.trx, deployment, rows, deps.now());
  const events: OwnEvent[] = rows.map((row) => {
    return { kind: 'directory_change', statement: halfId(row.sid), position: row.position };
  });
  if (added.some(({ type, claims }) => type === 'log' && claims['reason'] === 'restore'))
    events.push({ kind: 'restore', size: await deps.trees.size(unit, deployment) });
  await appendOwn(deps, unit, directory, events);
  deps.directories.stage(unit, deployment, directory, before + rows.length);
  unit.after(() => deps.changes.announce(deployment));
  return before + rows.length;
}

/** This server's keys, as a `log` statement names them. */
export function ownLogKeys(deps: Deps): { readonly checkpoint: string; readonly entry: string } {
  const { checkpoint, entry } = deps.logKeys;
  return { checkpoint: publicKeyToText(checkpoint.publicKey), entry: publicKeyToText(entry.publicKey) };
}

/** True if the newest `log` statement names this server's keys. */
export function namesOwnKeys(deps: Deps, directory: Directory): boolean {
  const named = logKeys(directory);
  const own = ownLogKeys(deps);
  return named?.checkpoint === own.checkpoint && named.entry === own.entry;
}

/** Where the chains named in a refused POST stand; null for one that has nothing yet. */
function headsOf(directory: Directory | null, statements: readonly Statement[]): Record<string, [number, Sid] | null> {
  const found: Record<string, [number, Sid] | null> = {};
  for (const { claims } of statements) {
    const chain = typeof claims['chain'] === 'string' ? parseChainName(claims['chain']) : null;
    if (chain === null) continue;
    const head = directory === null ? null : headOf(chainOf(directory, chain));
    found[chain] = head === null ? null : [head[0], head[1]];
  }
  return found;
}
