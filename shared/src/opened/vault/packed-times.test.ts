import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HotTimes, TickTimes } from '../query/hot-columns.ts';
import { NO_TICK } from '../query/hot-columns.ts';
import { hotTimeAt } from '../query/hot-times.ts';
import { ArrayPacker, ArrayReader } from './packed-arrays.ts';
import { readTimes, TimePacker } from './packed-times.ts';
import { takePlainTicks } from './take-ticks.ts';
import { createKernelTicks } from './wasm/kernel-tick-run.ts';

const ROOM = { bytes: (length: number) => new Uint8Array(length), words: (length: number) => new Uint32Array(length) };
const kernel = createKernelTicks();
const packers = kernel === null ? [] : [new TimePacker(kernel), new TimePacker(takePlainTicks)];

/** As both packers write rows `from`..`to`: the same bytes, which are read back as the times that they were. */
function expectTimesBack(times: HotTimes, from: number, to: number): void {
  const [bytes, plain] = packers.map((timePacker) => {
    const packer = new ArrayPacker();
    timePacker.pack(packer, times, from, to);
    return packer.finish().slice();
  });
  if (bytes === undefined || plain === undefined) throw new Error('no WebAssembly');
  expect(Buffer.compare(bytes, plain)).toBe(0);
  const read = readTimes(new ArrayReader(bytes), to - from, ROOM);
  for (let row = from; row < to; row++) expect(hotTimeAt(read, row - from)).toBe(hotTimeAt(times, row));
}

function ticksOf(count: number, tick: (i: number) => number, unitMs = 1): TickTimes {
  return { baseMs: 1_767_225_600_000, unitMs, ticks: Uint32Array.from({ length: count }, (_, i) => tick(i)) };
}

describe('times at rest', () => {
  test.each<readonly [string, TickTimes]>([
    ['none', ticksOf(0, () => 0)],
    ['one', ticksOf(1, () => 7)],
    ['all unknown', ticksOf(300, () => NO_TICK)],
    ['one time, here and there unknown', ticksOf(300, (i) => (i % 3 === 0 ? NO_TICK : 12))],
    ['days', ticksOf(3000, (i) => ((i * 7) % 900) * 86_400, 1000)],
    ['hours that lie beside the day', ticksOf(3000, (i) => 1800 + ((i * 7919) % 90_000) * 3600, 1000)],
    ['255 distinct ones and the unknown', ticksOf(3000, (i) => (i % 256 === 255 ? NO_TICK : (i % 256) * 16_000_001))],
    ['256 distinct ones', ticksOf(3000, (i) => (i % 256) * 16_000_001)],
    ['a span of 254', ticksOf(3000, (i) => i % 255)],
    ['a span of 255', ticksOf(3000, (i) => i % 256)],
    ['a span of 65,534', ticksOf(70_000, (i) => i % 65_535)],
    ['a span of 65,535', ticksOf(70_000, (i) => (i % 7 === 0 ? NO_TICK : i % 65_536))],
    ['the largest span', ticksOf(3000, (i) => (i % 2 === 0 ? NO_TICK - 1 - i : i))],
  ])('%s', (_, times) => {
    expectTimesBack(times, 0, times.ticks.length);
  });

  test('any ticks of any rows', () => {
    const tick = fc.oneof(fc.constantFrom(0, 1, 86_400, NO_TICK - 1, NO_TICK), fc.integer({ min: 0, max: 0xfffffffe }));
    const ticks = fc.record({ count: fc.nat(600), some: fc.array(tick, { minLength: 1, maxLength: 400 }) });
    fc.assert(
      fc.property(ticks, fc.nat(), fc.nat(), fc.constantFrom(1, 1000, 3_600_000), ({ count, some }, a, b, unitMs) => {
        const times = ticksOf(count, (i) => some[(i * i) % some.length] as number, unitMs);
        const [from, to] = [a % (count + 1), b % (count + 1)];
        expectTimesBack(times, Math.min(from, to), Math.max(from, to));
      }),
      { numRuns: 200, seed: 3 },
    );
  });
});
