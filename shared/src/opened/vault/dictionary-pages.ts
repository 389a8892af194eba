/** Single texts of a file's dictionaries at rest. Asking for one whose page is not open notes the page; `open` then reads what is noted. */
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { DictionarySection, ReadSection } from './dictionary-block.ts';
import { readDictionaryBlock } from './dictionary-block.ts';
import type { StoredFile } from './import-files.ts';
import type { RecentBlocks } from './recent-blocks.ts';
import type { SealedFiles } from './sealed-file.ts';
import { blockId } from './sealed-file-writer.ts';
import type { StorageDamaged } from './storage-damaged.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** A section with the place of each entry in its heap, and the texts that were asked for. */
export interface Page extends ReadSection {
  readonly offsets: Uint32Array;
  readonly texts: (string | undefined)[];
}

export class DictionaryPages {
  readonly #files: SealedFiles;
  readonly #stored: StoredFile;
  readonly #recent: RecentBlocks<readonly Page[]>;
  /** By dictionary, in the order of entries. */
  readonly #sections: ReadonlyMap<number, readonly DictionarySection[]>;
  readonly #pages = new Map<DictionarySection, Page>();
  readonly #noted = new Set<DictionarySection>();
  #isMissing = false;

  constructor(files: SealedFiles, stored: StoredFile, recent: RecentBlocks<readonly Page[]>) {
    this.#files = files;
    this.#stored = stored;
    this.#recent = recent;
    this.#sections = Map.groupBy(stored.sections, ({ dictionary }) => dictionary);
  }

  /** '' while the page is not open, and for an entry that is none. */
  text(dictionary: number, entry: number): string {
    const page = this.#page(dictionary, entry);
    if (page === null) return '';
    const at = entry - page.first;
    return (page.texts[at] ??= decoder.decode(page.heap.subarray(page.offsets[at], page.offsets[at + 1])));
  }

  /** The code beside an entry, 0 if there is none or its page is not open. */
  code(dictionary: number, entry: number): number {
    const page = this.#page(dictionary, entry);
    return page?.codes?.[entry - page.first] ?? 0;
  }

  /** True if anything was asked for in vain since the last call. */
  missed(): boolean {
    const missed = this.#isMissing;
    this.#isMissing = false;
    return missed;
  }

  /** Opens what was asked for in vain. */
  async open(): Promise<Result<void, StorageDamaged>> {
    for (const section of this.#noted) {
      const id = blockId(this.#stored.file.name, section.block);
      const pages = await this.#recent.get(id, () => this.#read(section.block));
      if (!pages.ok) return pages;
      const page = pages.value.find((one) => one.dictionary === section.dictionary && one.first === section.first);
      if (page?.entries !== section.entries) return err(altered(id));
      this.#pages.set(section, page);
    }
    this.#noted.clear();
    return ok(undefined);
  }

  #page(dictionary: number, entry: number): Page | null {
    const section = this.#sections
      .get(dictionary)
      ?.find(({ first, entries }) => entry >= first && entry < first + entries);
    if (section === undefined) return null;
    const page = this.#pages.get(section);
    if (page !== undefined) return page;
    this.#noted.add(section);
    this.#isMissing = true;
    return null;
  }

  async #read(block: number): Promise<Result<readonly Page[], StorageDamaged>> {
    const { file } = this.#stored;
    const plain = await this.#files.openOne(file, block);
    if (!plain.ok) return plain;
    const sections = readDictionaryBlock(plain.value);
    return sections === null ? err(altered(blockId(file.name, block))) : ok(sections.map(toPage));
  }
}

function toPage(section: ReadSection): Page {
  const offsets = new Uint32Array(section.entries + 1);
  for (let i = 0; i < section.entries; i++) {
    offsets[i + 1] = (offsets[i] as number) + (section.lengths[i] as number);
  }
  return { ...section, offsets, texts: [] };
}

function altered(id: string): StorageDamaged {
  return { kind: 'storage-damaged', table: 'segments', id, how: 'altered' };
}
