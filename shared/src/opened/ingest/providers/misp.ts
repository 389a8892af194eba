/**
 * A MISP event with `credential` objects: `{"Event": {…, "Object": [{"name": "credential", "Attribute": […]}]}}`, also in
 * `{"response": […]}` of a search. Layout: MISP core format, object template `credential`, uuid a27e98c9-9b0e-414c-8076-d201e039ca09
 * (misp-objects, versions 3 to 5). The event's date stands around its objects.
 */
import type { SourceClass } from '../../finding/finding.ts';
import type { RowRecord } from '../dump/row-record.ts';
import { BLANK_ROW } from '../dump/row-record.ts';
import type { Provider } from './provider.ts';
import { isoMs, objectsOf, orNull, secretOf, textOf } from './values.ts';
import type { JsonObject } from './values.ts';

const TEMPLATE = 'a27e98c9-9b0e-414c-8076-d201e039ca09';
/** Where malware or a memory image gave the secret, a machine was infected. */
const STEALER_ORIGINS = new Set(['malware-analysis', 'memory-analysis']);

export const misp: Provider = {
  name: 'misp',
  names: ['Event', 'template_uuid', 'object_relation'],
  rowKey: ['template_uuid', 1],
  read(row, _context, around) {
    if (textOf(row, 'name') !== 'credential' && textOf(row, 'template_uuid') !== TEMPLATE) return null;
    const attributes = objectsOf(row, 'Attribute').filter((attribute) => attribute['deleted'] !== true);
    const valuesOf = (relation: string): readonly string[] =>
      attributes.filter((one) => one['object_relation'] === relation).map((one) => textOf(one, 'value'));
    const [type = 'password'] = valuesOf('type');
    // A key that deciphers files is nobody's account.
    if (type === 'encryption-key') return null;
    const [format = 'unknown'] = valuesOf('format');
    const [origin = 'unknown'] = valuesOf('origin');
    const passwords = valuesOf('password');
    const logins = valuesOf('username');
    const uuid = textOf(row, 'uuid');
    const records: RowRecord[] = [];
    for (const login of logins.length === 0 ? [''] : logins) {
      for (const password of passwords.length === 0 ? [''] : passwords) {
        const secret = secretOf(password, typeOfFormat(format));
        records.push({
          ...BLANK_ROW,
          ...secret,
          login,
          url: urlOf(attributes),
          application: type === 'api-key' ? 'api-key' : null,
          sourceClass: classOf(origin, secret),
          capturedAtMs: isoMs(textOf(row, 'first_seen')) ?? dateIn(around),
          publishedAtMs: publishedIn(around),
          origin: uuid === '' ? null : `misp:${uuid}`,
        });
      }
    }
    return records;
  },
};

/** `hashed` does not say how: the text does. */
function typeOfFormat(format: string): string {
  if (format === 'clear-text') return 'plaintext';
  return format === 'encrypted' ? 'encrypted' : '';
}

function classOf(origin: string, { password, hashTypes }: Pick<RowRecord, 'password' | 'hashTypes'>): SourceClass {
  if (STEALER_ORIGINS.has(origin)) return 'stealer';
  if (password === null) return 'address_only';
  return hashTypes.length > 0 ? 'breach_hash' : 'breach_plain';
}

/** Analysts add where the credential is for; the template itself has no place for it. */
function urlOf(attributes: readonly JsonObject[]): string {
  for (const type of ['url', 'hostname', 'domain']) {
    const found = attributes.find((one) => one['type'] === type);
    if (found !== undefined) return textOf(found, 'value');
  }
  return '';
}

/** The last date told before the object: its own event's. */
function dateIn(around: string): number | null {
  return isoMs(lastOf(around, /"date"\s*:\s*"(\d{4}-\d{2}-\d{2})"/g));
}

function publishedIn(around: string): number | null {
  // An event that was never published has 0 here.
  return isoMs(lastOf(around, /"publish_timestamp"\s*:\s*"?(\d{9,10})"?/g));
}

function lastOf(text: string, form: RegExp): string {
  return orNull([...text.matchAll(form)].at(-1)?.[1] ?? '') ?? '';
}
