import { describe, expect, it } from 'vitest';
import { createRateLimit } from './rate-limit.ts';

describe('a rate limit', () => {
  it('lets a burst through, then as many as refill, and says how long to wait', () => {
    let nowMs = 0;
    const limit = createRateLimit({ burst: 2, perHour: 60 }, () => nowMs);
    expect([limit.take('a'), limit.take('a')]).toEqual([0, 0]);
    expect(limit.take('a')).toBe(60);
    nowMs += 30_000;
    expect(limit.take('a')).toBe(30);
    nowMs += 30_000;
    expect(limit.take('a')).toBe(0);
    expect(limit.take('b')).toBe(0);
  });

  it('is not refilled by a clock that goes backwards', () => {
    let nowMs = 10_000_000;
    const limit = createRateLimit({ burst: 1, perHour: 1 }, () => nowMs);
    limit.take('a');
    nowMs = 0;
    expect(limit.take('a')).toBeGreaterThan(0);
  });

  it('remembers no more than a bounded number of callers, the latest ones', () => {
    const limit = createRateLimit({ burst: 1, perHour: 1 }, () => 0);
    for (let i = 0; i < 20_001; i++) limit.take(`key ${i}`);
    expect(limit.take('key 20000')).toBeGreaterThan(0);
    expect(limit.take('key 0')).toBe(0);
  });
});
