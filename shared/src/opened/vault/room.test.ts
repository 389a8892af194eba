import { describe, expect, test } from 'vitest';
import { lackOfRoom } from './room.ts';

const MB = 1_000_000;
const ROOMY = { freeBytes: 100_000 * MB, memoryBytes: 100_000 * MB };
const NOTHING_HELD = { findings: 0, memoryBytes: 0 };

describe('room for a bundle', () => {
  test('a bundle needs 2.2 times its sealed size on the disk', () => {
    const wanted = { sealedBytes: 100 * MB, findings: 0 };
    expect(lackOfRoom(wanted, NOTHING_HELD, { ...ROOMY, freeBytes: 220 * MB })).toBeNull();
    expect(lackOfRoom(wanted, NOTHING_HELD, { ...ROOMY, freeBytes: 220 * MB - 1 })).toEqual({
      kind: 'disk',
      neededBytes: 220 * MB,
      freeBytes: 220 * MB - 1,
    });
  });

  test('a bundle whose findings exceed the memory is refused, with how many would fit', () => {
    const wanted = { sealedBytes: MB, findings: 3_000_000 };
    const held = { findings: 3_000_000, memoryBytes: 450 * MB };
    expect(lackOfRoom(wanted, held, { ...ROOMY, memoryBytes: 900 * MB })).toBeNull();
    expect(lackOfRoom(wanted, held, { ...ROOMY, memoryBytes: 750 * MB })).toEqual({
      kind: 'memory',
      findings: 6_000_000,
      fitting: 5_000_000,
    });
  });

  test('five million findings fit a quarter of four gigabytes, not a quarter of two, which is said beforehand', () => {
    const wanted = { sealedBytes: 261 * MB, findings: 5_000_000 };
    expect(lackOfRoom(wanted, NOTHING_HELD, { ...ROOMY, memoryBytes: 2 ** 30 })).toBeNull();
    expect(lackOfRoom(wanted, NOTHING_HELD, { ...ROOMY, memoryBytes: 2 ** 29 })).toEqual({
      kind: 'memory',
      findings: 5_000_000,
      fitting: 3_579_139,
    });
  });

  test('findings that take more than usual count as what they take', () => {
    const wanted = { sealedBytes: MB, findings: 1_000_000 };
    const held = { findings: 1_000_000, memoryBytes: 600 * MB };
    expect(lackOfRoom(wanted, held, { ...ROOMY, memoryBytes: 1_000 * MB })).toEqual({
      kind: 'memory',
      findings: 2_000_000,
      fitting: 1_666_666,
    });
  });

  test('a vault of a few findings says nothing about the size of many', () => {
    const held = { findings: 10, memoryBytes: 5 * MB };
    expect(lackOfRoom({ sealedBytes: MB, findings: 1_000_000 }, held, { ...ROOMY, memoryBytes: 400 * MB })).toBeNull();
  });

  test('where the device does not say what it has, nothing is refused beforehand', () => {
    const wanted = { sealedBytes: 1e15, findings: 1e9 };
    expect(lackOfRoom(wanted, NOTHING_HELD, { freeBytes: null, memoryBytes: null })).toBeNull();
  });
});
