/** Groups of an answer by account, machine or host: all are counted, and what a page shows is looked up for its groups only. */
import type { Level } from '../../finding/finding.ts';
import { LEVELS } from '../../finding/finding.ts';
import { TRIAGE_STATES } from '../../triage/triage.ts';
import { IS_OPEN_STATE } from '../group-pages.ts';
import type { Group, GroupField, GroupPage } from '../query.ts';
import type { Answer } from './answers.ts';
import { bitsBytes, wordsOf } from './bit-sets.ts';
import { BlockHits } from './block-hits.ts';
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
  /** All codes in order, once asked for. */
  sorted: Uint32Array | null;
}

export class GroupCounts {
  readonly #columns: Columns;
  readonly #hits: BlockHits;
  /** u32 by code. */
  readonly #counts: Region;
  /** A byte by code. */
  readonly #worst: Region;
  #counted: Counted | null = null;

  constructor(columns: Columns) {
    this.#columns = columns;
    this.#hits = new BlockHits(columns);
    this.#counts = new Region(columns.memory);
    this.#worst = new Region(columns.memory);
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
    if (this.#counted?.answer === answer && this.#counted.by === by) return this.#counted;
    const { memory, kernels, codes, planes, texts } = this.#columns;
    const column = codes[by];
    const size = texts[by].count;
    this.#counted = null;
    this.#counts.reserve(size * 4, 0);
    this.#worst.reserve(size, 0);
    memory.u32.fill(0, this.#counts.at >> 2, (this.#counts.at >> 2) + size);
    memory.u8.fill(0, this.#worst.at, this.#worst.at + size);
    const words = wordsOf(answer.rows);
    memory.lend([bitsBytes(answer.rows)], (bits) => {
      for (const level of LEVELS.keys()) {
        memory.u8.fill(0, bits, bits + words * 8);
        planes.level.or(level, bits, words);
        kernels.andBits(bits, answer.bits, bits, words);
        if (column.isEmpty) {
          const count = kernels.countBits(bits, words);
          memory.u32[this.#counts.at >> 2] = (memory.u32[this.#counts.at >> 2] as number) + count;
          if (count > 0) memory.u8[this.#worst.at] = level;
          continue;
        }
        this.#hits.each(bits, answer.rows, (block, places, hits) => {
          const at = column.blockAt(block);
          kernels.addGroups(at, column.width, places, hits, level, this.#counts.at, this.#worst.at);
        });
      }
    });
    const total = kernels.countGroups(this.#counts.at, size);
    this.#counted = { answer, by, total, sorted: null };
    return this.#counted;
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
      kernels.pickCodes(dictionary.description, ranks, this.#counts.at, this.#worst.at, 0, 0, end, out);
      return [...memory.u32.subarray((out >> 2) + start, (out >> 2) + end)];
    });
  }

  #sorted({ by, total }: Counted): Uint32Array {
    const { memory, kernels, texts } = this.#columns;
    const ranks = texts[by].ranks();
    return memory.lend([total * 8, total * 4, total * 8, total * 4], (keys, codes, spareKeys, spareCodes) => {
      kernels.listGroups(this.#counts.at, this.#worst.at, ranks, texts[by].count, keys, codes);
      kernels.sortPairs(keys, codes, total, spareKeys, spareCodes);
      return memory.u32.slice(codes >> 2, (codes >> 2) + total);
    });
  }

  /** What a page says of its groups beside their counts. */
  #details(answer: Answer, by: GroupField, codes: readonly number[]): readonly Group[] {
    const { memory, kernels, texts, times } = this.#columns;
    const column = this.#columns.codes[by];
    const names = this.#columns.codes.machineName;
    const hasNames = by === 'machine' && !names.isEmpty;
    const size = texts[by].count;
    // Slot 0 is nobody's.
    const slots = codes.length + 1;
    const sizes = [size * 2, slots * 8, slots * 4, slots * 4, bitsBytes(answer.rows)];
    return memory.lend(sizes, (slotsAt, latest, named, open, bits) => {
      memory.u16.fill(0, slotsAt >> 1, (slotsAt >> 1) + size);
      codes.forEach((code, i) => {
        memory.u16[(slotsAt >> 1) + code] = i + 1;
      });
      memory.f64.fill(Number.NEGATIVE_INFINITY, latest >> 3, (latest >> 3) + slots);
      memory.u32.fill(0, named >> 2, (named >> 2) + slots);
      memory.u32.fill(0, open >> 2, (open >> 2) + slots);
      const blockOf = (block: number) => (column.isEmpty ? slotsAt : column.blockAt(block));
      this.#hits.each(answer.bits, answer.rows, (block, places, hits) => {
        const { baseMs, unitMs } = times.lastSeen.formatOf(block);
        const at = times.lastSeen.blockAt(block);
        const namesAt = hasNames ? names.blockAt(block) : 0;
        const width = column.isEmpty ? 0 : column.width;
        const given = [slotsAt, at, baseMs, unitMs, latest, namesAt, names.width, named] as const;
        kernels.detailGroups(blockOf(block), width, places, hits, ...given);
      });
      this.#keepOpen(answer, bits);
      this.#hits.each(bits, answer.rows, (block, places, hits) => {
        kernels.countSlots(blockOf(block), column.isEmpty ? 0 : column.width, places, hits, slotsAt, open);
      });
      return codes.map((code, i): Group => {
        const name = code === 0 ? 0 : (memory.u32[(named >> 2) + i + 1] as number);
        const value = texts[by].text(code);
        return {
          value,
          label: name === 0 ? value : texts.machineName.text(name),
          count: memory.u32[(this.#counts.at >> 2) + code] as number,
          open: memory.u32[(open >> 2) + i + 1] as number,
          worst: LEVELS[memory.u8[this.#worst.at + code] as number] as Level,
          lastSeenAtMs: memory.f64[(latest >> 3) + i + 1] as number,
        };
      });
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
