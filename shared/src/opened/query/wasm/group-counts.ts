/** Groups of an answer by account, machine or host: all are counted, and what a page shows is looked up for its groups only. */
import type { Level } from '../../finding/finding.ts';
import { LEVELS } from '../../finding/finding.ts';
import { TRIAGE_STATES } from '../../triage/triage.ts';
import { IS_OPEN_STATE } from '../group-pages.ts';
import type { Group, GroupField, GroupPage } from '../query.ts';
import type { Answer } from './answers.ts';
import { bitsBytes, BLOCK_BITS_BYTES, wordsOf } from './bit-sets.ts';
import { BLOCK_ROWS, piecesOf } from './blocks.ts';
import type { Columns } from './columns.ts';
import { Region } from './memory.ts';

/** Up to here a page is picked from the counts; behind it all groups are sorted, once for all further pages. */
const MAX_PICKED = 400;
/** Groups whose details are looked up at a time: slots have 16 bits. */
const MAX_SLOTS = 50_000;

/** Counts of the last answer that was asked for. */
interface Counted {
  readonly answer: Answer;
  readonly by: GroupField;
  readonly total: number;
  /** Codes that there is a count for. */
  size: number;
  /** All codes in order, once asked for. */
  sorted: Uint32Array | null;
}

/** A group's place in a filter; kernels know the number. */
const FILTER_SIZE = 8192;
const LEVEL_BITS = 3;
const PLACE_BYTES = 2;

/** Addresses of what is looked up for groups, by slot. */
interface Slots {
  /** Slot of each code (u16). */
  readonly slotsAt: number;
  readonly filter: number;
  readonly latest: number;
  readonly named: number;
  readonly open: number;
}

export class GroupCounts {
  readonly #columns: Columns;
  /** u32 by code: how many hits, and in the last three bits their worst level. So larger ones come first. */
  readonly #groups: Region;
  #counted: Counted | null = null;

  constructor(columns: Columns) {
    this.#columns = columns;
    this.#groups = new Region(columns.memory);
  }

  /** Rows came: what is pinned may say other things now. */
  forget(): void {
    this.#counted = null;
  }

