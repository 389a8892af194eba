/**
 * Looks at material outside a load: what it is, lines that could not be read, and what a new watch term would hit. Nothing is
 * kept of it; only what is asked for leaves, and accounts and secrets of a preview leave masked.
 */
import { toBase64url } from '@sealpost/shared/base/base64url';
import { err, ok } from '@sealpost/shared/base/result';
import type { Result } from '@sealpost/shared/base/result';
import type { ClientError } from '@sealpost/shared/opened/client/api/client-error';
import { ingestSource } from '@sealpost/shared/opened/ingest/ingest-source';
import { recogniseForm } from '@sealpost/shared/opened/ingest/recognise';
import type { Recognised } from '@sealpost/shared/opened/ingest/recognise';
import { readSpans } from '@sealpost/shared/opened/ingest/read-spans';
import type { WatchedOrganisation, WatchList } from '@sealpost/shared/opened/match/watch';
import type { PreviewCounts } from '@sealpost/shared/opened/match/watch-preview';
import { WatchPreview } from '@sealpost/shared/opened/match/watch-preview';
import type { IngestSource, QuarantinedSpan } from '../ingest.api.ts';
import { fileToSource, hashSource, isFolder } from './file-source.ts';
import { readLibarchive } from './libarchive.ts';

/** A line longer than this is shown cut. */
const MOST_SHOWN_BYTES = 2_000;

/** What each source is; `null` for a folder. */
export function recogniseSources(
  sources: readonly IngestSource[],
  nowMs: number,
): Promise<readonly (Recognised | null)[]> {
  return Promise.all(
    sources.map(async (source) => {
      const [first] = source.files;
      if (first === undefined || isFolder(source)) return null;
      return recogniseForm(fileToSource(first.path, first.file), nowMs);
    }),
  );
}

/** Base64url of each source's SHA-256, by which a load's files are known again; `null` once `signal` says stop. */
export async function hashSources(
  sources: readonly IngestSource[],
  signal: AbortSignal,
): Promise<readonly string[] | null> {
  const hashes: string[] = [];
  for (const source of sources) {
    const hashed = await hashSource(source, () => undefined, signal);
    if (hashed === 'cancelled') return null;
    hashes.push(toBase64url(hashed.sha256));
  }
  return hashes;
}

/** Text of each span, in the encoding that its leaf was loaded with; `null` where it is not in `sources`. */
export async function readLines(
  sources: readonly IngestSource[],
  spans: readonly QuarantinedSpan[],
): Promise<readonly (string | null)[]> {
  const files = sources.flatMap(({ files: found }) => found.map(({ path, file }) => fileToSource(path, file)));
  const passwords = sources.flatMap(({ options }) => options.passwords ?? []);
  const bytes = await readSpans(files, spans, { mostBytes: MOST_SHOWN_BYTES, passwords, libarchive: readLibarchive });
  return bytes.map((line, at) => (line === null ? null : decode(line, spans[at]?.encoding ?? null)));
}

/** Whatever cannot be decoded is shown as the replacement character: this is for looking, not for parsing. */
function decode(bytes: Uint8Array, encoding: string | null): string {
  return new TextDecoder(encoding ?? 'utf-8', { ignoreBOM: true }).decode(bytes);
}

/** Reads `sources` for `candidate` alone and counts what it hits. */
export async function previewTerms(
  sources: readonly IngestSource[],
  candidate: WatchedOrganisation,
  present: WatchList,
  nowMs: number,
  signal: AbortSignal,
  onPart: (part: number) => void,
): Promise<Result<PreviewCounts, ClientError>> {
  const preview = new WatchPreview(candidate, present);
  // Its present terms as well: what would no longer be hit is told, too.
  const watch = { organisations: [candidate, ...present.organisations.filter(({ id }) => id === candidate.id)] };
  for (const [index, source] of sources.entries()) {
    const files = source.files.map(({ path, file }) => fileToSource(path, file));
    const [single] = files;
    const read = await ingestSource(single !== undefined && !isFolder(source) ? single : files, {
      watch,
      nowMs,
      signal,
      passwords: source.options.passwords ?? [],
      libarchive: readLibarchive,
      ...(source.options.dialect === undefined ? {} : { dialect: source.options.dialect }),
      ...(source.options.sourceClass === null ? {} : { sourceClass: source.options.sourceClass }),
      onRecords: (records) => Promise.resolve(preview.add(records)),
      onProgress: ({ bytesDone, bytesTotal }) => onPart((index + bytesDone / Math.max(1, bytesTotal)) / sources.length),
    });
    if (!read.ok) return err({ kind: 'cancelled' });
  }
  return ok(preview.counts());
}
