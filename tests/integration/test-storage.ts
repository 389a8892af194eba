/**
 * Where test servers keep things: SQLite and files in their folder, or, under `npm run test:scale`, a database and a bucket of their
 * own in the PostgreSQL and S3 that the environment names. One folder is one of each, so that a server can be started again over it.
 */
import { createHash } from 'node:crypto';
import pg from 'pg';
import { S3Client } from '@sealpost/server/src/blobs/s3-client.ts';
import type { S3Settings } from '@sealpost/server/src/blobs/s3-client.ts';
import type { Config } from '@sealpost/server/src/config.ts';

/** URL of a PostgreSQL in which databases may be made and dropped, and the settings of an S3; empty: none. */
const postgresUrl = (): string => process.env['TEST_POSTGRES'] ?? '';
const s3Settings = (): string => process.env['TEST_S3'] ?? '';

/** True if the server keeps its tables in PostgreSQL: what is about SQLite's file is skipped then. */
export const isOnPostgres = postgresUrl() !== '';

export type TestStorage = Pick<Config, 'databaseUrl' | 's3'>;

/** The storage of the server over `folder`, made if it is not there. */
export async function storageOf(folder: string): Promise<TestStorage> {
  const s3 = s3Settings() === '' ? null : await bucketOf(folder);
  if (postgresUrl() === '') return { databaseUrl: null, s3 };
  const name = databaseOf(folder);
  await onPostgres(async (client) => {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${name}`);
  });
  return { databaseUrl: databaseUrlOf(folder), s3 };
}

/** Where the database of the server over `folder` is. */
export function databaseUrlOf(folder: string): string {
  const url = new URL(postgresUrl());
  url.pathname = `/${databaseOf(folder)}`;
  return url.href;
}

/** Drops what `storageOf` made. */
export async function dropStorage(folder: string): Promise<void> {
  if (postgresUrl() !== '')
    await onPostgres((client) => client.query(`drop database if exists ${databaseOf(folder)} (force)`));
}

async function bucketOf(folder: string): Promise<S3Settings> {
  const bucket = `t-${createHash('sha256').update(folder).digest('hex').slice(0, 24)}`;
  const settings = { ...(JSON.parse(s3Settings()) as S3Settings), bucket };
  await new S3Client(settings).put('', new Uint8Array(0)); // an object without a name is the bucket
  return settings;
}

function databaseOf(folder: string): string {
  return `t_${createHash('sha256').update(folder).digest('hex').slice(0, 24)}`;
}

async function onPostgres(work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: postgresUrl() });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
