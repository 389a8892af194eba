/** Queries that a test asks an engine and brute force alike: cut from what the findings say, so that most of them hit something. */
import { EXPOSURES, LEVELS, PATH_CLASSES, SOURCE_CLASSES } from '../finding/finding.ts';
import type { Finding } from '../finding/finding.ts';
import { TRIAGE_STATES } from '../triage/triage.ts';
import type { FacetField, FilterField, Query, TimeField } from './query.ts';
import { FACET_FIELDS, PIVOT_FIELDS, SORT_FIELDS, TIME_FIELDS } from './query.ts';

const DAY_MS = 86_400_000;

/** Terms that no value gives. */
const FIXED_TERMS = [
  'zzz',
  '-zzz',
  '@',
  '.',
  '-@',
  '"',
  'level:crit',
  '-level:low',
  'ระดับ:สูง',
  'สถานะ:ใหม่',
  '-state:"in progress"',
  'state:closed',
  'class:breach',
  'ประเภท:บุคลากร',
  'path:vpn',
  'level:nonsense',
  'host:',
  'since:2025',
  'until:2569-01',
  '-captured:2025-06',
  'since:nonsense',
  'secret:nonsense',
  'owner:ann',
  '-owner:มะลิ',
  'shared',
  '"shared mail"',
  'example/path',
];

/** The next query for findings like `findings` (at least one); `next` gives numbers below 2^32. */
export function randomQuery(next: () => number, findings: readonly Finding[]): Query {
  const pick = <T>(items: readonly T[]): T => items[next() % items.length] as T;
  const one = () => pick(findings);
  const filters: Partial<Record<FilterField, readonly string[]>> = {};
  for (const field of FACET_FIELDS) {
    if (next() % 6 === 0) filters[field] = Array.from({ length: next() % 4 }, () => facetValue(field, one(), pick));
  }
  for (const field of PIVOT_FIELDS) {
    if (next() % 12 > 0) continue;
    const { identity, machine, secret } = one();
    filters[field] = [pick([{ identity, machine, secret: secret.secretFp }[field] ?? '', '', 'nobody'])];
  }
  const ranges: Partial<Record<TimeField, readonly [number, number]>> = {};
  for (const field of TIME_FIELDS) {
    if (next() % 10 > 0) continue;
    const from = (one()[`${field}AtMs`] ?? 0) + (next() % 2);
    ranges[field] = [from, from + (next() % 100) * DAY_MS];
  }
  const terms = Array.from({ length: Math.max(0, (next() % 5) - 1) }, () => randomTerm(next, one()));
  return {
    text: terms.join(pick([' ', '  ', '\u3000'])),
    filters,
    ...(Object.keys(ranges).length === 0 ? {} : { ranges }),
    sort: { by: pick(SORT_FIELDS), descending: next() % 2 === 0 },
  };
}

/** What a person may have typed of a value so far, for suggestions. */
export function randomTyping(next: () => number, findings: readonly Finding[]): string {
  const finding = findings[next() % findings.length] as Finding;
  return next() % 8 === 0 ? 'host:' : randomTerm(next, finding);
}

function randomTerm(next: () => number, finding: Finding): string {
  const pick = <T>(items: readonly T[]): T => items[next() % items.length] as T;
  if (next() % 3 === 0) return pick(FIXED_TERMS);
  const { identity, host, registrable, application, machineName, sourceAlias, family, tags, secret } = finding;
  if (next() % 15 === 0 && secret.secretFp !== null) return `secret:${secret.secretFp}`;
  const [field, value] = pick<readonly [string, string | null]>([
    ['identity', identity],
    ['account', identity],
    ['host', host],
    ['เว็บไซต์', host],
    ['domain', registrable],
    ['app', application],
    ['machine', machineName],
    ['แหล่งที่มา', sourceAlias],
    ['family', family],
    ['tag', pick([...tags, 'vip'])],
  ]);
  const characters = [...(value ?? 'nothing')];
  const from = next() % Math.max(1, characters.length - 1);
  const length = pick([1, 2, 3, 5, 8, characters.length]);
  const cut = characters.slice(from, from + length).join('');
  const typed = pick([cut, cut, cut.toUpperCase(), widened(cut)]);
  const quoted = /[\s"]/u.test(typed) || next() % 6 === 0 ? `"${typed.replaceAll('"', '')}"` : typed;
  return `${pick(['', '', '', '-'])}${pick(['', '', `${field}:`])}${quoted}`;
}

function facetValue(field: FacetField, finding: Finding, pick: <T>(items: readonly T[]) => T): string {
  switch (field) {
    case 'level':
      return pick(LEVELS);
    case 'state':
      return pick(TRIAGE_STATES);
    case 'exposure':
      return pick(EXPOSURES);
    case 'sourceClass':
      return pick(SOURCE_CLASSES);
    case 'pathClass':
      return pick(PATH_CLASSES);
    case 'host':
      return pick([finding.host, finding.host, 'nowhere.example']);
    case 'domain':
      return finding.registrable;
    case 'source':
      return finding.sourceAlias;
    case 'owner':
      return pick(['', 'ann', 'มะลิ', 'nobody']);
    case 'family':
      return finding.family ?? '';
    case 'tag':
      return pick([...finding.tags, 'vip', '']);
  }
}

/** ASCII in full width, as keyboards for Thai and Japanese may send it. */
function widened(text: string): string {
  return text.replace(/[!-~]/gu, (one) => String.fromCodePoint((one.codePointAt(0) as number) + 0xfee0));
}
