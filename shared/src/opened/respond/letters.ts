/**
 * What leaves by ordinary mail, in the organisation's language (DOMAIN rule 14, Thai).
 * A notice says only that something waits; a counts letter has counts per class; neither has accounts, passwords or links.
 */
import type { Ms } from '../../base/brand.ts';
import type { LetterFacts } from '../client/api/publishing.ts';
import type { Exposure } from '../finding/finding.ts';

/** A text ready for .eml, clipboard or print. `body` has LF line ends. */
export interface Letter {
  readonly subject: string;
  readonly body: string;
  readonly language: 'th' | 'en';
}

/** Days an organisation has to name a focal point (DOMAIN leaves the date to the CERT; shown before sending). */
export const REPLY_DAYS = 15;

const DAY_MS = 86_400_000;
const BANGKOK = 'Asia/Bangkok';

/** Makes the notice or letter that `facts` describe. `replyByMs` is the date asked for in a counts letter. */
export function makeLetter(facts: LetterFacts, replyByMs: Ms = facts.atMs + REPLY_DAYS * DAY_MS): Letter {
  if (facts.kind === 'notice') return facts.language === 'th' ? noticeTh(facts) : noticeEn(facts);
  return facts.language === 'th' ? countsTh(facts, replyByMs) : countsEn(facts, replyByMs);
}

function noticeTh(facts: LetterFacts): Letter {
  return {
    language: 'th',
    subject: `มีข้อมูลชุดใหม่ส่งถึง${facts.organisationTh}`,
    body: paragraphs(
      `เรียน ผู้ประสานงานของ${facts.organisationTh}`,
      `มีข้อมูลชุดใหม่ส่งถึงหน่วยงานของท่านเมื่อ ${dateTimeTh(facts.atMs)} น.`,
      'โปรดเปิดระบบจากแอปหรือที่คั่นหน้าที่ท่านใช้อยู่เดิม อีเมลฉบับนี้ไม่มีลิงก์และไม่มีไฟล์แนบ',
      facts.certTh,
    ),
  };
}

function noticeEn(facts: LetterFacts): Letter {
  return {
    language: 'en',
    subject: `New material has been delivered to ${facts.organisationEn}`,
    body: paragraphs(
      `To the focal point of ${facts.organisationEn}`,
      `New material was delivered to your organisation on ${dateTimeEn(facts.atMs)} (Bangkok time).`,
      'Open the system from the app or the bookmark you already use. This message has no link and no attachment.',
      facts.certEn,
    ),
  };
}

function countsTh(facts: LetterFacts, replyByMs: Ms): Letter {
  const counts = facts.byExposure;
  return {
    language: 'th',
    subject: `ขอแจ้งการตรวจพบข้อมูลบัญชีผู้ใช้ที่อาจรั่วไหลของ${facts.organisationTh}`,
    body: paragraphs(
      `วันที่ ${dateTh(facts.atMs)}`,
      `เรียน ผู้บริหาร${facts.organisationTh}`,
      `ด้วย${facts.certTh} ตรวจพบข้อมูลบัญชีผู้ใช้ที่อาจรั่วไหลซึ่งเกี่ยวข้องกับโดเมน ${facts.domains.join(', ')} ` +
        `จำนวน ${total(counts, 'th')} รายการ (บุคลากร ${count(counts.employee, 'th')} ` +
        `ผู้รับบริการ ${count(counts.customer, 'th')} ` +
        `บัญชีหน่วยงานบนบริการภายนอก ${count(counts.third_party, 'th')} ` +
        `รอจำแนก ${count(counts.unclassified, 'th')})`,
      'หนังสือฉบับนี้ไม่มีชื่อบัญชีและรหัสผ่าน',
      `ขอให้หน่วยงานมอบหมายผู้ประสานงานและยื่นคำขอเข้าใช้งานภายในวันที่ ${dateTh(replyByMs)}`,
      'ทั้งนี้ โปรดตรวจสอบความถูกต้องของหนังสือกับศูนย์ทางหมายเลขโทรศัพท์ที่หน่วยงานทราบอยู่แล้ว',
      'วิธียื่นคำขอ: แจ้งชื่อหน่วยงาน ชื่อและตำแหน่งของผู้ประสานงาน และหมายเลขโทรศัพท์ของหน่วยงานมายังศูนย์ ศูนย์จะออกคำเชิญเข้าใช้งานให้หลังตรวจสอบตัวบุคคลแล้ว',
      facts.certTh,
    ),
  };
}

