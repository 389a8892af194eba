import { describe, expect, test } from 'vitest';
import { columnsOf } from '../bundle/columns-of.ts';
import type { Finding } from '../finding/finding.ts';
import { LEVELS } from '../finding/finding.ts';
import { NEW_STATUS } from '../triage/status.ts';
import { TRIAGE_STATES } from '../triage/triage.ts';
import type { TriageState } from '../triage/triage.ts';
import { HotConverter } from './hot-columns-of.ts';
import { madeUpFindings, seededNumbers } from './made-up-findings.ts';
import type { FirstContained } from './overview.ts';
import { makeOverview } from './overview.ts';
import { createPlainEngine } from './plain-engine.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;
/** Thursday, 19 March 2026, 01:30 in Bangkok, still Wednesday in UTC. */
const NOW_MS = Date.UTC(2026, 2, 18, 18, 30);
const TODAY_MS = Date.UTC(2026, 2, 18, 17);
const MONDAY_MS = TODAY_MS - 3 * DAY_MS;

/** What the figures are made of. */
interface Told {
  readonly finding: Finding;
  readonly state: TriageState;
  readonly owner: string | null;
  readonly receivedAtMs: number;
  readonly containedAtMs: number | null;
}

describe('overview', () => {
  test('counts what counting finding by finding counts', () => {
    const next = seededNumbers(3);
    const told = [0, 1, 5, 20, 45].flatMap((daysAgo, i) =>
      madeUpFindings(150, 40 + i).map((finding): Told => {
        const receivedAtMs = NOW_MS - daysAgo * DAY_MS;
        const state = next() % 2 === 0 ? 'new' : (TRIAGE_STATES[next() % TRIAGE_STATES.length] as TriageState);
        const wasContained = next() % 3 === 0;
        const containedAtMs = wasContained ? receivedAtMs + ((next() % 40) - 2) * 20 * HOUR_MS : null;
        return { finding, state, owner: next() % 2 === 0 ? 'ann' : null, receivedAtMs, containedAtMs };
      }),
    );
    const overview = overviewOf(told);
    expect(overview).toEqual(expected(told));
    // Each figure has something to count.
    const { openCriticalUnowned, overdue, contained, days, weeks } = overview;
    expect(Math.min(openCriticalUnowned, overdue, contained)).toBeGreaterThan(10);
    for (const name of ['critical', 'overdue', 'contained'] as const)
      expect(days.some((day) => day[name] > 0)).toBe(true);
    expect(weeks.filter(({ byLevel }) => byLevel.critical > 0).length).toBeGreaterThan(5);
  });

  test('an empty vault has weeks and days, and no times', () => {
    const overview = overviewOf([]);
    expect(overview).toMatchObject({ total: 0, medianContainMs: null, topHosts: [], lastBundle: null });
    expect(overview.weeks).toHaveLength(12);
    expect(overview.weeks[11]).toMatchObject({ startMs: MONDAY_MS });
    expect(overview.days).toHaveLength(30);
    expect(overview.days[29]).toEqual({ startMs: TODAY_MS, critical: 0, overdue: 0, contained: 0 });
  });

  test('five working days from a Thursday end on the next Thursday', () => {
    const [finding] = madeUpFindings(1, 1) as [Finding];
    const medium: Finding = { ...finding, level: 'medium' };
    const at = (receivedAtMs: number) =>
      overviewOf([{ finding: medium, state: 'new', owner: null, receivedAtMs, containedAtMs: null }]).overdue;
    expect(at(NOW_MS - 7 * DAY_MS - 1)).toBe(1);
    expect(at(NOW_MS - 7 * DAY_MS)).toBe(0);
  });
});

function overviewOf(told: readonly Told[]) {
  const engine = createPlainEngine();
  for (const [receivedAtMs, imported] of Map.groupBy(told, (one) => one.receivedAtMs)) {
    const columns = columnsOf(
      imported.map(({ finding }) => finding),
      'masked',
    );
    const converter = new HotConverter(columns);
    const staged = engine.begin(converter.dictionaries, { bundleId: String(receivedAtMs), receivedAtMs });
    staged.add(0, converter.convert(columns), 0, columns.rows);
    staged.prepare();
    staged.commit();
  }
  for (const { finding, state, owner } of told) {
    engine.setStatus(Uint32Array.of(engine.rowOf(finding.id)), { ...NEW_STATUS, state, owner });
  }
  const ended = told
    .filter(({ containedAtMs }) => containedAtMs !== null)
    .map(({ finding, containedAtMs }) => [engine.rowOf(finding.id), containedAtMs as number] as const)
    .sort(([a], [b]) => a - b);
  const contained: FirstContained = {
    rows: Uint32Array.from(ended, ([row]) => row),
    atMs: Float64Array.from(ended, ([, atMs]) => atMs),
  };
  return makeOverview(engine, contained, NOW_MS, null);
}

