/** What the peers' workers use of packages that are not installed with the project (package.json beside this file). */

declare module '@sqlite.org/sqlite-wasm' {
  type Bound = string | number | bigint | Uint8Array | null;
  interface Statement {
    bind(values: readonly Bound[]): Statement;
    stepReset(): Statement;
    finalize(): void;
  }
  interface Database {
    exec(sql: string): Database;
    prepare(sql: string): Statement;
    selectArrays(sql: string, values?: readonly Bound[]): Bound[][];
    selectValue(sql: string, values?: readonly Bound[]): Bound;
  }
  interface Sqlite {
    readonly version: { readonly libVersion: string };
    installOpfsSAHPoolVfs(options: {
      readonly clearOnInit: boolean;
      readonly initialCapacity: number;
    }): Promise<{ readonly OpfsSAHPoolDb: new (path: string) => Database }>;
  }
  export type { Bound, Database, Sqlite };
  const init: (options?: { readonly print?: () => void }) => Promise<Sqlite>;
  export default init;
}

declare module '@duckdb/duckdb-wasm' {
  interface ResultTable {
    toArray(): { toJSON(): Record<string, unknown> }[];
  }
  interface Connection {
    query(sql: string): Promise<ResultTable>;
    insertArrowFromIPCStream(
      bytes: Uint8Array,
      options: { readonly name: string; readonly create: boolean },
    ): Promise<void>;
  }
  export type { Connection };
  export const VoidLogger: new () => { readonly log: unknown };
  export class AsyncDuckDB {
    constructor(logger: InstanceType<typeof VoidLogger>, worker: Worker);
    instantiate(wasm: string): Promise<unknown>;
    getVersion(): Promise<string>;
    connect(): Promise<Connection>;
  }
}

declare module '@duckdb/duckdb-wasm/dist/duckdb-eh.wasm?url' {
  const url: string;
  export default url;
}

declare module '@duckdb/duckdb-wasm/dist/duckdb-browser-eh.worker.js?url' {
  const url: string;
  export default url;
}

declare module 'bench-dexie' {
  interface Table<T> {
    bulkAdd(rows: readonly T[]): Promise<unknown>;
    filter(isHit: (row: T) => boolean): { toArray(): Promise<T[]> };
  }
  export default class Dexie {
    static readonly semVer: string;
    static delete(name: string): Promise<void>;
    constructor(name: string, options: { readonly chromeTransactionDurability: 'strict' });
    version(version: number): { stores(schema: Readonly<Record<string, string>>): void };
    open(): Promise<unknown>;
    table<T>(name: string): Table<T>;
    transaction(mode: 'rw', table: Table<unknown>, run: () => Promise<void>): Promise<void>;
  }
}
