/**
 * Every answer of an engine the slow obvious way, from finding objects: what engines are tested against. Shares with them only the
 * vocabularies, the merge rule, the fold and order of text, and the reading of the search box, which have tests of their own.
 */
import { parseBase64url, toBase64url } from '../../base/base64url.ts';
import { compareBytes } from '../../base/bytes.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { Finding, FindingId, Level } from '../finding/finding.ts';
import { EXPOSURES, LEVELS, PATH_CLASSES, SOURCE_CLASSES } from '../finding/finding.ts';
import { NEW_STATUS } from '../triage/status.ts';
import type { TriageStatus } from '../triage/triage.ts';
import { TRIAGE_STATES } from '../triage/triage.ts';
import type { Appearance } from './engine.ts';
import { foldText } from './fold.ts';
import { mergeFinding } from './merge-finding.ts';
import type {
  FacetCount,
  FilterField,
  Group,
  GroupField,
  GroupPage,
  Histogram,
  Query,
  QueryResult,
  Row,
  Suggestion,
  TimeField,
} from './query.ts';
import { FACET_FIELDS } from './query.ts';
import type { SearchTerm, TextField } from './search-syntax.ts';
import { parseSearch, typedTerms } from './search-syntax.ts';
import { compareCodePoints, compareTexts } from './text-order.ts';

const DAY_MS = 86_400_000;
/** Asia/Bangkok. */
const OFFSET_MS = 7 * 3_600_000;

/** One finding with all that is known of it. */
export interface Known {
  readonly finding: Finding;
  readonly status: TriageStatus;
  readonly receivedAtMs: number;
  readonly appearances: readonly Appearance[];
  /** Number of its row. */
  readonly row: number;
}

export interface BruteAnswer extends Pick<QueryResult, 'total' | 'accounts' | 'facets'> {
  readonly hits: readonly Known[];
}

export class BruteForce {
  readonly #known = new Map<FindingId, Known>();
  #parts = 0;

