/**
 * Where test servers keep things: SQLite and files in their folder, or, under `npm run test:scale`, a database of their own in the
 * PostgreSQL that the environment names. One folder is one database, so that a server can be started again over it.
 */
import { createHash } from 'node:crypto';
import pg from 'pg';
import type { Config } from '@sealpost/server/src/config.ts';

/** URL of a PostgreSQL in which databases may be made and dropped. */
const POSTGRES = process.env['TEST_POSTGRES'] ?? '';

/** True if the server keeps its tables in PostgreSQL: what is about SQLite's file is skipped then. */
export const isOnPostgres = POSTGRES !== '';

export type TestStorage = Pick<Config, 'databaseUrl'>;

/** The storage of the server over `folder`, made if it is not there. */
export async function storageOf(folder: string): Promise<TestStorage> {
  if (!isOnPostgres) return { databaseUrl: null };
  const name = databaseOf(folder);
  await onPostgres(async (client) => {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${name}`);
  });
  const url = new URL(POSTGRES);
  url.pathname = `/${name}`;
  return { databaseUrl: url.href };
}

/** Drops what `storageOf` made. */
export async function dropStorage(folder: string): Promise<void> {
  if (isOnPostgres) await onPostgres((client) => client.query(`drop database if exists ${databaseOf(folder)} (force)`));
}

function databaseOf(folder: string): string {
  return `t_${createHash('sha256').update(folder).digest('hex').slice(0, 24)}`;
}

async function onPostgres(work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: POSTGRES });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