  /** Groups `offset`.. in the order of `GroupPage`. */
  page(answer: Answer, by: GroupField, offset: number, limit: number): GroupPage {
    const counted = this.#count(answer, by);
    const start = Math.max(0, offset);
    const end = Math.min(counted.total, start + limit);
    const codes = end <= start ? [] : this.#codes(counted, start, end);
    const groups: Group[] = [];
    for (let from = 0; from < codes.length; from += MAX_SLOTS) {
      groups.push(...this.#details(answer, by, codes.slice(from, from + MAX_SLOTS)));
    }
    return { total: counted.total, groups };
  }

  #count(answer: Answer, by: GroupField): Counted {
    const { memory, kernels, codes, planes, texts } = this.#columns;
    const size = texts[by].count;
    if (this.#counted?.answer === answer && this.#counted.by === by) {
      this.#fit(this.#counted, size);
      return this.#counted;
    }
    const column = codes[by];
    this.#counted = null;
    this.#groups.reserve(size * 4, 0);
    memory.u32.fill(0, this.#groups.at >> 2, (this.#groups.at >> 2) + size);
    memory.lend([BLOCK_ROWS, BLOCK_ROWS], (levelsAt, zeros) => {
      const levels = planes.level.isEmpty ? 0 : levelsAt;
      if (column.isEmpty) memory.u8.fill(0, zeros, zeros + BLOCK_ROWS);
      for (const [block, , count] of piecesOf(0, answer.rows)) {
        const bits = answer.bits + block * BLOCK_BITS_BYTES;
        if (levels !== 0) planes.level.unpack(block * BLOCK_ROWS, count, levels);
        const [at, width] = column.isEmpty ? [zeros, 1] : [column.blockAt(block), column.width];
        kernels.addGroups(at, width, bits, count, levels, this.#groups.at);
      }
    });
    const total = kernels.countGroups(this.#groups.at, size);
    this.#counted = { answer, by, total, size, sorted: null };
    return this.#counted;
  }

  /** Texts of an import that is under way: no row of an answer has them. */
  #fit(counted: Counted, size: number): void {
    if (size <= counted.size) return;
    this.#groups.reserve(size * 4, counted.size * 4);
    const { memory } = this.#columns;
    memory.u32.fill(0, (this.#groups.at >> 2) + counted.size, (this.#groups.at >> 2) + size);
    counted.size = size;
  }

  /** Codes of groups `start`..`end`. */
  #codes(counted: Counted, start: number, end: number): readonly number[] {
    const { memory, kernels, texts } = this.#columns;
    const dictionary = texts[counted.by];
    if (counted.sorted !== null || end > MAX_PICKED) {
      counted.sorted ??= this.#sorted(counted);
      return [...counted.sorted.subarray(start, end)];
    }
    return memory.lend([end * 4], (out) => {
      const ranks = dictionary.knownRanks;
      kernels.pickCodes(dictionary.description, ranks, this.#groups.at, 0, 0, end, out);
      return [...memory.u32.subarray((out >> 2) + start, (out >> 2) + end)];
    });
  }

  #sorted({ by, total }: Counted): Uint32Array {
    const { memory, kernels, texts } = this.#columns;
    const ranks = texts[by].ranks();
    return memory.lend([total * 8, total * 4, total * 8, total * 4], (keys, codes, spareKeys, spareCodes) => {
      kernels.listGroups(this.#groups.at, ranks, texts[by].count, keys, codes);
      kernels.sortPairs(keys, codes, total, spareKeys, spareCodes);
      return memory.u32.slice(codes >> 2, (codes >> 2) + total);
    });
  }

  /** What a page says of its groups beside their counts. */
  #details(answer: Answer, by: GroupField, codes: readonly number[]): readonly Group[] {
    const { memory, texts } = this.#columns;
    const size = texts[by].count;
    // Slot 0 is nobody's.
    const slots = codes.length + 1;
    const sizes = [size * 2, FILTER_SIZE, slots * 16, slots * 4, slots * 8];
    return memory.lend(sizes, (slotsAt, filter, latest, named, open) => {
      memory.u16.fill(0, slotsAt >> 1, (slotsAt >> 1) + size);
      memory.u8.fill(0, filter, filter + FILTER_SIZE);
      codes.forEach((code, i) => {
        memory.u16[(slotsAt >> 1) + code] = i + 1;
        memory.u8[filter + (code % FILTER_SIZE)] = 1;
      });
      memory.f64.fill(Number.NEGATIVE_INFINITY, latest >> 3, (latest >> 3) + 2 * slots);
      memory.u32.fill(0, named >> 2, (named >> 2) + slots);
      memory.u32.fill(0, open >> 2, (open >> 2) + 2 * slots);
      this.#fill(answer, by, { slotsAt, filter, latest, named, open });
      return codes.map((code, i): Group => {
        const name = code === 0 ? 0 : (memory.u32[(named >> 2) + i + 1] as number);
        // Even and odd rows apart.
        const [openHere, latestHere] = [(open >> 2) + 2 * (i + 1), (latest >> 3) + 2 * (i + 1)];
        const value = texts[by].text(code);
        const group = memory.u32[(this.#groups.at >> 2) + code] as number;
        return {
          value,
          label: name === 0 ? value : texts.machineName.text(name),
          count: group >>> LEVEL_BITS,
          open: (memory.u32[openHere] as number) + (memory.u32[openHere + 1] as number),
          worst: LEVELS[group % (1 << LEVEL_BITS)] as Level,
          lastSeenAtMs: Math.max(memory.f64[latestHere] as number, memory.f64[latestHere + 1] as number),
        };
      });
    });
  }

  /** Goes through the hits of groups that have a slot. */
  #fill(answer: Answer, by: GroupField, { slotsAt, filter, latest, named, open }: Slots): void {
    const { memory, kernels, times, codes } = this.#columns;
    const column = codes[by];
    const names = codes.machineName;
    const hasNames = by === 'machine' && !names.isEmpty;
    const sizes = [BLOCK_ROWS * PLACE_BYTES + PLACE_BYTES, BLOCK_ROWS, bitsBytes(answer.rows)];
    memory.lend(sizes, (places, zeros, going) => {
      this.#keepOpen(answer, going);
      if (column.isEmpty) memory.u8.fill(0, zeros, zeros + BLOCK_ROWS);
      for (const [block, , count] of piecesOf(0, answer.rows)) {
        const [at, width] = column.isEmpty ? [zeros, 1] : [column.blockAt(block), column.width];
        const hits = kernels.listGrouped(at, width, answer.bits + block * BLOCK_BITS_BYTES, count, filter, places);
        if (hits === 0) continue;
        const { baseMs, unitMs } = times.lastSeen.formatOf(block);
        const seen = [times.lastSeen.blockAt(block), baseMs, unitMs, latest] as const;
        const name = [hasNames ? names.blockAt(block) : 0, names.width, named] as const;
        const openBits = going + block * BLOCK_BITS_BYTES;
        kernels.detailGroups(at, width, places, hits, slotsAt, ...seen, openBits, open, ...name);
      }
    });
  }

  /** Hits on which work goes on. */
  #keepOpen(answer: Answer, out: number): void {
    const { memory, kernels, planes } = this.#columns;
    const words = wordsOf(answer.rows);
    memory.u8.fill(0, out, out + words * 8);
    for (const state of TRIAGE_STATES.keys()) if (IS_OPEN_STATE[state] === 1) planes.state.or(state, out, words);
    kernels.andBits(out, answer.bits, out, words);
  }
}
