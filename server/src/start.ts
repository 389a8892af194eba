/** Puts the parts together, listens, and takes them apart again in the right order. `main.ts` and tests start servers with it. */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { parseSid } from '@sealpost/shared/sealed/envelope/statement';
import { createApp } from './app.ts';
import type { BlobStore } from './blobs/blobs.ts';
import { openDiskBlobs } from './blobs/disk.ts';
import type { Config } from './config.ts';
import { authoritiesOf, originsOrLocal } from './config.ts';
import type { Deps } from './deps.ts';
import { createMetrics } from './metrics.ts';
import { startOperations } from './operations.ts';
import type { Operations } from './operations.ts';
import { SERVER_VERSION } from './deps.ts';
import { DEFAULT_RATES } from './guard/rate-limit.ts';
import { Directories } from './log/directories.ts';
import { createAuditChecker } from './log/audit-checker.ts';
import { Cosigners } from './log/cosigners.ts';
import { createChanges } from './log/events.ts';
import type { Changes } from './log/events.ts';
import { openServerSecrets } from './log/keys.ts';
import type { LogKeys } from './log/keys.ts';
import { appendOwn, halfId } from './log/own-entries.ts';
import type { OwnEvent } from './log/own-entries.ts';
import { Sequencer } from './log/sequencer.ts';
import { LogTrees } from './log/trees.ts';
import type { VerifyOptions } from './log/verify-log.ts';
import { verifyLogs } from './log/verify-logs.ts';
import { allDeployments } from './store/deployments.ts';
import type { WrapStorage } from './store/sqlite.ts';
import { openStore } from './store/sqlite.ts';
import type { Store } from './store/store.ts';
import { withRawBodies } from './raw-body.ts';
import { sweep } from './sweep.ts';
import { loadWebApp } from './web-app.ts';
import type { WebApp } from './web-app.ts';

const HOUR_MS = 3_600_000;
const RESERVE_BYTES = 256 * 1024 * 1024;
const DRAIN_MS = 10_000;
/** How often witnesses are asked about logs that grew. */
const COSIGN_EVERY_MS = 15_000;

/** What tests replace: clock, storage, limits. */
export type Overrides = Partial<Pick<Deps, 'now' | 'rates' | 'reserveBytes' | 'onFatal' | 'report'>> & {
  readonly patience?: Patience;
  readonly blobs?: (blobs: BlobStore) => BlobStore;
  readonly storage?: WrapStorage;
  /** How the record is read back at the start. */
  readonly verify?: Omit<VerifyOptions, 'onProgress'>;
};

/** How long the server waits for others, in ms. */
export interface Patience {
  /** For the head of a request, from the connection's first moment. */
  readonly headMs: number;
  /** For a whole request: a part of 8 MiB over a slow line. */
  readonly requestMs: number;
  /** For the next byte either way: who reads nothing of an answer holds a file open. */
  readonly idleMs: number;
  /** How often connections are looked at. */
  readonly checkMs: number;
}

const PATIENCE: Patience = { headMs: 20_000, requestMs: 300_000, idleMs: 120_000, checkMs: 5_000 };
/** Longer than reverse proxies keep a connection to us (60 s): they never send into one that we are just closing. */
const KEEP_ALIVE_MS = 65_000;

export interface RunningServer {
  readonly port: number;
  /** Where figures and readiness are; `null` if nowhere. */
  readonly metricsPort: number | null;
  readonly deps: Deps;
  /** Origins under which it answers, the first one first. */
  readonly origins: readonly string[];
  readonly setupToken: string;
  readonly isFirstStart: boolean;
  /** Ends open streams, lets running requests end (at most 10 s), makes everything durable and closes. */
  stop(): Promise<void>;
}

