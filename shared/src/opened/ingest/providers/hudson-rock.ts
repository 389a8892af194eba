/**
 * Hudson Rock, Cavalier: infected machines with the credentials that were stored on each, `{"data": [stealer, …], "nextCursor"}` of
 * version 3, a bare list of version 2, or `{"stealers": […]}`. Layout: docs.hudsonrock.com, stealers and credentials schema. The free
 * tier masks logins and passwords; what is masked whole is left out. Cookies are read for site and expiry alone.
 */
import { baseName } from '../archive/display-path.ts';
import { isMask } from '../dialects/junk.ts';
import type { RowRecord } from '../dump/row-record.ts';
import { BLANK_ROW } from '../dump/row-record.ts';
import { CookieJar } from '../stealer/cookies.ts';
import { readFolderName } from '../stealer/folder-name.ts';
import type { Machine } from '../record.ts';
import type { Provider } from './provider.ts';
import { isoMs, objectsOf, orNull, secretOf, textOf } from './values.ts';
import type { JsonObject } from './values.ts';

export const hudsonRock: Provider = {
  name: 'hudson-rock',
  names: ['date_compromised', 'credentials'],
  rowKey: ['date_compromised', 1],
  read(row, { nowMs }) {
    if (textOf(row, 'date_compromised') === '' || !Array.isArray(row['credentials'])) return null;
    const machine = machineOf(row, nowMs);
    const jar = cookiesOf(row);
    const publishedAtMs = isoMs(textOf(row, 'date_uploaded'));
    return objectsOf(row, 'credentials').map((credential): RowRecord => {
      const url = textOf(credential, 'url', 'domain');
      const login = textOf(credential, 'username', 'login');
      return {
        ...BLANK_ROW,
        ...secretOf(textOf(credential, 'password'), 'plaintext'),
        url: isMask(url) ? textOf(credential, 'domain') : url,
        login: isMask(login) ? '' : login,
        sourceClass: 'stealer',
        machine,
        capturedAtMs: machine.capturedAtMs,
        publishedAtMs,
        origin: `hudsonrock:${machine.key}`,
        cookieState: jar.stateOf(hostOf(url), nowMs),
      };
    });
  },
};

function machineOf(row: JsonObject, nowMs: number): Machine {
  const stealer = textOf(row, 'stealer');
  const folder = readFolderName(baseName(stealer), nowMs);
  const id = textOf(row, '_id', 'stealer', 'computer_name');
  const family = orNull(textOf(row, 'stealer_family', 'malware_family'));
  const ip = textOf(row, 'ip');
  return {
    key: folder.id ?? id,
    name: orNull(textOf(row, 'computer_name')),
    user: null,
    os: orNull(textOf(row, 'operating_system')),
    country: orNull(textOf(row, 'country_code', 'country')) ?? folder.country,
    ip: ip === '' || ip.includes('*') ? folder.ip : ip,
    capturedAtMs: isoMs(textOf(row, 'date_compromised')),
    family,
    familyConfidence: family === null ? 0 : 1,
  };
}

function cookiesOf(row: JsonObject): CookieJar {
  const jar = new CookieJar();
  for (const list of ['employee_session_cookies', 'client_session_cookies', 'session_cookies']) {
    for (const cookie of objectsOf(row, list)) {
      // All of them are session cookies by the provider's word, whatever their names.
      jar.addSession(
        hostOf(textOf(cookie, 'url', 'url_stripped', 'domain')),
        textOf(cookie, 'name'),
        isoMs(textOf(cookie, 'expiry')) ?? 0,
      );
    }
  }
  return jar;
}

function hostOf(url: string): string {
  const text = url.includes('://') ? url : `http://${url.replace(/^\./, '')}`;
  return URL.canParse(text) ? new URL(text).hostname : '';
}
