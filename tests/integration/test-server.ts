/** The real server, in this process, on a free port, with real storage: SQLite and files in a temporary folder, or what `test-storage.ts` is told. */
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Config } from '@sealpost/server/src/config.ts';
import { startServer } from '@sealpost/server/src/start.ts';
import type { Overrides, RunningServer } from '@sealpost/server/src/start.ts';
import { dropStorage, storageOf } from './test-storage.ts';

export interface TestServer {
  /** `http://localhost:<port>`: a secure context for browsers. */
  readonly origin: string;
  readonly dataDir: string;
  readonly server: RunningServer;
  /** Stops the server and deletes its folder, unless the folder was the caller's. */
  stop(): Promise<void>;
}

export type TestServerOptions = Overrides & {
  /** A free one by default. */
  readonly port?: number;
  /** Names by which a proxy in front of it is asked. */
  readonly publicOrigins?: readonly string[];
  readonly appOrigins?: readonly string[];
  readonly apiOrigin?: string;
  /** Kept after `stop`, so that another server can be started over it. */
  readonly dataDir?: string;
  /** Another server's folder: this one is a further process over the same storage, with the same keys. */
  readonly besides?: string;
  /** With `besides`: makes keys of its own all the same. */
  readonly ownKeys?: boolean;
  /** The built web app; the repository's own by default. */
  readonly webRoot?: string;
  /** Opens the second port. */
  readonly withMetrics?: boolean;
  /** Where the second port is; a free one by default. */
  readonly metricsPort?: number;
  /** Who is asked to cosign. */
  readonly witnesses?: Config['witnesses'];
  /** For ever by default. */
  readonly retainBundleDays?: number;
  /** For ever by default. */
  readonly retainRequestDays?: number;
};

/** Starts one. Quotas are the real ones unless `rates` says otherwise. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { port = 0, dataDir, besides, ownKeys, webRoot, ...rest } = options;
  const { appOrigins = [], apiOrigin = null, witnesses = [], withMetrics = false, ...others } = rest;
  const {
    publicOrigins = [],
    retainBundleDays = null,
    retainRequestDays = null,
    metricsPort = 0,
    ...overrides
  } = others;
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'sealpost-server-')));
  if (besides !== undefined && ownKeys !== true)
    await copyFile(join(besides, 'server-keys.json'), join(folder, 'server-keys.json'));
  const server = await startServer(
    {
      port,
      host: '127.0.0.1',
      dataDir: folder,
      webRoot: webRoot ?? resolve(import.meta.dirname, '../../web/build'),
      publicOrigins,
      appOrigins,
      apiOrigin,
      setupToken: null,
      witnesses,
      metrics: withMetrics ? { port: metricsPort, host: '127.0.0.1' } : null,
      logLevel: 'warn',
      retainAccessDays: 90,
      retainBundleDays,
      retainRequestDays,
      ...(await storageOf(besides ?? folder)),
    },
    overrides,
  );
  return {
    origin: `http://localhost:${server.port}`,
    dataDir: folder,
    server,
    async stop() {
      await server.stop();
      if (dataDir !== undefined) return;
      if (besides === undefined) await dropStorage(folder);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
