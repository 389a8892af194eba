/** The audit log's tree: one head per deployment, tiles of hashes above the leaves (level 1 and up; the leaves are the entries' hashes). */
import type { Reader, Writer } from './schema.ts';

const TILE_WIDTH = 256;

export interface HeadRow {
  readonly size: number;
  readonly root: Uint8Array;
  /** The signed note over size and root; `null` between an upgrade and the first start after it. */
  readonly checkpoint: Uint8Array | null;
  /** The checkpoint up to which the whole log was verified last. */
  readonly verified: Uint8Array | null;
}

/** The stored head, or `null`. */
export async function findHead(db: Reader | Writer, deployment: string): Promise<HeadRow | null> {
  const row = await db
    .selectFrom('log_heads')
    .select(['size', 'root', 'checkpoint', 'verified'])
    .where('deployment', '=', deployment)
    .executeTakeFirst();
  return row ?? null;
}

/** Writes size, root and checkpoint. */
export async function putHead(
  trx: Writer,
  deployment: string,
  head: { readonly size: number; readonly root: Uint8Array; readonly checkpoint: Uint8Array },
): Promise<void> {
  const { size, root, checkpoint } = head;
  await trx
    .insertInto('log_heads')
    .values({ deployment, size, root, checkpoint, verified: null })
    .onConflict((c) => c.column('deployment').doUpdateSet({ size, root, checkpoint }))
    .execute();
}

/** Remembers the checkpoint up to which the log was verified. */
export async function setVerified(trx: Writer, deployment: string, checkpoint: Uint8Array): Promise<void> {
  await trx.updateTable('log_heads').set({ verified: checkpoint }).where('deployment', '=', deployment).execute();
}

/** Hashes of a tile in one piece, as many as there are. Empty if there are none. */
export async function readTile(
  db: Reader | Writer,
  deployment: string,
  level: number,
  index: number,
): Promise<Uint8Array> {
  if (level > 0) {
    const row = await db
      .selectFrom('log_tiles')
      .select('hashes')
      .where('deployment', '=', deployment)
      .where('level', '=', level)
      .where('n', '=', index)
      .executeTakeFirst();
    return row?.hashes ?? new Uint8Array(0);
  }
  const rows = await db
    .selectFrom('log_entries')
    .select('hash')
    .where('deployment', '=', deployment)
    .where('position', '>=', index * TILE_WIDTH)
    .where('position', '<', (index + 1) * TILE_WIDTH)
    .orderBy('position')
    .execute();
  return Buffer.concat(rows.map((row) => row.hash));
}

/** Every tile above the leaves: 32 bytes for each 256 entries. */
export async function readTiles(
  db: Reader,
  deployment: string,
): Promise<readonly { readonly level: number; readonly index: number; readonly hashes: Uint8Array }[]> {
  const rows = await db
    .selectFrom('log_tiles')
    .select(['level', 'n', 'hashes'])
    .where('deployment', '=', deployment)
    .execute();
  return rows.map(({ level, n, hashes }) => ({ level, index: n, hashes }));
}

/** Appends hashes to a tile above the leaves. */
export async function extendTile(
  trx: Writer,
  deployment: string,
  level: number,
  index: number,
  added: readonly Uint8Array[],
): Promise<void> {
  const hashes = Buffer.concat([await readTile(trx, deployment, level, index), ...added]);
  await trx
    .insertInto('log_tiles')
    .values({ deployment, level, n: index, hashes })
    .onConflict((c) => c.columns(['deployment', 'level', 'n']).doUpdateSet({ hashes }))
    .execute();
}

/** Entries `from` up to 256 of them, as they stand in the log. */
export async function readBundle(db: Reader, deployment: string, index: number): Promise<readonly Uint8Array[]> {
  const rows = await db
    .selectFrom('log_entries')
    .select('entry')
    .where('deployment', '=', deployment)
    .where('position', '>=', index * TILE_WIDTH)
    .where('position', '<', (index + 1) * TILE_WIDTH)
    .orderBy('position')
    .execute();
  return rows.map((row) => row.entry);
}
