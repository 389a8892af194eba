/**
 * Shadowserver reports about accounts, CSV: Compromised Account (`email`, `infection`, `service`, `username`, `public_source`) and
 * Compromised Website where it names an `account`. Layout: Shadowserver's report schema (interchange.shadowserver.org) as IntelMQ and
 * others map it. Neither holds a secret; a row of a website without an account is about a server, not about a credential.
 */
import { isHostName } from '../dialects/plausible.ts';
import { BLANK_ROW } from '../dump/row-record.ts';
import type { RowRecord } from '../dump/row-record.ts';
import type { Provider } from './provider.ts';
import { isoMs, orNull, textOf } from './values.ts';

export const shadowserverAccounts: Provider = {
  name: 'shadowserver-compromised-account',
  names: ['timestamp', 'email', 'infection', 'public_source'],
  rowKey: ['public_source', 1],
  read(row) {
    const email = textOf(row, 'email').trim();
    const service = textOf(row, 'service').trim();
    const isService = isHostName(service.replace(/^[a-z]+:\/\//i, '').split(/[/:]/)[0] ?? '');
    const source = textOf(row, 'public_source') || textOf(row, 'tag');
    const infection = textOf(row, 'infection').trim();
    const record: RowRecord = {
      ...BLANK_ROW,
      login: email !== '' ? email : textOf(row, 'username').trim(),
      url: isService ? service : '',
      application: isService ? null : orNull(service),
      sourceClass: infection === '' ? 'address_only' : 'stealer',
      publishedAtMs: isoMs(textOf(row, 'timestamp')),
      origin: source === '' ? null : `shadowserver:${source}`,
    };
    return [record];
  },
};

export const shadowserverWebsites: Provider = {
  name: 'shadowserver-compromised-website',
  names: ['timestamp', 'http_host', 'category', 'account'],
  rowKey: ['account', 1],
  read(row) {
    const account = textOf(row, 'account').trim();
    if (account === '') return [];
    const url = textOf(row, 'url').trim();
    const host = textOf(row, 'http_host', 'hostname').trim();
    const record: RowRecord = {
      ...BLANK_ROW,
      login: account,
      url: url.includes('://') || host === '' ? url : `${host}${url.startsWith('/') ? '' : '/'}${url}`,
      application: orNull(textOf(row, 'application')),
      sourceClass: 'address_only',
      capturedAtMs: isoMs(textOf(row, 'detected_since')),
      publishedAtMs: isoMs(textOf(row, 'timestamp')),
      origin: `shadowserver:${textOf(row, 'public_source') || textOf(row, 'tag') || 'compromised-website'}`,
    };
    return [record];
  },
};
