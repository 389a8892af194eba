/** Hits of an answer over time. */
import { LEVELS } from '../../finding/finding.ts';
import { makeHistogram, planBars } from '../histogram-bars.ts';
import type { BarPlan } from '../histogram-bars.ts';
import type { Histogram, TimeField } from '../query.ts';
import type { Answer } from './answers.ts';
import { bitsBytes, wordsOf } from './bit-sets.ts';
import { BlockHits } from './block-hits.ts';
import type { Columns } from './columns.ts';

export class TimeBars {
  readonly #columns: Columns;
  readonly #hits: BlockHits;

  constructor(columns: Columns) {
    this.#columns = columns;
    this.#hits = new BlockHits(columns);
  }

  /** At most `bars` bars. Cost: two passes over the hits. */
  of(answer: Answer, field: TimeField, bars: number): Histogram {
    const [lowMs, highMs, known] = this.#bounds(answer, field);
    const unknown = answer.total - known;
    if (known === 0) return makeHistogram(null, new Uint32Array(0), unknown);
    const plan = planBars(lowMs, highMs, bars);
    return makeHistogram(plan, this.#count(answer, field, plan), unknown);
  }

  #bounds(answer: Answer, field: TimeField): readonly [lowMs: number, highMs: number, known: number] {
    const { memory, kernels } = this.#columns;
    const column = this.#columns.times[field];
    return memory.lend([16], (out) => {
      memory.f64[out >> 3] = Number.POSITIVE_INFINITY;
      memory.f64[(out >> 3) + 1] = Number.NEGATIVE_INFINITY;
      let known = 0;
      this.#hits.each(answer.bits, answer.rows, (block, places, hits) => {
        const { baseMs, unitMs } = column.formatOf(block);
        known += kernels.boundAt(column.blockAt(block), baseMs, unitMs, places, hits, out);
      });
      return [memory.f64[out >> 3] as number, memory.f64[(out >> 3) + 1] as number, known];
    });
  }

  /** By bar and level, as `makeHistogram` takes it. */
  #count(answer: Answer, field: TimeField, { startMs, barMs, bars }: BarPlan): Uint32Array {
    const { memory, kernels, planes } = this.#columns;
    const column = this.#columns.times[field];
    const words = wordsOf(answer.rows);
    const counts = new Uint32Array(bars * LEVELS.length);
    memory.lend([bitsBytes(answer.rows), bars * 4], (bits, barsAt) => {
      for (const level of LEVELS.keys()) {
        memory.u8.fill(0, bits, bits + words * 8);
        memory.u32.fill(0, barsAt >> 2, (barsAt >> 2) + bars);
        planes.level.or(level, bits, words);
        kernels.andBits(bits, answer.bits, bits, words);
        this.#hits.each(bits, answer.rows, (block, places, hits) => {
          const { baseMs, unitMs } = column.formatOf(block);
          kernels.countBars(column.blockAt(block), baseMs, unitMs, places, hits, startMs, barMs, barsAt);
        });
        for (let bar = 0; bar < bars; bar++) {
          counts[bar * LEVELS.length + level] = memory.u32[(barsAt >> 2) + bar] as number;
        }
      }
    });
    return counts;
  }
}
