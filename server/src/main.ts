/** `node server/src/main.ts`: the only place that reads the environment, prints, and ends the process. */
import { resolve } from 'node:path';
import { describeConfig, readConfig } from './config.ts';
import { openOperatorLog } from './operator-log.ts';
import type { RunningServer } from './start.ts';
import { startServer } from './start.ts';

let server: RunningServer | null = null;

function end(): void {
  if (server === null) process.exit(0); // still starting: nothing was acknowledged yet
  server.stop().then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(String(error));
      process.exit(1);
    },
  );
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, end);

const config = readConfig(process.env, resolve(import.meta.dirname, '..'));
if (!config.ok) {
  console.error(`${config.error.name} is not usable: expected ${config.error.expected}.`);
  process.exit(2);
}

server = await startServer(config.value, { report: openOperatorLog(config.value.logLevel) }).catch((error: unknown) => {
  const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  const reason = inUse
    ? `port ${config.value.port} or that of the metrics is in use (set PORT, METRICS_PORT)`
    : String(error);
  console.error(`Sealpost cannot start: ${reason}`);
  process.exit(1);
});

const lines = [`Sealpost is ready: ${server.origins[0]}`, ...describeConfig(config.value)];
if (server.isFirstStart && config.value.setupToken === null) {
  lines.push('Setting up a CERT from another machine than this one needs this token (shown once):', server.setupToken);
}
console.log(lines.join('\n'));
