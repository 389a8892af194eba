/** Dates as typed behind a field: ISO 8601 from the year down, or day first as Thais write them. Days are Bangkok's. */
import type { Ms } from '../../base/brand.ts';
import { bangkokDayStart, DAY_MS } from './bangkok-days.ts';

/** Years from here on are of the Buddhist era, which is 543 ahead: 2026 is 2569. No leak is from the 25th century. */
const FIRST_BUDDHIST_YEAR = 2400;
const BUDDHIST_YEARS_AHEAD = 543;
const FIRST_YEAR = 1970;

/** [from, to) */
export type Period = readonly [Ms, Ms];

/**
 * The year, month or day that `typed` names: `2026`, `2026-03`, `2026-03-14`, each with Buddhist years as well, and `14/3/2569`
 * (with a Buddhist year only: others write the month first). `incomplete` for what may still become one, `null` for anything else.
 */
export function periodOf(typed: string): Period | 'incomplete' | null {
  const text = typed.normalize('NFKC').trim();
  const dayFirst = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text);
  if (dayFirst) {
    const [day, month, year] = dayFirst.slice(1).map(Number) as [number, number, number];
    return year < FIRST_BUDDHIST_YEAR ? null : dayPeriod(toYear(year), month, day);
  }
  if (/^(\d{0,3}|\d{1,2}\/(\d{1,2}(\/\d{0,3})?)?)$/.test(text)) return 'incomplete';
  const isoLike = /^(\d{4})(?:-(?:(\d{1,2})(?:-(\d{1,2})?)?)?)?$/.exec(text);
  if (!isoLike) return null;
  const [typedYear, month, day] = isoLike.slice(1).map((part) => (part === undefined ? null : Number(part)));
  const year = toYear(typedYear as number);
  // A zero alone is the beginning of 01 to 09.
  if ((month === 0 && text.length < 7) || (day === 0 && /-0$/.test(text))) return 'incomplete';
  if (month === null || month === undefined) return monthsPeriod(year, 1, 13);
  if (day === null || day === undefined) return monthsPeriod(year, month, month + 1);
  return dayPeriod(year, month, day);
}

function dayPeriod(year: number, month: number, day: number): Period | null {
  const start = startOf(year, month, day);
  return start === null ? null : [start, start + DAY_MS];
}

/** From the first of one month to the first of another; month 13 is the next year's first. */
function monthsPeriod(year: number, fromMonth: number, toMonth: number): Period | null {
  const from = startOf(year, fromMonth, 1);
  const to = toMonth === 13 ? startOf(year + 1, 1, 1) : startOf(year, toMonth, 1);
  return from === null || to === null ? null : [from, to];
}

/** Start of a day; `null` for a date that is none. */
function startOf(year: number, month: number, day: number): Ms | null {
  if (year < FIRST_YEAR) return null;
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  return bangkokDayStart(date.getTime() / DAY_MS);
}

function toYear(typed: number): number {
  return typed >= FIRST_BUDDHIST_YEAR ? typed - BUDDHIST_YEARS_AHEAD : typed;
}
