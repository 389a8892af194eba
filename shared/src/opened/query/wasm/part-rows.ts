/** Repeated rows go behind the others, so that a commit has only to merge them and to cut them off. */
import { bitsBytes } from './bit-sets.ts';
import type { Columns } from './columns.ts';
import { TEXT_NAMES, WORD_NAMES } from './columns.ts';
import type { Region } from './memory.ts';
import { mergeBytes } from './merge-rows.ts';
import type { Repeats } from './merge-rows.ts';

/** Bytes of the widest value that is moved. */
const WIDEST = 8;

/**
 * Moves repeated rows (in all columns but ids, which have moved) behind the other staged ones, one column a step, and takes into
 * `room` what the merge will need. Throws EngineFullError; the import can then only be rolled back.
 */
export function* partSteps(columns: Columns, { keepers, later }: Repeats, room: Region): Generator<void, void> {
  const { memory, codes, planes, times, secrets, places, held } = columns;
  const sizes = [bitsBytes(held), Math.max(later.length * WIDEST, bitsBytes(later.length))] as const;
  const last = memory.take(sizes[0]);
  let spare = 0;
  try {
    spare = memory.take(sizes[1]);
    memory.u8.fill(0, last, last + sizes[0]);
    for (const row of later) memory.u8[last + (row >> 3)] = (memory.u8[last + (row >> 3)] as number) | (1 << (row & 7));
    const first = later[0] as number;
    for (const name of [...TEXT_NAMES, 'tagSet', 'score'] as const) {
      codes[name].part(last, first, held, spare);
      yield;
    }
    for (const name of WORD_NAMES) {
      planes[name].part(last, first, held, spare);
      yield;
    }
    secrets.part(last, first, held, spare);
    for (const column of Object.values(times)) {
      column.part(last, first, held, spare);
      yield;
      column.fit(
        keepers,
        Float64Array.from(later, (_, i) => column.at(held - later.length + i)),
        held,
      );
      yield;
    }
    places.reserve(later.length);
    room.reserve(mergeBytes(columns, later.length), 0);
  } finally {
    memory.give(last, sizes[0]);
    if (spare !== 0) memory.give(spare, sizes[1]);
  }
}
