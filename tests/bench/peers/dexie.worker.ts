/** Dexie as most apps use it: one plain object a finding, indices for what is filtered and sorted, bulk inserts. */
import Dexie from 'bench-dexie';
import {
  CONFIDENCES,
  EXPOSURES,
  IDENTITY_KINDS,
  LEVELS,
  PATH_CLASSES,
  SOURCE_CLASSES,
} from '@sealpost/shared/opened/finding/finding';
import type { FacetCount } from '@sealpost/shared/opened/query/query';
import { servePeer } from './peer-rim.ts';
import { PeerRows } from './peer-rows.ts';
import type { Answer, PeerCalls } from './question.ts';
import { FACET_VALUES, HOST_PART, QUESTION_ROWS, TWO_LEVELS } from './question.ts';

const DATABASE = 'peer-dexie';
/** Rows in one `bulkAdd`: more do not go faster. */
const CHUNK = 10_000;

interface Stored {
  readonly id: string;
  readonly host: string;
  readonly domain: string;
  readonly source: string;
  readonly level: string;
  readonly state: string;
  readonly score: number;
}

const db = new Dexie(DATABASE, { chromeTransactionDurability: 'strict' });
db.version(1).stores({ finding: 'id, level, score, host, domain, source, state, captured' });

const peer: PeerCalls = {
  async load(rows) {
    await Dexie.delete(DATABASE);
    await db.open();
    const make = storedOf(new PeerRows(rows));
    const startMs = performance.now();
    await db.transaction('rw', db.table('finding'), async () => {
      for (let from = 0; from < rows; from += CHUNK) {
        const chunk = Array.from({ length: Math.min(CHUNK, rows - from) }, (_, at) => make(from + at));
        await db.table('finding').bulkAdd(chunk);
      }
    });
    return performance.now() - startMs;
  },
  answer: ask,
  // Reading every object takes seconds: only its import is compared.
  measure: () => Promise.resolve({}),
  version: () => Promise.resolve(`dexie (${Dexie.semVer})`),
};

function storedOf(material: PeerRows): (row: number) => Stored {
  const { columns } = material;
  const texts = (column: Parameters<PeerRows['texts']>[0]) => material.texts(column);
  const [identity, registrable, host] = [texts(columns.identity), texts(columns.registrable), texts(columns.host)];
  const [application, source, family] = [texts(columns.application), texts(columns.sourceAlias), texts(columns.family)];
  const [machine, machineName, mask] = [texts(columns.machine), texts(columns.machineName), texts(columns.mask)];
  const word = (words: readonly string[], codes: Uint8Array, row: number) => words[codes[row] as number] ?? '';
  return (row) => ({
    id: material.idText(row),
    identity: identity.at(row),
    identityKind: word(IDENTITY_KINDS, columns.identityKind, row),
    domain: registrable.at(row) ?? '',
    host: host.at(row) ?? '',
    pathClass: word(PATH_CLASSES, columns.pathClass, row),
    application: application.at(row),
    exposure: word(EXPOSURES, columns.exposure, row),
    sourceClass: word(SOURCE_CLASSES, columns.sourceClass, row),
    source: source.at(row) ?? '',
    family: family.at(row),
    machine: machine.at(row),
    machineName: machineName.at(row),
    captured: columns.capturedAtMs[row],
    firstSeen: columns.firstSeenAtMs[row],
    lastSeen: columns.lastSeenAtMs[row],
    mask: mask.at(row),
    score: columns.score[row] as number,
    level: word(LEVELS, columns.level, row),
    confidence: word(CONFIDENCES, columns.confidence, row),
    state: 'new',
    owner: null,
  });
}

async function ask(): Promise<Answer> {
  const hits = await db
    .table<Stored>('finding')
    .filter(({ host }) => host.includes(HOST_PART))
    .toArray();
  const inLevels = hits.filter(({ level }) => TWO_LEVELS.some((wanted) => wanted === level));
  inLevels.sort((a, b) => b.score - a.score || compareIds(a.id, b.id));
  return {
    total: inLevels.length,
    facets: {
      level: countBy(hits, ({ level }) => level),
      state: countBy(inLevels, ({ state }) => state),
      source: countBy(inLevels, ({ source }) => source),
      domain: countBy(inLevels, ({ domain }) => domain),
    },
    ids: inLevels.slice(0, QUESTION_ROWS).map(({ id }) => id),
  };
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** base64url in the order of the bytes that it stands for. */
function compareIds(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return ALPHABET.indexOf(a.charAt(at)) - ALPHABET.indexOf(b.charAt(at));
}

function countBy(rows: readonly Stored[], valueOf: (row: Stored) => string): readonly FacetCount[] {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(valueOf(row), (counts.get(valueOf(row)) ?? 0) + 1);
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    .slice(0, FACET_VALUES);
}

servePeer(peer);
