/**
 * The shapes of questions that people ask, by name: the bench times each. A shape that needs a value of the vault (an account, a
 * machine) is made from a row of it.
 */
import { QUESTION } from '../peers/question.ts';
import type { Query, Row } from '@sealpost/shared/opened/query/query';
import type { FindingsVault } from '@sealpost/shared/opened/vault/findings-vault';
import { NEWEST_LOAD_MS } from './material/world.ts';

/** Rows of a screen. */
export const WINDOW_ROWS = 50;
const DAY_MS = 86_400_000;

/** A shape of a query, run with its first window of rows. */
export type Shape = (sample: Sample) => Query;

/** Values that occur in the vault at hand. */
export interface Sample {
  readonly row: Row;
  /** Keyed id of a machine with several findings. */
  readonly machine: string;
}

const asked = (text: string, rest: Partial<Query> = {}): Query => ({
  text,
  filters: {},
  sort: { by: 'priority', descending: true },
  ...rest,
});

export const QUERY_SHAPES: Readonly<Record<string, Shape>> = {
  all_by_priority: () => asked(''),
  two_levels: () => asked('', { filters: { level: ['high', 'critical'] } }),
  five_filters: () =>
    asked('', {
      filters: {
        level: ['medium', 'high', 'critical'],
        exposure: ['employee', 'customer'],
        sourceClass: ['stealer', 'ulp', 'phishing'],
        pathClass: ['login', 'mail', 'sso', 'vpn'],
        state: ['new', 'triaged'],
      },
    }),
  text_filter_sort_window: () => QUESTION,
  text_one_letter: () => asked('a'),
  text_common: () => asked('som'),
  text_rare: () => asked('kittisak.yo'),
  text_nothing: () => asked('zzqqxx'),
  text_address: () => asked('srisuk@moe'),
  several_words: () => asked('malee portal', { sort: { by: 'lastSeen', descending: true } }),
  phrase: () => asked('"rail.example"'),
  negation: () => asked('mail -gmail -stealer'),
  field_values: () => asked('level:crit class:stealer host:vpn'),
  thai_word: () => asked('สมชาย'),
  range: () =>
    asked('', {
      filters: { level: ['high', 'critical', 'medium'] },
      ranges: { captured: [NEWEST_LOAD_MS - 90 * DAY_MS, NEWEST_LOAD_MS] },
      sort: { by: 'captured', descending: true },
    }),
  one_host: ({ row }) => asked('', { filters: { host: [row.host] } }),
  pivot_account: ({ row }) => asked('', { filters: { identity: [row.identity] } }),
  pivot_machine: ({ machine }) => asked('', { filters: { machine: [machine] } }),
  text_by_account: () => asked('portal', { sort: { by: 'identity', descending: false } }),
  everything_at_once: () =>
    asked('mail -bank', {
      filters: {
        level: ['low', 'medium', 'high', 'critical'],
        sourceClass: ['stealer', 'ulp', 'combo', 'phishing'],
        exposure: ['employee', 'third_party'],
        state: ['new', 'triaged', 'in_progress'],
      },
      ranges: { firstSeen: [NEWEST_LOAD_MS - 400 * DAY_MS, NEWEST_LOAD_MS] },
      sort: { by: 'host', descending: false },
    }),
};

/** What is asked of an answer that stands, or of the whole vault. Each gets the token of `all_by_priority` or of a text. */
export const ANSWER_SHAPES: Readonly<Record<string, (vault: FindingsVault, token: number, total: number) => unknown>> =
  {
    groups_account: (vault, token) => vault.groups(token, 'identity', 0, WINDOW_ROWS),
    groups_machine: (vault, token) => vault.groups(token, 'machine', 0, WINDOW_ROWS),
    groups_host: (vault, token) => vault.groups(token, 'host', 0, WINDOW_ROWS),
    histogram: (vault, token) => vault.histogram(token, 'captured', 60),
    suggest: (vault) => vault.suggest('host:po', 10),
    suggest_any: (vault) => vault.suggest('som', 10),
    last_window: (vault, token, total) => vault.window(token, Math.max(0, total - WINDOW_ROWS), WINDOW_ROWS),
  };

/** Not a question: drawn once a visit. */
export const OTHER_SHAPES: typeof ANSWER_SHAPES = { overview: (vault) => vault.overview() };

/** Asked between two runs, so that nothing is answered from what the run before it left. */
export const OTHER_QUERIES: readonly Query[] = [
  asked('lumma', { filters: { exposure: ['employee'] }, sort: { by: 'state', descending: false } }),
  asked('-lumma source:river', { filters: { pathClass: ['mail'] }, sort: { by: 'captured', descending: true } }),
];

/** More conditions than an engine keeps, other ones each run. */
export function displacingQueries(run: number): readonly Query[] {
  return Array.from({ length: 20 }, (_, i) => asked(`host:${run}.${i}.example`));
}

/** Typed letter by letter. */
export const TYPED = ['vpn.moe', 'somchai', 'ulp-river', 'level:crit', 'malee portal', 'สมหญิง'] as const;
