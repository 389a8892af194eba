/**
 * Finds bytes of material again by their place: quarantined lines to be looked at, records to be shown as evidence. Nothing of them
 * is kept anywhere; the operator hands in the same files once more, and only the asked spans are read out of them.
 */
import type { Bytes } from '../../base/bytes.ts';
import { concatBytes } from '../../base/bytes.ts';
import type { ContainerForm } from './archive/container.ts';
import { displayPath } from './archive/display-path.ts';
import { openContainer } from './archive/open-container.ts';
import type { Leaf } from './leaf.ts';
import { INGEST_LIMITS } from './limits.ts';
import type { IngestLimits } from './limits.ts';
import { SAMPLE_BYTES } from './run-leaf.ts';
import { sniffLeaf } from './sniff.ts';
import { readChunks } from './source-file.ts';
import type { SourceFile } from './source-file.ts';

/** A place as ledger, quarantine and provenance name it: shown path of the leaf, offset and length in bytes. */
export interface Span {
  readonly entry: string;
  readonly offset: number;
  readonly length: number;
}

export interface ReadSpansOptions {
  /** No more of a span is read than this; a line may have gigabytes. */
  readonly mostBytes: number;
  readonly passwords?: readonly string[];
  readonly limits?: Partial<IngestLimits>;
  /** As for `ingestSource`. */
  readonly libarchive?: () => Promise<Uint8Array>;
  readonly signal?: AbortSignal;
}

interface Wanted extends Span {
  /** Index into the answer. */
  readonly at: number;
}

/**
 * Bytes of each span, in the order asked; `null` where the entry is not in these files, cannot be opened, or ends before. Archives are
 * opened only where a span lies in them. Where two entries have the same shown path, the first is read.
 *
 * Cost: a leaf without random access is streamed up to its last span.
 */
export async function readSpans(
  files: readonly SourceFile[],
  spans: readonly Span[],
  options: ReadSpansOptions,
): Promise<readonly (Bytes | null)[]> {
  const found = spans.map((): Bytes | null => null);
  const wanted = spans.map((span, at): Wanted => ({ ...span, at }));
  const leaves = files.map((file): Leaf => {
    const path = displayPath(file.name);
    const slice = file.slice?.bind(file);
    const open = () => file.stream();
    return { path, treePath: path, sizeBytes: file.size, open, ...(slice === undefined ? {} : { slice }) };
  });
  const limits = { ...INGEST_LIMITS, ...options.limits };
  await walk(leaves, wanted, 0, { ...options, limits, found });
  return found;
}

type Walk = Omit<ReadSpansOptions, 'limits'> & { readonly limits: IngestLimits; readonly found: (Bytes | null)[] };

async function walk(leaves: readonly Leaf[], wanted: readonly Wanted[], depth: number, run: Walk): Promise<void> {
  for (const leaf of leaves) {
    if (run.signal?.aborted === true) return;
    const here = wanted.filter(({ entry, at }) => entry === leaf.path && run.found[at] === null);
    const below = wanted.filter(({ entry, at }) => entry.startsWith(`${leaf.path}/`) && run.found[at] === null);
    try {
      if (here.length > 0) await readLeaf(leaf, here, run);
      if (below.length > 0 && depth < run.limits.archiveDepth) await walkContainer(leaf, below, depth, run);
    } catch {
      // An entry that cannot be read (on) leaves its spans `null`; it never stops the others.
    }
  }
}

async function walkContainer(leaf: Leaf, wanted: readonly Wanted[], depth: number, run: Walk): Promise<void> {
  const form = await containerForm(leaf);
  if (form === null) return;
  const bytes = leaf.slice === undefined ? await collect(leaf, run.limits.memoryBytes) : null;
  const { passwords = [], libarchive } = run;
  const opened = await openContainer(
    form,
    {
      sizeBytes: bytes?.length ?? leaf.sizeBytes,
      slice: leaf.slice ?? ((start, end) => Promise.resolve((bytes as Bytes).subarray(start, end))),
      open: () => leaf.open(),
    },
    {
      path: leaf.path,
      passwords,
      limits: run.limits,
      budget: { inflatedBytes: 0 },
      ...(libarchive === undefined ? {} : { libarchive }),
    },
  );
  try {
    await walk(opened.leaves, wanted, depth + 1, run);
  } finally {
    await opened.close();
  }
}

async function containerForm(leaf: Leaf): Promise<ContainerForm | null> {
  const head: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of readChunks(leaf.open())) {
    head.push(chunk.slice());
    bytes += chunk.length;
    if (bytes >= SAMPLE_BYTES) break;
  }
  const sniff = sniffLeaf(leaf.path, concatBytes(...head).subarray(0, SAMPLE_BYTES), bytes < SAMPLE_BYTES);
  return sniff.kind === 'archive' ? sniff.form : null;
}

/** A nested archive in memory, as loading it did; throws where it does not fit. */
async function collect(leaf: Leaf, mostBytes: number): Promise<Bytes> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of readChunks(leaf.open())) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new RangeError('readSpans: nested archive too large');
    chunks.push(chunk.slice());
  }
  return concatBytes(...chunks);
}

async function readLeaf(leaf: Leaf, wanted: readonly Wanted[], run: Walk): Promise<void> {
  const byOffset = [...wanted].sort((a, b) => a.offset - b.offset);
  if (leaf.slice !== undefined) {
    for (const { at, offset, length } of byOffset) {
      if (offset > leaf.sizeBytes) continue;
      run.found[at] = (await leaf.slice(offset, offset + Math.min(length, run.mostBytes))).slice();
    }
    return;
  }
  const open: { readonly span: Wanted; readonly into: Bytes; filled: number }[] = byOffset.map((span) => ({
    span,
    into: new Uint8Array(Math.min(span.length, run.mostBytes)),
    filled: 0,
  }));
  let place = 0;
  for await (const chunk of readChunks(leaf.open())) {
    if (run.signal?.aborted === true) return;
    for (const part of open) {
      const from = part.span.offset + part.filled - place;
      if (from < 0 || from >= chunk.length || part.filled >= part.into.length) continue;
      const piece = chunk.subarray(from, from + part.into.length - part.filled);
      part.into.set(piece, part.filled);
      part.filled += piece.length;
    }
    place += chunk.length;
    if (open.every(({ filled, into }) => filled >= into.length)) break;
  }
  for (const { span, into, filled } of open) {
    if (span.offset <= place) run.found[span.at] = into.subarray(0, filled);
  }
}
