/** `node server/src/main.ts`: the only place that reads the environment, prints, and ends the process. */
import { resolve } from 'node:path';
import { readConfig } from './config.ts';
import { startServer } from './start.ts';

const config = readConfig(process.env, resolve(import.meta.dirname, '..'));
if (!config.ok) {
  console.error(`${config.error.name} is not usable: expected ${config.error.expected}.`);
  process.exit(2);
}

const server = await startServer(config.value).catch((error: unknown) => {
  const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  const reason = inUse
    ? `port ${config.value.port} is in use (set PORT)`
    : error instanceof Error
      ? error.message
      : String(error);
  console.error(`Sealpost cannot start: ${reason}`);
  process.exit(1);
});

console.log(`Sealpost is ready: ${server.origins[0]}`);
console.log(`Data: ${config.value.dataDir}`);
if (server.isFirstStart && config.value.setupToken === null) {
  console.log('To set up a CERT from another machine than this one, its page asks for this token (shown once):');
  console.log(server.setupToken);
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    server.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(String(error));
        process.exit(1);
      },
    );
  });
}
