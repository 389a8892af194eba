/** Every migration, in order. Both databases run the same ones: `postgres-tables.ts` says how PostgreSQL reads them. */
import type { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { Migration } from 'kysely/migration';
import * as first from '../../migrations/0001-first.ts';
import * as logTree from '../../migrations/0002-log-tree.ts';
import * as retention from '../../migrations/0003-retention.ts';
import * as expiry from '../../migrations/0004-expiry.ts';
import * as leanerLog from '../../migrations/0005-leaner-log.ts';
import type { Schema } from './schema.ts';

const MIGRATIONS = {
  '0001-first': first,
  '0002-log-tree': logTree,
  '0003-retention': retention,
  '0004-expiry': expiry,
  '0005-leaner-log': leanerLog,
};

/** A released version of the tables. */
export type Release = keyof typeof MIGRATIONS;

export const NEWEST_RELEASE: Release = '0005-leaner-log';

/** Brings the tables up to `release`; `own` are migrations of one kind of database. Throws what the database says. */
export async function migrate(
  db: Kysely<Schema>,
  release: Release,
  own: Readonly<Record<string, Migration>> = {},
): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...own, ...MIGRATIONS }) } });
  const { error } = await migrator.migrateTo(release);
  if (error !== undefined)
    throw error instanceof Error ? error : new Error('The database could not be brought up to date.');
}
