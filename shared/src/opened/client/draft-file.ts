/**
 * `draft.json`: what a folder of drafts holds (CLI, `ingest` and `publish`). It maps files to list ids and says what they were made
 * with. Files on disk are untrusted input: names are checked so that none leads out of the folder.
 */
import * as v from 'valibot';
import { fromUtf8 } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { SOURCE_CLASSES } from '../finding/finding.ts';

/** Names of a folder's other files. */
export const DRAFT_FILE = 'draft.json';
export const LEDGER_FILE = 'ledger.json';
export const QUARANTINE_FILE = 'quarantine.ndjson';

/** A list id, or the id of `watch.json`: both are file names without any meaning to a file system. */
export const FILE_ID = /^[A-Za-z0-9_-]{1,64}$/;

export const findingsFile = (listId: string): string => `${listId}.findings.ndjson`;
export const secretsFile = (listId: string): string => `${listId}.secrets.age`;

const Time = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Count = Time;
const text = (max: number) => v.pipe(v.string(), v.maxLength(max));

const DraftFileSchema = v.strictObject({
  format: v.literal('sealpost-draft/1'),
  /** `null`: made with a watch list and no keys; ids mean nothing elsewhere, and nobody can publish it. */
  deployment: v.nullable(text(64)),
  /** Loads that it was made by, in the home's vault. */
  loads: v.pipe(v.array(text(64)), v.maxLength(100_000)),
  keyVersion: Count,
  modelVersion: Count,
  madeAtMs: Time,
  organisations: v.pipe(
    v.array(
      v.pipe(
        v.strictObject({
          listId: v.pipe(v.string(), v.regex(FILE_ID)),
          name: text(200),
          findings: Count,
          file: text(100),
          /** age file of clear secrets to the CERT's `secrets`, `null` if there are none. */
          secretsFile: v.nullable(text(100)),
        }),
        v.check(
          (entry) =>
            entry.file === findingsFile(entry.listId) &&
            (entry.secretsFile === null || entry.secretsFile === secretsFile(entry.listId)),
        ),
      ),
    ),
    v.maxLength(20_000),
  ),
  /** Real names: they stay with the operator (DOMAIN rule 9). */
  sources: v.pipe(
    v.array(
      v.strictObject({
        name: text(1000),
        alias: text(200),
        /** base64url of 32 bytes. */
        sha256: text(64),
        sizeBytes: Count,
        sourceClass: v.nullable(v.picklist(SOURCE_CLASSES)),
        capturedAtMs: v.nullable(Time),
      }),
    ),
    v.maxLength(100_000),
  ),
});

export type DraftFile = v.InferOutput<typeof DraftFileSchema>;
export type DraftedOrganisation = DraftFile['organisations'][number];
export type DraftedSource = DraftFile['sources'][number];

/** Reads `draft.json`; `malformed` names no content. */
export function parseDraftFile(bytes: Uint8Array): Result<DraftFile, { readonly kind: 'malformed' }> {
  const parsed = v.safeParse(DraftFileSchema, readJson(bytes));
  return parsed.success ? ok(parsed.output) : err({ kind: 'malformed' });
}

const Counts = v.record(text(40), Count);
const TOTALS = {
  bytesIn: Count,
  bytesRecord: Count,
  bytesIgnored: Count,
  bytesQuarantined: Count,
  bytesNotCandidate: Count,
  records: Count,
  ignored: Counts,
  quarantined: Counts,
};

const LedgerFileSchema = v.strictObject({
  total: v.strictObject(TOTALS),
  sources: v.array(
    v.strictObject({
      ...TOTALS,
      path: v.string(),
      sha256: v.pipe(v.string(), v.length(64)),
      containerBytes: v.exactOptional(Count),
      status: v.picklist(['complete', 'partial', 'failed']),
      dialect: v.nullable(v.string()),
      encoding: v.nullable(v.string()),
    }),
  ),
});

/** Reads `ledger.json`, to which a later load adds. */
export function parseLedgerFile(
  bytes: Uint8Array,
): Result<v.InferOutput<typeof LedgerFileSchema>, { readonly kind: 'malformed' }> {
  const parsed = v.safeParse(LedgerFileSchema, readJson(bytes));
  return parsed.success ? ok(parsed.output) : err({ kind: 'malformed' });
}

function readJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(bytes) ?? '');
  } catch {
    return null;
  }
}
