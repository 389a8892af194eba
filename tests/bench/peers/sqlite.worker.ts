/**
 * SQLite in WebAssembly as a good engineer would use it here: plain text in the origin's private file system (the pool of sync
 * access handles, its fastest file system), one transaction of a prepared insert, a trigram index, indices for the orders.
 */
import initSqlite from '@sqlite.org/sqlite-wasm';
import type { Bound, Database } from '@sqlite.org/sqlite-wasm';
import { toBase64url } from '@sealpost/shared/base/base64url';
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

const SCHEMA = `
  CREATE TABLE finding(
    row INTEGER PRIMARY KEY, id BLOB NOT NULL, identity TEXT NOT NULL, identity_kind INTEGER NOT NULL, registrable TEXT NOT NULL,
    host TEXT NOT NULL, path_class INTEGER NOT NULL, application TEXT, exposure INTEGER NOT NULL, source_class INTEGER NOT NULL,
    source TEXT NOT NULL, family TEXT, machine TEXT, machine_name TEXT, captured INTEGER, first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL, mask TEXT, score INTEGER NOT NULL, level INTEGER NOT NULL, confidence INTEGER NOT NULL,
    state INTEGER NOT NULL, owner TEXT
  ) STRICT;`;
const INDICES = `
  CREATE UNIQUE INDEX by_id ON finding(id);
  CREATE INDEX by_priority ON finding(level DESC, score DESC, captured DESC, id);
  CREATE INDEX by_score ON finding(score DESC, id);
  CREATE INDEX by_source ON finding(source);
  CREATE INDEX by_domain ON finding(registrable);
  CREATE INDEX by_host ON finding(host, level, state, source, registrable, score, id);
  CREATE INDEX by_identity ON finding(identity);
  CREATE TABLE distinct_host(host TEXT PRIMARY KEY) WITHOUT ROWID, STRICT;
  INSERT INTO distinct_host SELECT DISTINCT host FROM finding;`;
const TEXT_INDEX = `
  CREATE VIRTUAL TABLE words USING fts5(
    identity, host, machine_name, content='finding', content_rowid='row', tokenize='trigram', columnsize=0
  );
  INSERT INTO words(rowid, identity, host, machine_name) SELECT row, identity, host, machine_name FROM finding;`;

const LEVEL_CODES = TWO_LEVELS.map((level) => LEVELS.indexOf(level)).join(', ');
/** Two ways to find the rows of a part of a host; the faster one counts. */
const PLANS = {
  trigram: `SELECT finding.row, level, state, source, registrable, score, id FROM words
    JOIN finding ON finding.row = words.rowid WHERE words MATCH 'host:"${HOST_PART}"'`,
  hosts: `SELECT finding.row, level, state, source, registrable, score, id FROM distinct_host
    CROSS JOIN finding USING (host) WHERE distinct_host.host LIKE '%${HOST_PART}%'`,
} as const;

let opened: Database | null = null;
let library = '';

const peer: PeerCalls = {
  async load(rows) {
    const sqlite = await initSqlite();
    library = sqlite.version.libVersion;
    const pool = await sqlite.installOpfsSAHPoolVfs({ clearOnInit: true, initialCapacity: 6 });
    const db = (opened = new pool.OpfsSAHPoolDb('/findings.db'));
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -262144; PRAGMA temp_store = MEMORY;');
    const values = rowsOf(new PeerRows(rows));
    const startMs = performance.now();
    db.exec(`BEGIN; ${SCHEMA}`);
    const insert = db.prepare(`INSERT INTO finding VALUES (${Array.from({ length: 23 }, () => '?').join()})`);
    for (let row = 0; row < rows; row++) insert.bind(values(row)).stepReset();
    insert.finalize();
    db.exec(`${INDICES} ${TEXT_INDEX} COMMIT; ANALYZE;`);
    return performance.now() - startMs;
  },
  answer: () => Promise.resolve(ask('trigram')),
  async measure(warmups, runs) {
    const times: Record<string, readonly number[]> = {};
    for (const plan of ['trigram', 'hosts'] as const) times[plan] = await timesOf(warmups, runs, () => ask(plan));
    return times;
  },
  version: () => Promise.resolve(`@sqlite.org/sqlite-wasm (SQLite ${library})`),
};

function rowsOf(material: PeerRows): (row: number) => readonly Bound[] {
  const { columns } = material;
  const texts = (column: Parameters<PeerRows['texts']>[0]) => material.texts(column);
  const [identity, registrable, host] = [texts(columns.identity), texts(columns.registrable), texts(columns.host)];
  const [application, source, family] = [texts(columns.application), texts(columns.sourceAlias), texts(columns.family)];
  const [machine, machineName, mask] = [texts(columns.machine), texts(columns.machineName), texts(columns.mask)];
  const { identityKind, pathClass, exposure, sourceClass, score, level, confidence } = columns;
  const { capturedAtMs, firstSeenAtMs, lastSeenAtMs } = columns;
  const known = (ms: number | undefined) => (ms === undefined || Number.isNaN(ms) ? null : ms);
  const code = (codes: Uint8Array, row: number) => codes[row] as number;
  return (row) => [
    ...[row, material.idBytes(row), identity.at(row), code(identityKind, row), registrable.at(row), host.at(row)],
    ...[code(pathClass, row), application.at(row), code(exposure, row), code(sourceClass, row), source.at(row)],
    ...[family.at(row), machine.at(row), machineName.at(row), known(capturedAtMs[row]), known(firstSeenAtMs[row])],
    ...[known(lastSeenAtMs[row]), mask.at(row), code(score, row), code(level, row), code(confidence, row), 0, null],
  ];
}

function ask(plan: keyof typeof PLANS): Answer {
  const db = opened;
  if (db === null) throw new Error('not loaded');
  db.exec(`DROP TABLE IF EXISTS temp.hit; CREATE TEMP TABLE hit AS ${PLANS[plan]}`);
  const facet = (column: string, where: string, label: (value: Bound) => string): readonly FacetCount[] =>
    db
      .selectArrays(`SELECT ${column}, count(*) FROM hit ${where} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${FACET_VALUES}`)
      .map(([value, count]) => ({ value: label(value ?? null), count: Number(count) }));
  const inLevels = `WHERE level IN (${LEVEL_CODES})`;
  const rows = db.selectArrays(
    `SELECT finding.* FROM (SELECT row, score, id FROM hit ${inLevels} ORDER BY score DESC, id LIMIT ${QUESTION_ROWS}) AS best
     JOIN finding USING (row) ORDER BY best.score DESC, best.id`,
  );
  return {
    total: Number(db.selectValue(`SELECT count(*) FROM hit ${inLevels}`)),
    facets: {
      level: facet('level', '', (value) => LEVELS[Number(value)] ?? ''),
      state: facet('state', inLevels, (value) => TRIAGE_STATES[Number(value)] ?? ''),
      source: facet('source', inLevels, String),
      domain: facet('registrable', inLevels, String),
    },
    ids: rows.map(readRow),
  };
}

/** A row as the table shows it: every value is read and worded, as the vault does for its own. */
function readRow(row: readonly Bound[]): string {
  const words = [IDENTITY_KINDS, PATH_CLASSES, EXPOSURES, SOURCE_CLASSES, LEVELS, CONFIDENCES, TRIAGE_STATES];
  const shown = [3, 6, 8, 9, 19, 20, 21].map((column, at) => words[at]?.[Number(row[column])]);
  if (shown.includes(undefined)) throw new Error('a word is missing');
  return toBase64url(row[1] as Uint8Array);
}

servePeer(peer);
