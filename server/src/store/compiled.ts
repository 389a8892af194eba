/**
 * Queries whose text is made once for each database: Kysely builds and compiles anew with every call, which cost as much as a small
 * query itself, and more than the insertion of a hundred rows. For what runs with every poll or audit entry alone.
 */
import { CompiledQuery } from 'kysely';
import type { Compilable, DialectAdapter } from 'kysely';
import type { Reader, Writer } from './schema.ts';

/** Stands for a value while the text is made. */
class Slot {
  readonly at: number;

  constructor(at: number) {
    this.at = at;
  }
}

interface Text {
  readonly sql: string;
  /** Where each parameter comes from: a slot, or a value that is always the same. */
  readonly parameters: readonly unknown[];
}

/**
 * The query that `build` makes, as a function of its values. `build` is called once for each database and number of values, must not
 * look at them, and puts each into the query at least once.
 */
export function compiledOnce<Values extends readonly unknown[], Row>(
  build: (db: Reader | Writer, ...values: Values) => Compilable<Row>,
): (db: Reader | Writer, ...values: Values) => Promise<readonly Row[]> {
  const texts = new WeakMap<DialectAdapter, Map<number, Text>>();
  return async (db, ...values) => {
    const { adapter } = db.getExecutor();
    const known = texts.get(adapter) ?? new Map<number, Text>();
    texts.set(adapter, known);
    let text = known.get(values.length);
    if (text === undefined) {
      const slots = values.map((_, at) => new Slot(at)) as readonly unknown[] as Values;
      const { sql, parameters } = build(db, ...slots).compile();
      text = { sql, parameters };
      known.set(values.length, text);
    }
    const parameters = text.parameters.map((one) => (one instanceof Slot ? values[one.at] : one));
    return (await db.executeQuery(CompiledQuery.raw(text.sql, parameters) as CompiledQuery<Row>)).rows;
  };
}
