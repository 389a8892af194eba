/**
 * The Arrow schema of bundles and of their secrets (FORMATS, Finding bundle), and how `BundleColumns` map to it. A change here is a
 * new schema version; column names and the order of vocabularies are part of the format.
 */
import {
  CONFIDENCES,
  COOKIE_STATES,
  EXPOSURES,
  IDENTITY_KINDS,
  LENGTH_BANDS,
  LEVELS,
  PATH_CLASSES,
  SOURCE_CLASSES,
  STRENGTH_BANDS,
} from '../finding/finding.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { PublishPolicy } from '../finding/finding.ts';
import type { ArrowColumn, FieldSpec } from './arrow-column.ts';
import { coded, fixed, flag, label, list, number, plain, small, struct, text, time, word } from './arrow-column.ts';
import type { BundleColumns, TextColumn } from './columns.ts';
import { CONTEXTS, FLAG_COMMON, FLAG_FITS_POLICY, FLAG_REUSED } from './columns.ts';

/** Media type of a bundle's and a secrets envelope's content. */
export const BUNDLE_MEDIA = 'application/vnd.apache.arrow.stream+gzip';

/**
 * 1: batches of 65,536 rows. 2: of 16,384. 3: sightings name a source and ledgers their factors in tables that all rows share, and
 * fingerprints that the policy does not show have no columns. Readers of a version refuse later ones.
 */
export const SCHEMA_VERSIONS = [1, 2, 3] as const;
/** Written. */
export const SCHEMA_VERSION = 3;

/** Columns of a bundle of this version and policy, in order. */
export function bundleFields(version: (typeof SCHEMA_VERSIONS)[number], policy: PublishPolicy): readonly FieldSpec[] {
  if (version < 3) return LISTED_FIELDS;
  return policy === 'fingerprint' || policy === 'sealed' ? SHARED_FIELDS : WITHOUT_FINGERPRINTS;
}

/** Of versions 1 and 2. */
const LISTED_FIELDS: readonly FieldSpec[] = [
  fixed('id', 16),
  word('identity_kind', IDENTITY_KINDS),
  text('identity'),
  text('mailbox_key', true),
  text('registrable'),
  text('host'),
  word('path_class', PATH_CLASSES),
  text('application', true),
  word('exposure', EXPOSURES),
  word('context', CONTEXTS),
  word('source_class', SOURCE_CLASSES),
  text('source_alias'),
  text('family', true),
  text('machine', true),
  text('machine_name', true),
  text('machine_os', true),
  text('machine_country', true),
  time('captured', true),
  time('published', true),
  time('ingested'),
  time('first_seen'),
  time('last_seen'),
  list(
    'sightings',
    struct('sighting', [
      fixed('source_id', 8),
      word('source_class', SOURCE_CLASSES),
      text('alias'),
      text('family', true),
      time('captured', true),
      time('published', true),
      time('seen'),
    ]),
  ),
  flag('fits_policy'),
  flag('common'),
  flag('reused'),
  text('mask', true),
  word('length_band', LENGTH_BANDS, true),
  small('classes', true),
  word('strength_band', STRENGTH_BANDS, true),
  text('hash_type', true),
  fixed('pair_fp', 16, true),
  fixed('secret_fp', 16, true),
  word('cookie_state', COOKIE_STATES),
  list('tags', text('tag')),
  small('score'),
  word('level', LEVELS),
  word('confidence', CONFIDENCES),
  list('ledger', struct('factor', [text('code'), number('value'), text('note', true)])),
];

const FINGERPRINTS: readonly string[] = ['pair_fp', 'secret_fp'];

