import { describe, expect, test } from 'vitest';
import type { LetterFacts } from '../client/api/publishing.ts';
import { makeAccessMail, makeLetter } from './letters.ts';

const facts: LetterFacts = {
  kind: 'notice',
  listId: 'AAAAAAAAAAAAAAAAAAAAAA',
  organisationTh: 'กระทรวงตัวอย่าง',
  organisationEn: 'Example Ministry',
  certTh: 'ศูนย์ประสานงานตัวอย่าง',
  certEn: 'Example CERT',
  language: 'th',
  to: [],
  domains: ['moe.example', 'sso.moe.example'],
  byExposure: { employee: 1200, customer: 34, third_party: 5, unclassified: 0 },
  atMs: Date.UTC(2026, 10, 22, 20, 5),
};

describe('a notice to an enrolled organisation', () => {
  test.each(['th', 'en'] as const)('has no link, attachment, domain or count (%s)', (language) => {
    const { subject, body } = makeLetter({ ...facts, language });
    const all = `${subject}\n${body}`;
    expect(all).not.toMatch(/https?:|www\.|moe\.example|1,?200|1,?239|\b34\b/);
    expect(body).toMatch(language === 'th' ? /ไม่มีลิงก์และไม่มีไฟล์แนบ/ : /no link and no attachment/);
  });

  test('gives the time in Bangkok and the Buddhist year in Thai', () => {
    expect(makeLetter(facts).body).toContain('23 พฤศจิกายน 2569 เวลา 03.05 น.');
    expect(makeLetter({ ...facts, language: 'en' }).body).toContain('23 November 2026 at 03:05');
  });
});

describe('a counts-first letter', () => {
  const letter = makeLetter({ ...facts, kind: 'counts_letter' }, Date.UTC(2026, 11, 7));

  test('has the counts per class that add up to the total', () => {
    expect(letter.body).toContain(
      'เกี่ยวข้องกับโดเมน moe.example, sso.moe.example จำนวน 1,239 รายการ (บุคลากร 1,200 ผู้รับบริการ 34 บัญชีหน่วยงานบนบริการภายนอก 5 รอจำแนก 0)',
    );
  });

  test('says that it names no account, asks for a date and how to check it', () => {
    expect(letter.body).toContain('หนังสือฉบับนี้ไม่มีชื่อบัญชีและรหัสผ่าน');
    expect(letter.body).toContain('ภายในวันที่ 7 ธันวาคม 2569');
    expect(letter.body).toContain('หมายเลขโทรศัพท์ที่หน่วยงานทราบอยู่แล้ว');
  });

  test.each(['th', 'en'] as const)('has no link (%s)', (language) => {
    expect(makeLetter({ ...facts, kind: 'counts_letter', language }).body).not.toMatch(/https?:|www\.|@/);
  });
});

describe('a mail that asks for access', () => {
  const fields = { organisation: 'กรมตัวอย่าง', person: 'สมหญิง', position: 'หัวหน้ากลุ่ม', phone: '+66 2 000 0000' };

  test.each(['th', 'en'] as const)('holds the four fields and no link (%s)', (language) => {
    const { subject, body } = makeAccessMail(fields, language);
    for (const value of Object.values(fields)) expect(`${subject}\n${body}`).toContain(value);
    expect(body).not.toMatch(/https?:/);
  });
});
