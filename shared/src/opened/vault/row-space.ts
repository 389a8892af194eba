/**
 * Lives of a vault. A re-key writes every row anew, under a new vault key, beside the old ones; one commit then makes the new rows the
 * vault's and the old ones rubbish. So at every point there is one whole vault: the old or the new. Rows of life 0 have their ids as
 * they are, those of life n begin with `~n/`; the header, which names the life, and the slots are of all lives.
 */
import type { Backend, Batch, RowHead, StoredRow, VaultTable } from './backend.ts';
import { VAULT_TABLES } from './backend.ts';
import { HEADER_ID } from './manifest.ts';

/** Deletes in one commit. */
const DELETES_AT_ONCE = 1000;

/** A backend that sees the rows of one life only. */
export function rowSpace(backend: Backend, life: number): Backend {
  const out = (table: VaultTable, row: StoredRow | null) =>
    row === null ? null : { ...row, id: idInside(table, row.id, life) ?? row.id };
  return {
    segments: backend.segments,
    get: async (table, id) => out(table, await backend.get(table, idAtRest(table, id, life))),
    getMany: async (table, ids) => {
      const rows = await backend.getMany(
        table,
        ids.map((id) => idAtRest(table, id, life)),
      );
      return rows.map((row) => out(table, row));
    },
    list: async (table) => headsOf(table, await backend.list(table), life),
    commit: (batch) => backend.commit(batchAtRest(batch, life)),
    tryOut: (batch) => backend.tryOut(batchAtRest(batch, life)),
    close: () => backend.close(),
  };
}

function batchAtRest({ puts, deletes, expect, ...rest }: Batch, life: number): Batch {
  return {
    ...rest,
    puts: puts.map(({ table, row }) => ({ table, row: { ...row, id: idAtRest(table, row.id, life) } })),
    deletes: deletes.map(({ table, id }) => ({ table, id: idAtRest(table, id, life) })),
    ...(expect === undefined ? {} : { expect: { ...expect, id: idAtRest(expect.table, expect.id, life) } }),
  };
}

/** Id under which a row of `life` lies. */
export function idAtRest(table: VaultTable, id: string, life: number): string {
  return isShared(table, id) ? id : prefixOf(life) + id;
}

/** Rows of `life` in a listing of the backend. */
export function headsOf(table: VaultTable, heads: readonly RowHead[], life: number): readonly RowHead[] {
  return heads.flatMap(({ id, rev }) => {
    const inside = idInside(table, id, life);
    return inside === null ? [] : [{ id: inside, rev }];
  });
}

/** Deletes the rows that `isRubbish` says of, by the life they are of. What fails is left for the next opening. */
export async function deleteLives(backend: Backend, isRubbish: (life: number) => boolean): Promise<void> {
  for (const table of VAULT_TABLES) {
    const rows = (await backend.list(table)).filter(({ id }) => !isShared(table, id) && isRubbish(lifeOf(id)));
    for (let from = 0; from < rows.length; from += DELETES_AT_ONCE) {
      const deletes = rows.slice(from, from + DELETES_AT_ONCE).map(({ id }) => ({ table, id }));
      const deleted = await backend.commit({ puts: [], deletes });
      if (!deleted.ok) return;
    }
  }
}

function isShared(table: VaultTable, id: string): boolean {
  return table === 'meta' && (id === HEADER_ID || id.startsWith('slot/'));
}

function idInside(table: VaultTable, id: string, life: number): string | null {
  if (isShared(table, id)) return id;
  return lifeOf(id) === life ? id.slice(prefixOf(life).length) : null;
}

function prefixOf(life: number): string {
  return life === 0 ? '' : `~${life}/`;
}

function lifeOf(id: string): number {
  const life = /^~([1-9][0-9]{0,8})\//.exec(id)?.[1];
  return life === undefined ? 0 : Number(life);
}
