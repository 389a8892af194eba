/** Cookie files of a machine, read for metadata only: which host has a session cookie, and until when. Values are never kept. */
import type { Ms } from '../../../base/brand.ts';
import type { CookieState } from '../../finding/finding.ts';

/** Parts of names that sign-in cookies have; `csrf` tokens and preferences are none. */
const SESSION_PARTS = ['sess', 'sid', 'auth', 'token', 'login', 'remember', 'jwt', 'sso', 'ticket', 'identity'];
const SESSION_NAMES = new Set(['xs', 'c_user', 'estsauth', 'li_at', 'fedauth', 'rtfa']);
const HTTP_ONLY = '#HttpOnly_';
/** Hosts kept per machine: more is no browser's cookie jar. */
const MOST_HOSTS = 20_000;

/** Session cookies of one machine: newest expiry by host. */
export class CookieJar {
  readonly #expiryByHost = new Map<string, Ms>();

  /** Takes one line of a Netscape cookie file: domain, subdomains, path, secure, expiry, name, value, by tabs. */
  addLine(line: string): void {
    const fields = line.split('\t', 7);
    if (fields.length < 6) return;
    const name = (fields[5] ?? '').trim().toLowerCase();
    if (!isSessionName(name)) return;
    let host = (fields[0] ?? '').trim();
    if (host.startsWith(HTTP_ONLY)) host = host.slice(HTTP_ONLY.length);
    host = host.replace(/^\./, '').toLowerCase();
    if (host === '' || host.length > 253) return;
    const expiryMs = parseExpiry((fields[4] ?? '').trim());
    const known = this.#expiryByHost.get(host);
    if (known === undefined && this.#expiryByHost.size >= MOST_HOSTS) return;
    if (known === undefined || expiryMs > known) this.#expiryByHost.set(host, expiryMs);
  }

  /** State for a service host: a cookie of the host itself or of a domain above it. */
  stateOf(host: string, nowMs: Ms): CookieState {
    let state: CookieState = 'none';
    for (let name = host.toLowerCase(); name.includes('.'); name = name.slice(name.indexOf('.') + 1)) {
      const expiryMs = this.#expiryByHost.get(name);
      if (expiryMs === undefined) continue;
      if (expiryMs > nowMs) return 'live';
      state = 'expired';
    }
    return state;
  }
}

function isSessionName(name: string): boolean {
  if (name.includes('csrf') || name.includes('xsrf')) return false;
  return SESSION_NAMES.has(name) || SESSION_PARTS.some((part) => name.includes(part));
}

/** Seconds, milliseconds, or microseconds since 1601 (Chrome's own form). 0 is a browser session: taken as over. */
function parseExpiry(text: string): Ms {
  if (!/^\d{1,18}(?:\.\d{1,6})?$/.test(text)) return 0;
  const value = Number(text);
  if (value > 1e16) return value / 1_000 - 11_644_473_600_000;
  return value > 1e11 ? value : value * 1_000;
}
