/** The overview's figures, made of what the engine counts. Days and weeks begin at midnight in Bangkok (DOMAIN, Thai). */
import type { Ms } from '../../base/brand.ts';
import type { Level } from '../finding/finding.ts';
import { LEVELS } from '../finding/finding.ts';
import { TRIAGE_STATES } from '../triage/triage.ts';
import { bangkokDay, bangkokDayStart, bangkokWeekday, DAY_MS } from './bangkok-days.ts';
import type { Arrival, Engine } from './engine.ts';
import { kindOf } from './engine.ts';
import { IS_OPEN_STATE } from './group-pages.ts';
import type { Overview } from './query.ts';

const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * DAY_MS;
const WEEKS = 12;
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

/** Counts all findings of `engine`. Cost: three passes over them, about 5 ms a million. */
export function makeOverview(
  engine: Engine,
  contained: FirstContained,
  nowMs: Ms,
  lastBundle: Overview['lastBundle'],
): Overview {
  const counter = new OverviewCounter(nowMs);
  for (const arrival of engine.arrivals()) counter.countArrival(arrival);
  counter.countContained(engine, contained);
  return { total: engine.rows, ...counter.figures(engine), lastBundle };
}

class OverviewCounter {
  readonly #nowMs: Ms;
  readonly #firstDay: number;
  readonly #firstWeekMs: Ms;
  readonly #byLevel = new Uint32Array(LEVELS.length);
  readonly #byState = new Uint32Array(TRIAGE_STATES.length);
  readonly #days = Array.from({ length: DAYS }, () => ({ critical: 0, overdue: 0, contained: 0 }));
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
  }

  countArrival({ receivedAtMs, kinds }: Arrival): void {
    for (const level of LEVELS.keys()) {
      for (const state of TRIAGE_STATES.keys()) {
        const unowned = kinds[kindOf(level, state, false)] as number;
        const count = unowned + (kinds[kindOf(level, state, true)] as number);
        if (count > 0) this.#countKind(receivedAtMs, level, state, count, unowned);
      }
    }
  }

  /** Rows that were counted as never contained. */
  countContained(engine: Engine, { rows, atMs }: FirstContained): void {
    const { level, state } = engine.wordsOf(rows);
    for (let i = 0; i < rows.length; i++) {
      const rowState = state[i] as number;
      if (rowState === NEW) continue;
      const [containedMs, arrivedMs] = [atMs[i] as number, engine.receivedAtMs(rows[i] as number)];
      const isOpen = IS_OPEN_STATE[rowState] === 1;
      if (!isOpen) {
        this.#containTimes.push(Math.max(0, containedMs - arrivedMs));
        this.#addToDay(containedMs, 'contained', 1);
      }
      const dueMs = containDueMs(LEVELS[level[i] as number] ?? 'info', arrivedMs);
      if (dueMs === null || dueMs >= this.#nowMs) continue;
      this.#addToDay(dueMs, 'overdue', Number(containedMs > dueMs) - Number(isOpen));
    }
  }

  figures(engine: Engine): Omit<Overview, 'total' | 'lastBundle'> {
    const weeks = engine.firstSeenBySteps({ startMs: this.#firstWeekMs, stepMs: WEEK_MS, steps: WEEKS });
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
        byLevel: record(LEVELS, weeks.subarray(i * LEVELS.length)),
      })),
      days: this.#days.map((counts, i) => ({ startMs: bangkokDayStart(this.#firstDay + i), ...counts })),
      topHosts: engine.topHosts(TOP_HOSTS),
    };
  }

  #countKind(arrivedMs: Ms, level: number, state: number, count: number, unowned: number): void {
    this.#byLevel[level] = (this.#byLevel[level] as number) + count;
    this.#byState[state] = (this.#byState[state] as number) + count;
    if (level === CRITICAL) this.#addToDay(arrivedMs, 'critical', count);
    if (IS_OPEN_STATE[state] !== 1) return;
    if (level === CRITICAL) this.#openCritical += count;
    if (level === CRITICAL) this.#openCriticalUnowned += unowned;
    const dueMs = containDueMs(LEVELS[level] ?? 'info', arrivedMs);
    if (dueMs === null || dueMs >= this.#nowMs) return;
    this.#overdue += count;
    this.#addToDay(dueMs, 'overdue', count);
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
