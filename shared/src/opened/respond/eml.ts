/**
 * One mail as an .eml file, for the operator's own mail program (RFC 5322, RFC 2047, RFC 2045).
 * Plain text only: no attachment, no HTML, no link is ever added here. Header values cannot break out of their line.
 */
import { utf8 } from '../../base/bytes.ts';
import type { Bytes } from '../../base/bytes.ts';

export interface MailAddress {
  readonly name: string;
  readonly email: string;
}

export interface Mail {
  readonly to: readonly MailAddress[];
  readonly subject: string;
  /** Lines end with LF. */
  readonly body: string;
  /** BCP 47 tag for Content-Language. */
  readonly language: 'th' | 'en';
}

/** RFC 2047, section 2: an encoded-word has at most 75 characters; `=?UTF-8?B?` and `?=` take 12, so 45 bytes of text fit. */
const ENCODED_WORD_BYTES = 45;
/** RFC 2045, section 6.8: lines of at most 76 characters. */
const BASE64_LINE = 76;
/** RFC 5322, section 2.1.1: a line should have at most 78 characters. */
const HEADER_LINE = 78;

/**
 * Makes the file's bytes: CRLF everywhere, headers in ASCII (RFC 2047 words), body as base64 of UTF-8, so that no mail
 * program or gateway can spoil Thai. `X-Unsent` makes Outlook open it as a draft.
 */
export function mailToEml(mail: Mail): Bytes {
  const lines = [
    'X-Unsent: 1',
    ...(mail.to.length === 0 ? [] : [addressHeader('To', mail.to)]),
    `Subject: ${headerText(mail.subject)}`,
    'MIME-Version: 1.0',
    `Content-Language: ${mail.language}`,
    'Content-Type: text/plain; charset=utf-8; format=fixed',
    'Content-Transfer-Encoding: base64',
    '',
    ...base64Lines(utf8(toCrlf(mail.body))),
  ];
  return utf8(`${lines.join('\r\n')}\r\n`);
}

/** Every line ending as CRLF (RFC 5322, section 2.3), exactly one at the end. */
function toCrlf(text: string): string {
  return `${text.replaceAll(/\r\n|\r|\n/g, '\n').replace(/\n*$/, '')}\n`.replaceAll('\n', '\r\n');
}

/** `true` if `email` can stand in a header between `<` and `>`: printable ASCII, one `@`, nothing that ends the address. */
export function isMailable(email: string): boolean {
  return email.length <= 254 && /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+$/.test(email);
}

function addressHeader(name: string, addresses: readonly MailAddress[]): string {
  const parts = addresses
    .filter((address) => isMailable(address.email))
    .map((address) => (address.name.trim() === '' ? address.email : `${phrase(address.name)}\r\n <${address.email}>`));
  return `${name}: ${parts.join(',\r\n ')}`;
}

/** A display name: quoted if ASCII, else encoded words. */
function phrase(text: string): string {
  const clean = withoutControls(text);
  if (!isAscii(clean) || clean.length > HEADER_LINE - 10) return encodedWords(clean);
  return `"${clean.replaceAll(/["\\]/g, '\\$&')}"`;
}

function headerText(text: string): string {
  const clean = withoutControls(text);
  return isAscii(clean) && clean.length <= HEADER_LINE - 10 && !clean.includes('=?') ? clean : encodedWords(clean);
}

/** Encoded words never split a character: RFC 2047, section 5, rule 3. */
function encodedWords(text: string): string {
  const words: string[] = [];
  let part = '';
  let size = 0;
  for (const character of text) {
    const bytes = utf8(character).length;
    if (size + bytes > ENCODED_WORD_BYTES) {
      words.push(part);
      part = '';
      size = 0;
    }
    part += character;
    size += bytes;
  }
  words.push(part);
  return words.map((word) => `=?UTF-8?B?${toBase64(utf8(word))}?=`).join('\r\n ');
}

function base64Lines(bytes: Bytes): string[] {
  const text = toBase64(bytes);
  const lines: string[] = [];
  for (let at = 0; at < text.length; at += BASE64_LINE) lines.push(text.slice(at, at + BASE64_LINE));
  return lines;
}

function toBase64(bytes: Bytes): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** Line breaks and other controls would start a header of an attacker's own. */
function withoutControls(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim();
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
