/**
 * Rar archives (4 and 5) as leaves, unpacked by libarchive's WebAssembly as they are read. It reads from memory only, so an archive over
 * the limit is refused beforehand; what it unpacks to is not held, but for small entries that are come past. It decrypts no rar.
 */
import type { Leaf } from '../leaf.ts';
import type { QuarantineReason } from '../record.ts';
import { ArchiveCursor } from './archive-cursor.ts';
import { EngineError, EnginePool } from './archive-engine.ts';
import type { ContainerOptions, ContainerSource, OpenedContainer } from './container.ts';
import { displayPath } from './display-path.ts';
import { engineLeaf, reasonOf } from './engine-leaf.ts';
import { readRarHeaders } from './rar-header.ts';

/** Part of `limits.memoryBytes` that small entries may take beside the archive. */
const KEPT_PART = 1 / 4;

/** Lists the entries. What is wrong with one of them is that entry's problem alone, unless they hang together (solid). */
export async function openRar(source: ContainerSource, options: ContainerOptions): Promise<OpenedContainer> {
  const { limits, path, breathe } = options;
  const archiveBytes = source.sizeBytes;
  const nothing = (problem: QuarantineReason): OpenedContainer => ({
    leaves: [],
    problems: [problem],
    close: () => Promise.resolve(),
  });
  if (options.libarchive === undefined) return nothing('archive-unsupported');
  if (archiveBytes > limits.memoryBytes) return nothing('limit-total');
  const engines = new EnginePool(await options.libarchive());
  const headers = await readRarHeaders(source, limits.archiveEntries);
  const cursor = new ArchiveCursor({
    open: () => engines.open(archiveBytes, (start, end) => source.slice(start, end)),
    keptBytes: limits.memoryBytes * KEPT_PART,
    passedBytes: limits.totalBytes,
    isSolid: headers.isSolid,
    breathe: breathe ?? (() => Promise.resolve()),
  });
  const { entries, failure } = await cursor.list(limits.archiveEntries + 1);
  const problems: QuarantineReason[] = failure === null ? [] : [reasonOf(failure)];
  if (entries.length > limits.archiveEntries) problems.push('limit-entries');
  if (entries.length === 0 && failure === null) problems.push('archive-corrupt');
  const leaves = entries.slice(0, limits.archiveEntries).flatMap((entry, index): Leaf[] => {
    if (!entry.isFile) return [];
    // The engine knows no letters but those of ASCII.
    const header = headers.entries[index];
    const shown = displayPath(header?.name ?? entry.name);
    const read = (offset: number): Promise<Uint8Array> =>
      entry.isEncrypted ? Promise.reject(new EngineError('encrypted')) : cursor.read(index, offset, entry.sizeBytes);
    const { sizeBytes } = entry;
    const crc = header?.crc ?? null;
    return [engineLeaf({ path: `${path}/${shown}`, treePath: shown, sizeBytes, archiveBytes, crc, options, read })];
  });
  return { leaves, problems, close: () => Promise.resolve(cursor.close()) };
}
