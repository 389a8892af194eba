/**
 * Zip archives as leaves: ZipCrypto, AES, zip64, data descriptors by zip.js; what its headers claim is not believed. Overlapping
 * entries are refused, inflated bytes are counted while they come, one bad entry never stops the others.
 */
import type { FileEntry } from '@zip.js/zip.js';
import { configure, Reader, ZipReader } from '@zip.js/zip.js';
import type { IngestLimits } from '../limits.ts';
import type { Leaf } from '../leaf.ts';
import { LeafError } from '../leaf.ts';
import type { QuarantineReason } from '../record.ts';
import { readChunks } from '../source-file.ts';
import type { OpenedContainer } from './container.ts';
import { displayPath } from './display-path.ts';
import type { InflateBudget } from './inflate-guard.ts';
import { InflateGuard } from './inflate-guard.ts';
import { readAhead } from './zip-source.ts';
import type { ZipSource } from './zip-source.ts';
import { inflateStored, readStored, SMALL_ENTRY_BYTES } from './small-entry.ts';
import type { SmallEntry } from './small-entry.ts';

// Its own workers start from data: scripts, which the content policy refuses; we run inside a worker of ours already. Small chunks,
// since a browser unpacks each whole, up to 1,032 times its size, before its bytes can be counted.
configure({ useWebWorkers: false, chunkSize: 64 * 1024 });

/** Local file header without name, extra field and data (APPNOTE 4.3.7). */
const LOCAL_HEADER_BYTES = 30;
const PASSWORD_PROBE_BYTES = 1 << 20;

/** Lists a zip's entries; nothing is inflated but one small entry to try `passwords`. */
export async function openZip(
  source: ZipSource,
  path: string,
  passwords: readonly string[],
  limits: IngestLimits,
  budget: InflateBudget,
): Promise<OpenedContainer> {
  const zip = readAhead(source);
  const reader = new ZipReader(new SliceReader(zip), {
    strictness: 'tolerant',
    filenameValidation: 'tolerant',
    checkLocalFilename: false,
  });
  const problems: QuarantineReason[] = [];
  const entries: Entry[] = [];
  try {
    for await (const entry of reader.getEntriesGenerator()) {
      if (entries.length >= limits.archiveEntries) {
        problems.push('limit-entries');
        break;
      }
      if (!entry.directory) entries.push(toEntry(entry));
    }
  } catch {
    problems.push('archive-corrupt');
  }
  const overlapping = findOverlaps(entries);
  const password = await findPassword(entries, passwords, limits);
  let byOffset: Promise<ReadonlyMap<number, FileEntry>> | null = null;
  const newGuard = (entry: Entry) => new InflateGuard(Math.min(entry.compressedSize, zip.sizeBytes), limits, budget);
  const chunksOf = (entry: Entry) =>
    inflateSmall(zip, entry, newGuard(entry), async (guard) => {
      // Where a small entry is not where it is said to be, the general reader looks for it.
      const found = (await (byOffset ??= entriesByOffset(reader))).get(entry.offset);
      return found === undefined ? failedStream('archive-corrupt') : inflate(found, password, guard);
    });
  const open = (entry: Entry): ReadableStream<Uint8Array> => {
    if (overlapping.has(entry)) return failedStream('limit-overlap');
    if (entry.general === null) return streamOf(chunksOf(entry));
    if (entry.general.encrypted && password === null) return failedStream('archive-password');
    return inflate(entry.general, password, newGuard(entry));
  };
  const leaves = entries.map((entry): Leaf => ({
    path: `${path}/${entry.shown}`,
    treePath: entry.shown,
    sizeBytes: entry.uncompressedSize,
    open: () => open(entry),
    ...(entry.general === null && !overlapping.has(entry) ? { chunks: () => chunksOf(entry) } : {}),
  }));
  return { leaves, problems, close: () => reader.close() };
}

/** What is kept of an entry. The reader's own object is seven kilobytes, of which an archive of logs has a hundred thousand. */
interface Entry extends SmallEntry {
  readonly shown: string;
  readonly uncompressedSize: number;
  /** `null` for those that are read the short way. */
  readonly general: FileEntry | null;
}

function toEntry(entry: FileEntry): Entry {
  return {
    shown: displayPath(decodeName(entry)),
    offset: entry.offset,
    nameBytes: entry.rawFilename.length,
    compressedSize: entry.compressedSize,
    uncompressedSize: entry.uncompressedSize,
    method: entry.compressionMethod,
    crc: entry.signature ?? 0,
    general: isSmall(entry) ? null : entry,
  };
}

async function entriesByOffset(reader: ZipReader<ZipSource>): Promise<ReadonlyMap<number, FileEntry>> {
  const found = new Map<number, FileEntry>();
  for await (const entry of reader.getEntriesGenerator()) if (!entry.directory) found.set(entry.offset, entry);
  return found;
}

