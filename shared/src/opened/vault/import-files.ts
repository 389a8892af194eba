/**
 * The files of one received bundle. Hot: dictionaries, then blocks of rows, read whole at every unlock. Cold: dictionaries, then for
 * each batch one block of sets and its blocks of rows, read when a finding is opened. What they are stands in the bundle's row.
 */
import type { WithdrawCode } from '../client/api/publishing.ts';
import { COLD_DICTIONARIES } from './cold-format.ts';
import type { DictionarySection } from './dictionary-block.ts';
import type { BundleFacts } from './findings-vault.ts';
import type { SealedFile } from './sealed-file.ts';
import { sizeOf } from './sealed-file.ts';
import type { SegmentFile } from './segment-storage.ts';

/** Those of the hot file that come behind the identities. */
export const OTHER_HOT_DICTIONARIES = [
  'registrable',
  'host',
  'application',
  'source',
  'family',
  'machine',
  'machineName',
  'mask',
  'tag',
] as const;
/** Dictionaries of the hot file, in the order of their numbers; beside `identity` stand the domains of its entries. */
export const HOT_DICTIONARIES = ['identity', 'identityDomain', ...OTHER_HOT_DICTIONARIES] as const;
export type HotDictionary = (typeof HOT_DICTIONARIES)[number];

export interface StoredFile {
  readonly file: SealedFile;
  readonly sections: readonly DictionarySection[];
}

export interface ImportFiles {
  readonly hot: StoredFile;
  readonly cold: StoredFile;
  /** Rows of each block of rows, batch by batch as they came. */
  readonly batches: readonly (readonly number[])[];
  /** `EngineImport.areDistinct`. */
  readonly areDistinct: boolean;
}

/** A row of `imports`. */
export interface ImportRow extends BundleFacts {
  /** Order of arrival: later bundles win where findings meet. */
  readonly number: number;
  readonly findings: number;
  readonly added: number;
  readonly merged: number;
  readonly withdrawn: WithdrawCode | null;
  /**
   * None of its findings was known, and no older bundle was missing from the engine (damaged, still to be repaired) when that was
   * found: it need not be looked for again. Left out by older versions: unknown.
   */
  readonly areNew?: boolean;
  /** `null`: the bundle was empty, or its findings are deleted; the row stays, so that its id counts once. */
  readonly files: ImportFiles | null;
}

/** Where block number `segment` of an import's rows lies. */
export interface SegmentPlace {
  readonly hotBlock: number;
  readonly setsBlock: number;
  readonly coldBlock: number;
}

/** Blocks before the first of rows. */
export function dictionaryBlocks({ sections }: StoredFile): number {
  return (sections.at(-1)?.block ?? -1) + 1;
}

/** Places of all blocks of rows, by segment. */
export function segmentPlaces(files: ImportFiles): readonly SegmentPlace[] {
  let hotBlock = dictionaryBlocks(files.hot);
  let coldBlock = dictionaryBlocks(files.cold);
  return files.batches.flatMap((blocks) => {
    const setsBlock = coldBlock++;
    return blocks.map(() => ({ hotBlock: hotBlock++, setsBlock, coldBlock: coldBlock++ }));
  });
}

/** True if the row's numbers fit the blocks that its files have. The row was authentic: this finds an older or broken writer. */
export function isConsistent({ hot, cold, batches }: ImportFiles): boolean {
  const blocks = batches.reduce((sum, { length }) => sum + length, 0);
  const fits = ({ file, sections }: StoredFile, count: number, rows: number): boolean =>
    file.blocks.length === dictionaryBlocks({ file, sections }) + rows &&
    sections.every(({ dictionary, entries, heapBytes }) => dictionary < count && entries > 0 && heapBytes >= 0);
  return fits(hot, HOT_DICTIONARIES.length, blocks) && fits(cold, COLD_DICTIONARIES.length, blocks + batches.length);
}

/** Names of the files that are not there, or not as long as they were. */
export function missingFiles({ hot, cold }: ImportFiles, listed: readonly SegmentFile[]): readonly string[] {
  const sizes = new Map(listed.map(({ name, size }) => [name, size]));
  return [hot.file, cold.file].filter((file) => sizes.get(file.name) !== sizeOf(file)).map(({ name }) => name);
}
