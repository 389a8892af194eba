/**
 * Words of the closed vocabularies as people type them behind a field: the word of the format, what the screen shows in English
 * and Thai, and the Thai of DOMAIN. Spaces, hyphens and the like do not count.
 */
import { EXPOSURES, LEVELS, PATH_CLASSES, SOURCE_CLASSES } from '../finding/finding.ts';
import type { Exposure, Level, PathClass, SourceClass } from '../finding/finding.ts';
import { TRIAGE_STATES } from '../triage/triage.ts';
import type { TriageState } from '../triage/triage.ts';
import { foldText } from './fold.ts';

export const WORD_FIELDS = ['level', 'state', 'exposure', 'class', 'path'] as const;
export type WordField = (typeof WORD_FIELDS)[number];

const LEVEL_NAMES: Readonly<Record<Level, readonly string[]>> = {
  info: ['เพื่อทราบ'],
  low: ['ต่ำ'],
  medium: ['ปานกลาง'],
  high: ['สูง'],
  critical: ['สูงมาก'],
};

const STATE_NAMES: Readonly<Record<TriageState, readonly string[]>> = {
  new: ['ใหม่'],
  triaged: ['คัดกรองแล้ว'],
  assigned: ['มอบหมายแล้ว'],
  in_progress: ['กำลังดำเนินการ'],
  contained: ['ควบคุมได้แล้ว'],
  closed: ['ปิดเรื่องแล้ว'],
  pending: ['รอข้อมูล'],
  merged: ['รวมเรื่องแล้ว'],
  reopened: ['เปิดเรื่องใหม่อีกครั้ง'],
};

const EXPOSURE_NAMES: Readonly<Record<Exposure, readonly string[]>> = {
  employee: ['บุคลากร'],
  customer: ['ผู้รับบริการ'],
  third_party: ['บัญชีหน่วยงานบนบริการภายนอก', 'บริการภายนอก'],
  unclassified: ['รอจำแนก'],
};

const CLASS_NAMES: Readonly<Record<SourceClass, readonly string[]>> = {
  stealer: ['stealer log', 'มัลแวร์ขโมยข้อมูล', 'ข้อมูลจากมัลแวร์ขโมยข้อมูล'],
  phishing: ['ฟิชชิง'],
  breach_plain: ['breach, clear text', 'ฐานข้อมูลรั่ว (ข้อความชัด)'],
  ulp: ['ulp list', 'รายการ ulp'],
  paste: ['เว็บฝากข้อความ'],
  combo: ['combo list', 'รายการคอมโบ'],
  breach_hash: ['breach, hashed', 'ฐานข้อมูลรั่ว (แฮช)'],
  address_only: ['ที่อยู่อย่างเดียว'],
};

const PATH_NAMES: Readonly<Record<PathClass, readonly string[]>> = {
  other: ['other page', 'หน้าอื่น'],
  login: ['login page', 'หน้าเข้าสู่ระบบ'],
  vpn: ['วีพีเอ็น'],
  mail: ['อีเมล'],
  sso: ['single sign-on', 'ลงชื่อเข้าใช้ครั้งเดียว (sso)'],
  admin: ['administration', 'หน้าผู้ดูแลระบบ'],
};

/** Names by code, bare. */
const NAMES: Readonly<Record<WordField, readonly (readonly string[])[]>> = {
  level: LEVELS.map((word) => [word, ...LEVEL_NAMES[word]].map(bare)),
  state: TRIAGE_STATES.map((word) => [word, ...STATE_NAMES[word]].map(bare)),
  exposure: EXPOSURES.map((word) => [word, ...EXPOSURE_NAMES[word]].map(bare)),
  class: SOURCE_CLASSES.map((word) => [word, ...CLASS_NAMES[word]].map(bare)),
  path: PATH_CLASSES.map((word) => [word, ...PATH_NAMES[word]].map(bare)),
};

/**
 * Codes that `typed` means, rising: those that are called so (`ระดับ:สูง` is not `สูงมาก`), else those that begin so (`level:crit`),
 * else those that contain it (`class:hash`). None: nothing hits.
 */
export function wordCodes(field: WordField, typed: string): readonly number[] {
  const wanted = bare(typed);
  const called = (isHit: (name: string) => boolean) =>
    NAMES[field].flatMap((names, code) => (names.some(isHit) ? [code] : []));
  const exact = called((name) => name === wanted);
  if (exact.length > 0) return exact;
  const beginning = called((name) => name.startsWith(wanted));
  return beginning.length > 0 ? beginning : called((name) => name.includes(wanted));
}

function bare(text: string): string {
  return foldText(text).replace(/[\s_,()-]/gu, '');
}
