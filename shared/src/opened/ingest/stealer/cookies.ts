/**
 * Cookie files of a machine, read for metadata only: how many, which site, session-like or not, until when. Values and names are
 * never kept.
 */
import type { Ms } from '../../../base/brand.ts';
import type { CookieState } from '../../finding/finding.ts';
import type { SiteCookies } from '../record.ts';

/** Parts of names that sign-in cookies have; `csrf` tokens and preferences are none. */
const SESSION_PARTS = ['sess', 'auth', 'token', 'login', 'logged', 'remember', 'jwt', 'sso', 'ticket', 'identity'];
const SESSION_NAMES = new Set([
  'xs',
  'c_user',
  'estsauth',
  'li_at',
  'fedauth',
  'rtfa',
  'cadata',
  'castgc',
  'tgc',
  'svpncookie',
]);
/** `sid` at the end or as a word of its own: `PHPSESSID`, `connect.sid`, `__Secure-1PSID`, but not `inside`. */
const SID = /sid$|(?:^|[^a-z])sid(?![a-z])/;
const NO_SESSION = /csrf|xsrf|consent|analytics|^_ga/;
const HTTP_ONLY = '#HttpOnly_';
/** Hosts and cookies kept per machine: more is no browser's cookie jar. */
const MOST_HOSTS = 20_000;
const MOST_COOKIES = 200_000;

interface HostCookies {
  newestExpiryMs: Ms;
  /** One for each cookie. */
  readonly expiries: Ms[];
}

/** The cookies of one machine. Browsers' files that repeat each other's cookies count once. */
export class CookieJar {
  readonly #sessionsByHost = new Map<string, HostCookies>();
  readonly #seen = new Set<string>();

  /** Different cookies (host, path and name). */
  get size(): number {
    return this.#seen.size;
  }

  /** False where `stateOf` has one answer for every host. */
  get hasSessions(): boolean {
    return this.#sessionsByHost.size > 0;
  }

  /** Takes one line of a Netscape cookie file: domain, subdomains, path, secure, expiry, name, value, by tabs. */
  addLine(line: string): void {
    const fields = line.split('\t', 7);
    // The two flags are unreliable (INGEST); a comment has no tabs.
    if (fields.length < 6) return;
    let host = (fields[0] ?? '').trim();
    if (host.startsWith(HTTP_ONLY)) host = host.slice(HTTP_ONLY.length);
    const name = (fields[5] ?? '').trim();
    this.#add(host, fields[2] ?? '', name, parseExpiry((fields[4] ?? '').trim()), isSessionName(name.toLowerCase()));
  }

  /** Takes a cookie that its source calls one of a session. */
  addSession(domain: string, cookie: string, expiryMs: Ms): void {
    this.#add(domain, '', cookie, expiryMs, true);
  }

  /** Of a known cookie only a newer expiry counts. */
  #add(domain: string, path: string, cookie: string, expiryMs: Ms, isSession: boolean): void {
    const host = domain.replace(/^\./, '').toLowerCase();
    if (host === '' || host.length > 253 || cookie === '') return;
    const key = `${host}\t${path}\t${cookie}`;
    const isNew = !this.#seen.has(key) && this.#seen.size < MOST_COOKIES;
    if (isNew) this.#seen.add(key);
    if (!isSession) return;
    const known = this.#sessionsByHost.get(host);
    if (known === undefined) {
      if (this.#sessionsByHost.size >= MOST_HOSTS) return;
      this.#sessionsByHost.set(host, { newestExpiryMs: expiryMs, expiries: [expiryMs] });
      return;
    }
    if (isNew) known.expiries.push(expiryMs);
    known.newestExpiryMs = Math.max(known.newestExpiryMs, expiryMs);
  }

  /** State for a service host: a session cookie of the host itself or of a domain above it. */
  stateOf(host: string, nowMs: Ms): CookieState {
    let state: CookieState = 'none';
    for (let name = host.toLowerCase(); name.includes('.'); name = name.slice(name.indexOf('.') + 1)) {
      const found = this.#sessionsByHost.get(name);
      if (found === undefined) continue;
      if (found.newestExpiryMs > nowMs) return 'live';
      state = 'expired';
    }
    return state;
  }

  /** Session cookies by the sites that `siteOf` names, `null` for hosts that nobody watches; ordered by site. */
  sites(siteOf: (host: string) => string | null, nowMs: Ms): readonly SiteCookies[] {
    const bySite = new Map<string, { live: number; expired: number; newestExpiryMs: Ms }>();
    for (const [host, { expiries, newestExpiryMs }] of this.#sessionsByHost) {
      const site = siteOf(host);
      if (site === null) continue;
      const live = expiries.filter((expiryMs) => expiryMs > nowMs).length;
      const known = bySite.get(site) ?? { live: 0, expired: 0, newestExpiryMs: 0 };
      bySite.set(site, {
        live: known.live + live,
        expired: known.expired + expiries.length - live,
        newestExpiryMs: Math.max(known.newestExpiryMs, newestExpiryMs),
      });
    }
    return [...bySite].map(([site, cookies]) => ({ site, ...cookies })).sort((a, b) => (a.site < b.site ? -1 : 1));
  }
}

function isSessionName(name: string): boolean {
  if (NO_SESSION.test(name)) return false;
  return SESSION_NAMES.has(name) || SID.test(name) || SESSION_PARTS.some((part) => name.includes(part));
}

/**
 * Seconds or milliseconds since 1970, or microseconds since 1970 or 1601 (Chrome's own form). 0 is a browser session: taken as
 * over.
 */
export function parseExpiry(text: string): Ms {
  if (!/^\d{1,18}(?:\.\d{1,6})?$/.test(text)) return 0;
  const value = Number(text);
  if (value > 1e16) return Math.floor(value / 1_000) - 11_644_473_600_000;
  if (value > 1e14) return Math.floor(value / 1_000);
  return value > 1e11 ? value : value * 1_000;
}
