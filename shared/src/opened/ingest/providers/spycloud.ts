/**
 * SpyCloud, breach and malware records of the watchlist or a domain: `{"cursor", "hits", "results": […]}`, JSON lines, or CSV with
 * the same names. Layout: SpyCloud's public data schema (docs.spycloud.com, breach records) and the fields that public integrations
 * of Cortex XSOAR, Elastic and Microsoft Sentinel map. A cracked hash comes with its clear text, which then is the secret.
 */
import type { SourceClass } from '../../finding/finding.ts';
import type { RowRecord } from '../dump/row-record.ts';
import { BLANK_ROW } from '../dump/row-record.ts';
import type { Machine } from '../record.ts';
import type { Provider } from './provider.ts';
import { isoMs, orNull, secretOf, textOf } from './values.ts';
import type { JsonObject } from './values.ts';

export const spycloud: Provider = {
  name: 'spycloud',
  names: ['spycloud_publish_date', 'source_id'],
  rowKey: ['spycloud_publish_date', 1],
  read(row) {
    if (textOf(row, 'spycloud_publish_date') === '') return null;
    const machine = machineOf(row);
    const cracked = textOf(row, 'password_plaintext');
    const secret =
      cracked !== ''
        ? secretOf(cracked, 'plaintext')
        : secretOf(textOf(row, 'password'), textOf(row, 'password_type'), textOf(row, 'salt'));
    const email = textOf(row, 'email');
    const source = textOf(row, 'source_id', 'breach_id');
    const infection = machine === null ? '' : textOf(row, 'log_id', 'infected_machine_id');
    const record: RowRecord = {
      ...BLANK_ROW,
      ...secret,
      url: textOf(row, 'target_url', 'target_subdomain', 'target_domain'),
      login: email !== '' ? email : textOf(row, 'username'),
      application: orNull(textOf(row, 'user_browser')),
      sourceClass: classOf(row, machine, secret),
      machine,
      capturedAtMs: isoMs(textOf(row, 'infected_time', 'breach_date')),
      publishedAtMs: isoMs(textOf(row, 'spycloud_publish_date')),
      origin: infection !== '' ? `spycloud:log:${infection}` : source === '' ? null : `spycloud:${source}`,
    };
    return [record];
  },
};

function classOf(
  row: JsonObject,
  machine: Machine | null,
  { password, hashTypes }: Pick<RowRecord, 'password' | 'hashTypes'>,
): SourceClass {
  const category = textOf(row, 'breach_category', 'breach_main_category').toLowerCase();
  if (machine !== null || category === 'infostealer' || category === 'malware') return 'stealer';
  if (category === 'phished') return 'phishing';
  if (password === null) return 'address_only';
  if (hashTypes.length > 0) return 'breach_hash';
  return category === 'combolist' ? 'combo' : 'breach_plain';
}

function machineOf(row: JsonObject): Machine | null {
  const key = textOf(row, 'infected_machine_id');
  if (key === '' && textOf(row, 'infected_time') === '') return null;
  const addresses: unknown = row['ip_addresses'];
  const [first] = Array.isArray(addresses) ? (addresses as unknown[]) : [textOf(row, 'ip_addresses')];
  const family = orNull(textOf(row, 'malware_family'));
  return {
    // Without an id of its own a machine is the record: two of them are never taken for one.
    key: key !== '' ? key : `spycloud:${textOf(row, 'document_id')}`,
    name: orNull(textOf(row, 'user_hostname')),
    user: orNull(textOf(row, 'user_sys_registered_owner')),
    os: orNull(textOf(row, 'user_os')),
    country: orNull(textOf(row, 'country_code', 'country')),
    ip: typeof first === 'string' ? orNull(first) : null,
    capturedAtMs: isoMs(textOf(row, 'infected_time')),
    family,
    familyConfidence: family === null ? 0 : 1,
  };
}
