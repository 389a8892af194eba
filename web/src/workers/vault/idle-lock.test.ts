import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { IdleLock } from './idle-lock.ts';

const MINUTE_MS = 60_000;

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A lock that is touched every minute for `minutes`; after how many it locked, or null. */
function touchedFor(lock: IdleLock, minutes: number, isLocked: () => boolean): number | null {
  for (let minute = 1; minute <= minutes; minute++) {
    vi.advanceTimersByTime(MINUTE_MS);
    if (isLocked()) return minute;
    lock.touch();
  }
  return null;
}

describe('an open vault', () => {
  it('locks after the idle time, counted from the last touch', () => {
    const onIdle = vi.fn();
    const lock = new IdleLock(onIdle);
    lock.setMinutes(5);
    lock.start();
    expect(touchedFor(lock, 30, () => onIdle.mock.calls.length > 0)).toBeNull();
    vi.advanceTimersByTime(5 * MINUTE_MS - 1);
    expect(onIdle).not.toHaveBeenCalled();
    vi.advanceTimersByTime(5_001);
    expect(onIdle).toHaveBeenCalledOnce();
  });

  it('locks after twelve hours, however busy it was', () => {
    const onIdle = vi.fn();
    const lock = new IdleLock(onIdle);
    lock.setMinutes(0);
    lock.start();
    expect(touchedFor(lock, 24 * 60, () => onIdle.mock.calls.length > 0)).toBe(12 * 60);
    vi.advanceTimersByTime(24 * 60 * MINUTE_MS);
    expect(onIdle).toHaveBeenCalledOnce();
  });
});
