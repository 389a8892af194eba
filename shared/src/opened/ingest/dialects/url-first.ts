/**
 * `url SEP login SEP password` (ULP): with scheme, without one, and Android entries. The split is chosen by score, leftmost on a
 * tie (INGEST, ULP split algorithm). A login that holds the separator is not supported by anyone, nor here.
 */
import type { Dialect, LineFields, Separator } from './dialect.ts';
import { authorityHost, isEmail, isHostName, isKnownHost, isPhone, isPort } from './plausible.ts';

const KNOWN_PATH_END =
  /(?:^|[/=?])(?:login|signin|sign-in|log-in|logon|auth|sso|adfs|ls|owa|account|accounts|register|signup|index\.php|login\.php|login\.aspx|home|user|users|admin|portal|wp-login\.php)$/i;
const SCHEME = /^[a-z][a-z0-9+.-]{1,19}:\/\//i;
/** More candidate splits than this are not weighed: a hostile line of separators stays linear. */
const MOST_SPLITS = 64;

export const urlFirst: Dialect = {
  name: 'url-login-pass',
  parse: (line, separator) => parseUrlFirst(line, separator, SCHEME.exec(line)?.[0].length ?? 0),
};

/** True if the line begins with a scheme. */
export function hasScheme(line: string): boolean {
  return SCHEME.test(line);
}

function parseUrlFirst(line: string, separator: Separator, authorityStart: number): LineFields | null {
  if (authorityStart === 0 && !startsLikeHost(line, separator)) return null;
  let best: { url: string; login: string; password: string; score: number } | null = null;
  let near = 0;
  let at = skipAuthority(line, separator, authorityStart);
  for (let tried = 0; tried < MOST_SPLITS; tried++) {
    const urlEnd = line.indexOf(separator, at);
    if (urlEnd < 0) break;
    const loginEnd = line.indexOf(separator, urlEnd + 1);
    if (loginEnd < 0) break;
    at = urlEnd + 1;
    const url = line.slice(0, urlEnd).trimEnd();
    const login = line.slice(urlEnd + 1, loginEnd).trim();
    const password = line.slice(loginEnd + 1);
    const score = weigh(url, authorityStart, login, password);
    if (best === null || score > best.score) {
      near = best !== null && score - best.score <= 1 ? near + 1 : 0;
      best = { url, login, password, score };
    } else if (best.score - score <= 1) near++;
  }
  if (best === null) return null;
  const sure = authorityStart > 0 ? 0.95 : 0.85;
  const confidence = (near > 0 ? sure - 0.25 : sure) - (best.login === '' ? 0.2 : 0);
  const application = best.url.toLowerCase().startsWith('android://') ? androidPackage(best.url) : null;
  return { url: best.url, login: best.login, password: best.password, application, confidence };
}

/** Position from which separators count: behind `[v6]` and behind a port. */
function skipAuthority(line: string, separator: Separator, authorityStart: number): number {
  let at = authorityStart;
  if (line[at] === '[') {
    const close = line.indexOf(']', at);
    if (close > 0 && close - at < 48) at = close + 1;
  }
  if (separator !== ':') return at;
  const colon = line.indexOf(':', at);
  const slash = line.indexOf('/', at);
  if (colon < 0 || (slash >= 0 && slash < colon)) return at;
  let end = colon + 1;
  while (end < line.length && end - colon <= 6 && isPort(line.slice(colon + 1, end + 1))) end++;
  if (end === colon + 1) return at;
  const after = line[end];
  if (after === '/' || after === '?' || after === '#') return end;
  // `host:8443:nok:pw` has a port; `host:64010:pw` has a number as login.
  return after === ':' && line.indexOf(':', end + 1) > 0 ? end : at;
}

function weigh(url: string, authorityStart: number, login: string, password: string): number {
  let score = 0;
  if (isEmail(login)) score += 4;
  else if (isPhone(login)) score += 2;
  if (!login.includes('/')) score += 2;
  if (url.endsWith('/') || KNOWN_PATH_END.test(url)) score += 1;
  if (password !== '') score += 1;
  if (!/\s/.test(login)) score += 1;
  const host = hostOf(url, authorityStart);
  // Not in INGEST's list: keeps `https://user:pw@host/` whole, since `user` alone is no host with a dot.
  if (host !== null && (isHostName(host) || host.startsWith('['))) score += 2;
  return score;
}

function hostOf(url: string, authorityStart: number): string | null {
  const rest = url.slice(authorityStart);
  const end = rest.search(/[/?#]/);
  return authorityHost(end < 0 ? rest : rest.slice(0, end));
}

/** Without a scheme the first token must be a host, perhaps with port and path, and no e-mail address. */
function startsLikeHost(line: string, separator: Separator): boolean {
  const end = line.search(/[/:?#\s;|,]/);
  const host = end < 0 ? line : line.slice(0, end);
  if (!isHostName(host)) return false;
  const next = line[end];
  return next === '/' || next === '?' || next === '#' || next === separator || (next === ':' && separator !== ':');
}

/** Weight of a line for the choice of dialect: a bare name under an unknown top level may be a login with a dot. */
export function urlFirstWeight(line: string, fields: LineFields): number {
  if (hasScheme(line)) return 1;
  const host = hostOf(fields.url, 0);
  if (host === null) return 0;
  if (fields.url.includes('/')) return 0.98;
  return isKnownHost(host) ? 0.9 : 0.4;
}

/** `android://BASE64==@com.bank.app/` names a package, not a domain. */
function androidPackage(url: string): string | null {
  const at = url.lastIndexOf('@');
  if (at < 0) return null;
  const slash = url.indexOf('/', at);
  const name = slash < 0 ? url.slice(at + 1) : url.slice(at + 1, slash);
  return name === '' ? null : name;
}
