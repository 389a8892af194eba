/**
 * A connection that prepares each statement once: Kysely asks for it anew with every query, and in a profile of polls preparing took
 * half as long as the queries themselves. SQLite prepares again by itself after the schema changed.
 */
import type { SqliteDatabase, SqliteStatement } from 'kysely';

/** Far more than the server has; lists of any length make a text of their own for each. */
const MOST = 256;

/** `database` with its statements remembered, the ones used last. For one query at a time: streaming would find its statement busy. */
export function preparedOnce(database: SqliteDatabase): SqliteDatabase {
  const known = new Map<string, SqliteStatement>();
  return {
    prepare(sql) {
      const statement = known.get(sql) ?? database.prepare(sql);
      known.delete(sql);
      known.set(sql, statement);
      const [oldest] = known.keys();
      if (known.size > MOST && oldest !== undefined) known.delete(oldest);
      return statement;
    },
    close() {
      known.clear();
      database.close();
    },
  };
}
