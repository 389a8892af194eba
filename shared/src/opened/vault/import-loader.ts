/**
 * Loads hot blocks of all imports into an engine, in the order in which later ones win, with reads and decryption running ahead. An
 * import of which a block is missing or damaged is left out and named; the others come in.
 */
import type { Bytes } from '../../base/bytes.ts';
import { freeBuffer } from '../../base/bytes.ts';
import type { Engine, EngineImport } from '../query/engine.ts';
import type { DictionaryRoom, DictionarySizes } from '../query/dictionary-room.ts';
import { freshRoom } from '../query/dictionary-room.ts';
import { DictionaryLoader, dictionarySizes, readDictionaryBlock } from './dictionary-block.ts';
import type { LoadedDictionary } from './dictionary-block.ts';
import type { HotCounts } from './hot-block.ts';
import { countsOf, HotScratch, readHotBlock } from './hot-block.ts';
import type { ImportFiles, ImportRow } from './import-files.ts';
import { dictionaryBlocks, HOT_DICTIONARIES, isConsistent } from './import-files.ts';
import type { SealedFiles } from './sealed-file.ts';

export interface LoadedImports {
  /** Those in the engine, in the order of their commits. */
  readonly loaded: readonly ImportRow[];
  /** Bundle ids. */
  readonly damaged: ReadonlySet<string>;
}

/**
 * Loads `imports`, which have files. `pause` between blocks. Throws `EngineFullError` where they do not fit. Cost: one read, one
 * decryption and one copy of the hot bytes; memory for three reads beside the engine.
 */
export async function loadImports(
  files: SealedFiles,
  engine: Engine,
  imports: readonly (ImportRow & { readonly files: ImportFiles })[],
  pause: () => Promise<void> | undefined = () => undefined,
): Promise<LoadedImports> {
  const loaded: ImportRow[] = [];
  const damaged = new Set(imports.filter(({ files: one }) => !isConsistent(one)).map(({ bundleId }) => bundleId));
  const whole = imports.filter(({ bundleId }) => !damaged.has(bundleId));
  const scratch = new HotScratch();
  const importOf = new Map(whole.map((row) => [row.files.hot.file, row]));
  const ranges = whole.map(({ files: { hot } }) => ({ file: hot.file, from: 0, to: hot.file.blocks.length }));
  let current: OneImport | null = null;
  try {
    for await (const { file, block, plain } of files.open(ranges)) {
      const row = importOf.get(file) as ImportRow & { readonly files: ImportFiles };
      if (block === 0) current = new OneImport(engine, row, scratch);
      if (damaged.has(row.bundleId) || current === null) continue;
      if (!plain.ok || !current.take(block, plain.value)) {
        damaged.add(row.bundleId);
        current.rollback();
        continue;
      }
      freeBuffer(plain.value.buffer);
      if (block === file.blocks.length - 1) {
        await current.commit(pause);
        loaded.push(row);
      } else await pause();
    }
  } catch (error) {
    current?.rollback();
    throw error;
  }
  return { loaded, damaged };
}

class OneImport {
  readonly #engine: Engine;
  readonly #row: ImportRow & { readonly files: ImportFiles };
  readonly #scratch: HotScratch;
  readonly #firstSegment: number;
  readonly #rowsOf: readonly number[];
  #dictionaries: { readonly room: DictionaryRoom; readonly loader: DictionaryLoader } | null = null;
  #counts: HotCounts | null = null;
  #begun: EngineImport | null = null;

  constructor(engine: Engine, row: ImportRow & { readonly files: ImportFiles }, scratch: HotScratch) {
    this.#engine = engine;
    this.#row = row;
    this.#scratch = scratch;
    this.#firstSegment = dictionaryBlocks(row.files.hot);
    this.#rowsOf = row.files.batches.flat();
  }

  /** `false` if the block is not what it must be. */
  take(block: number, bytes: Bytes): boolean {
    if (block < this.#firstSegment) {
      const { loader } = (this.#dictionaries ??= this.#makeRoom());
      const sections = readDictionaryBlock(bytes);
      return sections !== null && sections.every((section) => loader.take(section));
    }
    if (this.#begun === null && !this.#begin()) return false;
    const columns = readHotBlock(bytes, this.#counts as HotCounts, this.#scratch);
    const segment = block - this.#firstSegment;
    if (columns === null || columns.rows !== this.#rowsOf[segment]) return false;
    this.#begun?.add(segment, columns, 0, columns.rows);
    return true;
  }

  async commit(pause: () => Promise<void> | undefined): Promise<void> {
    while (this.#begun?.prepare() === null) await pause();
    this.#begun?.commit();
    this.#begun = null;
  }

  rollback(): void {
    this.#begun?.rollback();
    this.#begun = null;
  }

  #begin(): boolean {
    const { room, loader } = this.#dictionaries ?? this.#makeRoom();
    this.#dictionaries = null;
    if (!loader.isWhole) return false;
    const dictionaries = { ...room, areDistinct: this.#row.files.areDistinct };
    this.#counts = countsOf(dictionaries);
    this.#begun = this.#engine.begin(dictionaries, this.#row);
    return true;
  }

  #makeRoom() {
    const { hot, areDistinct } = this.#row.files;
    const listed = dictionarySizes(HOT_DICTIONARIES.length, hot.sections);
    const sizes = Object.fromEntries(
      HOT_DICTIONARIES.map((name, i) => [name, listed[i]]),
    ) as unknown as DictionarySizes;
    const room = areDistinct ? this.#engine.roomFor(sizes) : freshRoom(sizes);
    const { identity, ...texts } = room;
    const loaded = HOT_DICTIONARIES.map((name): LoadedDictionary => {
      if (name !== 'identity') return { texts: texts[name], codes: null };
      return { texts: identity.local, codes: { into: identity.domain, most: sizes.identityDomain.entries } };
    });
    return { room, loader: new DictionaryLoader(loaded) };
  }
}
