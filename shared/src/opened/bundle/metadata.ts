/** Schema metadata of a bundle as text pairs, and its strict reader: unknown keys, words and counts are refused. */
import * as v from 'valibot';
import { parseStrictJson } from '../../base/strict-json.ts';
import { PUBLISH_POLICIES, SOURCE_CLASSES, TLPS } from '../finding/finding.ts';
import type { BundleMetadata } from './columns.ts';
import { SCHEMA_VERSIONS } from './schema.ts';

const PREFIX = 'sealpost.';
const MAX_TEXT = 1 << 20;
const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Version = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(255));

const BundleMetadataSchema = v.strictObject({
  schemaVersion: v.picklist(SCHEMA_VERSIONS),
  modelVersion: Version,
  keyVersion: Version,
  policy: v.picklist(PUBLISH_POLICIES),
  tlp: v.picklist(TLPS),
  caveat: v.nullable(v.pipe(v.string(), v.maxLength(1000))),
  sources: v.pipe(
    v.array(
      v.strictObject({
        alias: v.pipe(v.string(), v.maxLength(65_535)),
        sourceClass: v.picklist(SOURCE_CLASSES),
        count: Count,
      }),
    ),
    v.maxLength(10_000),
  ),
  withheld: v.strictObject({ contextless: Count, unproven: Count, unconfirmed: Count }),
});

/** One pair per property: words as they are, the rest as JSON. */
export function metadataToPairs(metadata: BundleMetadata): ReadonlyMap<string, string> {
  return new Map(Object.entries(metadata).map(([key, value]) => [PREFIX + key, JSON.stringify(value)]));
}

/** `null` if a property is missing, unknown or out of range: the caller says "malformed". */
export function metadataFromPairs(pairs: ReadonlyMap<string, string>): BundleMetadata | null {
  const properties: Record<string, unknown> = {};
  for (const [key, text] of pairs) {
    const value = parseStrictJson(text, MAX_TEXT);
    if (!key.startsWith(PREFIX) || !value.ok) return null;
    properties[key.slice(PREFIX.length)] = value.value;
  }
  const parsed = v.safeParse(BundleMetadataSchema, properties);
  return parsed.success ? parsed.output : null;
}
