/** Stands between the sequencer and SQLite and makes it fail: before a commit, after one whose answer is lost, or for want of room. */
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import type { WrapStorage } from '@sealpost/server/src/store/sqlite.ts';

/** What happens to the next commit. `lost`: it is durable, and answers an error all the same. */
export type CommitFate = 'good' | 'refused' | 'lost';

type Dialect = Parameters<WrapStorage>[0];
type Driver = ReturnType<Dialect['createDriver']>;
type Connection = Awaited<ReturnType<Driver['acquireConnection']>>;

const require = createRequire(resolve(import.meta.dirname, '../../../server/package.json'));
const { SqliteError } = require('better-sqlite3') as { SqliteError: new (message: string, code: string) => Error };

export interface FailingStorage {
  readonly wrap: WrapStorage;
  /** Asked before every commit. */
  fate: () => { readonly fate: CommitFate; readonly code: string };
}

/** Storage that is good until `fate` says otherwise. */
export function createFailingStorage(): FailingStorage {
  const storage: FailingStorage = {
    fate: () => ({ fate: 'good', code: '' }),
    wrap: (dialect) => ({
      createAdapter: () => dialect.createAdapter(),
      createIntrospector: (db) => dialect.createIntrospector(db),
      createQueryCompiler: () => dialect.createQueryCompiler(),
      createDriver: () => failingDriver(dialect.createDriver(), () => storage.fate()),
    }),
  };
  return storage;
}

function failingDriver(driver: Driver, ask: () => { readonly fate: CommitFate; readonly code: string }): Driver {
  const isOver = new WeakSet<Connection>();
  return new Proxy(driver, {
    get(target, name) {
      if (name === 'commitTransaction') {
        return async (connection: Connection) => {
          const { fate, code } = ask();
          if (fate === 'good') return target.commitTransaction(connection);
          if (fate === 'lost') await target.commitTransaction(connection);
          else await target.rollbackTransaction(connection);
          isOver.add(connection);
          throw new SqliteError('made to fail', code);
        };
      }
      if (name === 'rollbackTransaction') {
        return async (connection: Connection) => {
          // SQLite has ended the transaction by itself
          if (!isOver.delete(connection)) await target.rollbackTransaction(connection);
        };
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value as (...args: never[]) => unknown).bind(target) : value;
    },
  });
}
