/** Hits over time. */
import type { Ms } from '../../../base/brand.ts';
import { LEVELS } from '../../finding/finding.ts';
import type { TimeSteps } from '../engine.ts';
import { makeHistogram, planBars } from '../histogram-bars.ts';
import type { Histogram, TimeField } from '../query.ts';
import { BLOCK_BITS_BYTES } from './bit-sets.ts';
import { BLOCK_ROWS, piecesOf } from './blocks.ts';
import type { Columns } from './columns.ts';
import { AS_CODES } from './time-column.ts';

/** Counts of a step; kernels know the number. */
const STEP_COUNTS = 8;

/** Hits of an answer. */
interface Hits {
  /** Bitset of `rows` rows. */
  readonly bits: number;
  readonly rows: number;
  readonly total: number;
}

/** Counts of coded times: `counts[code * STEP_COUNTS + level]`. */
interface Coded {
  readonly timesMs: Float64Array;
  readonly counts: Uint32Array;
}

export class TimeBars {
  readonly #columns: Columns;

  constructor(columns: Columns) {
    this.#columns = columns;
  }

  /** At most `bars` bars. Cost: one pass over the hits where times are coded, two where they are not. */
  of(hits: Hits, field: TimeField, bars: number): Histogram {
    const coded = this.#countCoded(hits, field);
    const { lowMs, highMs, known } = this.#bounds(hits, field, coded);
    const unknown = hits.total - known;
    if (known === 0) return makeHistogram(null, new Uint32Array(0), unknown);
    const plan = planBars(lowMs, highMs, bars);
    const steps = { startMs: plan.startMs, stepMs: plan.barMs, steps: plan.bars };
    return makeHistogram(plan, this.#countSteps(hits, field, steps, coded), unknown);
  }

  /** Hits by step and level: `counts[step * LEVELS.length + level]`. Those before and behind all steps are left out. */
  count(hits: Pick<Hits, 'bits' | 'rows'>, field: TimeField, steps: TimeSteps): Uint32Array {
    return this.#countSteps(hits, field, steps, this.#countCoded(hits, field));
  }

  /** Calls `visit` with each block, and the address of its levels (a byte a row; 0: all are of level 0). */
  #eachBlock(rows: number, visit: (block: number, count: number, levels: number) => void): void {
    const { level } = this.#columns.planes;
    this.#columns.memory.lend([BLOCK_ROWS], (at) => {
      for (const [block, , count] of piecesOf(0, rows)) {
        if (!level.isEmpty) level.unpack(block * BLOCK_ROWS, count, at);
        visit(block, count, level.isEmpty ? 0 : at);
      }
    });
  }

  /** Hits whose times are coded, by code and level. */
  #countCoded({ bits, rows }: Pick<Hits, 'bits' | 'rows'>, field: TimeField): Coded {
    const { memory, kernels, times } = this.#columns;
    const column = times[field];
    const timesMs = column.codedTimes();
    const length = timesMs.length * STEP_COUNTS;
    const counts = memory.lend([2 * length * 4], (at) => {
      memory.u32.fill(0, at >> 2, (at >> 2) + 2 * length);
      this.#eachBlock(rows, (block, count, levels) => {
        if (column.formatOf(block).unitMs !== AS_CODES) return;
        const hits = bits + block * BLOCK_BITS_BYTES;
        kernels.countCoded(column.blockAt(block), hits, count, levels, at, length * 4);
      });
      const even = memory.u32.slice(at >> 2, (at >> 2) + length);
      for (let i = 0; i < length; i++) even[i] = (even[i] as number) + (memory.u32[(at >> 2) + length + i] as number);
      return even;
    });
    return { timesMs, counts };
  }

  #bounds(
    { bits, rows }: Hits,
    field: TimeField,
    coded: Coded,
  ): { readonly lowMs: Ms; readonly highMs: Ms; readonly known: number } {
    const { memory, kernels, times } = this.#columns;
    const column = times[field];
    let [lowMs, highMs, known] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
    coded.timesMs.forEach((ms, code) => {
      const count = coded.counts.subarray(code * STEP_COUNTS, (code + 1) * STEP_COUNTS).reduce((a, b) => a + b);
      if (count === 0 || Number.isNaN(ms)) return;
      [lowMs, highMs, known] = [Math.min(lowMs, ms), Math.max(highMs, ms), known + count];
    });
    return memory.lend([16], (out) => {
      memory.f64.set([lowMs, highMs], out >> 3);
      for (const [block, , count] of piecesOf(0, rows)) {
        const { baseMs, unitMs } = column.formatOf(block);
        if (unitMs === AS_CODES) continue;
        known += kernels.boundHits(column.blockAt(block), baseMs, unitMs, bits + block * BLOCK_BITS_BYTES, count, out);
      }
      return { lowMs: memory.f64[out >> 3] as number, highMs: memory.f64[(out >> 3) + 1] as number, known };
    });
  }

  #countSteps(
    { bits, rows }: Pick<Hits, 'bits' | 'rows'>,
    field: TimeField,
    { startMs, stepMs, steps }: TimeSteps,
    coded: Coded,
  ): Uint32Array {
    const { memory, kernels, times } = this.#columns;
    const column = times[field];
    return memory.lend([steps * STEP_COUNTS * 4], (at) => {
      memory.u32.fill(0, at >> 2, (at >> 2) + steps * STEP_COUNTS);
      this.#eachBlock(rows, (block, count, levels) => {
        const { baseMs, unitMs } = column.formatOf(block);
        if (unitMs === AS_CODES) return;
        const hits = [column.blockAt(block), baseMs, unitMs, bits + block * BLOCK_BITS_BYTES, count] as const;
        kernels.countSteps(...hits, levels, startMs, stepMs, steps, at);
      });
      const counts = memory.u32.slice(at >> 2, (at >> 2) + steps * STEP_COUNTS);
      coded.timesMs.forEach((ms, code) => {
        const step = Math.floor((ms - startMs) / stepMs);
        if (!(step >= 0 && step < steps)) return;
        for (let level = 0; level < STEP_COUNTS; level++) {
          const to = step * STEP_COUNTS + level;
          counts[to] = (counts[to] as number) + (coded.counts[code * STEP_COUNTS + level] as number);
        }
      });
      return Uint32Array.from({ length: steps * LEVELS.length }, (_, i) => {
        return counts[Math.floor(i / LEVELS.length) * STEP_COUNTS + (i % LEVELS.length)] as number;
      });
    });
  }
}
