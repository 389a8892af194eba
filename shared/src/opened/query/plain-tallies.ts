/** What the plain engine counts of all findings, for the overview. */
import type { Level } from '../finding/finding.ts';
import { LEVELS } from '../finding/finding.ts';
import type { Arrival, HostCount, TimeSteps } from './engine.ts';
import { kindOf, KINDS } from './engine.ts';
import type { FindingColumns } from './finding-columns.ts';
import { pickLargest } from './pick-largest.ts';

/** Neighbours that came at one time are one arrival. Cost: one pass. */
export function countArrivals({ rows, bytes, codes, times }: FindingColumns): readonly Arrival[] {
  const arrivals: { receivedAtMs: number; kinds: Uint32Array }[] = [];
  for (let row = 0; row < rows; row++) {
    const receivedAtMs = times.receivedAtMs[row] as number;
    if (arrivals.at(-1)?.receivedAtMs !== receivedAtMs) arrivals.push({ receivedAtMs, kinds: new Uint32Array(KINDS) });
    const { kinds } = arrivals.at(-1) as Arrival;
    const kind = kindOf(bytes.level[row] as number, bytes.state[row] as number, codes.owner[row] !== 0);
    kinds[kind] = (kinds[kind] as number) + 1;
  }
  return arrivals;
}

/** By step and level. Cost: one pass. */
export function countFirstSeen(
  { rows, bytes, times }: FindingColumns,
  { startMs, stepMs, steps }: TimeSteps,
): Uint32Array {
  const counts = new Uint32Array(steps * LEVELS.length);
  for (let row = 0; row < rows; row++) {
    const step = Math.floor(((times.firstSeenAtMs[row] as number) - startMs) / stepMs);
    if (!(step >= 0 && step < steps)) continue;
    const at = step * LEVELS.length + (bytes.level[row] as number);
    counts[at] = (counts[at] as number) + 1;
  }
  return counts;
}

/** The hosts with the most findings. Cost: one pass. */
export function countHosts({ rows, bytes, codes, dictionaries }: FindingColumns, limit: number): readonly HostCount[] {
  const counts = new Uint32Array(dictionaries.host.size);
  const worst = new Uint8Array(counts.length);
  for (let row = 0; row < rows; row++) {
    const code = codes.host[row] as number;
    counts[code] = (counts[code] as number) + 1;
    worst[code] = Math.max(worst[code] as number, bytes.level[row] as number);
  }
  // Code 0 is no host.
  counts.fill(0, 0, 1);
  return pickLargest(counts, limit, (a, b) => dictionaries.host.compare(a, b)).map((code) => ({
    host: dictionaries.host.text(code),
    count: counts[code] as number,
    worst: LEVELS[worst[code] as number] as Level,
  }));
}
