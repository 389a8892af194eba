import * as v from 'valibot';
import type { Bytes } from '../../base/bytes.ts';
import { utf8 } from '../../base/bytes.ts';
import { parseStrictJsonBytes } from '../../base/strict-json.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import { SecondsSchema } from '../directory/fields.ts';

/**
 * What a release of the app consists of: path, size and SHA-256 of every file that a server may serve. It lies among them, with its
 * signature, and names neither itself nor its signature nor compressed forms.
 */

export const RELEASE_PATH = '/release.json';
export const RELEASE_SIGNATURE_PATH = '/release.json.minisig';

const MAX_FILES = 10_000;
const MAX_BYTES = 4 * 1024 * 1024;

const FileSchema = v.strictObject({
  /** As in the address, decoded: begins with a slash, no empty part, no dots that climb. */
  path: v.pipe(v.string(), v.maxLength(300), v.regex(/^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~@+,=-]+)+$/)),
  size: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 31)),
  /** Hexadecimal, as `sha256sum` prints it. */
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
});

const ReleaseSchema = v.strictObject({
  v: v.literal(1),
  app: v.literal('sealpost'),
  version: v.pipe(v.string(), v.maxLength(40), v.regex(/^\d+\.\d+\.\d+[0-9A-Za-z.+-]*$/)),
  /** Seconds; of two releases the later one is the newer. */
  released: SecondsSchema,
  files: v.pipe(v.array(FileSchema), v.minLength(1), v.maxLength(MAX_FILES)),
});

/** One release. `files` are sorted by path, each path once. */
export type Release = Omit<v.InferOutput<typeof ReleaseSchema>, 'files'> & { readonly files: readonly ReleaseFile[] };
export type ReleaseFile = Readonly<v.InferOutput<typeof FileSchema>>;

/** The bytes of a manifest, one file a line: the same release gives the same bytes. Throws on what no reader would take. */
export function formatRelease(release: Release): Bytes {
  const { v: version, app, files, ...rest } = release;
  const head = JSON.stringify({ v: version, app, version: rest.version, released: rest.released }).slice(0, -1);
  const lines = files.map(({ path, size, sha256 }) => JSON.stringify({ path, size, sha256 }));
  const bytes = utf8(`${head},"files":[\n${lines.join(',\n')}\n]}\n`);
  if (!parseRelease(bytes).ok) throw new TypeError('formatRelease: not a release');
  return bytes;
}

/** Reads one. Whether it is signed, ask first. */
export function parseRelease(bytes: Uint8Array): Result<Release, { readonly kind: 'malformed' }> {
  const json = parseStrictJsonBytes(bytes, MAX_BYTES);
  const parsed = json.ok ? v.safeParse(ReleaseSchema, json.value) : null;
  if (!parsed?.success) return err({ kind: 'malformed' });
  const paths = parsed.output.files.map(({ path }) => path);
  const isSorted = paths.every((path, at) => at === 0 || (paths[at - 1] as string) < path);
  return isSorted ? ok(parsed.output) : err({ kind: 'malformed' });
}
