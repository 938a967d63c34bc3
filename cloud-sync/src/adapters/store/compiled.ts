import type { Compilable, CompiledQuery } from 'kysely';

import type { Db, Tx } from './database.ts';

/** Stands in a query for a value that is known only when it runs. */
class Place {
  readonly at: number;

  constructor(at: number) {
    this.at = at;
  }
}

/**
 * A query that is built and compiled once for each database, and run with other values each time:
 * what is asked with every message costs several times more to build than to run.
 *
 * @param count how many values it takes; `build` gets something that stands for each.
 */
export function compileOnce<Values extends readonly unknown[], Row>(
  count: Values['length'],
  build: (db: Db, ...values: Values) => Compilable<Row>,
): (db: Db | Tx, ...values: Values) => Promise<Row[]> {
  const places = Array.from({ length: count }, (_, at) => new Place(at)) as unknown as Values;
  // A transaction has the adapter of its database.
  const compiled = new WeakMap<object, CompiledQuery<Row>>();
  return async (db, ...values) => {
    const { adapter } = db.getExecutor();
    let query = compiled.get(adapter);
    if (query === undefined) {
      query = build(db, ...places).compile();
      compiled.set(adapter, query);
    }
    const parameters = query.parameters.map((one) => (one instanceof Place ? values[one.at] : one));
    return (await db.executeQuery<Row>({ ...query, parameters })).rows;
  };
}