  get known(): readonly Known[] {
    return [...this.#known.values()];
  }

  /** A committed import in segments of `segmentRows`. */
  import(findings: readonly Finding[], receivedAtMs: number, segmentRows: number): void {
    const part = this.#parts++;
    findings.forEach((finding, i) => {
      const place = { part, segment: Math.floor(i / segmentRows), row: i % segmentRows };
      const before = this.#known.get(finding.id);
      this.#known.set(
        finding.id,
        before === undefined
          ? { finding, status: NEW_STATUS, receivedAtMs, appearances: [place], row: this.#known.size }
          : {
              ...before,
              finding: mergeFinding(before.finding, finding),
              appearances: [...before.appearances, place],
            },
      );
    });
  }

  setStatus(id: FindingId, status: TriageStatus): void {
    const known = this.#known.get(id);
    if (known) this.#known.set(id, { ...known, status });
  }

  run(query: Query): BruteAnswer {
    const terms = parseSearch(query.text);
    const texts = this.known.filter((one) => terms.every((term) => holds(one, term) !== term.isNegated));
    const fields = Object.entries(query.filters).filter(([, values]) => values.length > 0) as [FilterField, string[]][];
    const passes = (one: Known, except: FilterField | null) =>
      fields.every(([field, values]) => field === except || valuesOf(one, field).some((it) => values.includes(it))) &&
      Object.entries(query.ranges ?? {}).every(([field, [from, to]]) => {
        const ms = one.finding[`${field as TimeField}AtMs`];
        return ms !== null && ms >= from && ms < to;
      });
    const hits = texts.filter((one) => passes(one, null)).sort((a, b) => compareKnown(a, b, query));
    const facets = Object.fromEntries(
      FACET_FIELDS.map((field) => [
        field,
        countValues(texts.filter((one) => passes(one, field)).flatMap((one) => valuesOf(one, field))),
      ]),
    ) as unknown as QueryResult['facets'];
    const accounts = new Set(hits.map(({ finding }) => finding.identity)).size;
    return { hits, total: hits.length, accounts, facets };
  }

  groups(query: Query, by: GroupField, offset: number, limit: number): GroupPage {
    const groups = Map.groupBy(this.run(query).hits, ({ finding }) => finding[by] ?? '');
    const all = [...groups].map(([value, members]): Group => {
      const named = members.filter(({ finding }) => finding.machineName !== null).sort((a, b) => b.row - a.row);
      const name = by === 'machine' && value !== '' ? named[0]?.finding.machineName : null;
      return {
        value,
        label: name ?? value,
        count: members.length,
        open: members.filter(({ status }) => !['contained', 'closed', 'merged'].includes(status.state)).length,
        worst: LEVELS[Math.max(...members.map(({ finding }) => LEVELS.indexOf(finding.level)))] as Level,
        lastSeenAtMs: Math.max(...members.map(({ finding }) => finding.lastSeenAtMs)),
      };
    });
    all.sort(
      (a, b) =>
        b.count - a.count || LEVELS.indexOf(b.worst) - LEVELS.indexOf(a.worst) || compareTexts(a.value, b.value),
    );
    return { total: all.length, groups: all.slice(offset, offset + limit) };
  }

  histogram(query: Query, field: TimeField, bars: number): Histogram {
    const { hits } = this.run(query);
    const days = hits.flatMap(({ finding }) => {
      const ms = finding[`${field}AtMs`];
      return ms === null ? [] : [{ day: Math.floor((ms + OFFSET_MS) / DAY_MS), level: finding.level }];
    });
    const unknown = hits.length - days.length;
    if (days.length === 0) return { bars: [], unknown };
    const first = Math.min(...days.map(({ day }) => day));
    const last = Math.max(...days.map(({ day }) => day));
    let width = 1;
    while (Math.ceil((last - first + 1) / width) > bars) width++;
    const made: Histogram['bars'][number][] = [];
    for (let day = first; day <= last; day += width) {
      const inside = days.filter((one) => one.day >= day && one.day < day + width);
      const byLevel = Object.fromEntries(
        LEVELS.map((level) => [level, inside.filter((one) => one.level === level).length]),
      ) as Record<Level, number>;
      const startMs = (of: number) => of * DAY_MS - OFFSET_MS;
      made.push({ fromMs: startMs(day), toMs: startMs(day + width), byLevel });
    }
    return { bars: made, unknown };
  }

  suggest(text: string, limit: number): readonly Suggestion[] {
    const last = typedTerms(text).at(-1);
    if (!last || last.end !== text.length || (last.end > 0 && !text.endsWith(last.raw))) return [];
    const needle = foldText(last.raw).trim();
    const all = SUGGESTED.filter((field) => last.field === null || last.field === field).flatMap((field) => {
      const values = this.known.flatMap((one) => textsOf(one, field)).filter((value) => value !== '');
      return countAll(values).map((one) => ({ field, ...one }));
    });
    if (last.field === null && needle === '') return [];
    const begins = ({ value }: Suggestion) => (foldText(value).startsWith(needle) ? 0 : 1);
    return all
      .filter(({ value }) => foldText(value).includes(needle))
      .sort(
        (a, b) =>
          begins(a) - begins(b) ||
          b.count - a.count ||
          SUGGESTED.indexOf(a.field) - SUGGESTED.indexOf(b.field) ||
          compareTexts(a.value, b.value),
      )
      .slice(0, limit);
  }

  /** Others of the same machine or identity, in priority order. */
  related(id: FindingId, by: 'machine' | 'identity', limit: number): readonly Row[] {
    const value = this.#known.get(id)?.finding[by] ?? '';
    if (value === '') return [];
    const sort = { by: 'priority', descending: true } as const;
    const others = this.known.filter(({ finding }) => finding[by] === value && finding.id !== id);
    return others
      .sort((a, b) => compareKnown(a, b, { text: '', filters: {}, sort }))
      .slice(0, limit)
      .map(rowOf);
  }
}

const SUGGESTED = ['identity', 'host', 'domain', 'source', 'family', 'tag', 'machine', 'application', 'owner'] as const;

/** The line of the table. */
export function rowOf({ finding, status }: Known): Row {
  return {
    id: finding.id,
    identityKind: finding.identityKind,
    identity: finding.identity,
    registrable: finding.registrable,
    host: finding.host,
    pathClass: finding.pathClass,
    exposure: finding.exposure,
    sourceClass: finding.sourceClass,
    sourceAlias: finding.sourceAlias,
    capturedAtMs: finding.capturedAtMs,
    lastSeenAtMs: finding.lastSeenAtMs,
    mask: finding.secret.mask,
    score: finding.score,
    level: finding.level,
    confidence: finding.confidence,
    state: status.state,
    resolution: status.resolution,
    owner: status.owner,
  };
}

function holds(one: Known, term: SearchTerm): boolean {
  const { finding, status } = one;
  switch (term.kind) {
    case 'text': {
      const fields = term.field === null ? SUGGESTED.filter((field) => field !== 'owner') : [term.field];
      return fields.some((field) => textsOf(one, field).some((text) => folded(text).includes(term.text)));
    }
    case 'words': {
      const code = {
        level: LEVELS.indexOf(finding.level),
        state: TRIAGE_STATES.indexOf(status.state),
        exposure: EXPOSURES.indexOf(finding.exposure),
        class: SOURCE_CLASSES.indexOf(finding.sourceClass),
        path: PATH_CLASSES.indexOf(finding.pathClass),
      }[term.field];
      return term.codes.includes(code);
    }
    case 'secret':
      return term.fingerprint !== null && finding.secret.secretFp === toBase64url(term.fingerprint);
    case 'captured': {
      const ms = finding.capturedAtMs;
      return ms !== null && ms >= term.fromMs && ms < term.toMs;
    }
  }
}

const foldedByText = new Map<string, string>();

/** The same few hundred texts are folded for every query. */
function folded(text: string): string {
  const known = foldedByText.get(text) ?? foldText(text);
  foldedByText.set(text, known);
  return known;
}

/** What a word is looked for in, and what is suggested. */
function textsOf({ finding, status }: Known, field: TextField): readonly string[] {
  switch (field) {
    case 'domain':
      return [finding.registrable];
    case 'machine':
      return [finding.machineName ?? ''];
    case 'source':
      return [finding.sourceAlias];
    case 'tag':
      return [...new Set(finding.tags)];
    case 'owner':
      return [status.owner ?? ''];
    case 'identity':
    case 'host':
    case 'family':
    case 'application':
      return [finding[field] ?? ''];
  }
}

/** What a filter compares; '' where a finding has none. */
function valuesOf({ finding, status }: Known, field: FilterField): readonly string[] {
  switch (field) {
    case 'state':
      return [status.state];
    case 'owner':
      return [status.owner ?? ''];
    case 'domain':
      return [finding.registrable];
    case 'source':
      return [finding.sourceAlias];
    case 'tag':
      return finding.tags.length === 0 ? [''] : [...new Set(finding.tags)];
    case 'secret':
      return [finding.secret.secretFp ?? ''];
    case 'level':
    case 'exposure':
    case 'sourceClass':
    case 'pathClass':
    case 'host':
    case 'family':
    case 'identity':
    case 'machine':
      return [finding[field] ?? ''];
  }
}

function countValues(values: readonly string[]): readonly FacetCount[] {
  return countAll(values)
    .sort((a, b) => b.count - a.count || compareTexts(a.value, b.value))
    .slice(0, 50);
}

function countAll(values: readonly string[]): FacetCount[] {
  return [...Map.groupBy(values, (value) => value)].map(([value, all]) => ({ value, count: all.length }));
}

function compareKnown(a: Known, b: Known, { sort }: Query): number {
  const sign = sort.descending ? -1 : 1;
  const [x, y] = [keysOf(a, sort.by), keysOf(b, sort.by)];
  for (let i = 0; i < x.length; i++) {
    const [p, q] = [x[i], y[i]];
    const order = typeof p === 'string' ? compareCodePoints(p, q as string) : (p as number) - (q as number);
    if (order !== 0) return order * sign;
  }
  return compareBytes(bytesOf(a.finding.id), bytesOf(b.finding.id));
}

function keysOf({ finding, status }: Known, by: Query['sort']['by']): readonly (number | string)[] {
  switch (by) {
    case 'priority':
      return [LEVELS.indexOf(finding.level), finding.score, finding.capturedAtMs ?? -1];
    case 'score':
      return [finding.score];
    case 'captured':
      return [finding.capturedAtMs ?? -1];
    case 'lastSeen':
      return [finding.lastSeenAtMs];
    case 'identity':
    case 'host':
      return [foldText(finding[by]), finding[by]];
    case 'state':
      return [TRIAGE_STATES.indexOf(status.state)];
  }
}

function bytesOf(id: FindingId): Bytes {
  return parseBase64url(id, 16) as Bytes;
}
