/**
 * IntelMQ events, as CSV of dotted names or JSON lines of the same (`source.account`, `time.source`, `classification.type`, `extra.*`).
 * Layout: IntelMQ's harmonisation (data format, fields and classification types). Only events that are about an account are read.
 */
import type { SourceClass } from '../../finding/finding.ts';
import { BLANK_ROW } from '../dump/row-record.ts';
import type { RowRecord } from '../dump/row-record.ts';
import type { Provider } from './provider.ts';
import { isoMs, orNull, secretOf, textOf } from './values.ts';

/** Types whose `source.account` is somebody's that leaked; of others (brute force, spam) it is the attacker's tool or target. */
const CLASSES: Readonly<Record<string, SourceClass>> = {
  'data-leak': 'breach_plain',
  'leaked-credentials': 'breach_plain',
  'data-loss': 'breach_plain',
  'unauthorised-information-access': 'breach_plain',
  phishing: 'phishing',
  'infected-system': 'stealer',
  malware: 'stealer',
  'system-compromise': 'breach_plain',
  'privileged-account-compromise': 'breach_plain',
  'unprivileged-account-compromise': 'breach_plain',
  other: 'breach_plain',
  undetermined: 'breach_plain',
};

export const intelmq: Provider = {
  name: 'intelmq',
  names: ['source.account', 'classification.type'],
  rowKey: ['source.account', 1],
  read(row) {
    const login = textOf(row, 'source.account');
    const known = CLASSES[textOf(row, 'classification.type')];
    if (login === '' || known === undefined) return null;
    const secret = secretOf(
      textOf(row, 'extra.password', 'extra.password_plaintext', 'extra.password_hash', 'extra.hash'),
      textOf(row, 'extra.password_type', 'extra.hash_type'),
      textOf(row, 'extra.salt'),
    );
    const feed = textOf(row, 'feed.name');
    const record: RowRecord = {
      ...BLANK_ROW,
      ...secret,
      login,
      url: textOf(row, 'source.url', 'source.fqdn', 'destination.url', 'destination.fqdn'),
      application: orNull(textOf(row, 'extra.application', 'protocol.application')),
      sourceClass: classOf(known, secret),
      capturedAtMs: isoMs(textOf(row, 'time.source')),
      publishedAtMs: isoMs(textOf(row, 'time.observation')),
      origin: feed === '' ? null : `intelmq:${textOf(row, 'feed.provider')}:${feed}:${textOf(row, 'time.source')}`,
    };
    return [record];
  },
};

function classOf(known: SourceClass, { password, hashTypes }: Pick<RowRecord, 'password' | 'hashTypes'>): SourceClass {
  if (known !== 'breach_plain') return known;
  if (password === null) return 'address_only';
  return hashTypes.length > 0 ? 'breach_hash' : 'breach_plain';
}
