import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { preparedOnce } from './prepared.ts';

test('a statement is prepared once, sees columns that came since, and only the last ones used are kept', () => {
  const sqlite = new Sqlite(':memory:');
  sqlite.exec('create table kept (a integer); insert into kept values (1)');
  const database = preparedOnce(sqlite);
  const text = 'select * from kept';
  expect(database.prepare(text).all([])).toEqual([{ a: 1 }]);
  sqlite.exec('alter table kept add column b integer default 2');
  expect(database.prepare(text).all([])).toEqual([{ a: 1, b: 2 }]);
  const first = database.prepare(text);
  expect(database.prepare(text)).toBe(first);
  for (let at = 0; at < 300; at++) expect(database.prepare(`select ${at} as n`).all([])).toEqual([{ n: at }]);
  expect(database.prepare(text)).not.toBe(first);
  database.close();
  expect(() => database.prepare(text)).toThrow('not open');
});
