/**
 * Findings as NDJSON: drafts between devices and the files that the CLI writes. A line holds the finding and, at its top, `domain`
 * and `mask` for eyes and tools; it never holds a clear secret. Reading is strict: files are untrusted input.
 */
import * as v from 'valibot';
import { parseBase64url } from '../../base/base64url.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { Finding } from './finding.ts';
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
} from './finding.ts';

export type FindingLineError =
  | { readonly kind: 'not-json' }
  | { readonly kind: 'too-long' }
  /** `path`: the field, dots between. No value is told. */
  | { readonly kind: 'not-a-finding'; readonly path: string };

/** Longest line that is looked at, in UTF-16 units. */
export const MAX_FINDING_LINE = 1 << 20;

const Text = v.pipe(v.string(), v.maxLength(8192));
const OptionalText = v.nullable(Text);
const Time = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(253_402_300_799_999));
const OptionalTime = v.nullable(Time);
const binary = (bytes: number) =>
  v.pipe(
    v.string(),
    v.check((text) => parseBase64url(text, bytes) !== null),
  );

const SightingSchema = v.strictObject({
  sourceId: binary(8),
  sourceClass: v.picklist(SOURCE_CLASSES),
  alias: Text,
  family: OptionalText,
  capturedAtMs: OptionalTime,
  publishedAtMs: OptionalTime,
  seenAtMs: Time,
});

const SecretFeaturesSchema = v.strictObject({
  fitsPolicy: v.boolean(),
  common: v.boolean(),
  reused: v.boolean(),
  mask: v.nullable(
    v.pipe(
      Text,
      v.check((mask) => mask.includes('******')),
    ),
  ),
  lengthBand: v.nullable(v.picklist(LENGTH_BANDS)),
  classes: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(31))),
  strengthBand: v.nullable(v.picklist(STRENGTH_BANDS)),
  hashType: OptionalText,
  pairFp: v.nullable(binary(16)),
  secretFp: v.nullable(binary(16)),
});

const FindingSchema = v.strictObject({
  id: binary(16),
  identityKind: v.picklist(IDENTITY_KINDS),
  identity: Text,
  mailboxKey: OptionalText,
  registrable: Text,
  host: Text,
  pathClass: v.picklist(PATH_CLASSES),
  application: OptionalText,
  exposure: v.picklist(EXPOSURES),
  context: v.picklist(['service', 'none']),
  sourceClass: v.picklist(SOURCE_CLASSES),
  sourceAlias: Text,
  family: OptionalText,
  machine: v.nullable(binary(16)),
  machineName: OptionalText,
  machineOs: OptionalText,
  machineCountry: OptionalText,
  capturedAtMs: OptionalTime,
  publishedAtMs: OptionalTime,
  ingestedAtMs: Time,
  firstSeenAtMs: Time,
  lastSeenAtMs: Time,
  sightings: v.pipe(v.array(SightingSchema), v.minLength(1), v.maxLength(10_000)),
  secret: SecretFeaturesSchema,
  cookieState: v.picklist(COOKIE_STATES),
  tags: v.pipe(v.array(v.pipe(v.string(), v.maxLength(100))), v.maxLength(100)),
  score: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100)),
  level: v.picklist(LEVELS),
  confidence: v.picklist(CONFIDENCES),
  ledger: v.pipe(
    v.array(v.strictObject({ code: Text, value: v.pipe(v.number(), v.finite()), note: v.exactOptional(Text) })),
    v.maxLength(100),
  ),
});

const LineSchema = v.strictObject({ ...FindingSchema.entries, domain: Text, mask: OptionalText });

/** One line, without its newline. */
export function findingToLine(finding: Finding): string {
  return JSON.stringify({ ...finding, domain: finding.registrable, mask: finding.secret.mask });
}

/** Reads one line; `domain` and `mask` must repeat what the finding says. */
export function parseFindingLine(line: string): Result<Finding, FindingLineError> {
  if (line.length > MAX_FINDING_LINE) return err({ kind: 'too-long' });
  const value = parseJson(line);
  if (!value.ok) return value;
  const parsed = v.safeParse(LineSchema, value.value, { abortEarly: true });
  if (!parsed.success) return err({ kind: 'not-a-finding', path: v.getDotPath(parsed.issues[0]) ?? '' });
  const { domain, mask, ...finding } = parsed.output;
  if (domain !== finding.registrable) return err({ kind: 'not-a-finding', path: 'domain' });
  if (mask !== finding.secret.mask) return err({ kind: 'not-a-finding', path: 'mask' });
  // The schema has checked what the brand of `id` says.
  return ok(finding as typeof finding & Pick<Finding, 'id' | 'ledger'>);
}

function parseJson(line: string): Result<unknown, FindingLineError> {
  try {
    return ok(JSON.parse(line));
  } catch {
    return err({ kind: 'not-json' });
  }
}
