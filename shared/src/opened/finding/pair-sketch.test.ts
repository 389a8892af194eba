import { describe, expect, test } from 'vitest';
import { utf8 } from '../../base/bytes.ts';
import { sha256 } from '../../sealed/crypto/hash.ts';
import { bytesToSketch, PairSketch, sharedShare, SKETCH_PAIRS, sketchToBytes } from './pair-sketch.ts';

const pair = (i: number) => sha256(utf8(`pair ${i}`)).slice(0, 16);
function sketchOf(from: number, to: number) {
  const sketch = new PairSketch();
  for (let i = from; i < to; i++) sketch.add(pair(i));
  return sketch.sketch();
}

describe('sketches of pairs', () => {
  test('small sources are compared exactly', () => {
    expect(sharedShare(sketchOf(0, 100), sketchOf(0, 100))).toBe(1);
    expect(sharedShare(sketchOf(0, 100), sketchOf(20, 1_000))).toBe(0.8);
    expect(sharedShare(sketchOf(0, 100), sketchOf(500, 1_000))).toBe(0);
  });
  test('a large source that repeats four fifths of a known one is told within three percent', () => {
    const known = sketchOf(0, 40_000);
    expect(sharedShare(sketchOf(8_000, 48_000), known)).toBeCloseTo(0.8, 1);
    expect(Math.abs((sharedShare(sketchOf(8_000, 48_000), known) ?? 0) - 0.8)).toBeLessThan(0.03);
    expect(sharedShare(sketchOf(0, 10_000), known)).toBe(1);
  });
  test('a part of a known source is all shared, the whole of it only in part', () => {
    expect(sharedShare(sketchOf(0, 200), sketchOf(0, 2_000))).toBe(1);
    expect(sharedShare(sketchOf(0, 2_000), sketchOf(0, 200))).toBe(0.1);
  });
  test('too few to compare say nothing', () => {
    expect(sharedShare(sketchOf(0, 19), sketchOf(0, 19))).toBeNull();
    expect(sharedShare(sketchOf(0, 30), sketchOf(0, 30_000))).toBeNull();
    expect(sharedShare([], sketchOf(0, 100))).toBeNull();
  });
  test('order and repetition change nothing, and never more than a few thousand pairs are kept', () => {
    const twice = new PairSketch();
    for (let round = 0; round < 2; round++) for (let i = 9_999; i >= 0; i--) twice.add(pair(i));
    expect(twice.sketch()).toEqual(sketchOf(0, 10_000));
    expect(twice.sketch()).toHaveLength(SKETCH_PAIRS);
  });
  test('bytes and back', () => {
    const sketch = sketchOf(0, 500);
    expect(sketchToBytes(sketch)).toHaveLength(3_000);
    expect(bytesToSketch(sketchToBytes(sketch))).toEqual(sketch);
  });
});
