/** What looks like an e-mail address, a host, a phone number. Linear, without nested quantifiers; used to weigh splits only. */
import { parse } from 'tldts';

const HOST_TEXT = /^[A-Za-z0-9._\u0080-\uffff-]+$/;
const ALIAS = /^[A-Za-z0-9_.+'%&=~!#$^*\u0080-\uffff-]+$/;
const LAST_LABEL = /^(?:xn--[a-z0-9-]+|[a-z\u0080-\uffff]{2,})$/i;
const DIGITS = /^[0-9]+$/;
const PHONE = /^\+?[0-9][0-9 -]{7,15}$/;
/** RFC 2606 and RFC 6761, and what made-up material uses. */
const RESERVED_TOPS = new Set(['example', 'test', 'invalid', 'localhost', 'local', 'internal', 'fake', 'demo']);

/** HIBP's rules (INGEST), somewhat wider in the local part. */
export function isEmail(text: string): boolean {
  const at = text.lastIndexOf('@');
  if (at < 1 || at > 64 || text.length > 320) return false;
  const alias = text.slice(0, at);
  if (!ALIAS.test(alias) || alias.startsWith('.') || alias.endsWith('.') || alias.includes('..')) return false;
  return isHostName(text.slice(at + 1)) && LAST_LABEL.test(text.slice(text.lastIndexOf('.') + 1));
}

/** A name with a dot and a last label of two letters or more, or an IPv4 address. */
export function isHostName(text: string): boolean {
  if (text.length < 4 || text.length > 253 || !HOST_TEXT.test(text)) return false;
  const labels = (text.endsWith('.') ? text.slice(0, -1) : text).split('.');
  if (labels.length < 2) return false;
  if (labels.length === 4 && labels.every((label) => DIGITS.test(label) && label.length <= 3 && Number(label) < 256)) {
    return true;
  }
  for (const label of labels) {
    if (label === '' || label.length > 63 || label.startsWith('-') || label.endsWith('-')) return false;
  }
  return LAST_LABEL.test(labels[labels.length - 1] ?? '');
}

/** A host under a top level that exists or is reserved: `john.smith` is a host name, but not one that is known. */
export function isKnownHost(host: string): boolean {
  const known = parse(host, { extractHostname: false });
  return known.isIp === true || known.isIcann === true || RESERVED_TOPS.has(known.publicSuffix ?? '');
}

export function isPhone(text: string): boolean {
  return PHONE.test(text);
}

/** Host of an authority: without user information and port; `[…]` for IPv6; `null` if the port is no number. */
export function authorityHost(authority: string): string | null {
  const text = authority.slice(authority.lastIndexOf('@') + 1);
  if (text.startsWith('[')) {
    const close = text.indexOf(']');
    return close > 0 ? text.slice(0, close + 1) : null;
  }
  const colon = text.indexOf(':');
  if (colon < 0) return text;
  return isPort(text.slice(colon + 1)) ? text.slice(0, colon) : null;
}

export function isPort(text: string): boolean {
  return text.length > 0 && text.length <= 5 && DIGITS.test(text) && Number(text) < 65_536;
}
