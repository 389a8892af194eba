/**
 * Whether a system file writes `7/8/2025` month first or day first. Decided per file: dates of its own that can be read one way only
 * say so, else a date near another one of the file that is certain, else what its family always writes.
 */
import type { Ms } from '../../../base/brand.ts';
import type { DayOrder } from './dates.ts';
import { parseLogDate, toAsciiDigits } from './dates.ts';

/** With slashes only: versions and addresses have dots. */
const SLASHED = /(?<![\d/])(\d{1,2})\/(\d{1,2})\/(\d{4})(?![\d/])/g;
/** Values that may be a certain date: named months, and years in front. */
const CERTAIN =
  /\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|[ก-ฮ]\.[คยพ]|คม|ยน|พันธ์|\b\d{4}[/.-]\d{1,2}[/.-]\d{1,2}|\b\d{1,2}\.\d{1,2}\.\d{4}/i;
const MOST_DATES = 200;
/** Clocks of one machine, written in its own and in the world's time. */
const NEAR_MS = 2 * 86_400_000;

/** INGEST's table: RedLine and META print M/D/Y, Vidar and RisePro D/M/Y. Only where the file itself says nothing. */
const BY_FAMILY: Readonly<Record<string, DayOrder>> = {
  RedLine: 'month-first',
  META: 'month-first',
  Vidar: 'day-first',
  RisePro: 'day-first',
};

/** The order in the file of this text. */
export function dayOrderOf(systemText: string, family: string | null, nowMs: Ms): DayOrder {
  const text = toAsciiDigits(systemText);
  const dates = [...text.matchAll(SLASHED)].slice(0, MOST_DATES);
  const votes = { monthFirst: 0, dayFirst: 0 };
  for (const [, first, second] of dates) {
    if (Number(first) > 12 && Number(second) <= 12) votes.dayFirst++;
    if (Number(second) > 12 && Number(first) <= 12) votes.monthFirst++;
  }
  if (votes.monthFirst !== votes.dayFirst) return votes.monthFirst > votes.dayFirst ? 'month-first' : 'day-first';
  return nearCertain(dates, text, nowMs) ?? BY_FAMILY[family ?? ''] ?? 'unknown';
}

/** The reading that lies beside a certain date of the file, where the other one does not. */
function nearCertain(dates: readonly RegExpMatchArray[], systemText: string, nowMs: Ms): DayOrder | null {
  const ambiguous = dates.filter(([, first, second]) => first !== second);
  if (ambiguous.length === 0) return null;
  const certain = certainDates(systemText, nowMs);
  const isNear = (text: string, order: DayOrder): boolean => {
    const ms = parseLogDate(text, order, 0, nowMs);
    return ms !== null && certain.some((other) => Math.abs(other - ms) <= NEAR_MS);
  };
  for (const [text] of ambiguous) {
    const [monthFirst, dayFirst] = [isNear(text, 'month-first'), isNear(text, 'day-first')];
    if (monthFirst !== dayFirst) return monthFirst ? 'month-first' : 'day-first';
  }
  return null;
}

function certainDates(systemText: string, nowMs: Ms): readonly Ms[] {
  const found: Ms[] = [];
  for (const line of systemText.split(/\r\n|\r|\n/)) {
    if (found.length >= MOST_DATES) break;
    const value = line.slice(line.indexOf(':') + 1, line.indexOf(':') + 121);
    if (!CERTAIN.test(value)) continue;
    const ms = parseLogDate(value, 'unknown', 0, nowMs);
    if (ms !== null) found.push(ms);
  }
  return found;
}