function countsEn(facts: LetterFacts, replyByMs: Ms): Letter {
  const counts = facts.byExposure;
  return {
    language: 'en',
    subject: `Possibly leaked accounts that concern ${facts.organisationEn}`,
    body: paragraphs(
      dateEn(facts.atMs),
      `To the management of ${facts.organisationEn}`,
      `${facts.certEn} has found account information that may have leaked and concerns ${facts.domains.join(', ')}: ` +
        `${total(counts, 'en')} findings (employees ${count(counts.employee, 'en')}, ` +
        `customers ${count(counts.customer, 'en')}, ` +
        `accounts of the organisation at other services ${count(counts.third_party, 'en')}, ` +
        `not yet classified ${count(counts.unclassified, 'en')}).`,
      'This letter names no account and no password.',
      `Please name a focal point and request access by ${dateEn(replyByMs)}.`,
      'Check that this letter is genuine by calling the centre on a telephone number you already know.',
      "How to request access: tell the centre your organisation's name, the name and position of the focal point, and the organisation's telephone number. The centre sends an invitation after it has verified the person.",
      facts.certEn,
    ),
  };
}

/** What a person fills in to ask for access before there is an invitation. */
export interface AccessMailFields {
  readonly organisation: string;
  readonly person: string;
  readonly position: string;
  readonly phone: string;
}

/** The mail by which somebody without an invitation asks a CERT for one. It has nothing in it but the four fields. */
export function makeAccessMail(fields: AccessMailFields, language: 'th' | 'en'): Letter {
  if (language === 'th') {
    return {
      language,
      subject: `ขอคำเชิญเข้าใช้งานระบบบริหารจัดการข้อมูลบัญชีผู้ใช้รั่วไหล: ${fields.organisation}`,
      body: paragraphs(
        'เรียน เจ้าหน้าที่ศูนย์ฯ',
        `${fields.organisation} ขอรับคำเชิญเข้าใช้งานระบบบริหารจัดการข้อมูลบัญชีผู้ใช้รั่วไหล โดยมอบหมายผู้ประสานงานดังนี้`,
        `ชื่อ: ${fields.person}\nตำแหน่ง: ${fields.position}\nโทรศัพท์ของหน่วยงาน: ${fields.phone}`,
        'โปรดยืนยันตัวบุคคลผ่านหมายเลขโทรศัพท์ของหน่วยงานที่ศูนย์ฯ มีอยู่แล้ว ก่อนส่งคำเชิญ',
        `ขอแสดงความนับถือ\n${fields.person}\n${fields.position}`,
      ),
    };
  }
  return {
    language,
    subject: `Request for an invitation to Sealpost: ${fields.organisation}`,
    body: paragraphs(
      'To the operators of the centre',
      `${fields.organisation} asks for an invitation to Sealpost, the system for leaked-credential findings. Our focal point is:`,
      `Name: ${fields.person}\nPosition: ${fields.position}\nTelephone of the organisation: ${fields.phone}`,
      'Before you send the invitation, please verify this person on a telephone number of our organisation that you already have.',
      `Yours faithfully\n${fields.person}\n${fields.position}`,
    ),
  };
}

function paragraphs(...parts: readonly string[]): string {
  return `${parts.join('\n\n')}\n`;
}

function total(counts: Readonly<Record<Exposure, number>>, language: 'th' | 'en'): string {
  return count(counts.employee + counts.customer + counts.third_party + counts.unclassified, language);
}

function count(value: number, language: 'th' | 'en'): string {
  return new Intl.NumberFormat(language === 'th' ? 'th-TH-u-nu-latn' : 'en-GB').format(value);
}

function dateTh(ms: Ms): string {
  return new Intl.DateTimeFormat('th-TH-u-ca-buddhist-nu-latn', {
    timeZone: BANGKOK,
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  }).format(ms);
}

function dateTimeTh(ms: Ms): string {
  return `${dateTh(ms)} เวลา ${clock(ms).replace(':', '.')}`;
}

function dateEn(ms: Ms): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone: BANGKOK, day: 'numeric', month: 'long', year: 'numeric' }).format(
    ms,
  );
}

function dateTimeEn(ms: Ms): string {
  return `${dateEn(ms)} at ${clock(ms)}`;
}

function clock(ms: Ms): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: BANGKOK,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(ms);
}
