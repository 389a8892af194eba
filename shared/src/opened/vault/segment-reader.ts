/** Opens the blocks of one segment of an import: its hot rows, its cold rows and the sets they name. */
import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { HotColumns } from '../query/hot-columns.ts';
import type { ColdCounts, ColdRows, ColdSets } from './cold-format.ts';
import { COLD_DICTIONARIES, readColdRows, readColdSets } from './cold-format.ts';
import type { CodedName, HotCounts } from './hot-block.ts';
import { readHotBlock } from './hot-block.ts';
import type { HotDictionary, ImportFiles, SegmentPlace, StoredFile } from './import-files.ts';
import { HOT_DICTIONARIES, segmentPlaces } from './import-files.ts';
import { RecentBlocks } from './recent-blocks.ts';
import { blockId } from './sealed-file-writer.ts';
import type { SealedFile, SealedFiles } from './sealed-file.ts';
import type { StorageDamaged } from './storage-damaged.ts';

/** Blocks of half a megabyte that stay at hand, of each kind. */
const RECENT = 4;

export interface Segment {
  readonly hot: HotColumns;
  readonly cold: ColdRows;
  readonly sets: ColdSets;
}

/** What an import's row tells of its files, worked out once. */
export interface OpenImport {
  readonly files: ImportFiles;
  readonly places: readonly SegmentPlace[];
  readonly hotCounts: HotCounts;
  readonly coldCounts: ColdCounts;
}

/** Works out places and counts. */
export function openImport(files: ImportFiles): OpenImport {
  const hot = entriesOf<HotDictionary>(files.hot, HOT_DICTIONARIES);
  const coldCounts = entriesOf(files.cold, COLD_DICTIONARIES);
  const hotCounts: Readonly<Record<CodedName | 'tag', number>> = hot;
  return { files, places: segmentPlaces(files), hotCounts, coldCounts };
}

export class SegmentReader {
  readonly #files: SealedFiles;
  readonly #hot = new RecentBlocks<HotColumns>(RECENT);
  readonly #cold = new RecentBlocks<ColdRows>(RECENT);
  readonly #sets = new RecentBlocks<ColdSets>(RECENT);

  constructor(files: SealedFiles) {
    this.#files = files;
  }

  async read(
    { files, places, hotCounts, coldCounts }: OpenImport,
    segment: number,
  ): Promise<Result<Segment, StorageDamaged>> {
    const place = places[segment];
    if (place === undefined) throw new RangeError('segment reader: no such segment');
    const [hot, sets] = await Promise.all([
      this.#open(this.#hot, files.hot.file, place.hotBlock, (bytes) => readHotBlock(bytes, hotCounts)),
      this.#open(this.#sets, files.cold.file, place.setsBlock, (bytes) => readColdSets(bytes, coldCounts)),
    ]);
    if (!hot.ok) return hot;
    if (!sets.ok) return sets;
    const cold = await this.#open(this.#cold, files.cold.file, place.coldBlock, (bytes) =>
      readColdRows(bytes, sets.value, coldCounts),
    );
    if (!cold.ok) return cold;
    if (cold.value.rows !== hot.value.rows) return err(altered(files.cold.file, place.coldBlock));
    return ok({ hot: hot.value, cold: cold.value, sets: sets.value });
  }

  #open<T>(
    recent: RecentBlocks<T>,
    file: SealedFile,
    block: number,
    read: (bytes: Bytes) => T | null,
  ): Promise<Result<T, StorageDamaged>> {
    return recent.get(blockId(file.name, block), async (): Promise<Result<T, StorageDamaged>> => {
      const plain = await this.#files.openOne(file, block);
      if (!plain.ok) return plain;
      const value = read(plain.value);
      return value === null ? err(altered(file, block)) : ok(value);
    });
  }
}

function entriesOf<Name extends string>({ sections }: StoredFile, names: readonly Name[]): Record<Name, number> {
  const entries = Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
  for (const section of sections) {
    const name = names[section.dictionary];
    if (name !== undefined) entries[name] += section.entries;
  }
  return entries;
}

function altered(file: SealedFile, block: number): StorageDamaged {
  return { kind: 'storage-damaged', table: 'segments', id: blockId(file.name, block), how: 'altered' };
}