/** Entries whose stored bytes share a byte with another's: the way to a bomb (quoted overlap), never made by an archiver. */
function findOverlaps(entries: readonly Entry[]): ReadonlySet<Entry> {
  const byOffset = [...entries].sort((a, b) => a.offset - b.offset);
  const overlapping = new Set<Entry>();
  let last: Entry | null = null;
  let lastEnd = 0;
  for (const entry of byOffset) {
    const end = entry.offset + LOCAL_HEADER_BYTES + entry.nameBytes + entry.compressedSize;
    if (last !== null && entry.offset < lastEnd) {
      overlapping.add(last);
      overlapping.add(entry);
    }
    if (end > lastEnd) {
      lastEnd = end;
      last = entry;
    }
  }
  return overlapping;
}

/** Tries each password against the smallest encrypted entry, whole and with its checksum: ZipCrypto's own check errs 1 in 256. */
async function findPassword(
  entries: readonly Entry[],
  passwords: readonly string[],
  limits: IngestLimits,
): Promise<string | null> {
  const encrypted = entries.flatMap(({ general }) => (general?.encrypted === true ? [general] : []));
  const probe = encrypted
    .filter(({ compressedSize }) => compressedSize <= PASSWORD_PROBE_BYTES)
    .sort((a, b) => a.compressedSize - b.compressedSize)[0];
  if (probe === undefined) return encrypted.length > 0 ? (passwords[0] ?? null) : null;
  for (const password of passwords.slice(0, limits.passwordTries)) {
    let bytes = 0;
    const sink = new WritableStream<Uint8Array>({
      write(chunk) {
        bytes += chunk.length;
        if (bytes > PASSWORD_PROBE_BYTES * limits.ratio) throw new LeafError('limit-ratio');
      },
    });
    try {
      await probe.getData(sink, { password, checkSignature: true });
      return password;
    } catch (error) {
      // Anything but a wrong password means that it was right and the entry is bad: that shows when the entry is read.
      if (!isPasswordError(error)) continue;
    }
  }
  return null;
}

function isSmall({ encrypted, compressedSize, compressionMethod, signature }: FileEntry): boolean {
  return (
    signature !== undefined &&
    !encrypted &&
    compressedSize <= SMALL_ENTRY_BYTES &&
    (compressionMethod === 0 || compressionMethod === 8)
  );
}

async function* inflateSmall(
  zip: ZipSource,
  small: SmallEntry,
  guard: InflateGuard,
  otherwise: (guard: InflateGuard) => Promise<ReadableStream<Uint8Array>>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const stored = await readStored(zip, small);
  if (stored === null) {
    yield* readChunks(await otherwise(guard));
    return;
  }
  for await (const chunk of inflateStored(stored, small)) {
    const failure = guard.count(chunk.length);
    if (failure !== null) throw failure;
    if (chunk.length > 0) yield chunk;
  }
}

function streamOf(chunks: AsyncGenerator<Uint8Array, void, undefined>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const step = await chunks.next();
      if (step.done === true) controller.close();
      else controller.enqueue(step.value);
    },
    async cancel() {
      await chunks.return();
    },
  });
}

function inflate(entry: FileEntry, password: string | null, guard: InflateGuard): ReadableStream<Uint8Array> {
  const pipe = new TransformStream<Uint8Array, Uint8Array>();
  const abort = new AbortController();
  let failure: LeafError | null = null;
  const options = {
    checkSignature: true,
    signal: abort.signal,
    ...(entry.encrypted ? { password: password ?? '' } : {}),
  };
  const done = entry.getData(pipe.writable, options).catch((error: unknown) => {
    failure ??= new LeafError(isPasswordError(error) ? 'archive-password' : 'archive-corrupt');
  });
  const reader = pipe.readable.getReader();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const step = await reader.read().catch(() => null);
      if (step === null || step.done) {
        await done;
        if (failure !== null) controller.error(failure);
        else if (step === null) controller.error(new LeafError('archive-corrupt'));
        else controller.close();
        return;
      }
      failure = guard.count(step.value.length);
      if (failure === null) {
        controller.enqueue(step.value);
        return;
      }
      abort.abort();
      await reader.cancel().catch(() => undefined);
      controller.error(failure);
    },
    async cancel() {
      abort.abort();
      await reader.cancel().catch(() => undefined);
    },
  });
}

function failedStream(reason: QuarantineReason): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      controller.error(new LeafError(reason));
    },
  });
}

function isPasswordError(error: unknown): boolean {
  return error instanceof Error && /password/i.test(error.message);
}

/** Names without the UTF-8 flag are UTF-8 all the same, or Thai, or code page 437: zip.js knows the first and the last. */
function decodeName(entry: FileEntry): string {
  if (entry.filenameUTF8) return entry.filename;
  const raw = entry.rawFilename;
  const high = raw.filter((byte) => byte >= 0x80);
  if (high.length === 0) return entry.filename;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(raw);
  } catch {
    const thai = high.filter((byte) => (byte >= 0xa1 && byte <= 0xda) || (byte >= 0xdf && byte <= 0xfb)).length;
    return thai >= high.length * 0.9 && high.length >= 2 ? new TextDecoder('windows-874').decode(raw) : entry.filename;
  }
}

class SliceReader extends Reader<ZipSource> {
  readonly #zip: ZipSource;

  constructor(zip: ZipSource) {
    super(zip);
    this.#zip = zip;
    this.size = zip.sizeBytes;
  }

  override async readUint8Array(index: number, length: number): Promise<Uint8Array> {
    return this.#zip.slice(index, Math.min(index + length, this.size));
  }
}
