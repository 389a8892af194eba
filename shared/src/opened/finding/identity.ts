/**
 * Normal form of a login: which account it names, so that the same account in two sources is one identity (INGEST, Identity).
 * The text is only compared and shown, never interpreted: markup, bidi and control characters stay as they are.
 */
import { parse } from 'tldts';
import { parseDomainName } from '../../base/domain-name.ts';
import type { IdentityKind } from './finding.ts';

export interface Identity {
  readonly kind: IdentityKind;
  /** NFC, lower case; e-mail with punycode domain; phone as +66…; national id as 13 digits. '' for a blank login. */
  readonly canonical: string;
  /** Domain of an e-mail or UPN in punycode, else ''. */
  readonly domain: string;
  /** See `mailboxKeyOf`. */
  readonly mailboxKey: string | null;
  /** The local part or user name had upper and lower case: some systems tell them apart. */
  readonly mixedCase: boolean;
  /** E-mail under a top level that the Public Suffix List does not know. */
  readonly unlistedTld: boolean;
}

/** Longest login that is compared in full (UTF-16 units); parsers refuse far shorter ones. */
const MAX_LOGIN_LENGTH = 1024;
/** HIBP's alias rule (INGEST): 1 to 64 of these, no dot at the ends, no two in a row. */
const ALIAS = /^(?!\.)(?!.*\.\.)[A-Za-z0-9_.+-]{1,64}(?<!\.)$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const THAI_MOBILE = /^(?:0|\+?66|0066)([689][0-9]{8})$/;
const THAI_LANDLINE = /^(?:\+66|0066)([2-7][0-9]{7})$/;
const INTERNATIONAL_PHONE = /^\+[1-9][0-9]{7,14}$/;

/** Normal form of `login` as found. Never fails: what is nothing else is a user name. */
export function normaliseIdentity(login: string): Identity {
  const text = login.slice(0, MAX_LOGIN_LENGTH).toWellFormed().trim().normalize('NFC');
  const withoutNtDomain = afterNtDomain(text);
  const at = withoutNtDomain.lastIndexOf('@');
  if (at > 0) {
    const address = addressIdentity(withoutNtDomain.slice(0, at), withoutNtDomain.slice(at + 1));
    if (address !== null) return address;
  }
  const numeric = numericIdentity(withoutNtDomain);
  if (numeric !== null) return numeric;
  const kind = UUID.test(withoutNtDomain) || withoutNtDomain.startsWith('android://') ? 'appid' : 'user';
  return plain(kind, withoutNtDomain.toLowerCase(), hasMixedCase(withoutNtDomain));
}

/**
 * Groups the addresses of one Google mailbox: dots and everything from `+` on mean nothing there. `null` for every other
 * provider, where they may. For grouping people only: never part of an identity.
 */
function mailboxKeyOf(localPart: string, domain: string): string | null {
  if (domain !== 'gmail.com' && domain !== 'googlemail.com') return null;
  const tag = localPart.indexOf('+');
  return `${(tag < 0 ? localPart : localPart.slice(0, tag)).replaceAll('.', '')}@gmail.com`;
}

/** True for 13 digits whose last is the check digit of a Thai national id (weights 13 to 2, modulo 11). */
export function isNationalId(digits: string): boolean {
  if (!/^[0-9]{13}$/.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < 12; i++) sum += (13 - i) * (digits.charCodeAt(i) - 0x30);
  return (11 - (sum % 11)) % 10 === digits.charCodeAt(12) - 0x30;
}

/** `MOE\somchai` is the account `somchai`: which NT domain it was typed with changes from site to site. */
function afterNtDomain(text: string): string {
  const border = text.indexOf('\\');
  if (border <= 0 || border === text.length - 1 || text.indexOf('\\', border + 1) >= 0) return text;
  return /^[\p{L}\p{N}._-]+$/u.test(text.slice(0, border)) ? text.slice(border + 1) : text;
}

/** E-mail by HIBP's rules; a UPN if only the local part or a single-label domain is out of them; else `null`. */
function addressIdentity(localPart: string, domainText: string): Identity | null {
  const domain = parseDomainName(domainText);
  if (domain === null || /[\s@]/.test(localPart)) return null;
  const local = localPart.toLowerCase();
  const isEmail = ALIAS.test(localPart) && /\.(?:[a-z]{2,}|xn--[a-z0-9-]+)$/.test(domain);
  return {
    kind: isEmail ? 'email' : 'upn',
    canonical: `${local}@${domain}`,
    domain,
    mailboxKey: isEmail ? mailboxKeyOf(local, domain) : null,
    mixedCase: hasMixedCase(localPart),
    unlistedTld: isEmail && !isListed(domain),
  };
}

/** Phones and national ids, also with Thai digits, spaces and dashes between. */
function numericIdentity(text: string): Identity | null {
  if (!/^[+(]?[0-9๐-๙][0-9๐-๙ ()-]*$/.test(text)) return null;
  const digits = text.replace(/[๐-๙]/g, (digit) => String(digit.charCodeAt(0) - 0x0e50)).replace(/[ ()-]/g, '');
  const national = THAI_MOBILE.exec(digits)?.[1] ?? THAI_LANDLINE.exec(digits)?.[1];
  if (national !== undefined) return plain('phone', `+66${national}`, false);
  if (isNationalId(digits)) return plain('national_id', digits, false);
  return INTERNATIONAL_PHONE.test(digits) ? plain('phone', digits, false) : null;
}

function plain(kind: IdentityKind, canonical: string, mixedCase: boolean): Identity {
  return { kind, canonical, domain: '', mailboxKey: null, mixedCase, unlistedTld: false };
}

function hasMixedCase(text: string): boolean {
  return text !== text.toLowerCase() && text !== text.toUpperCase();
}

const listedByDomain = new Map<string, boolean>();

/** Cached by top level: a load has millions of addresses under a few hundred of them. */
function isListed(domain: string): boolean {
  const topLevel = domain.slice(domain.lastIndexOf('.') + 1);
  const known = listedByDomain.get(topLevel);
  if (known !== undefined) return known;
  const listed = parse(`a.${topLevel}`).isIcann === true;
  if (listedByDomain.size < 10_000) listedByDomain.set(topLevel, listed);
  return listed;
}
