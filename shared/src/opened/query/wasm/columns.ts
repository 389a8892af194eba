/** All findings of a vault as columns in one WebAssembly memory, with their dictionaries. Staged rows stand behind those that queries see. */
import { CONFIDENCES, EXPOSURES, IDENTITY_KINDS, LEVELS, PATH_CLASSES, SOURCE_CLASSES } from '../../finding/finding.ts';
import { TRIAGE_STATES } from '../../triage/triage.ts';
import { TagSetTable } from '../tag-set-table.ts';
import { BLOCK_ROWS, Blocks } from './blocks.ts';
import { CodeColumn } from './code-column.ts';
import { IdTable } from './id-table.ts';
import type { Kernels } from './kernels.ts';
import { instantiateKernels } from './kernels.ts';
import type { WasmMemory } from './memory.ts';
import { Places } from './places.ts';
import { PlaneColumn } from './plane-column.ts';
import { SecretColumn } from './secret-column.ts';
import { DESCRIPTION_BYTES } from './text-store.ts';
import { Texts } from './texts.ts';
import { TimeColumn } from './time-column.ts';

/** Text columns whose dictionaries an import brings. */
export const TEXT_NAMES = [
  'identity',
  'registrable',
  'host',
  'application',
  'source',
  'family',
  'machine',
  'machineName',
  'mask',
] as const;
const DICTIONARY_NAMES = [...TEXT_NAMES, 'tag', 'owner', 'identityDomain'] as const;
const CODE_NAMES = [...TEXT_NAMES, 'tagSet', 'owner', 'resolution', 'score'] as const;
/** Vocabularies that an import brings, and their sizes. */
export const WORD_SIZES = {
  identityKind: IDENTITY_KINDS.length,
  pathClass: PATH_CLASSES.length,
  exposure: EXPOSURES.length,
  sourceClass: SOURCE_CLASSES.length,
  level: LEVELS.length,
  confidence: CONFIDENCES.length,
} as const;
export const WORD_NAMES = Object.keys(WORD_SIZES) as WordName[];
const TIME_NAMES = ['captured', 'firstSeen', 'lastSeen'] as const;

export type TextName = (typeof TEXT_NAMES)[number];
export type DictionaryName = (typeof DICTIONARY_NAMES)[number];
export type CodeName = (typeof CODE_NAMES)[number];
export type WordName = keyof typeof WORD_SIZES;
type PlaneName = WordName | 'state';
type TimeName = (typeof TIME_NAMES)[number];

const ID_BYTES = 16;
/** One block of the widest values that are staged (f64). */
const STAGING_BYTES = BLOCK_ROWS * 8;
/** Bytes of the table of a vocabulary's planes. */
const PLANE_TABLE_BYTES = 16;

export class Columns {
  readonly memory: WasmMemory;
  readonly kernels: Kernels;
  readonly ids: Blocks;
  readonly idTable: IdTable;
  readonly texts: Readonly<Record<DictionaryName, Texts>>;
  readonly codes: Readonly<Record<CodeName, CodeColumn>>;
  readonly planes: Readonly<Record<PlaneName, PlaneColumn>>;
  readonly times: Readonly<Record<TimeName, TimeColumn>>;
  readonly secrets: SecretColumn;
  readonly tagSets = new TagSetTable();
  readonly places: Places;
  /** Address where a block of values is put on its way in. */
  readonly staging: number;
  /** Rows that queries see. */
  rows = 0;
  /** Those and the staged ones behind them. */
  held = 0;

  constructor(memory: WasmMemory) {
    const kernels = instantiateKernels(memory);
    this.memory = memory;
    this.kernels = kernels;
    this.staging = memory.take(STAGING_BYTES);
    this.ids = new Blocks(memory, ID_BYTES);
    this.idTable = new IdTable(memory, kernels, this.ids);
    this.texts = makeTexts(memory, kernels);
    this.codes = recordOf(CODE_NAMES, () => new CodeColumn(memory, kernels));
    const sizes = { ...WORD_SIZES, state: TRIAGE_STATES.length };
    const tables = memory.take(PLANE_TABLE_BYTES * Object.keys(sizes).length);
    this.planes = recordOf(Object.keys(sizes) as PlaneName[], (name, i) => {
      return new PlaneColumn(memory, kernels, tables + i * PLANE_TABLE_BYTES, sizes[name]);
    });
    this.times = recordOf(TIME_NAMES, () => new TimeColumn(memory, kernels));
    this.secrets = new SecretColumn(memory, kernels);
    this.places = new Places(memory, kernels);
  }

  /** Room for `rows` in all columns. Throws EngineFullError, nothing being lost. */
  reserve(rows: number): void {
    this.ids.reserve(rows);
    for (const column of Object.values(this.codes)) column.reserve(rows);
    for (const column of Object.values(this.planes)) column.reserve(rows, this.held);
    this.secrets.reserve(rows);
  }

  /** Rows behind `rows` are no more: their bits become 0, their blocks are given back. */
  truncate(rows: number): void {
    for (const column of Object.values(this.planes)) column.clear(rows, this.held);
    this.held = rows;
    this.ids.release(rows);
    for (const column of Object.values(this.codes)) column.release(rows);
    for (const column of Object.values(this.times)) column.release(rows);
    this.secrets.release(rows);
  }
}

function makeTexts(memory: WasmMemory, kernels: Kernels): Record<DictionaryName, Texts> {
  const descriptions = memory.take(DESCRIPTION_BYTES * DICTIONARY_NAMES.length);
  const make = (name: DictionaryName, domains: Texts | null) => {
    const at = descriptions + DICTIONARY_NAMES.indexOf(name) * DESCRIPTION_BYTES;
    // Masks are shown, nothing else.
    return new Texts(memory, kernels, at, name !== 'mask', domains);
  };
  const identityDomain = make('identityDomain', null);
  return recordOf(DICTIONARY_NAMES, (name) => {
    if (name === 'identityDomain') return identityDomain;
    return make(name, name === 'identity' ? identityDomain : null);
  });
}

function recordOf<Name extends string, T>(names: readonly Name[], make: (name: Name, i: number) => T): Record<Name, T> {
  return Object.fromEntries(names.map((name, i) => [name, make(name, i)])) as Record<Name, T>;
}
