/** Counts hits by the codes of many columns in one pass over their bits. */
import type { BitSets } from './bit-sets.ts';
import { BLOCK_ROWS } from './blocks.ts';
import type { CodeColumn } from './code-column.ts';
import type { Columns } from './columns.ts';
import { Region } from './memory.ts';
import type { PlaneColumn } from './plane-column.ts';

const PLACE_BYTES = 2;
/** Kernels write whole vectors. */
const SLACK = 16;
/** Bytes of a column's description, four u32. */
const DESCRIPTION_BYTES = 16;
/** How hits are counted by a column; kernels know the numbers, and how many planes are counted together. */
const [BY_CODE, AS_MARKS, AS_BITS, BY_PLANES] = [0, 1, 2, 3];
const MOST_PLANES = 12;

/** A column that is not empty, and the address of what is counted into. */
export interface Counted<Column> {
  readonly column: Column;
  readonly out: number;
}

/** A column whose codes are marked. */
export interface Marked extends Counted<CodeColumn> {
  /** Marks are bits, else bytes. */
  readonly areBits: boolean;
}

/** Columns of planes that are counted together, their planes one after the other. */
interface JoinedPlanes {
  readonly columns: readonly Counted<PlaneColumn>[];
  readonly bits: number;
}

export class HitCounts {
  readonly #columns: Columns;
  readonly #sets: BitSets;
  readonly #places: Region;

  constructor(columns: Columns, sets: BitSets) {
    this.#columns = columns;
    this.#sets = sets;
    this.#places = new Region(columns.memory);
  }

  /**
   * Adds the rows in `bits` to counts by code (u32), and to those of `planes` (16 u32 each); the codes that rows have in `marked` become
   * marks.
   */
  add(
    bits: number,
    codes: readonly Counted<CodeColumn>[],
    marked: Marked | null = null,
    planes: readonly Counted<PlaneColumn>[] = [],
  ): void {
    const joined = joinPlanes(planes);
    const descriptions = [
      ...codes.map(({ column, out }) => [column.table, column.width, out, BY_CODE]),
      ...(marked === null ? [] : [describeMarks(marked)]),
    ];
    if (descriptions.length + joined.length === 0) return;
    const { memory, kernels, rows } = this.#columns;
    this.#places.reserve(BLOCK_ROWS * PLACE_BYTES + SLACK, 0);
    const sizes = joined.map((group) => MOST_PLANES * 4 + 4 * 2 ** group.bits);
    memory.lend([(codes.length + 1 + joined.length) * DESCRIPTION_BYTES, ...sizes], (at, ...tables) => {
      joined.forEach((group, i) => {
        const table = tables[i] as number;
        const out = this.#putTable(group, table);
        descriptions.push([table, group.bits, out, BY_PLANES]);
      });
      memory.u32.set(descriptions.flat(), at >> 2);
      kernels.countColumns(bits, rows, at, descriptions.length, this.#places.at);
      joined.forEach((group, i) => {
        this.#divide(group, (tables[i] as number) + MOST_PLANES * 4);
      });
    });
  }

  /** Writes the addresses of all planes, and none behind them; the address of the counts, which become 0. */
  #putTable({ columns, bits }: JoinedPlanes, table: number): number {
    const { u32 } = this.#columns.memory;
    const planes = columns.flatMap(({ column }) => Array.from({ length: column.bits }, (_, bit) => column.plane(bit)));
    for (let i = 0; i < MOST_PLANES; i++) u32[(table >> 2) + i] = planes[i] ?? this.#sets.none;
    const counts = table + MOST_PLANES * 4;
    u32.fill(0, counts >> 2, (counts >> 2) + 2 ** bits);
    return counts;
  }

  /** Counts of joined codes to those of each column. */
  #divide({ columns, bits }: JoinedPlanes, counts: number): void {
    const { u32 } = this.#columns.memory;
    let shift = 0;
    const parts = columns.map(({ column, out }) => {
      const part = { out: out >> 2, shift, mask: 2 ** column.bits - 1 };
      shift += column.bits;
      return part;
    });
    for (let code = 0; code < 2 ** bits; code++) {
      const count = u32[(counts >> 2) + code] as number;
      if (count === 0) continue;
      for (const part of parts) {
        const at = part.out + ((code >> part.shift) & part.mask);
        u32[at] = (u32[at] as number) + count;
      }
    }
  }
}

function describeMarks({ column, out, areBits }: Marked): readonly number[] {
  return [column.table, column.width, out, areBits ? AS_BITS : AS_MARKS];
}

/** As many columns together as there is room for planes. */
function joinPlanes(planes: readonly Counted<PlaneColumn>[]): readonly JoinedPlanes[] {
  const joined: JoinedPlanes[] = [];
  for (const one of planes) {
    const last = joined.at(-1);
    const fits = last !== undefined && last.bits + one.column.bits <= MOST_PLANES;
    if (fits) joined[joined.length - 1] = { columns: [...last.columns, one], bits: last.bits + one.column.bits };
    else joined.push({ columns: [one], bits: one.column.bits });
  }
  return joined;
}
