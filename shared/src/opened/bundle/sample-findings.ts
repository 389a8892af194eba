/** Made-up findings in every shape a bundle can hold; for tests and benches of everything that reads bundles. */
import { toBase64url } from '../../base/base64url.ts';
import type { Finding, FindingId } from '../finding/finding.ts';
import {
  CONFIDENCES,
  COOKIE_STATES,
  EXPOSURES,
  IDENTITY_KINDS,
  LENGTH_BANDS,
  LEVELS,
  PATH_CLASSES,
  SOURCE_CLASSES,
  STRENGTH_BANDS,
} from '../finding/finding.ts';

const NOW_MS = 1_790_000_000_000;
const IDENTITIES = [
  'nok@moe.example',
  '<script>alert(1)</script>',
  '\u202enok\u0000',
  'สมชาย',
  '+66812345678',
  '',
  'ลูกตาล@moe.example',
];
const HOSTS = ['sso.moe.example', '', 'xn--12c1bik6bbd8ab6hd1b5jc6jta.xn--o3cw4h', '192.0.2.7'];

/** `count` findings; the same ones every time. The mask of a short secret, absent dates, no tags and many sightings all occur. */
export function sampleFindings(count: number): readonly Finding[] {
  return Array.from({ length: count }, (_, i) => sampleFinding(i));
}

function sampleFinding(i: number): Finding {
  const isHash = i % 11 === 0;
  const isNational = i % 13 === 0;
  const pick = <T>(words: readonly T[], salt = 0): T => words[(i + salt) % words.length] as T;
  return {
    id: idOf(1, i),
    identityKind: isNational ? 'national_id' : pick(IDENTITY_KINDS.slice(0, 5)),
    identity: isNational ? '11******08' : `${pick(IDENTITIES)}${i % 3 === 0 ? String(i) : ''}`,
    mailboxKey: i % 5 === 0 ? `m${String(i % 40)}@gmail.com` : null,
    registrable: i % 4 === 1 ? '' : 'moe.example',
    host: pick(HOSTS),
    pathClass: pick(PATH_CLASSES),
    application: i % 7 === 0 ? 'Chrome' : null,
    exposure: pick(EXPOSURES),
    context: i % 4 === 1 ? 'none' : 'service',
    sourceClass: pick(SOURCE_CLASSES),
    sourceAlias: `S-${String(i % 3)}`,
    family: i % 2 === 0 ? 'lumma' : null,
    machine: i % 3 === 0 ? idOf(2, i % 50) : null,
    machineName: i % 3 === 0 ? `PC-${String(i % 50)}` : null,
    machineOs: i % 6 === 0 ? 'Windows 11' : null,
    machineCountry: i % 3 === 0 ? 'TH' : null,
    capturedAtMs: i % 3 === 0 ? NOW_MS - i * 1000 : null,
    publishedAtMs: i % 5 === 0 ? NOW_MS - i : null,
    ingestedAtMs: NOW_MS,
    firstSeenAtMs: NOW_MS - 5,
    lastSeenAtMs: NOW_MS,
    sightings: Array.from({ length: 1 + (i % 4) }, (_, at) => ({
      sourceId: toBase64url(new Uint8Array(8).fill(at + 1)),
      sourceClass: pick(SOURCE_CLASSES, at),
      alias: `S-${String(at)}`,
      family: at === 1 ? 'vidar' : null,
      capturedAtMs: at === 0 ? NOW_MS - i : null,
      publishedAtMs: at === 1 ? NOW_MS - i : null,
      seenAtMs: NOW_MS - at,
    })),
    secret: {
      fitsPolicy: i % 2 === 0,
      common: i % 3 === 0,
      reused: i % 5 === 0,
      mask: isHash ? null : i % 2 === 0 ? '******' : 'ก******z',
      lengthBand: isHash ? null : pick(LENGTH_BANDS),
      classes: isHash ? null : i % 32,
      strengthBand: isHash ? null : pick(STRENGTH_BANDS),
      hashType: isHash ? 'md5' : null,
      pairFp: idOf(3, i),
      secretFp: i % 17 === 0 ? null : idOf(4, i % 20),
    },
    cookieState: pick(COOKIE_STATES),
    tags: i % 3 === 0 ? [] : i % 3 === 1 ? ['mixed_case'] : ['ambiguous', 'org_name'],
    score: i % 101,
    level: pick(LEVELS),
    confidence: pick(CONFIDENCES),
    ledger: Array.from({ length: i % 5 }, (_, at) =>
      at % 2 === 0 ? { code: 'likelihood', value: at / 4 } : { code: 'impact.service', value: -0.5, note: 'sso' },
    ),
  };
}

function idOf(first: number, i: number): FindingId {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  bytes[0] = first;
  view.setUint32(4, Math.imul(i + 1, 0x9e3779b1));
  view.setUint32(12, i);
  return toBase64url(bytes) as FindingId;
}
