/**
 * Loads hot blocks of all imports into an engine, in the order in which later ones win, with reads and decryption running ahead. An
 * import of which a block is missing or damaged is left out and named; the others come in.
 */
import type { Bytes } from '../../base/bytes.ts';
import { freeBuffer } from '../../base/bytes.ts';
import type { Engine, EngineImport } from '../query/engine.ts';
import type { HotDictionaries } from '../query/hot-columns.ts';
import { narrowCodes } from '../query/narrow-codes.ts';
import { DictionaryLoader, readDictionaryBlock } from './dictionary-block.ts';
import type { HotCounts } from './hot-block.ts';
import { countsOf, HotScratch, readHotBlock } from './hot-block.ts';
import type { HotDictionary, ImportFiles, ImportRow } from './import-files.ts';
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
  #dictionaries: DictionaryLoader | null;
  #counts: HotCounts | null = null;
  #begun: EngineImport | null = null;

  constructor(engine: Engine, row: ImportRow & { readonly files: ImportFiles }, scratch: HotScratch) {
    this.#engine = engine;
    this.#row = row;
    this.#scratch = scratch;
    this.#firstSegment = dictionaryBlocks(row.files.hot);
    this.#rowsOf = row.files.batches.flat();
    this.#dictionaries = new DictionaryLoader(HOT_DICTIONARIES.length, row.files.hot.sections);
  }

  /** `false` if the block is not what it must be. */
  take(block: number, bytes: Bytes): boolean {
    if (block < this.#firstSegment) {
      const sections = readDictionaryBlock(bytes);
      return sections !== null && sections.every((section) => this.#dictionaries?.take(section) === true);
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
    const parts = this.#dictionaries?.finish() ?? null;
    this.#dictionaries = null;
    if (parts === null || parts.some(({ texts: { offsets } }) => hasEmpty(offsets))) return false;
    const part = (name: HotDictionary) => parts[HOT_DICTIONARIES.indexOf(name)] as (typeof parts)[number];
    const domains = part('identityDomain').texts.offsets.length - 1;
    const identities = part('identity');
    if (identities.codes.length !== identities.texts.offsets.length - 1) return false;
    if (identities.codes.some((code) => code > domains)) return false;
    const texts = Object.fromEntries(HOT_DICTIONARIES.map((name) => [name, part(name).texts])) as Omit<
      HotDictionaries,
      'identity' | 'areDistinct'
    >;
    const identity = { local: identities.texts, domain: narrowCodes(identities.codes, domains) };
    const dictionaries = { ...texts, identity, areDistinct: this.#row.files.areDistinct };
    this.#counts = countsOf(dictionaries);
    this.#begun = this.#engine.begin(dictionaries, this.#row);
    return true;
  }
}

function hasEmpty(offsets: Uint32Array): boolean {
  for (let i = 1; i < offsets.length; i++) if (offsets[i] === offsets[i - 1]) return true;
  return false;
}
