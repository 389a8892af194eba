/** Days as people in Thailand count them (DOMAIN, Thai: Asia/Bangkok is UTC+7 and knows no daylight saving time). */
import type { Ms } from '../../base/brand.ts';

export const DAY_MS = 86_400_000;
const BANGKOK_MS = 7 * 3_600_000;

/** Whole days since 1 January 1970 in Bangkok. */
export function bangkokDay(ms: Ms): number {
  return Math.floor((ms + BANGKOK_MS) / DAY_MS);
}

/** When a day (as `bangkokDay` counts) begins. */
export function bangkokDayStart(day: number): Ms {
  return day * DAY_MS - BANGKOK_MS;
}

/** 0 is Sunday. 1 January 1970 was a Thursday. */
export function bangkokWeekday(ms: Ms): number {
  return (((bangkokDay(ms) + 4) % 7) + 7) % 7;
}