/** Of version 3. */
const SHARED_FIELDS: readonly FieldSpec[] = LISTED_FIELDS.map((field) => {
  if (field.name === 'ledger') {
    return list('ledger', coded('factor', [plain('code'), number('value'), plain('note', true)]));
  }
  if (field.name !== 'sightings') return field;
  const source = coded('source', [
    fixed('source_id', 8),
    label('source_class', SOURCE_CLASSES),
    plain('alias'),
    plain('family', true),
    time('published', true),
    time('seen'),
  ]);
  return list('sightings', struct('sighting', [source, time('captured', true)]));
});
const WITHOUT_FINGERPRINTS = SHARED_FIELDS.filter(({ name }) => !FINGERPRINTS.includes(name));

/** Columns of a secrets envelope. */
export const SECRET_FIELDS: readonly FieldSpec[] = [fixed('id', 16), text('secret')];

/** `columns` in the order of the fields of SCHEMA_VERSION and their policy. No copies but flags. */
export function toArrowColumns(columns: BundleColumns): readonly ArrowColumn[] {
  const { sightings, tags, ledger } = columns;
  const textOf = (column: TextColumn): ArrowColumn => ({ kind: 'text', ...column });
  const plainOf = (column: TextColumn): ArrowColumn => ({ kind: 'plain', ...column });
  const wordOf = (values: Bytes): ArrowColumn => ({ kind: 'word', values });
  const timeOf = (values: Float64Array<ArrayBuffer>): ArrowColumn => ({ kind: 'time', values });
  const fingerprintOf = (bytes: Bytes | null): readonly ArrowColumn[] =>
    bytes === null ? [] : [{ kind: 'fixed', bytes }];
  const { sources } = sightings;
  const { factors } = ledger;
  const flagOf = (bit: number): ArrowColumn => ({
    kind: 'flag',
    values: columns.flags.map((flags) => ((flags & bit) === 0 ? 0 : 1)),
  });
  return [
    { kind: 'fixed', bytes: columns.id },
    wordOf(columns.identityKind),
    textOf(columns.identity),
    textOf(columns.mailboxKey),
    textOf(columns.registrable),
    textOf(columns.host),
    wordOf(columns.pathClass),
    textOf(columns.application),
    wordOf(columns.exposure),
    wordOf(columns.context),
    wordOf(columns.sourceClass),
    textOf(columns.sourceAlias),
    textOf(columns.family),
    textOf(columns.machine),
    textOf(columns.machineName),
    textOf(columns.machineOs),
    textOf(columns.machineCountry),
    timeOf(columns.capturedAtMs),
    timeOf(columns.publishedAtMs),
    timeOf(columns.ingestedAtMs),
    timeOf(columns.firstSeenAtMs),
    timeOf(columns.lastSeenAtMs),
    {
      kind: 'list',
      offsets: sightings.offsets,
      child: {
        kind: 'struct',
        children: [
          {
            kind: 'coded',
            codes: sightings.source,
            entries: sources.seenAtMs.length,
            table: [
              { kind: 'fixed', bytes: sources.sourceId },
              { kind: 'label', values: sources.sourceClass },
              plainOf(sources.alias),
              plainOf(sources.family),
              timeOf(sources.publishedAtMs),
              timeOf(sources.seenAtMs),
            ],
          },
          timeOf(sightings.capturedAtMs),
        ],
      },
    },
    flagOf(FLAG_FITS_POLICY),
    flagOf(FLAG_COMMON),
    flagOf(FLAG_REUSED),
    textOf(columns.mask),
    wordOf(columns.lengthBand),
    { kind: 'small', values: columns.classes },
    wordOf(columns.strengthBand),
    textOf(columns.hashType),
    ...fingerprintOf(columns.pairFp),
    ...fingerprintOf(columns.secretFp),
    wordOf(columns.cookieState),
    { kind: 'list', offsets: tags.offsets, child: textOf(tags.tag) },
    { kind: 'small', values: columns.score },
    wordOf(columns.level),
    wordOf(columns.confidence),
    {
      kind: 'list',
      offsets: ledger.offsets,
      child: {
        kind: 'coded',
        codes: ledger.factor,
        entries: factors.value.length,
        table: [plainOf(factors.code), { kind: 'number', values: factors.value }, plainOf(factors.note)],
      },
    },
  ];
}