/** Starts a server; it serves when this resolves. Throws with a plain reason if it cannot keep its promises. */
export async function startServer(config: Config, overrides: Overrides = {}): Promise<RunningServer> {
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  const random = (size: number): Uint8Array<ArrayBuffer> => new Uint8Array(randomBytes(size));
  const secrets = await openServerSecrets(config.dataDir, random);
  const store = await openConfiguredStore(config, secrets.logKeys, overrides.storage);
  const blobs = await openBlobs(config);
  let port = config.port;
  let draining = false;
  const directories = new Directories(store);
  const trees = new LogTrees(store, secrets.logKeys.checkpoint);
  const report = overrides.report ?? ((line: string) => process.stderr.write(`${line}\n`));
  const cosigners = new Cosigners({
    witnesses: config.witnesses,
    trees,
    deployments: async () => (await allDeployments(store.reader)).map(({ id }) => id),
    report,
  });
  const onFatal = overrides.onFatal ?? endProcess;
  const reload = (): void => {
    directories.reload();
    trees.reload();
  };
  const deps: Deps = {
    store,
    reader: store.reader,
    sequencer: new Sequencer(store, { reload, onFatal }),
    trees,
    cosigners,
    auditChecker: createAuditChecker(),
    blobs: overrides.blobs?.(blobs) ?? blobs,
    directories,
    changes: await openChanges(config),
    metrics: createMetrics(() => deps.blobs.freeBytes()),
    logKeys: secrets.logKeys,
    webApp: loadWebApp(config.webRoot, config.apiOrigin === null ? [] : [config.apiOrigin]),
    now: overrides.now ?? Date.now,
    random,
    rates: overrides.rates ?? DEFAULT_RATES,
    authorities: () => authoritiesOf(config.publicOrigins, port),
    origins: () => originsOrLocal(config.publicOrigins, port),
    appOrigins: config.appOrigins,
    apiOrigin: config.apiOrigin,
    setupToken: config.setupToken ?? secrets.setupToken,
    reserveBytes: overrides.reserveBytes ?? RESERVE_BYTES,
    retainAccessDays: config.retainAccessDays,
    retainBundleDays: config.retainBundleDays,
    retainRequestDays: config.retainRequestDays,
    isDraining: () => draining,
    onFatal,
    report,
  };

  let starting: string | null = 'starting';
  const operations = await openOperations(config, deps, () => starting);
  const giveUp = async (error: unknown): Promise<never> => {
    await operations?.close();
    await store.close();
    throw error;
  };
  const onProgress = (done: number, total: number): void => {
    starting = `checking the record, ${done} of ${total} entries`;
  };
  await verifyLogs(deps, { ...overrides.verify, onProgress }).catch(giveUp);
  starting = 'starting';
  await sweep(deps, true);
  await recordForAll(deps, [{ kind: 'start', version: SERVER_VERSION }, ...servedRelease(deps.webApp)]);

  const patience = overrides.patience ?? PATIENCE;
  const serverOptions = { connectionsCheckingInterval: patience.checkMs };
  const fetch = withRawBodies(createApp(deps).fetch, (error) => report(String(error)));
  const server = createAdaptorServer({ fetch, serverOptions }) as Server;
  server.requestTimeout = patience.requestMs;
  server.headersTimeout = patience.headMs;
  server.timeout = patience.idleMs;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const running = trackRunning(server, deps.isDraining);
  port = await listen(server, config).catch(giveUp);
  starting = null;
  const hourly = setInterval(
    () => void sweep(deps, false).catch((error: unknown) => deps.report(String(error))),
    HOUR_MS,
  );
  hourly.unref();
  const cosigning = setInterval(() => void cosigners.round(), COSIGN_EVERY_MS);
  cosigning.unref();

  let stopping: Promise<void> | null = null;
  const shutDown = async (): Promise<void> => {
    draining = true;
    clearInterval(hourly);
    clearInterval(cosigning);
    deps.changes.close();
    for (const response of running) endAfter(response);
    await drain(server, () => running.size);
    await recordForAll(deps, [{ kind: 'stop' }]);
    await deps.sequencer.close();
    await deps.auditChecker.close();
    await cosigners.stop();
    await operations?.close();
    await store.close();
  };
  return {
    port,
    metricsPort: operations?.port ?? null,
    deps,
    origins: deps.origins(),
    setupToken: deps.setupToken,
    isFirstStart: secrets.isNew,
    stop: () => (stopping ??= shutDown()),
  };
}

