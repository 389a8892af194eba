/**
 * Dates of system files: a dozen written forms, Buddhist-era years, Thai digits and month names. What stays ambiguous (`7/8/2025` in
 * a file that does not say which comes first, two-digit years) is no date.
 */
import type { Ms } from '../../../base/brand.ts';

/** What the file says about `7/8/2025` (day-order.ts). */
export type DayOrder = 'month-first' | 'day-first' | 'unknown';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] as const;
/** Short forms without their last dot, which is often left out. None is part of another. */
const THAI_MONTHS = [
  ['ม.ค', 'มกราคม'],
  ['ก.พ', 'กุมภาพันธ์'],
  ['มี.ค', 'มีนาคม'],
  ['เม.ย', 'เมษายน'],
  ['พ.ค', 'พฤษภาคม'],
  ['มิ.ย', 'มิถุนายน'],
  ['ก.ค', 'กรกฎาคม'],
  ['ส.ค', 'สิงหาคม'],
  ['ก.ย', 'กันยายน'],
  ['ต.ค', 'ตุลาคม'],
  ['พ.ย', 'พฤศจิกายน'],
  ['ธ.ค', 'ธันวาคม'],
] as const;
const NUMERIC = /(\d{1,4})[/.-](\d{1,2})[/.-](\d{1,4})(?:[T ,]+(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?)?/;
const CLOCK = /(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?/;
/** `09.30 น.`: a Thai clock has a dot. */
const THAI_CLOCK = /(\d{1,2})[.:](\d{2})\s*น/;
const ZONE = /(?:GMT|UTC)?\s?([+-])(\d{1,2}):?(\d{2})?/;
/** Thai solar years 2400 to 2700 are 1857 to 2157 of the common era. */
const BUDDHIST_OFFSET = 543;
const EARLIEST_YEAR = 2005;
const MINUTE = 60_000;

/** Milliseconds of `text`, `null` if it is no date, ambiguous, before 2005 or over two days after `nowMs`. */
export function parseLogDate(text: string, order: DayOrder, zoneMinutes: number, nowMs: Ms): Ms | null {
  const plain = toAsciiDigits(text.slice(0, 120));
  const date = numericDate(plain, order) ?? namedDate(plain);
  if (date === null) return null;
  const time = date.isPm && date.hour < 12 ? date.hour + 12 : date.isAm && date.hour === 12 ? 0 : date.hour;
  const year = commonYear(date.year);
  if (time > 23 || date.minute > 59 || date.second > 59) return null;
  if (year < EARLIEST_YEAR || date.month < 1 || date.month > 12 || date.day < 1) return null;
  const ms = Date.UTC(year, date.month - 1, date.day, time, date.minute, date.second);
  // 31 April and 29 February of a common year roll over: no such date.
  if (new Date(ms).getUTCDate() !== date.day) return null;
  const zoned = ms - (date.zoneMinutes ?? zoneMinutes) * MINUTE;
  return zoned > nowMs + 2 * 86_400_000 ? null : zoned;
}

/** Minutes east of UTC in `(UTC+05:30) New Delhi`, `UTC+1`, `+07:00`, `7`; 0 if there is none. */
export function parseZone(text: string): number {
  const found = ZONE.exec(text.replace(/^\s*(?=\d{1,2}\s*$)/, '+'));
  if (found === null) return 0;
  const minutes = Number(found[2]) * 60 + Number(found[3] ?? 0);
  return minutes > 14 * 60 ? 0 : found[1] === '-' ? -minutes : minutes;
}

interface FoundDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly isAm: boolean;
  readonly isPm: boolean;
  readonly zoneMinutes: number | null;
}

function numericDate(text: string, order: DayOrder): FoundDate | null {
  const found = NUMERIC.exec(text);
  if (found === null) return null;
  const [a, b, c] = [Number(found[1]), Number(found[2]), Number(found[3])];
  const thai = found[4] === undefined ? THAI_CLOCK.exec(text.slice(found.index + found[0].length)) : null;
  const clock = {
    hour: Number(found[4] ?? thai?.[1] ?? 0),
    minute: Number(found[5] ?? thai?.[2] ?? 0),
    second: Number(found[6] ?? 0),
    isAm: /\d\s?am\b/i.test(text),
    isPm: /\d\s?pm\b/i.test(text),
    zoneMinutes: /(?:Z|[+-]\d{2}:\d{2})\b/.test(text.slice(found.index + 10))
      ? parseZone(text.slice(found.index + 10))
      : null,
  };
  if ((found[1] ?? '').length === 4) return { year: a, month: b, day: c, ...clock };
  // Two-digit years are ambiguous.
  if ((found[3] ?? '').length !== 4) return null;
  const isDotted = found[0].includes('.') && !found[0].slice(0, 6).includes('/');
  const hasAmPm = clock.isAm || clock.isPm;
  const isBuddhist = commonYear(c) !== c;
  if (a > 12 && b > 12) return null;
  if (a > 12 || isDotted || isBuddhist) return { year: c, month: b, day: a, ...clock };
  if (b > 12 || order === 'month-first') return { year: c, month: a, day: b, ...clock };
  if (order === 'day-first' || a === b) return { year: c, month: b, day: a, ...clock };
  // What is left of those with AM and PM is how the United States write.
  return hasAmPm ? { year: c, month: a, day: b, ...clock } : null;
}

/** `Thu Dec 15 2022 13:01:02 GMT+0100`, `Sat Jul 06 3:43:57 2024`, `09 Dec 2023 00:33 UTC`, `1 ม.ค. 2568`. */
function namedDate(text: string): FoundDate | null {
  const month = findMonth(text);
  if (month === null) return null;
  const clock = CLOCK.exec(text) ?? THAI_CLOCK.exec(text);
  const rest = clock === null ? text : text.replace(clock[0], ' ');
  const zone = /(?:GMT|UTC)\s?[+-]\d/.exec(rest);
  const numbers = [...(zone === null ? rest : rest.slice(0, zone.index)).matchAll(/\d+/g)].map((match) => match[0]);
  const year = numbers.find((number) => number.length === 4);
  const day = numbers.find((number) => number.length <= 2);
  if (year === undefined || day === undefined) return null;
  return {
    year: Number(year),
    month,
    day: Number(day),
    hour: Number(clock?.[1] ?? 0),
    minute: Number(clock?.[2] ?? 0),
    second: Number(clock?.[3] ?? 0),
    isAm: /\d\s?am\b/i.test(text),
    isPm: /\d\s?pm\b/i.test(text),
    zoneMinutes: zone === null ? (/\b(?:UTC|GMT)\b/.test(rest) ? 0 : null) : parseZone(rest.slice(zone.index)),
  };
}

function findMonth(text: string): number | null {
  const word = /\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b/i.exec(text)?.[1]?.toLowerCase();
  if (word !== undefined) return MONTHS.findIndex((month) => month === word) + 1;
  const thai = THAI_MONTHS.findIndex((names) => names.some((name) => text.includes(name)));
  return thai < 0 ? null : thai + 1;
}

/** The year of the common era: Buddhist years are told by their size. */
export function commonYear(year: number): number {
  return year >= 2400 && year <= 2700 ? year - BUDDHIST_OFFSET : year;
}

/** Thai digits as the others. */
export function toAsciiDigits(text: string): string {
  return text.replace(/[๐-๙]/g, (digit) => String(digit.charCodeAt(0) - 0x0e50));
}
