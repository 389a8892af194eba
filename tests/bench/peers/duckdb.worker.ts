/**
 * DuckDB in WebAssembly: in memory, plain text, loaded by its fastest way (one Arrow stream). Its rows are ordered by load; it has
 * no index that helps a substring.
 */
import { AsyncDuckDB, VoidLogger } from '@duckdb/duckdb-wasm';
import type { Connection } from '@duckdb/duckdb-wasm';
import workerUrl from '@duckdb/duckdb-wasm/dist/duckdb-browser-eh.worker.js?url';
import wasmUrl from '@duckdb/duckdb-wasm/dist/duckdb-eh.wasm?url';
import { toBase64url } from '@sealpost/shared/base/base64url';
import { fixed, small, text, time, word } from '@sealpost/shared/opened/bundle/arrow-column';
import type { ArrowColumn } from '@sealpost/shared/opened/bundle/arrow-column';
import { writeArrowStream } from '@sealpost/shared/opened/bundle/arrow-write';
import type { TextColumn } from '@sealpost/shared/opened/bundle/columns';
import {
  CONFIDENCES,
  EXPOSURES,
  IDENTITY_KINDS,
  LEVELS,
  PATH_CLASSES,
  SOURCE_CLASSES,
} from '@sealpost/shared/opened/finding/finding';
import type { FacetCount } from '@sealpost/shared/opened/query/query';
import { TRIAGE_STATES } from '@sealpost/shared/opened/triage/triage';
import { servePeer, timesOf } from './peer-rim.ts';
import { PeerRows } from './peer-rows.ts';
import type { Answer, PeerCalls } from './question.ts';
import { FACET_VALUES, HOST_PART, QUESTION_ROWS, TWO_LEVELS } from './question.ts';

const FIELDS = [
  ...[fixed('id', 16), text('identity'), word('identity_kind', IDENTITY_KINDS), text('registrable'), text('host')],
  ...[word('path_class', PATH_CLASSES), text('application', true), word('exposure', EXPOSURES)],
  ...[word('source_class', SOURCE_CLASSES), text('source'), text('family', true), text('machine', true)],
  ...[text('machine_name', true), time('captured', true), time('first_seen'), time('last_seen'), text('mask', true)],
  ...[small('score'), small('level'), word('confidence', CONFIDENCES), word('state', TRIAGE_STATES)],
];

const LEVEL_CODES = TWO_LEVELS.map((level) => LEVELS.indexOf(level)).join(', ');
const HITS = `SELECT rowid AS "row", level, state, source, registrable, score, id FROM finding WHERE contains(host, '${HOST_PART}')`;
/** Two ways to ask; the faster one counts. */
const PLANS = ['hits once', 'each on its own'] as const;

let opened: Connection | null = null;
let library = '';

const peer: PeerCalls = {
  async load(rows) {
    const db = new AsyncDuckDB(new VoidLogger(), new Worker(workerUrl));
    await db.instantiate(wasmUrl);
    library = await db.getVersion();
    const connection = (opened = await db.connect());
    const stream = streamOf(new PeerRows(rows));
    const startMs = performance.now();
    await connection.insertArrowFromIPCStream(stream, { name: 'finding', create: true });
    return performance.now() - startMs;
  },
  answer: () => ask('hits once'),
  async measure(warmups, runs) {
    const times: Record<string, readonly number[]> = {};
    for (const plan of PLANS) times[plan] = await timesOf(warmups, runs, () => ask(plan));
    return times;
  },
  version: () => Promise.resolve(`@duckdb/duckdb-wasm (DuckDB ${library})`),
};

function streamOf({ columns }: PeerRows): Uint8Array {
  const texts = (column: TextColumn): ArrowColumn => ({ kind: 'text', ...column });
  const words = (values: Uint8Array<ArrayBuffer>): ArrowColumn => ({ kind: 'word', values });
  const times = (values: Float64Array<ArrayBuffer>): ArrowColumn => ({ kind: 'time', values });
  const arrow: readonly ArrowColumn[] = [
    { kind: 'fixed', bytes: columns.id },
    ...[texts(columns.identity), words(columns.identityKind), texts(columns.registrable), texts(columns.host)],
    ...[words(columns.pathClass), texts(columns.application), words(columns.exposure), words(columns.sourceClass)],
    ...[texts(columns.sourceAlias), texts(columns.family), texts(columns.machine), texts(columns.machineName)],
    ...[times(columns.capturedAtMs), times(columns.firstSeenAtMs), times(columns.lastSeenAtMs), texts(columns.mask)],
    ...[{ kind: 'small', values: columns.score } as const, { kind: 'small', values: columns.level } as const],
    ...[words(columns.confidence), words(new Uint8Array(columns.rows))],
  ];
  return writeArrowStream(FIELDS, arrow, columns.rows, new Map());
}

async function ask(plan: (typeof PLANS)[number]): Promise<Answer> {
  const connection = opened;
  if (connection === null) throw new Error('not loaded');
  if (plan === 'hits once') await connection.query(`CREATE OR REPLACE TEMP TABLE hit AS ${HITS}`);
  const hit = plan === 'hits once' ? 'hit' : `(${HITS})`;
  const select = async (sql: string) => (await connection.query(sql)).toArray().map((row) => row.toJSON());
  const facet = async (column: string, where: string): Promise<readonly FacetCount[]> => {
    const counts = await select(
      `SELECT ${column} AS v, count(*) AS n FROM ${hit} ${where} GROUP BY 1 ORDER BY n DESC, CAST(v AS VARCHAR) LIMIT ${FACET_VALUES}`,
    );
    return counts.map(({ v, n }) => ({
      value: column === 'level' ? (LEVELS[Number(v)] ?? '') : String(v),
      count: Number(n),
    }));
  };
  const inLevels = `WHERE level IN (${LEVEL_CODES})`;
  const rows = await select(
    `SELECT finding.* FROM finding JOIN (SELECT "row" FROM ${hit} ${inLevels} ORDER BY score DESC, id LIMIT ${QUESTION_ROWS}) AS best
     ON finding.rowid = best."row" ORDER BY finding.score DESC, finding.id`,
  );
  const [total] = await select(`SELECT count(*) AS n FROM ${hit} ${inLevels}`);
  return {
    total: Number(total?.['n']),
    facets: {
      level: await facet('level', ''),
      state: await facet('state', inLevels),
      source: await facet('source', inLevels),
      domain: await facet('registrable', inLevels),
    },
    ids: rows.map(({ id }) => toBase64url(id as Uint8Array)),
  };
}

servePeer(peer);
