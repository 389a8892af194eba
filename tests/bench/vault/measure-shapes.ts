/** Times the named shapes on an open vault, each run after another question, as when a person changes what is asked. */
import type { FindingsVault } from '@sealpost/shared/opened/vault/findings-vault';
import type { Answer } from '../peers/question.ts';
import { QUESTION, QUESTION_FACETS, QUESTION_ROWS } from '../peers/question.ts';
import type { ShapeOrder, Times } from './bench-calls.ts';
import type { Sample } from './shapes.ts';
import { ANSWER_SHAPES, displacingQueries, OTHER_QUERIES, OTHER_SHAPES, QUERY_SHAPES, WINDOW_ROWS } from './shapes.ts';

/** Milliseconds of `runs` runs after `warmups`. A query counts with its first window of rows. */
export function measureShape(vault: FindingsVault, { shape, warmups, runs, isFresh = false }: ShapeOrder): Times {
  const time = timerOf(vault, shape, isFresh);
  const times: number[] = [];
  for (let run = -warmups; run < runs; run++) {
    const ms = time(Math.abs(run));
    if (run >= 0) times.push(ms);
  }
  return times;
}

/** The vault's answer to the question that peers answer, too. */
export function answerQuestion(vault: FindingsVault): Answer {
  const { token, total, facets } = vault.query(QUESTION);
  const counted = Object.fromEntries(QUESTION_FACETS.map((field) => [field, facets[field]])) as Answer['facets'];
  return { total, facets: counted, ids: vault.window(token, 0, QUESTION_ROWS).map(({ id }) => id) };
}

function timerOf(vault: FindingsVault, shape: string, isFresh: boolean): (run: number) => number {
  const query = QUERY_SHAPES[shape]?.(sampleOf(vault));
  if (query !== undefined) {
    return (run) => {
      if (isFresh) for (const other of displacingQueries(run)) vault.query(other);
      vault.query(OTHER_QUERIES[run % OTHER_QUERIES.length] ?? query);
      const startMs = performance.now();
      const { token } = vault.query(query);
      vault.window(token, 0, WINDOW_ROWS);
      return performance.now() - startMs;
    };
  }
  const ask = ANSWER_SHAPES[shape] ?? OTHER_SHAPES[shape];
  if (ask === undefined) throw new Error(`no shape ${shape}`);
  return (run) => {
    const other = OTHER_QUERIES[run % OTHER_QUERIES.length];
    if (other !== undefined) vault.query(other);
    const { token, total } = vault.query({ text: '', filters: {}, sort: { by: 'priority', descending: true } });
    const startMs = performance.now();
    ask(vault, token, total);
    return performance.now() - startMs;
  };
}

/** The hundredth finding by priority, and the machine with the most findings. */
function sampleOf(vault: FindingsVault): Sample {
  const { token, total } = vault.query({ text: '', filters: {}, sort: { by: 'priority', descending: true } });
  const [row] = vault.window(token, Math.min(100, total - 1), 1);
  const machine = vault.groups(token, 'machine', 0, 2).groups.find(({ value }) => value !== '');
  if (row === undefined) throw new Error('an empty vault');
  return { row, machine: machine?.value ?? '' };
}
