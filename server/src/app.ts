/** The server as one function of a request: API, health, and the web app. Reads no environment and listens nowhere. */
import { Hono } from 'hono';
import { API_PREFIX, APP_CONFIG_PATH } from '@sealpost/shared/sealed/wire/paths';
import type { AppConfig } from '@sealpost/shared/sealed/wire/app-config';
import type { Deps } from './deps.ts';
import { BlobsAway } from './blobs/blobs.ts';
import { createGuard } from './guard/caller.ts';
import { crossOrigin } from './guard/cross-origin.ts';
import { securityHeaders } from './guard/headers.ts';
import { refuse } from './guard/problems.ts';
import { tellRefusals } from './guard/refusals.ts';
import { createRateLimit } from './guard/rate-limit.ts';
import { auditRoutes } from './routes/audit.ts';
import { blobRoutes } from './routes/blobs.ts';
import { chainRoutes } from './routes/chains.ts';
import { deploymentRoutes } from './routes/deployments.ts';
import { eventRoutes } from './routes/events.ts';
import { logRoutes } from './routes/log.ts';
import { mailboxRoutes } from './routes/mailboxes.ts';
import { requestRoutes } from './routes/requests.ts';
import { storageFault } from './store/fault.ts';
import { allDeployments } from './store/deployments.ts';

/** Builds the server's request handler over `deps`. */
export function createApp(deps: Deps): Hono {
  const guard = createGuard(
    deps,
    createRateLimit(deps.rates.byKey, deps.now),
    createRateLimit(deps.rates.byAddress, deps.now),
  );
  const strangers = createRateLimit(deps.rates.requestsByAddress, deps.now);

  const api = new Hono();
  api.route('/', deploymentRoutes(deps, guard));
  api.route('/', chainRoutes(deps, guard));
  api.route('/', requestRoutes(deps, guard, strangers));
  api.route('/', blobRoutes(deps, guard));
  api.route('/', mailboxRoutes(deps, guard));
  api.route('/', auditRoutes(deps, guard));
  api.route('/', logRoutes(deps, guard));
  api.route('/', eventRoutes(deps, guard));

  const app = new Hono();
  app.use(deps.metrics.middleware);
  app.use(securityHeaders(deps.origins().some((origin) => origin.startsWith('https:'))));
  app.get('/healthz', (c) => c.text('ok\n'));
  app.get('/readyz', async (c) => {
    if (deps.isDraining()) return c.text('draining\n', 503);
    await allDeployments(deps.reader);
    return c.text('ready\n');
  });
  app.get(APP_CONFIG_PATH, (c) => c.json({ api: deps.apiOrigin } satisfies AppConfig));
  app.use(`${API_PREFIX}/*`, tellRefusals(deps.report, deps.now));
  if (deps.appOrigins.length > 0) app.use(`${API_PREFIX}/*`, crossOrigin(deps.appOrigins));
  app.route(API_PREFIX, api);
  app.all('/api/*', () => refuse('not-found'));
  app.all('*', (c) => deps.webApp.respond(c.req.raw, c.req.path));

  app.onError((error) => {
    const fault = storageFault(error);
    if (fault === 'full') return refuse('storage-full');
    if (fault === 'away' || fault === 'again' || error instanceof BlobsAway) {
      deps.report(error.message);
      return refuse('unavailable', {}, { 'Retry-After': '1' });
    }
    // a stack names code, never a URL or a body
    deps.report(error.stack ?? error.message);
    if (fault === 'broken' || isDiskError(error)) deps.onFatal(error);
    return refuse('internal');
  });
  return app;
}

/** An error of the disk under the sealed files: like SQLite's, not to be tried again. */
function isDiskError(error: Error): boolean {
  return 'code' in error && (error.code === 'EIO' || error.code === 'EROFS');
}
