/** The overview's figures, counted in one pass over the engine's rows. Days and weeks begin at midnight in Bangkok (DOMAIN, Thai). */
import type { Ms } from '../../base/brand.ts';
import type { Level } from '../finding/finding.ts';
import { LEVELS } from '../finding/finding.ts';
import type { Journal } from '../triage/journal.ts';
import type { TriageState } from '../triage/triage.ts';
import { TRIAGE_STATES } from '../triage/triage.ts';
import type { Engine } from './engine.ts';
import type { Overview } from './query.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WEEKS = 12;
const DAYS = 30;
const TOP_HOSTS = 10;
/** Asia/Bangkok: UTC+7, no daylight saving time. */
const BANGKOK_MS = 7 * HOUR_MS;

const ENDED: readonly TriageState[] = ['contained', 'closed', 'merged'];

/** Counts all findings of `engine`. Cost: one pass, and the history of those that were touched. */
export function makeOverview(
  engine: Engine,
  journal: Journal,
  nowMs: Ms,
  lastBundle: Overview['lastBundle'],
): Overview {
  const byLevel = LEVELS.map(() => 0);
  const byState = TRIAGE_STATES.map(() => 0);
  const hosts = new Map<number, { count: number; worst: number }>();
  const today = startOfDay(nowMs);
  const firstDay = today - (DAYS - 1) * DAY_MS;
  const firstWeek = startOfWeek(nowMs) - (WEEKS - 1) * 7 * DAY_MS;
  const weeks = Array.from({ length: WEEKS }, () => LEVELS.map(() => 0));
  const days = Array.from({ length: DAYS }, () => ({ critical: 0, overdue: 0, contained: 0 }));
  const day = (ms: Ms) => days[Math.floor((ms - firstDay) / DAY_MS)];
  const containTimes: number[] = [];
  let openCritical = 0;
  let openCriticalUnowned = 0;
  let overdue = 0;
  let contained = 0;

  engine.visit((level, state, ownerCode, hostCode, firstSeenAtMs, receivedAtMs, row) => {
    byLevel[level] = (byLevel[level] ?? 0) + 1;
    byState[state] = (byState[state] ?? 0) + 1;
    const week = weeks[Math.floor((firstSeenAtMs - firstWeek) / (7 * DAY_MS))];
    if (week) week[level] = (week[level] ?? 0) + 1;
    if (hostCode !== 0) {
      const host = hosts.get(hostCode) ?? { count: 0, worst: 0 };
      hosts.set(hostCode, { count: host.count + 1, worst: Math.max(host.worst, level) });
    }
    const isEnded = ENDED.includes(TRIAGE_STATES[state] ?? 'new');
    const isCritical = LEVELS[level] === 'critical';
    if (isCritical && !isEnded) openCritical++;
    if (isCritical && !isEnded && ownerCode === 0) openCriticalUnowned++;
    if (isCritical) increase(day(receivedAtMs), 'critical');

    // State 0 is `new`: nothing was done, no history to look at.
    const containedAtMs = state === 0 ? null : journal.firstContainedMs(engine.idAt(row));
    if (containedAtMs !== null && isEnded) {
      contained++;
      containTimes.push(Math.max(0, containedAtMs - receivedAtMs));
      increase(day(containedAtMs), 'contained');
    }
    const dueMs = containDueMs(LEVELS[level] ?? 'info', receivedAtMs);
    if (dueMs !== null && dueMs < nowMs && (containedAtMs === null ? !isEnded : containedAtMs > dueMs)) {
      increase(day(dueMs), 'overdue');
    }
    if (dueMs !== null && dueMs < nowMs && !isEnded) overdue++;
  });

  return {
    total: engine.rows,
    byLevel: record(LEVELS, byLevel),
    byState: record(TRIAGE_STATES, byState),
    openCritical,
    openCriticalUnowned,
    overdue,
    contained,
    medianContainMs: median(containTimes),
    weeks: weeks.map((counts, i) => ({ startMs: firstWeek + i * 7 * DAY_MS, byLevel: record(LEVELS, counts) })),
    days: days.map((counts, i) => ({ startMs: firstDay + i * DAY_MS, ...counts })),
    topHosts: [...hosts]
      .map(([code, { count, worst }]) => ({ host: engine.hostText(code), count, worst: LEVELS[worst] ?? 'info' }))
      .sort((a, b) => b.count - a.count || (a.host < b.host ? -1 : 1))
      .slice(0, TOP_HOSTS),
    lastBundle,
  };
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
    const weekday = weekdayOf(at);
    if (weekday !== 0 && weekday !== 6) left--;
  }
  return at;
}

/** 0 is Sunday. 1 January 1970 was a Thursday. */
function weekdayOf(ms: Ms): number {
  return (((Math.floor((ms + BANGKOK_MS) / DAY_MS) + 4) % 7) + 7) % 7;
}

function startOfDay(ms: Ms): Ms {
  return Math.floor((ms + BANGKOK_MS) / DAY_MS) * DAY_MS - BANGKOK_MS;
}

/** Weeks begin on Monday. */
function startOfWeek(ms: Ms): Ms {
  return startOfDay(ms) - ((weekdayOf(ms) + 6) % 7) * DAY_MS;
}

function median(values: number[]): number | null {
  if (values.length === 0) return null;
  values.sort((a, b) => a - b);
  const middle = values.length >> 1;
  const upper = values[middle] as number;
  return values.length % 2 === 1 ? upper : Math.round(((values[middle - 1] as number) + upper) / 2);
}

function increase<K extends string>(counts: Record<K, number> | undefined, name: K): void {
  if (counts) counts[name]++;
}

function record<T extends string>(words: readonly T[], counts: readonly number[]): Record<T, number> {
  return Object.fromEntries(words.map((word, i) => [word, counts[i] ?? 0])) as Record<T, number>;
}