function expected(told: readonly Told[]): ReturnType<typeof overviewOf> {
  const isOpen = ({ state }: Told) => !['contained', 'closed', 'merged'].includes(state);
  const count = (isCounted: (one: Told) => boolean) => told.filter(isCounted).length;
  const within = (ms: number | null, fromMs: number, lengthMs: number) =>
    ms !== null && ms >= fromMs && ms < fromMs + lengthMs;
  const containedAt = (one: Told) => (one.state === 'new' ? null : one.containedAtMs);
  const isContained = (one: Told) => containedAt(one) !== null && !isOpen(one);
  const isDue = (one: Told) => dueOf(one) < NOW_MS;
  const missed = (one: Told) => {
    const at = containedAt(one);
    return isDue(one) && (at === null ? isOpen(one) : at > dueOf(one));
  };
  const times = told.filter(isContained).map((one) => Math.max(0, (one.containedAtMs as number) - one.receivedAtMs));
  times.sort((a, b) => a - b);
  const [low, high] = [times[(times.length - 1) >> 1], times[times.length >> 1]] as [number, number];
  const isCritical = ({ finding }: Told) => finding.level === 'critical';
  const byHost = Map.groupBy(
    told.filter(({ finding }) => finding.host !== ''),
    ({ finding }) => finding.host,
  );
  const hosts = [...byHost].map(([host, all]) => ({
    host,
    count: all.length,
    worst: LEVELS[Math.max(...all.map(({ finding }) => LEVELS.indexOf(finding.level)))] as Finding['level'],
  }));
  return {
    total: told.length,
    byLevel: each(LEVELS, (level) => count(({ finding }) => finding.level === level)),
    byState: each(TRIAGE_STATES, (state) => count((one) => one.state === state)),
    openCritical: count((one) => isCritical(one) && isOpen(one)),
    openCriticalUnowned: count((one) => isCritical(one) && isOpen(one) && one.owner === null),
    overdue: count((one) => isDue(one) && isOpen(one)),
    contained: count(isContained),
    medianContainMs: Math.round((low + high) / 2),
    weeks: Array.from({ length: 12 }, (_, i) => {
      const startMs = MONDAY_MS - (11 - i) * WEEK_MS;
      const seen = ({ finding }: Told) => within(finding.firstSeenAtMs, startMs, WEEK_MS);
      return { startMs, byLevel: each(LEVELS, (level) => count((one) => seen(one) && one.finding.level === level)) };
    }),
    days: Array.from({ length: 30 }, (_, i) => {
      const startMs = TODAY_MS - (29 - i) * DAY_MS;
      return {
        startMs,
        critical: count((one) => isCritical(one) && within(one.receivedAtMs, startMs, DAY_MS)),
        overdue: count((one) => missed(one) && within(dueOf(one), startMs, DAY_MS)),
        contained: count((one) => isContained(one) && within(one.containedAtMs, startMs, DAY_MS)),
      };
    }),
    topHosts: hosts.sort((a, b) => b.count - a.count || (a.host < b.host ? -1 : 1)).slice(0, 10),
    lastBundle: null,
  };
}

/** DOMAIN, Response targets. */
function dueOf({ finding, receivedAtMs }: Told): number {
  switch (finding.level) {
    case 'critical':
      return receivedAtMs + DAY_MS;
    case 'high':
      return receivedAtMs + 3 * DAY_MS;
    case 'medium':
      // A week holds five working days: they end on the weekday of arrival, from a weekend on the Friday after it.
      return receivedAtMs + ({ 0: 5, 6: 6 }[weekdayOf(receivedAtMs)] ?? 7) * DAY_MS;
    case 'low':
      return receivedAtMs + 30 * DAY_MS;
    case 'info':
      return Number.POSITIVE_INFINITY;
  }
}

function weekdayOf(ms: number): number {
  return new Date(ms + 7 * HOUR_MS).getUTCDay();
}

function each<T extends string>(words: readonly T[], count: (word: T) => number): Record<T, number> {
  return Object.fromEntries(words.map((word) => [word, count(word)])) as Record<T, number>;
}
