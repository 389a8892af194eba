/** What the kernels count of all findings, for the overview. */
import type { Level } from '../../finding/finding.ts';
import { LEVELS } from '../../finding/finding.ts';
import type { Arrival, HostCount } from '../engine.ts';
import { KINDS } from '../engine.ts';
import { BLOCK_BITS_BYTES } from './bit-sets.ts';
import { BLOCK_ROWS, piecesOf } from './blocks.ts';
import type { Columns } from './columns.ts';
import type { FacetCounts } from './facet-counts.ts';

/** Levels that a group's worst is told among; kernels know the number. */
const LEVEL_SIZE = 8;

/** Neighbours that came at one time are one arrival. Cost: one pass. */
export function countArrivals({ memory, kernels, planes, codes, places, rows }: Columns): readonly Arrival[] {
  const { level, state } = planes;
  return places.runs(rows).map(({ from, to, receivedAtMs }) =>
    memory.lend([BLOCK_ROWS, BLOCK_ROWS, KINDS * 4], (levelsAt, statesAt, out) => {
      memory.u32.fill(0, out >> 2, (out >> 2) + KINDS);
      for (const [block, place, count] of piecesOf(from, to - from)) {
        const end = place + count;
        if (!level.isEmpty) level.unpack(block * BLOCK_ROWS, end, levelsAt);
        if (!state.isEmpty) state.unpack(block * BLOCK_ROWS, end, statesAt);
        const [owners, width] = codes.owner.isEmpty ? [0, 1] : [codes.owner.blockAt(block), codes.owner.width];
        const words = [level.isEmpty ? 0 : levelsAt, state.isEmpty ? 0 : statesAt] as const;
        kernels.countKinds(...words, owners, width, place, end, out);
      }
      return { receivedAtMs, kinds: memory.u32.slice(out >> 2, (out >> 2) + KINDS) };
    }),
  );
}

/** The hosts with the most findings; `all`: bitset of all rows. Cost: one pass. */
export function topHosts(columns: Columns, facets: FacetCounts, all: number, limit: number): readonly HostCount[] {
  const { memory, kernels, codes, planes, texts, rows } = columns;
  const { host } = codes;
  if (host.isEmpty || limit <= 0) return [];
  const counts = facets.whole('host');
  const size = texts.host.count;
  return memory.lend([BLOCK_ROWS, size * 4, (limit + 1) * 4], (levelsAt, groups, out) => {
    memory.u32.fill(0, groups >> 2, (groups >> 2) + size);
    for (const [block, , count] of piecesOf(0, rows)) {
      if (!planes.level.isEmpty) planes.level.unpack(block * BLOCK_ROWS, count, levelsAt);
      const levels = planes.level.isEmpty ? 0 : levelsAt;
      kernels.addGroups(host.blockAt(block), host.width, all + block * BLOCK_BITS_BYTES, count, levels, groups);
    }
    const { description, knownRanks } = texts.host;
    const found = kernels.pickCodes(description, knownRanks, counts, 0, 0, limit + 1, out);
    // Code 0 is no host.
    const picked = [...memory.u32.subarray(out >> 2, (out >> 2) + found)].filter((code) => code !== 0).slice(0, limit);
    return picked.map((code) => ({
      host: texts.host.text(code),
      count: memory.u32[(counts >> 2) + code] as number,
      worst: LEVELS[(memory.u32[(groups >> 2) + code] as number) % LEVEL_SIZE] as Level,
    }));
  });
}
