/** Groups of an answer, counted by code and cut into pages: the same shape from every engine. */
import type { Level } from '../finding/finding.ts';
import { LEVELS } from '../finding/finding.ts';
import { TRIAGE_STATES } from '../triage/triage.ts';
import type { TriageState } from '../triage/triage.ts';
import { pickLargest } from './pick-largest.ts';
import type { Group, GroupPage } from './query.ts';
import { sortByKey } from './radix-sort.ts';

const ENDED: readonly TriageState[] = ['contained', 'closed', 'merged'];
/** One byte a state: 1 where work goes on. */
export const IS_OPEN_STATE = Uint8Array.from(TRIAGE_STATES, (state) => (ENDED.includes(state) ? 0 : 1));

/** Up to here a page is picked; behind it all groups are put in order, which a hundred thousand need once and not for each page. */
const MAX_PICKED = 400;
/** Group keys: count above, worst level below. */
const LEVEL_BITS = 3;

/** By code of what is grouped; code 0 is the group of those that have none. All zero where a code has no hit. */
export interface GroupCounts {
  readonly count: Uint32Array;
  readonly open: Uint32Array;
  readonly worst: Uint8Array;
  readonly lastSeenAtMs: Float64Array;
}

export interface GroupTexts {
  text(code: number): string;
  label(code: number): string;
  compare(a: number, b: number): number;
  /** Place of each code in the order of text. */
  ranks(): Uint32Array<ArrayBuffer>;
}

/** Groups `offset`.. in the order of `GroupPage`. */
export function groupPage(counts: GroupCounts, texts: GroupTexts, offset: number, limit: number): GroupPage {
  const { count, worst } = counts;
  const keys = new Uint32Array(count.length);
  let total = 0;
  for (let code = 0; code < keys.length; code++) {
    const key = ((count[code] as number) << LEVEL_BITS) | (worst[code] as number);
    keys[code] = key;
    if (key !== 0) total++;
  }
  const last = Math.min(total, offset + limit);
  const codes =
    last <= MAX_PICKED
      ? pickLargest(keys, last, (a, b) => texts.compare(a, b)).slice(offset)
      : inOrder(keys, texts.ranks()).subarray(offset, last);
  const groups = Array.from(codes, (code): Group => ({
    value: texts.text(code),
    label: texts.label(code),
    count: count[code] as number,
    open: counts.open[code] as number,
    worst: LEVELS[worst[code] as number] as Level,
    lastSeenAtMs: counts.lastSeenAtMs[code] as number,
  }));
  return { total, groups };
}

/** All codes; those without a hit come last. */
function inOrder(keys: Uint32Array<ArrayBuffer>, ranks: Uint32Array<ArrayBuffer>): Uint32Array {
  const byText = new Uint32Array(keys.length);
  for (let code = 0; code < keys.length; code++) byText[ranks[code] as number] = code;
  return sortByKey(
    byText,
    keys.map((key) => ~key),
  );
}
