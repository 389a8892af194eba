/** Tells the event streams of every process over one database that something changed. What gets lost, clients find by polling. */
import pg from 'pg';
import type { Changes } from '../log/events.ts';

const CHANNEL = 'sealpost_changes';
const RECONNECT_MS = 1_000;

/** `local`, told also what other processes announce, and telling them. One connection, opened again when it breaks. */
export function openPostgresChanges(url: string, local: Changes): Changes {
  let client: pg.Client | null = null;
  let retry: ReturnType<typeof setTimeout> | null = null;
  let telling: Promise<void> = Promise.resolve();
  let isClosed = false;

  const reconnect = (broken: pg.Client): void => {
    if (client === broken) client = null;
    if (isClosed || retry !== null) return;
    retry = setTimeout(() => {
      retry = null;
      connect();
    }, RECONNECT_MS);
    retry.unref();
  };
  const connect = (): void => {
    const next = new pg.Client({ connectionString: url, keepAlive: true, application_name: 'sealpost-changes' });
    next.on('notification', ({ payload }) => local.announce(payload ?? ''));
    next.on('error', () => reconnect(next));
    next.on('end', () => reconnect(next));
    next
      .connect()
      .then(
        async () => {
          await next.query(`listen ${CHANNEL}`);
          if (isClosed) return next.end();
          client = next;
          local.announceAll(); // what was said meanwhile nobody heard
          return undefined;
        },
        () => reconnect(next),
      )
      .catch(() => reconnect(next));
  };
  connect();

  return {
    ...local,
    announce(deployment) {
      local.announce(deployment);
      telling = telling.then(async () => {
        await client?.query('select pg_notify($1, $2)', [CHANNEL, deployment]).catch(() => undefined);
      });
    },
    close() {
      isClosed = true;
      if (retry !== null) clearTimeout(retry);
      void client?.end();
      local.close();
    },
  };
}
