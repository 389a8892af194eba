/** Rows for whoever counts them itself, block by block, in arrays that are used again. */
import type { CountedColumns } from '../engine.ts';
import { BLOCK_ROWS, piecesOf } from './blocks.ts';
import type { CodeColumn } from './code-column.ts';
import type { Columns } from './columns.ts';
import type { PlaneColumn } from './plane-column.ts';

/** Calls `visit` with all rows in the order of their numbers. Cost: about 30 ns a row. */
export function visitBlocks(columns: Columns, visit: (block: CountedColumns) => void): void {
  const { planes, codes, times, places, memory, rows } = columns;
  const room = Math.min(BLOCK_ROWS, rows);
  const [level, state, sourceClass] = [new Uint8Array(room), new Uint8Array(room), new Uint8Array(room)];
  const [owner, host] = [new Uint32Array(room), new Uint32Array(room)];
  const [firstSeenAtMs, receivedAtMs] = [new Float64Array(room), new Float64Array(room)];
  for (const [block, , count] of piecesOf(0, rows)) {
    const first = block * BLOCK_ROWS;
    const cut = <T extends { subarray(from: number, to: number): T }>(array: T) => array.subarray(0, count);
    readCodes(columns, planes.level, first, cut(level));
    readCodes(columns, planes.state, first, cut(state));
    readCodes(columns, planes.sourceClass, first, cut(sourceClass));
    copyCodes(columns, codes.owner, block, cut(owner));
    copyCodes(columns, codes.host, block, cut(host));
    places.fillReceived(first, cut(receivedAtMs));
    const { baseMs, unitMs } = times.firstSeen.formatOf(block);
    const at = times.firstSeen.blockAt(block);
    memory.lend([count * 8], (out) => {
      columns.kernels.ticksToTimes(at, count, baseMs, unitMs, out);
      firstSeenAtMs.set(memory.f64.subarray(out >> 3, (out >> 3) + count));
    });
    visit({
      first,
      rows: count,
      level: cut(level),
      state: cut(state),
      sourceClass: cut(sourceClass),
      owner: cut(owner),
      host: cut(host),
      firstSeenAtMs: cut(firstSeenAtMs),
      receivedAtMs: cut(receivedAtMs),
    });
  }
}

/** Codes from bit planes, eight rows a byte. */
function readCodes({ memory }: Columns, column: PlaneColumn, first: number, into: Uint8Array): void {
  into.fill(0);
  if (column.isEmpty) return;
  for (let bit = 0; bit < column.bits; bit++) {
    const plane = column.plane(bit) + (first >> 3);
    for (let i = 0; i < into.length; i++) {
      into[i] = (into[i] as number) | ((((memory.u8[plane + (i >> 3)] as number) >> (i & 7)) & 1) << bit);
    }
  }
}

function copyCodes({ memory, kernels }: Columns, column: CodeColumn, block: number, into: Uint32Array): void {
  if (column.isEmpty) {
    into.fill(0);
    return;
  }
  memory.lend([into.byteLength], (out) => {
    kernels.mapCodes(column.blockAt(block), column.width, into.length, 0, out, 4);
    into.set(memory.u32.subarray(out >> 2, (out >> 2) + into.length));
  });
}
