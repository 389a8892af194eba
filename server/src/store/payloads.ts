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

/** Erases payload and salt of these entries: what they said can be proved by nobody any more. Answers how many there were. */
export async function erasePayloads(trx: Writer, deployment: string, positions: readonly number[]): Promise<number> {
  const result = await trx
    .deleteFrom('log_payloads')
    .where('deployment', '=', deployment)
    .where('position', 'in', positions)
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}
