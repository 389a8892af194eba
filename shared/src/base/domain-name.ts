import { getDomain, getPublicSuffix } from 'tldts';
import type { Brand } from './brand.ts';
import { decodePunycode } from './punycode.ts';

/**
 * Domain names: one normal form (lower-case punycode), the Unicode form people read, the registrable part, and suffix match at
 * label borders. Never an IP address. `server`, matcher and interface compare names only in this form.
 */

/** A host or domain name in normal form: lower-case punycode, no trailing dot, at most 253 characters. */
export type DomainName = Brand<string, 'DomainName'>;

const FORBIDDEN = /[\s/\\:@?#%[\]<>^|"'`{}(),;!$&*+=~\u0000-\u001f\u007f]/;
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
/** What URL parsers read as an IPv4 part: decimal, octal or hexadecimal (WHATWG URL, "ends in a number"). */
const NUMBER_LABEL = /^(?:[0-9]+|0x[0-9a-f]*)$/;

/**
 * Normal form of a name in any case, Unicode (UTS 46) or punycode, with or without a trailing dot; `null` for addresses, URLs,
 * empty labels, labels over 63 and names over 253 characters. Underscores are kept: leaked hosts have them.
 */
export function parseDomainName(text: string): DomainName | null {
  const trimmed = text.trim();
  if (trimmed.length === 0 || trimmed.length > 1024 || FORBIDDEN.test(trimmed)) return null;
  const ascii = isNormal(trimmed) ? trimmed : toAscii(trimmed);
  if (ascii === null) return null;
  const name = ascii.endsWith('.') ? ascii.slice(0, -1) : ascii;
  if (name.length > 253) return null;
  const labels = name.split('.');
  if (NUMBER_LABEL.test(labels[labels.length - 1] ?? '')) return null;
  for (const label of labels) {
    if (!LABEL.test(label)) return null;
    if (label.startsWith('xn--') && !isCanonicalPunycode(label)) return null;
  }
  return name as DomainName;
}

/** The form people read (`กระทรวง.ไทย`). For the screen only: never compare it. */
export function domainToUnicode(name: DomainName): string {
  return name
    .split('.')
    .map((label) => (label.startsWith('xn--') ? (decodePunycode(label.slice(4)) ?? label) : label))
    .join('.');
}

/**
 * The part of `name` that was registered (`moe.go.th` of `mail.moe.go.th`), by the ICANN section of the Public Suffix List; names
 * under a reserved or unknown top level (`moe.example`) count as registered under it. `null` if `name` is itself a public suffix.
 */
export function registrableDomain(name: DomainName): DomainName | null {
  return getDomain(name, { validateHostname: false, extractHostname: false }) as DomainName | null;
}

/** True for suffixes under which strangers register (`th`, `go.th`, `github.io`, and every single label): never a watch term. */
export function isPublicSuffix(name: DomainName): boolean {
  return (
    registrableDomain(name) === null ||
    getPublicSuffix(name, { allowPrivateDomains: true, validateHostname: false, extractHostname: false }) === name
  );
}

/** True if `host` is `domain` or lies under it, at a label border: `a.moe.example` yes, `xmoe.example` no. */
export function isWithinDomain(host: DomainName, domain: DomainName): boolean {
  return (
    host === domain ||
    (host.length > domain.length && host.endsWith(domain) && host[host.length - domain.length - 1] === '.')
  );
}

/** `name` and its parents, longest first: `a.b.c`, `b.c`, `c`. For a look-up of the longest suffix in a map. */
export function domainSuffixes(name: DomainName): readonly DomainName[] {
  const suffixes: DomainName[] = [];
  for (let at = 0; ;) {
    suffixes.push(name.slice(at) as DomainName);
    const dot = name.indexOf('.', at);
    if (dot < 0) return suffixes;
    at = dot + 1;
  }
}

/** Most names need no URL parser (0.1 µs against 2 µs); millions of leaked hosts pass here. */
function isNormal(text: string): boolean {
  return /^[a-z0-9._-]+$/.test(text);
}

function toAscii(text: string): string | null {
  return URL.canParse(`http://${text}/`) ? new URL(`http://${text}/`).hostname : null;
}

/** Engines differ in what they accept after `xn--`: only what decodes and encodes to the same label is a name. */
function isCanonicalPunycode(label: string): boolean {
  const unicode = decodePunycode(label.slice(4));
  return unicode !== null && !/^[\u0000-\u007f]*$/.test(unicode) && toAscii(unicode) === label;
}
