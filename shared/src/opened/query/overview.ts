/** The overview's figures, counted in one pass over the engine's columns. Days and weeks begin at midnight in Bangkok (DOMAIN, Thai). */
import type { Ms } from '../../base/brand.ts';
import type { Level } from '../finding/finding.ts';
import { LEVELS } from '../finding/finding.ts';
import { TRIAGE_STATES } from '../triage/triage.ts';
import { bangkokDay, bangkokDayStart, bangkokWeekday, DAY_MS } from './bangkok-days.ts';
import type { CountedColumns, Engine } from './engine.ts';
import { IS_OPEN_STATE } from './group-pages.ts';
import { withRoom } from './growable.ts';
import { pickLargest } from './pick-largest.ts';
import type { Overview } from './query.ts';
import { compareTexts } from './text-order.ts';

const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * DAY_MS;
const WEEKS = 12;
/** Weeks from 1970 on that are counted: until 2127. */
const ALL_WEEKS = 8192;
const DAYS = 30;
const TOP_HOSTS = 10;
const CRITICAL = LEVELS.indexOf('critical');
/** State 0 is `new`: whatever was done is taken back. */
const NEW = 0;

/** Rows of the engine that were ever contained or closed, rising, each with the time of its first. */
export interface FirstContained {
  readonly rows: Uint32Array;
  readonly atMs: Float64Array;
}

/** Counts all findings of `engine`. Cost: one pass, about 9 ms a million rows. */
export function makeOverview(
  engine: Engine,
  contained: FirstContained,
  nowMs: Ms,
  lastBundle: Overview['lastBundle'],
): Overview {
  const counter = new OverviewCounter(nowMs);
  let next = 0;
  engine.visitColumns((block) => {
    counter.countBlock(block);
    const end = block.first + block.rows;
    for (; next < contained.rows.length && (contained.rows[next] as number) < end; next++) {
      counter.countContained(block, (contained.rows[next] as number) - block.first, contained.atMs[next] as number);
    }
  });
  return { total: engine.rows, ...counter.figures(engine), lastBundle };
}

class OverviewCounter {
  readonly #nowMs: Ms;
  readonly #firstDay: number;
  readonly #firstWeekMs: Ms;
  readonly #byLevel = new Uint32Array(LEVELS.length);
  readonly #byState = new Uint32Array(TRIAGE_STATES.length);
  /** A Monday at or before 1 January 1970, from which weeks count. */
  readonly #weekZeroMs: Ms;
  readonly #weeks = new Uint32Array(ALL_WEEKS * LEVELS.length);
  readonly #days = Array.from({ length: DAYS }, () => ({ critical: 0, overdue: 0, contained: 0 }));
  #hostCounts = new Uint32Array(0);
  #hostWorst = new Uint8Array(0);
  /** Rows of one time of arrival, by state, level and whether somebody owns them. */
  readonly #run = new Uint32Array(TRIAGE_STATES.length * LEVELS.length * 2);
  readonly #containTimes: number[] = [];
  #openCritical = 0;
  #openCriticalUnowned = 0;
  #overdue = 0;

  constructor(nowMs: Ms) {
    this.#nowMs = nowMs;
    this.#firstDay = bangkokDay(nowMs) - (DAYS - 1);
    // Weeks begin on Monday.
    const monday = bangkokDay(nowMs) - ((bangkokWeekday(nowMs) + 6) % 7);
    this.#firstWeekMs = bangkokDayStart(monday - (WEEKS - 1) * 7);
    this.#weekZeroMs = this.#firstWeekMs - Math.ceil(this.#firstWeekMs / WEEK_MS) * WEEK_MS;
  }

  // Loops of few columns each, without branches on what is random: together in one, they take twice as long.

  countBlock({ rows, level, state, owner, host, firstSeenAtMs, receivedAtMs }: CountedColumns): void {
    // What depends on a row's arrival is the same for thousands of neighbours: they are counted together.
    for (let from = 0; from < rows;) {
      const arrivedMs = receivedAtMs[from] as number;
      let to = from + 1;
      while (to < rows && receivedAtMs[to] === arrivedMs) to++;
      this.#countRun(from, to, level, state, owner);
      this.#endRun(arrivedMs);
      from = to;
    }
    this.#countWeeks(rows, level, firstSeenAtMs);
    this.#countHosts(rows, level, host);
  }

