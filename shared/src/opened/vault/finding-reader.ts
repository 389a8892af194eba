/** Reads findings at rest, segment by segment, so that an export opens each block once. */
import type { Result } from '../../base/result.ts';
import { ok } from '../../base/result.ts';
import type { Finding } from '../finding/finding.ts';
import type { Page } from './dictionary-pages.ts';
import { DictionaryPages } from './dictionary-pages.ts';
import type { ImportFiles } from './import-files.ts';
import { RecentBlocks } from './recent-blocks.ts';
import type { SealedFiles } from './sealed-file.ts';
import type { OpenImport } from './segment-reader.ts';
import { openImport, SegmentReader } from './segment-reader.ts';
import type { StorageDamaged } from './storage-damaged.ts';
import type { ImportPages } from './stored-finding.ts';
import { storedFinding } from './stored-finding.ts';

/** Blocks of 256 kB of dictionaries that stay at hand: those of a million findings are about sixty. */
const RECENT_BLOCKS = 64;

/** A row at rest. */
export interface StoredPlace {
  readonly files: ImportFiles;
  readonly segment: number;
  readonly row: number;
}

export class FindingReader {
  readonly #files: SealedFiles;
  readonly #segments: SegmentReader;
  readonly #dictionaries = new RecentBlocks<readonly Page[]>(RECENT_BLOCKS);
  readonly #imports = new WeakMap<ImportFiles, OpenImport>();

  constructor(files: SealedFiles) {
    this.#files = files;
    this.#segments = new SegmentReader(files);
  }

  /** The findings at `places`, in their order; the first damage ends it and names the file's import by `files`. */
  async read(
    places: readonly StoredPlace[],
  ): Promise<Result<readonly Finding[], { readonly files: ImportFiles; readonly damage: StorageDamaged }>> {
    const findings: Finding[] = [];
    const byImport = Map.groupBy(places.keys(), (i) => (places[i] as StoredPlace).files);
    for (const [files, indexes] of byImport) {
      const read = await this.#readImport(files, places, indexes, findings);
      if (!read.ok) return { ok: false, error: { files, damage: read.error } };
    }
    return ok(findings);
  }

  async #readImport(
    files: ImportFiles,
    places: readonly StoredPlace[],
    indexes: readonly number[],
    into: Finding[],
  ): Promise<Result<void, StorageDamaged>> {
    const opened = this.#imports.get(files) ?? openImport(files);
    this.#imports.set(files, opened);
    const pages: ImportPages = {
      hot: new DictionaryPages(this.#files, files.hot, this.#dictionaries),
      cold: new DictionaryPages(this.#files, files.cold, this.#dictionaries),
    };
    const bySegment = Map.groupBy(indexes, (i) => (places[i] as StoredPlace).segment);
    for (const [number, ofSegment] of bySegment) {
      const segment = await this.#segments.read(opened, number);
      if (!segment.ok) return segment;
      // Texts name their pages, and identities the pages of their domains: until nothing is missing.
      for (let waiting = ofSegment; waiting.length > 0;) {
        const again: number[] = [];
        for (const i of waiting) {
          into[i] = storedFinding(segment.value, (places[i] as StoredPlace).row, pages);
          const [hotMissed, coldMissed] = [pages.hot.missed(), pages.cold.missed()];
          if (hotMissed || coldMissed) again.push(i);
        }
        const hot = await pages.hot.open();
        if (!hot.ok) return hot;
        const cold = await pages.cold.open();
        if (!cold.ok) return cold;
        waiting = again;
      }
    }
    return ok(undefined);
  }
}
