/** A backend of maps: tests of logic, and vaults that shall not outlive the process. Copies what comes in and goes out. */
import { err, ok } from '../../base/result.ts';
import type { Backend, StoredRow, VaultTable } from './backend.ts';
import { VAULT_TABLES } from './backend.ts';
import type { MemorySegments } from './memory-segments.ts';
import { createMemorySegments } from './memory-segments.ts';

export interface MemoryBackend extends Backend {
  /** The rows themselves, for tests that damage them. */
  readonly tables: Readonly<Record<VaultTable, Map<string, StoredRow>>>;
  readonly segments: MemorySegments;
}

/** Makes an empty one. */
export function createMemoryBackend(): MemoryBackend {
  const tables = Object.fromEntries(VAULT_TABLES.map((table) => [table, new Map<string, StoredRow>()])) as Record<
    VaultTable,
    Map<string, StoredRow>
  >;
  const read = (table: VaultTable, id: string): StoredRow | null => {
    const row = tables[table].get(id);
    return row === undefined ? null : { ...row, bytes: row.bytes.slice() };
  };
  return {
    tables,
    segments: createMemorySegments(),
    get: async (table, id) => read(table, id),
    getMany: async (table, ids) => ids.map((id) => read(table, id)),
    list: async (table) => [...tables[table].values()].map(({ id, rev }) => ({ id, rev })),
    commit: async ({ puts, deletes, expect, meanwhile }) => {
      if (expect && (tables[expect.table].get(expect.id)?.rev ?? null) !== expect.rev) return err({ kind: 'conflict' });
      for (const { table, id } of deletes) tables[table].delete(id);
      for (const { table, row } of puts) tables[table].set(row.id, { ...row, bytes: row.bytes.slice() });
      meanwhile?.();
      return ok(undefined);
    },
    tryOut: async () => {},
    close: async () => {},
  };
}
