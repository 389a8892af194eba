/**
 * Flare: leaked credentials (`{"items": [{"identity_name", "hash", "source", …}]}` of `leaksdb/v2/credentials`), identities with their
 * passwords (`{"name", "passwords": [{"hash", "hash_type", "source", …}]}`, alone, in a list or by account), and stealer log events
 * (`{"activity": {"data": {"credentials", "user_information", "malware_information"}}}`). Layout: Flare's API as public clients map
 * it (gophlare, flc), dates as docs.flare.io explains them: `breached_at` is the leak, `leaked_at` its publication.
 */
import type { SourceClass } from '../../finding/finding.ts';
import type { RowRecord } from '../dump/row-record.ts';
import { BLANK_ROW } from '../dump/row-record.ts';
import type { Machine } from '../record.ts';
import { CookieJar } from '../stealer/cookies.ts';
import type { Provider } from './provider.ts';
import { isoMs, objectOf, objectsOf, orNull, secretOf, textOf } from './values.ts';
import type { JsonObject } from './values.ts';

export const flareCredentials: Provider = {
  name: 'flare-credentials',
  names: ['identity_name', 'hash', 'source_id'],
  rowKey: ['identity_name', 1],
  read: (row) => (textOf(row, 'identity_name') === '' ? null : [credentialOf(textOf(row, 'identity_name'), row)]),
};

export const flareIdentities: Provider = {
  name: 'flare-identities',
  names: ['credential_hash', 'passwords', 'hash'],
  rowKey: ['credential_hash', 3],
  read: (row) => {
    const name = textOf(row, 'name');
    return name === '' ? null : objectsOf(row, 'passwords').map((password) => credentialOf(name, password));
  },
};

export const flareStealerLogs: Provider = {
  name: 'flare-stealer-logs',
  names: ['malware_information', 'credentials'],
  rowKey: ['malware_information', 1],
  read(row, { nowMs }) {
    const infection = objectOf(row, 'malware_information');
    const machine = machineOf(row, infection);
    const jar = new CookieJar();
    for (const cookie of objectsOf(row, 'cookies')) {
      // As in a browser's file: whether it is one of a session is told by its name, which is not kept.
      const fields = [
        textOf(cookie, 'host_key'),
        '',
        textOf(cookie, 'path'),
        '',
        expiryOf(cookie),
        textOf(cookie, 'name'),
        '',
      ];
      jar.addLine(fields.join('\t'));
    }
    return objectsOf(row, 'credentials').map((credential): RowRecord => {
      const url = textOf(credential, 'url');
      return {
        ...BLANK_ROW,
        ...secretOf(textOf(credential, 'password'), 'plaintext'),
        url,
        login: textOf(credential, 'username'),
        application: orNull(textOf(credential, 'application')),
        sourceClass: 'stealer',
        machine,
        capturedAtMs: machine.capturedAtMs,
        publishedAtMs: isoMs(textOf(objectOf(row, 'metadata'), 'first_crawled_at', 'estimated_created_at')),
        origin: `flare:log:${machine.key}`,
        cookieState: URL.canParse(url) ? jar.stateOf(new URL(url).hostname, nowMs) : 'none',
      };
    });
  },
};

/** One secret of an account; `hash` holds clear secrets too, and `hash_type` may be missing or `unknown`. */
function credentialOf(login: string, row: JsonObject): RowRecord {
  const source = objectOf(row, 'source');
  const secret = secretOf(textOf(row, 'hash', 'password'), textOf(row, 'hash_type') || textOf(source, 'hash_type'));
  const id = textOf(row, 'source_id') || textOf(source, 'id');
  return {
    ...BLANK_ROW,
    ...secret,
    login,
    url: textOf(source, 'url'),
    sourceClass: classOf(`${id} ${textOf(source, 'name')}`.toLowerCase(), secret),
    capturedAtMs: isoMs(textOf(source, 'breached_at')),
    publishedAtMs: isoMs(textOf(source, 'leaked_at') || textOf(row, 'imported_at')),
    origin: id === '' ? null : `flare:${id}`,
  };
}

function classOf(source: string, { password, hashTypes }: Pick<RowRecord, 'password' | 'hashTypes'>): SourceClass {
  if (source.includes('stealer')) return 'stealer';
  if (password === null) return 'address_only';
  if (hashTypes.length > 0) return 'breach_hash';
  return source.includes('combo') ? 'combo' : source.includes('paste') ? 'paste' : 'breach_plain';
}

function machineOf(row: JsonObject, infection: JsonObject): Machine {
  const user = objectOf(row, 'user_information');
  const family = orNull(textOf(infection, 'malware_family'));
  return {
    key: textOf(user, 'hwid') || textOf(row, 'uid', 'id'),
    name: orNull(textOf(user, 'computer_name')),
    user: orNull(textOf(user, 'username')),
    os: orNull(textOf(user, 'os')),
    country: orNull(textOf(user, 'country_code')),
    ip: orNull(textOf(user, 'ip_address')),
    capturedAtMs: isoMs(textOf(infection, 'infection_date') || textOf(row, 'installed_at')),
    family,
    familyConfidence: family === null ? 0 : 1,
  };
}

/** `expires_utc` is a date, or a number as browsers keep it. */
function expiryOf(cookie: JsonObject): string {
  const text = textOf(cookie, 'expires_utc', 'expiry');
  const ms = /^\d{11,}$/.test(text) ? null : isoMs(text);
  return ms === null ? text : String(ms);
}
