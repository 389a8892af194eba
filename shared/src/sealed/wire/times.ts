import type { Ms } from '../../base/brand.ts';

/** Seconds travel (claims, signatures), milliseconds are computed with (FORMATS, Common rules). Only these two convert. */

/** A claim's seconds in code's milliseconds. */
export function secondsToMs(seconds: number): Ms {
  return seconds * 1000;
}

/** Code's milliseconds as a claim's whole seconds, rounded down. */
export function msToSeconds(ms: Ms): number {
  return Math.floor(ms / 1000);
}
