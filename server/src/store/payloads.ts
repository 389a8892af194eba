/** Payloads of the server's own entries, by age: what retention erases. The entries stay, so that the tree goes on to verify. */
import type { Reader, Writer } from './schema.ts';

/**
 * Indices, in order, of the oldest entries of these kinds whose payload is there, those received before `beforeMs` alone: all that
 * there are up to the last one. Cost: `limit` rows a kind.
 */
export async function oldPayloads(
  db: Reader | Writer,
  deployment: string,
  kinds: readonly string[],
  beforeMs: number,
  limit: number,
): Promise<readonly number[]> {
  const positions: number[] = [];
  let end = Infinity;
  for (const kind of kinds) {
    // the order of the log is that of time: behind the first young one there is nothing old
    const rows = await db
      .selectFrom('log_payloads as p')
      .innerJoin('log_entries as e', (join) =>
        join.onRef('e.deployment', '=', 'p.deployment').onRef('e.position', '=', 'p.position'),
      )
      .select(['p.position', 'e.received_at'])
      .where('p.deployment', '=', deployment)
      .where('p.kind', '=', kind)
      .orderBy('p.position')
      .limit(limit)
      .execute();
    positions.push(...rows.filter((row) => row.received_at < beforeMs).map((row) => row.position));
    if (rows.length === limit) end = Math.min(end, rows.at(-1)?.position ?? end); // more of this kind behind it
  }
  return positions.filter((position) => position <= end).sort((a, b) => a - b);
}

/**
 * As `oldPayloads`, of entries that the key `kid` signed before payloads were kept with their kind (schema version 3): what they tell,
 * nobody here can say. Cost: a look at each entry of that key from before, none where there are none.
 */
export async function oldPayloadsWithoutKind(
  db: Reader | Writer,
  deployment: string,
  kid: string,
  beforeMs: number,
  limit: number,
): Promise<readonly number[]> {
  const first = await db
    .selectFrom('log_payloads')
    .select((p) => p.fn.min<number | null>('position').as('position'))
    .where('deployment', '=', deployment)
    .where('kind', 'is not', null)
    .executeTakeFirst();
  const rows = await db
    .selectFrom('log_entries as e')
    .innerJoin('log_payloads as p', (join) =>
      join.onRef('p.deployment', '=', 'e.deployment').onRef('p.position', '=', 'e.position'),
    )
    .select('e.position')
    .where('e.deployment', '=', deployment)
    .where('e.kid', '=', kid)
    .where('e.position', '<', first?.position ?? Number.MAX_SAFE_INTEGER)
    .where('e.received_at', '<', beforeMs)
    .where('p.kind', 'is', null)
    .orderBy('e.seq')
    .limit(limit)
    .execute();
  return rows.map(({ position }) => position);
}

/** Erases payload and salt of these entries: what they said can be proved by nobody any more. Answers how many there were. */
export async function erasePayloads(trx: Writer, deployment: string, positions: readonly number[]): Promise<number> {
  const result = await trx
    .deleteFrom('log_payloads')
    .where('deployment', '=', deployment)
    .where('position', 'in', positions)
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}
