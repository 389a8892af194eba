/**
 * Migrations are written once, in SQLite's words. What PostgreSQL calls otherwise is changed here, in the text of each statement
 * of a migration, and nowhere else. `CHECK`s, keys and references hold in both.
 */
import { PostgresDialect, PostgresQueryCompiler, sql } from 'kysely';
import type { CompiledQuery, Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** For migrations alone: queries of the server are compiled by Kysely as they are. */
export class MigrationDialect extends PostgresDialect {
  override createQueryCompiler(): PostgresQueryCompiler {
    return new MigrationCompiler();
  }
}

class MigrationCompiler extends PostgresQueryCompiler {
  override compileQuery(...query: Parameters<PostgresQueryCompiler['compileQuery']>): CompiledQuery {
    const compiled = super.compileQuery(...query);
    return { ...compiled, sql: toPostgres(compiled.sql) };
  }
}

/** One statement of a migration as PostgreSQL reads it. Every column is typed there anyway, so `STRICT` goes. */
function toPostgres(statement: string): string {
  if (!/^\s*(CREATE|ALTER) /i.test(statement)) return statement;
  return statement
    .replaceAll(/\)\s*STRICT(,\s*WITHOUT ROWID)?\s*$/g, ')')
    .replaceAll(/\bINTEGER\b/g, 'BIGINT')
    .replaceAll(/\bBLOB\b/g, 'BYTEA');
}

/** One row: who writes holds its lock until its commit. `keys`: the log keys that this database's logs are signed with. */
export const SEQUENCER_MIGRATION: Record<string, Migration> = {
  '0000-sequencer': {
    async up(db: Kysely<unknown>) {
      await sql`create table sequencer (id bigint primary key check (id = 1), keys text)`.execute(db);
      await sql`insert into sequencer (id, keys) values (1, null)`.execute(db);
    },
  },
};
