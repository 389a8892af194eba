import { describe, expect, test } from 'vitest';
import { fromUtf8 } from '../../base/bytes.ts';
import { isMailable, mailToEml } from './eml.ts';
import type { Mail } from './eml.ts';

const mail: Mail = {
  to: [{ name: 'นายสมชาย ใจดี', email: 'somchai@moe.example' }],
  subject: 'มีข้อมูลชุดใหม่ส่งถึงกระทรวงตัวอย่างเพื่อการทดสอบระบบที่มีชื่อยาวเป็นพิเศษ',
  body: 'เรียน ผู้ประสานงาน\n\nบรรทัดที่สอง',
  language: 'th',
};

function text(of: Mail): string {
  return fromUtf8(mailToEml(of)) ?? '';
}

function decodeWords(header: string): string {
  return [...header.matchAll(/=\?UTF-8\?B\?([^?]+)\?=/g)]
    .map(([, word]) =>
      new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(atob(word ?? ''), (c) => c.charCodeAt(0))),
    )
    .join('');
}

describe('a mail file', () => {
  test('has CRLF at every line end and ASCII bytes only', () => {
    const eml = text(mail);
    expect(eml.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(eml).toMatch(/^[\x20-\x7e\r\n]*$/);
    expect(eml.endsWith('\r\n')).toBe(true);
  });

  test('carries a Thai subject in encoded words of at most 75 characters that each decode alone', () => {
    const head = text(mail).split('\r\n\r\n')[0] ?? '';
    const subject = /Subject: ((?:.|\r\n )+?)\r\n[A-Z]/.exec(head)?.[1] ?? '';
    for (const word of subject.split('\r\n ')) expect(word.length).toBeLessThanOrEqual(75);
    expect(decodeWords(subject)).toBe(mail.subject);
  });

  test('keeps the Thai body to the character, with CRLF inside', () => {
    const body = (text(mail).split('\r\n\r\n')[1] ?? '').replaceAll('\r\n', '');
    const decoded = new TextDecoder().decode(Uint8Array.from(atob(body), (c) => c.charCodeAt(0)));
    expect(decoded).toBe('เรียน ผู้ประสานงาน\r\n\r\nบรรทัดที่สอง\r\n');
  });

  test('a subject or name with line breaks cannot add a header', () => {
    const eml = text({
      ...mail,
      subject: 'New\r\nBcc: all@evil.example',
      to: [{ name: 'A"\r\nBcc: b@evil.example', email: 'a@moe.example' }],
    });
    expect(eml).not.toMatch(/^Bcc:/m);
  });

  test('an address that would break out of the header is left out', () => {
    const eml = text({
      ...mail,
      to: [
        { name: '', email: 'a@moe.example>\r\nBcc: b@evil.example' },
        { name: '', email: 'ok@moe.example' },
      ],
    });
    expect(eml).not.toContain('evil');
    expect(eml).toContain('ok@moe.example');
  });

  test('an ASCII name is quoted', () => {
    expect(text({ ...mail, to: [{ name: 'Duty, "SOC"', email: 'soc@moe.example' }] })).toContain(
      'To: "Duty, \\"SOC\\""\r\n <soc@moe.example>',
    );
  });

  test.each(['a@b.example', "o'k+tag@sub.b.example"])('%s is mailable', (email) => {
    expect(isMailable(email)).toBe(true);
  });

  test.each(['', 'a', 'a@b c', 'a@b>', 'a b@c.example', `${'a'.repeat(250)}@b.example`])(
    '%s is not mailable',
    (email) => {
      expect(isMailable(email)).toBe(false);
    },
  );
});
