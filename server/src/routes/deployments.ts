/**
 * Setting up a CERT on this server, and removing a made-up one. Set-up is for who sits at the machine, or holds the token that
 * was printed at the first start; a page of another site that reaches this machine through a browser is neither.
 */
import { timingSafeEqual } from 'node:crypto';
import { Hono } from 'hono';
import type { Context } from 'hono';
import { utf8 } from '@sealpost/shared/base/bytes';
import { sha256 } from '@sealpost/shared/sealed/crypto/hash';
import { appendStatements } from '@sealpost/shared/sealed/directory/directory';
import { isDemo } from '@sealpost/shared/sealed/directory/roles';
import type { DeploymentMade, LogKeys, ServerState } from '@sealpost/shared/sealed/wire/bodies';
import { DEMO_LIFE_SECONDS, MAX_JSON_BODY_BYTES } from '@sealpost/shared/sealed/wire/limits';
import { ROUTES, SETUP_TOKEN_HEADER } from '@sealpost/shared/sealed/wire/paths';
import { parseSid } from '@sealpost/shared/sealed/envelope/statement';
import { secondsToMs } from '@sealpost/shared/sealed/wire/times';
import type { Deps } from '../deps.ts';
import type { Guard } from '../guard/caller.ts';
import { isLocal, writeOnce } from '../guard/caller.ts';
import { readBody } from '../guard/body.ts';
import { refuse } from '../guard/problems.ts';
import { allDeployments, deleteDeployment, findDeployment, insertDeployment } from '../store/deployments.ts';
import { lastPosition } from '../store/statements.ts';
import { namesOwnKeys, ownLogKeys, parseStatements, storeStatements } from './chains.ts';

/** What a deployment begins with, in this order (FORMATS). */
const FIRST_TYPES = 'root operator epoch log head';

/** `/deployments`, `/:deployment` and `/:deployment/log-keys`. */
export function deploymentRoutes(deps: Deps, guard: Guard): Hono {
  const app = new Hono();

  // tells a first page what to offer; nothing of what is here is named
  app.get(ROUTES.deployments, async (c) => {
    const refused = guard.stranger(c);
    if (refused !== null) return refused;
    const known = await allDeployments(deps.reader);
    const answer: ServerState = {
      established: known.some((deployment) => !deployment.demo),
      setup: isLocal(c, deps.origins()) ? 'open' : 'token',
    };
    return c.json(answer);
  });

  app.post(ROUTES.deployments, async (c) => {
    const refused = guard.stranger(c);
    if (refused !== null) return refused;
    if (!isOurPage(c, deps) || !(isLocal(c, deps.origins()) || holdsToken(c, deps.setupToken)))
      return refuse('forbidden');
    if (!(c.req.header('Content-Type') ?? '').startsWith('application/json')) return refuse('unsupported-media');
    const body = await readBody(c, MAX_JSON_BODY_BYTES);
    if (!body.ok) return refuse(body.error.kind === 'too-large' ? 'too-large' : 'bad-request');
    const statements = parseStatements(body.value.bytes);
    const root = statements?.[0];
    if (!statements || !root || statements.map((statement) => statement.type).join(' ') !== FIRST_TYPES)
      return refuse('bad-request');

    return deps.sequencer.submit(async (unit) => {
      const deployment = root.sid;
      const known = await deps.directories.inUnit(unit, deployment);
      const appended = await appendStatements(known, deployment, statements, deps.now());
      if (!appended.ok)
        return refuse('refused', appended.error.kind === 'refused' ? { code: appended.error.code } : {});
      const { directory, added } = appended.value;
      if (known !== null) {
        // the same five once more: an answer got lost. Anything else belongs into POST chains.
        if (added.length > 0) return refuse('conflict');
        const answer: DeploymentMade = { deployment, position: await lastPosition(unit.trx, deployment) };
        return c.json(answer, 200);
      }
      if (!namesOwnKeys(deps, directory)) return refuse('refused', { code: 'log-keys' });
      const demo = isDemo(directory);
      const nowMs = deps.now();
      const expiresAtMs = demo ? nowMs + secondsToMs(DEMO_LIFE_SECONDS) : null;
      await insertDeployment(unit.trx, { id: deployment, demo, createdAtMs: nowMs, expiresAtMs });
      const answer: DeploymentMade = { deployment, position: await storeStatements(deps, unit, directory, added) };
      return c.json(answer, 201);
    });
  });

  app.delete(ROUTES.deployment, async (c) => {
    const caller = await guard.operator(c, 0);
    if (!caller.ok) return caller.error;
    const { deployment } = caller.value;
    return writeOnce(deps, caller.value, async (unit) => {
      const row = await findDeployment(unit.trx, deployment);
      if (row === null || !row.demo) return refuse('forbidden');
      await deleteDeployment(unit.trx, deployment);
      deps.directories.stage(unit, deployment, null, 0);
      deps.trees.stageRemoval(unit, deployment);
      unit.after(() => deps.changes.announce(deployment));
      unit.after(() => deps.blobs.removeAll(deployment));
      return c.body(null, 204);
    });
  });

  // before a `log` statement names them: so the path needs no deployment that exists
  app.get(ROUTES.logKeys, (c) => {
    const refused = guard.stranger(c);
    if (refused !== null) return refused;
    const deployment = parseSid(c.req.param('deployment'));
    if (deployment === null) return refuse('not-found');
    const host = new URL(deps.origins()[0] ?? 'http://localhost').host;
    const answer: LogKeys = { origin: `${host}/${deployment}/log/1`, ...ownLogKeys(deps) };
    return c.json(answer);
  });

  return app;
}

/** False for a browser that sends this request on behalf of another site. */
function isOurPage(c: Context, deps: Deps): boolean {
  const origins = deps.origins();
  const origin = c.req.header('Origin');
  if (origin !== undefined && !origins.includes(origin) && !deps.appOrigins.includes(origin)) return false;
  // a name that was pointed at this machine by DNS is not one of ours
  return origins.some((known) => new URL(known).host === new URL(c.req.url).host);
}

function holdsToken(c: Context, token: string): boolean {
  return timingSafeEqual(sha256(utf8(c.req.header(SETUP_TOKEN_HEADER) ?? '')), sha256(utf8(token)));
}