/** PostgreSQL where one is configured; its driver is loaded only then. */
async function openConfiguredStore(config: Config, { checkpoint, entry }: LogKeys, wrap?: WrapStorage): Promise<Store> {
  if (config.databaseUrl === null) return openStore(join(config.dataDir, 'sealpost.sqlite'), wrap);
  const { openPostgresStore } = await import('./store/postgres.ts');
  return openPostgresStore(config.databaseUrl, `${checkpoint.kid} ${entry.kid}`);
}

/** S3 where it is configured; its client is loaded only then. */
async function openBlobs(config: Config): Promise<BlobStore> {
  if (config.s3 === null) return openDiskBlobs(join(config.dataDir, 'blobs'));
  const [{ S3Client }, { openS3Blobs }] = await Promise.all([import('./blobs/s3-client.ts'), import('./blobs/s3.ts')]);
  return openS3Blobs(new S3Client(config.s3));
}

async function openChanges(config: Config): Promise<Changes> {
  if (config.databaseUrl === null) return createChanges();
  const { openPostgresChanges } = await import('./store/postgres-changes.ts');
  return openPostgresChanges(config.databaseUrl, createChanges());
}

/** Which release the app that is served claims to be: by the hash of its list, so that auditors see when another one came. */
function servedRelease({ release }: WebApp): readonly OwnEvent[] {
  return release === null ? [] : [{ kind: 'app_served', release: halfId(release.sha256), files: release.files }];
}

/** Entries in the log of every deployment. */
async function recordForAll(deps: Deps, events: readonly OwnEvent[]): Promise<void> {
  for (const { id } of await allDeployments(deps.reader)) {
    const deployment = parseSid(id);
    if (deployment === null) throw new Error('A stored deployment has no valid id.');
    await deps.sequencer.submit(async (unit) => {
      const directory = await deps.directories.inUnit(unit, deployment);
      if (directory !== null) await appendOwn(deps, unit, directory, events);
    });
  }
}

function listen(server: Server, config: Config): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.port, config.host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/**
 * The second port, if there is one, open before anything is served. Ready: the record was checked, the database answers, and nobody
 * asked the server to end.
 */
async function openOperations(config: Config, deps: Deps, starting: () => string | null): Promise<Operations | null> {
  if (config.metrics === null) return null;
  return startOperations(config.metrics, deps.metrics, async () => {
    if (starting() !== null) return starting();
    if (deps.isDraining()) return 'draining';
    return allDeployments(deps.reader).then(
      () => null,
      () => 'the database does not answer',
    );
  });
}

/** Takes no new connections and lets running requests end; then, or after 10 s, cuts what is left. */
function drain(server: Server, running: () => number): Promise<void> {
  return new Promise((resolve) => {
    const deadlineMs = Date.now() + DRAIN_MS;
    server.close();
    const poll = setInterval(() => {
      server.closeIdleConnections();
      if (running() > 0 && Date.now() < deadlineMs) return;
      clearInterval(poll);
      server.closeAllConnections();
      resolve();
    }, 10);
  });
}

/** Requests that are being answered. */
function trackRunning(server: Server, isDraining: () => boolean): ReadonlySet<ServerResponse> {
  const running = new Set<ServerResponse>();
  server.on('request', (_request, response: ServerResponse) => {
    running.add(response);
    response.once('close', () => running.delete(response));
    if (isDraining()) endAfter(response);
  });
  return running;
}

/** Says that the connection ends with this answer, so that a client that never pauses goes elsewhere. */
function endAfter(response: ServerResponse): void {
  if (!response.headersSent) response.shouldKeepAlive = false;
}

/** After a failed fsync nothing is known about what lies on disk: never go on, never try again. */
function endProcess(error: unknown): never {
  process.stderr.write(
    `Storage failed; the server ends so that nothing is acknowledged that is not kept. ${String(error)}\n`,
  );
  process.exit(1);
}