  /** A row that was counted as never contained. */
  countContained({ level, state, receivedAtMs }: CountedColumns, row: number, atMs: Ms): void {
    const rowState = state[row] as number;
    if (rowState === NEW) return;
    const isOpen = IS_OPEN_STATE[rowState] === 1;
    const arrivedMs = receivedAtMs[row] as number;
    if (!isOpen) {
      this.#containTimes.push(Math.max(0, atMs - arrivedMs));
      this.#addToDay(atMs, 'contained', 1);
    }
    const dueMs = containDueMs(LEVELS[level[row] as number] ?? 'info', arrivedMs);
    if (dueMs !== null && dueMs < this.#nowMs) this.#addToDay(dueMs, 'overdue', Number(atMs > dueMs) - Number(isOpen));
  }

  figures(engine: Engine): Omit<Overview, 'total' | 'lastBundle'> {
    const firstWeek = Math.round((this.#firstWeekMs - this.#weekZeroMs) / WEEK_MS);
    // Code 0 is no host.
    this.#hostCounts.fill(0, 0, 1);
    const hosts = pickLargest(this.#hostCounts, TOP_HOSTS, (a, b) =>
      compareTexts(engine.hostText(a), engine.hostText(b)),
    );
    return {
      byLevel: record(LEVELS, this.#byLevel),
      byState: record(TRIAGE_STATES, this.#byState),
      openCritical: this.#openCritical,
      openCriticalUnowned: this.#openCriticalUnowned,
      overdue: this.#overdue,
      contained: this.#containTimes.length,
      medianContainMs: median(this.#containTimes),
      weeks: Array.from({ length: WEEKS }, (_, i) => ({
        startMs: this.#firstWeekMs + i * WEEK_MS,
        byLevel: record(LEVELS, this.#weeks.subarray((firstWeek + i) * LEVELS.length)),
      })),
      days: this.#days.map((counts, i) => ({ startMs: bangkokDayStart(this.#firstDay + i), ...counts })),
      topHosts: hosts.map((code) => ({
        host: engine.hostText(code),
        count: this.#hostCounts[code] as number,
        worst: LEVELS[this.#hostWorst[code] as number] ?? 'info',
      })),
    };
  }

  #countRun(from: number, to: number, level: Uint8Array, state: Uint8Array, owner: Uint16Array | Uint32Array): void {
    const run = this.#run;
    for (let row = from; row < to; row++) {
      // The sign of -owner: 1 where there is one.
      const isOwned = -(owner[row] as number) >>> 31;
      const at = ((state[row] as number) * LEVELS.length + (level[row] as number)) * 2 + isOwned;
      run[at] = (run[at] as number) + 1;
    }
  }

  /** All weeks are counted: asking which of them are shown costs more. */
  #countWeeks(rows: number, level: Uint8Array, firstSeenAtMs: Float64Array): void {
    const weeks = this.#weeks;
    const startMs = this.#weekZeroMs;
    for (let row = 0; row < rows; row++) {
      const week = (((firstSeenAtMs[row] as number) - startMs) / WEEK_MS) >>> 0;
      if (week >= ALL_WEEKS) continue;
      const at = week * LEVELS.length + (level[row] as number);
      weeks[at] = (weeks[at] as number) + 1;
    }
  }

  #countHosts(rows: number, level: Uint8Array, host: Uint16Array | Uint32Array): void {
    let last = 0;
    for (let row = 0; row < rows; row++) last = Math.max(last, host[row] as number);
    if (last >= this.#hostCounts.length) {
      this.#hostCounts = withRoom(this.#hostCounts, last + 1);
      this.#hostWorst = withRoom(this.#hostWorst, last + 1);
    }
    const counts = this.#hostCounts;
    const worst = this.#hostWorst;
    for (let row = 0; row < rows; row++) {
      const code = host[row] as number;
      counts[code] = (counts[code] as number) + 1;
      if ((level[row] as number) > (worst[code] as number)) worst[code] = level[row] as number;
    }
  }

  #endRun(arrivedMs: Ms): void {
    for (let at = 0; at < this.#run.length; at++) {
      const count = this.#run[at] as number;
      if (count === 0) continue;
      this.#run[at] = 0;
      const isOwned = at % 2 === 1;
      const level = (at >> 1) % LEVELS.length;
      const state = Math.floor((at >> 1) / LEVELS.length);
      this.#byLevel[level] = (this.#byLevel[level] as number) + count;
      this.#byState[state] = (this.#byState[state] as number) + count;
      const isOpen = IS_OPEN_STATE[state] === 1;
      if (level === CRITICAL) this.#addToDay(arrivedMs, 'critical', count);
      if (!isOpen) continue;
      if (level === CRITICAL) this.#openCritical += count;
      if (level === CRITICAL && !isOwned) this.#openCriticalUnowned += count;
      const dueMs = containDueMs(LEVELS[level] ?? 'info', arrivedMs);
      if (dueMs === null || dueMs >= this.#nowMs) continue;
      this.#overdue += count;
      this.#addToDay(dueMs, 'overdue', count);
    }
  }

  #addToDay(ms: Ms, name: 'critical' | 'overdue' | 'contained', count: number): void {
    const day = this.#days[bangkokDay(ms) - this.#firstDay];
    if (day) day[name] += count;
  }
}

/** DOMAIN, Response targets: until when a finding of this level is to be contained; `null` for info. */
function containDueMs(level: Level, receivedAtMs: Ms): Ms | null {
  switch (level) {
    case 'critical':
      return receivedAtMs + 24 * HOUR_MS;
    case 'high':
      return receivedAtMs + 72 * HOUR_MS;
    case 'medium':
      return addWorkingDays(receivedAtMs, 5);
    case 'low':
      return receivedAtMs + 30 * DAY_MS;
    case 'info':
      return null;
  }
}

/** The same time of day after `count` days from Monday to Friday; holidays are not known here. */
function addWorkingDays(ms: Ms, count: number): Ms {
  let at = ms;
  for (let left = count; left > 0;) {
    at += DAY_MS;
    const weekday = bangkokWeekday(at);
    if (weekday !== 0 && weekday !== 6) left--;
  }
  return at;
}

function median(values: number[]): number | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : Math.round(((sorted[middle - 1] as number) + upper) / 2);
}

function record<T extends string>(words: readonly T[], counts: Uint32Array): Record<T, number> {
  return Object.fromEntries(words.map((word, i) => [word, counts[i] ?? 0])) as Record<T, number>;
}
