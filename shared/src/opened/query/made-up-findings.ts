/** Made-up findings for tests and benches: the same seed, the same findings. Example domains and invented people only. */
import { toBase64url } from '../../base/base64url.ts';
import type { Finding, FindingId, Sighting } from '../finding/finding.ts';
import { CONFIDENCES, EXPOSURES, IDENTITY_KINDS, LEVELS, PATH_CLASSES, SOURCE_CLASSES } from '../finding/finding.ts';
import { mergeSightings } from '../finding/sighting.ts';

const DAY_MS = 86_400_000;
/** 1 January 2026, UTC. */
const START_MS = 1_767_225_600_000;
const PEOPLE = ['Somchai', 'malee', 'ANAN', 'สมหญิง', 'ｗｉｄｅ', 'nok', 'prasert', 'wichai'];
const HOSTS = ['vpn.moe.example', 'mail.moe.example', 'portal.dlt.example', 'sso.dlt.example', 'shop.example', ''];
const FAMILIES = ['lumma', 'redline', 'vidar', null];
const TAGS = ['reused', 'vip', 'shared mailbox', 'กลุ่มเสี่ยง'];

/** A small generator of numbers below 2^32 (mulberry32). */
function seededNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** `count` findings with ids that differ by number; `variety` bounds the distinct accounts. */
export function madeUpFindings(count: number, seed: number, variety = count): Finding[] {
  const next = seededNumbers(seed);
  const pick = <T>(items: readonly T[]): T => items[next() % items.length] as T;
  return Array.from({ length: count }, () => {
    const host = pick(HOSTS);
    const registrable = host === '' ? 'moe.example' : host.split('.').slice(-2).join('.');
    const seenAtMs = START_MS + (next() % 60) * DAY_MS;
    const capturedAtMs = next() % 4 === 0 ? null : seenAtMs - (next() % 900) * DAY_MS;
    const family = pick(FAMILIES);
    const sightings = mergeSightings(
      Array.from({ length: 1 + (next() % 2) }, () => madeUpSighting(next, seenAtMs, capturedAtMs)),
    );
    const level = next() % LEVELS.length;
    return {
      id: madeUpId(next),
      identityKind: pick(IDENTITY_KINDS.filter((kind) => kind !== 'national_id')),
      identity: `${pick(PEOPLE)}.${next() % variety}@${registrable}`,
      mailboxKey: null,
      registrable,
      host,
      pathClass: pick(PATH_CLASSES),
      application: next() % 5 === 0 ? 'Chrome' : null,
      exposure: pick(EXPOSURES),
      context: host === '' ? 'none' : 'service',
      sourceClass: sightings.map((one) => one.sourceClass).sort(byWorst)[0] ?? 'ulp',
      sourceAlias: pick(sightings).alias,
      family,
      machine: family === null ? null : toBase64url(Uint8Array.from({ length: 16 }, () => next() % 3)),
      machineName: family === null ? null : `DESKTOP-${next() % 50}`,
      machineOs: null,
      machineCountry: null,
      capturedAtMs,
      publishedAtMs: null,
      ingestedAtMs: seenAtMs,
      firstSeenAtMs: seenAtMs,
      lastSeenAtMs: seenAtMs + (next() % 3) * DAY_MS,
      sightings,
      secret: {
        fitsPolicy: next() % 2 === 0,
        common: next() % 2 === 0,
        reused: next() % 2 === 0,
        mask: 'p******d',
        lengthBand: '8-11',
        classes: 5,
        strengthBand: 'weak',
        hashType: null,
        pairFp: null,
        secretFp: null,
      },
      cookieState: 'none',
      tags: TAGS.filter(() => next() % 4 === 0),
      score: level * 20 + (next() % 21),
      level: LEVELS[level] ?? 'info',
      confidence: pick(CONFIDENCES),
      ledger: [{ code: 'prior', value: (next() % 100) / 100, note: 'stealer' }],
    };
  });
}

function madeUpSighting(next: () => number, seenAtMs: number, capturedAtMs: number | null): Sighting {
  const source = next() % 20;
  return {
    sourceId: toBase64url(Uint8Array.from({ length: 8 }, (_, i) => (i === 7 ? source : 7))),
    sourceClass: SOURCE_CLASSES[source % SOURCE_CLASSES.length] ?? 'ulp',
    alias: `source-${source}`,
    family: null,
    capturedAtMs,
    publishedAtMs: null,
    seenAtMs,
  };
}

function madeUpId(next: () => number): FindingId {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < 4; i++) view.setUint32(i * 4, next());
  bytes[0] = 1;
  return toBase64url(bytes) as FindingId;
}

function byWorst(a: Sighting['sourceClass'], b: Sighting['sourceClass']): number {
  return SOURCE_CLASSES.indexOf(a) - SOURCE_CLASSES.indexOf(b);
}
