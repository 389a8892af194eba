/** Made-up findings for tests and benches: the same seed, the same findings. Example domains and invented people only. */
import { toBase64url } from '../../base/base64url.ts';
import type { Finding, FindingId, Sighting } from '../finding/finding.ts';
import { CONFIDENCES, EXPOSURES, IDENTITY_KINDS, LEVELS, PATH_CLASSES, SOURCE_CLASSES } from '../finding/finding.ts';
import { mergeSightings } from '../finding/sighting.ts';

const DAY_MS = 86_400_000;
/** 1 January 2026, UTC. */
const START_MS = 1_767_225_600_000;
/** Also Thai, wide, above U+FFFF (one with a capital, one just below in code units), and with an '@' of its own. */
const PEOPLE = ['Somchai', 'malee', 'ANAN', 'สมหญิง', 'ｗｉｄｅ', 'nok', 'prasert', '𐐔eseret', 'ｶﾅ', 'a@b'];
const LONG_HOST = `${'very-long-label-of-a-host.'.repeat(9)}moe.example`;
const HOSTS = [
  'vpn.moe.example',
  'mail.moe.example',
  'portal.dlt.example',
  'sso.dlt.example',
  'shop.example',
  '',
  'สำนักงาน.ไทย.example',
  LONG_HOST,
];
const FAMILIES = ['lumma', 'redline', 'vidar', null];
const APPLICATIONS = ['Chrome', 'Microsoft Edge', 'Ｆｉｒｅｆｏｘ', null, null, null];
const TAGS = ['reused', 'vip', 'shared mailbox', 'กลุ่มเสี่ยง'];
const MASKS = ['p******d', 'ab******yz', '******', 'ร******น', null];

/** Numbers below 2^32 (mulberry32). */
export function seededNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/**
 * `count` findings with ids that differ by number; `variety` bounds the distinct accounts, of which several share a machine and
 * several a secret. A few accounts have no domain, some machines no name, and one name is that of two machines.
 */
export function madeUpFindings(count: number, seed: number, variety = count): Finding[] {
  const next = seededNumbers(seed);
  const pick = <T>(items: readonly T[]): T => items[next() % items.length] as T;
  return Array.from({ length: count }, () => {
    const host = pick(HOSTS);
    const registrable = host === '' ? pick(['moe.example', '']) : host.split('.').slice(-2).join('.');
    const seenAtMs = START_MS + (next() % 60) * DAY_MS;
    const capturedAtMs = next() % 4 === 0 ? null : seenAtMs - (next() % 900) * DAY_MS;
    const family = pick(FAMILIES);
    const machine = family === null ? null : next() % (5 + Math.ceil(variety / 4));
    const sightings = mergeSightings(
      Array.from({ length: 1 + (next() % 2) }, () => madeUpSighting(next, seenAtMs, capturedAtMs)),
    );
    const level = next() % LEVELS.length;
    const person = `${pick(PEOPLE)}.${next() % variety}`;
    return {
      id: madeUpId(next),
      identityKind: pick(IDENTITY_KINDS.filter((kind) => kind !== 'national_id')),
      identity: next() % 10 === 0 ? person : `${person}@${registrable || 'mail.example'}`,
      mailboxKey: null,
      registrable,
      host,
      pathClass: pick(PATH_CLASSES),
      application: pick(APPLICATIONS),
      exposure: pick(EXPOSURES),
      context: host === '' ? 'none' : 'service',
      sourceClass: sightings.map((one) => one.sourceClass).sort(byWorst)[0] ?? 'ulp',
      sourceAlias: pick(sightings).alias,
      family,
      machine: machine === null ? null : madeUpFingerprint(machine),
      machineName: machine === null || machine % 7 === 0 ? null : `DESKTOP-${machine >> 1}`,
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
        mask: pick(MASKS),
        lengthBand: '8-11',
        classes: 5,
        strengthBand: 'weak',
        hashType: null,
        pairFp: null,
        secretFp: next() % 5 === 0 ? null : madeUpFingerprint(1000 + (next() % (1 + Math.ceil(variety / 2)))),
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

/** 16 bytes that follow from `number`. */
function madeUpFingerprint(number: number): string {
  const next = seededNumbers(number);
  return toBase64url(Uint8Array.from({ length: 16 }, () => next() % 256));
}

function byWorst(a: Sighting['sourceClass'], b: Sighting['sourceClass']): number {
  return SOURCE_CLASSES.indexOf(a) - SOURCE_CLASSES.indexOf(b);
}
