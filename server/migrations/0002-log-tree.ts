/**
 * Version 2: the audit log gets its tree. Tiles above the leaves and the root are computed here from the entries that are there;
 * the server signs the first checkpoint over them at its next start. Forward only; never edited after a release.
 */
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { appendLeaf, EMPTY_FRONTIER, rootOf } from '@sealpost/shared/sealed/audit/tree';

const TABLES = [
  `CREATE TABLE log_heads (
    deployment TEXT PRIMARY KEY REFERENCES deployments(id) ON DELETE CASCADE,
    size INTEGER NOT NULL CHECK (size >= 0), root BLOB NOT NULL CHECK (length(root) = 32),
    checkpoint BLOB CHECK (length(checkpoint) <= 8192), verified BLOB CHECK (length(verified) <= 8192)
  ) STRICT`,
  `CREATE TABLE log_tiles (
    deployment TEXT NOT NULL REFERENCES deployments(id) ON DELETE CASCADE,
    level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 7), n INTEGER NOT NULL CHECK (n >= 0),
    hashes BLOB NOT NULL CHECK (length(hashes) BETWEEN 32 AND 8192 AND length(hashes) % 32 = 0),
    PRIMARY KEY (deployment, level, n)
  ) STRICT, WITHOUT ROWID`,
];
const PAGE = 10_000;

/** Creates the tables and grows a tree over every log. Cost: about 10 µs an entry. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const table of TABLES) await sql.raw(table).execute(db);
  const deployments = await sql<{ id: string }>`select id from deployments`.execute(db);
  for (const { id } of deployments.rows) await growTree(db, id);
}

async function growTree(db: Kysely<unknown>, deployment: string): Promise<void> {
  let frontier = EMPTY_FRONTIER;
  const tiles = new Map<string, { level: number; n: number; hashes: Uint8Array[] }>();
  for (;;) {
    const page = await sql<{ position: number; hash: Uint8Array }>`select position, hash from log_entries
      where deployment = ${deployment} and position >= ${frontier.size} order by position limit ${PAGE}`.execute(db);
    for (const { position, hash } of page.rows) {
      if (position !== frontier.size) throw new Error(`The log of a deployment lacks entry ${frontier.size}.`);
      const next = appendLeaf(frontier, new Uint8Array(hash));
      frontier = next.frontier;
      for (const node of next.made) {
        if (node.level === 0 || node.level % 8 !== 0) continue;
        const at = { level: node.level / 8, n: Math.floor(node.index / 256) };
        const key = `${at.level}/${at.n}`;
        const tile = tiles.get(key) ?? { ...at, hashes: [] };
        tile.hashes.push(node.hash);
        tiles.set(key, tile);
      }
    }
    if (page.rows.length < PAGE) break;
  }
  for (const { level, n, hashes } of tiles.values()) {
    await sql`insert into log_tiles (deployment, level, n, hashes)
      values (${deployment}, ${level}, ${n}, ${Buffer.concat(hashes)})`.execute(db);
  }
  await sql`insert into log_heads (deployment, size, root, checkpoint, verified)
    values (${deployment}, ${frontier.size}, ${Buffer.from(rootOf(frontier))}, null, null)`.execute(db);
}
