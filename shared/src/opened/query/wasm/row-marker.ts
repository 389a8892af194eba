/** Sets the bits of rows that have what is looked for. Texts are looked for in dictionaries; rows are only asked for their codes. */
import type { Bytes } from '../../../base/bytes.ts';
import { NO_TICK } from '../hot-columns.ts';
import type { TimeField } from '../query.ts';
import type { TextField } from '../search-syntax.ts';
import type { BitSets } from './bit-sets.ts';
import { BLOCK_BITS_BYTES } from './bit-sets.ts';
import { piecesOf } from './blocks.ts';
import type { CodeName, Columns, DictionaryName } from './columns.ts';
import type { TextSearch } from './text-search.ts';
import { AS_CODES, AS_TIMES } from './time-column.ts';

/** Bytes of the code of a time. */
const CODE_BYTES = 2;
/** Up to so many codes are compared with one by one; more are looked up as marks. */
const FEW = 6;

/** A column of codes and the dictionary it points into. */
type ColumnOfTexts = CodeName & DictionaryName;

export class RowMarker {
  readonly #columns: Columns;
  readonly #sets: BitSets;
  readonly #search: TextSearch;

  constructor(columns: Columns, sets: BitSets, search: TextSearch) {
    this.#columns = columns;
    this.#sets = sets;
    this.#search = search;
  }

  /** Rows whose text contains `needle` (folded, not empty). */
  orText(field: TextField, needle: string, out: number): void {
    if (field === 'tag') {
      this.#search.find('tag', needle, ({ marks }) => {
        const { u8 } = this.#columns.memory;
        this.#orSets((tag) => u8[marks + tag] === 1, out);
      });
      return;
    }
    const name = field === 'domain' ? 'registrable' : field === 'machine' ? 'machineName' : field;
    if (this.#columns.codes[name].isEmpty) return;
    this.#search.find(name, needle, ({ marks, codes }) => {
      if (codes !== null && codes.length <= FEW) this.#orCodes(name, codes, out);
      else this.#orMarked(name, marks, out);
    });
  }

  /** Rows whose text is one of `values`; '': those that have none. */
  orValues(name: ColumnOfTexts, values: readonly string[], out: number): void {
    const { texts } = this.#columns;
    const codes = [...new Set(values)].map((value) => texts[name].codeOf(value)).filter((code) => code >= 0);
    if (codes.length <= FEW) {
      this.#orCodes(name, codes, out);
      return;
    }
    this.#withMarks(texts[name].count, codes, (marks) => {
      this.#orMarked(name, marks, out);
    });
  }

  /** Rows with this code. */
  orCode(name: CodeName, code: number, out: number): void {
    this.#orCodes(name, [code], out);
  }

  /** Rows that have one of the tags; '': those without any. */
  orTags(values: readonly string[], out: number): void {
    const codes = new Set(values.map((value) => this.#columns.texts.tag.codeOf(value)));
    if (codes.has(0)) this.#orCodes('tagSet', [0], out);
    this.#orSets((tag) => codes.has(tag), out);
  }

  /** Rows whose secret this is. All zeros are nobody's. */
  orSecret(fingerprint: Bytes, out: number): void {
    if (fingerprint.every((byte) => byte === 0)) return;
    this.#orSecret(fingerprint, out);
  }

  orWithoutSecret(out: number): void {
    if (this.#columns.secrets.isEmpty) this.#orAll(out);
    else this.#orSecret(new Uint8Array(16), out);
  }

  /** Rows whose time is known and in [from, to). `out` is empty. */
  putWithin(field: TimeField, fromMs: number, toMs: number, out: number): void {
    const column = this.#columns.times[field];
    const times = column.codedTimes();
    const coded = [...times.keys()].filter((code) => {
      const ms = times[code] as number;
      return ms >= fromMs && ms < toMs;
    });
    const { kernels } = this.#columns;
    for (const [block, , count] of piecesOf(0, this.#columns.rows)) {
      const { baseMs, unitMs } = column.formatOf(block);
      const bits = out + block * BLOCK_BITS_BYTES;
      if (unitMs === AS_TIMES) {
        kernels.withinTimes(column.blockAt(block), count, fromMs, toMs, bits);
        continue;
      }
      if (unitMs === AS_CODES) {
        this.#withMarks(times.length, coded, (marks) => {
          kernels.orMarked(column.blockAt(block), CODE_BYTES, count, marks, bits);
        });
        continue;
      }
      const low = Math.max(0, Math.ceil((fromMs - baseMs) / unitMs));
      const high = Math.min(NO_TICK - 1, Math.ceil((toMs - baseMs) / unitMs) - 1);
      if (low <= high) kernels.withinTicks(column.blockAt(block), count, low, high, bits);
    }
  }

  /** Rows with one of a few codes. */
  #orCodes(name: CodeName, codes: readonly number[], out: number): void {
    const column = this.#columns.codes[name];
    const { kernels, rows } = this.#columns;
    if (column.isEmpty) {
      if (codes.includes(0)) this.#orAll(out);
      return;
    }
    for (const [block, , count] of piecesOf(0, rows)) {
      for (const code of codes) {
        kernels.orEqual(column.blockAt(block), column.width, count, code, out + block * BLOCK_BITS_BYTES);
      }
    }
  }

  #orMarked(name: CodeName, marks: number, out: number): void {
    const column = this.#columns.codes[name];
    const { kernels, memory, rows } = this.#columns;
    if (column.isEmpty) {
      if (memory.u8[marks] === 1) this.#orAll(out);
      return;
    }
    for (const [block, , count] of piecesOf(0, rows)) {
      kernels.orMarked(column.blockAt(block), column.width, count, marks, out + block * BLOCK_BITS_BYTES);
    }
  }

  #orSets(hasTag: (tag: number) => boolean, out: number): void {
    const { sets } = this.#columns.tagSets;
    const numbers = sets.flatMap((set, number) => (set.some(hasTag) ? [number] : []));
    if (numbers.length === 0) return;
    if (numbers.length <= FEW) {
      this.#orCodes('tagSet', numbers, out);
      return;
    }
    this.#withMarks(sets.length, numbers, (marks) => {
      this.#orMarked('tagSet', marks, out);
    });
  }

  #orSecret(fingerprint: Bytes, out: number): void {
    const { secrets, memory, kernels, rows } = this.#columns;
    if (secrets.isEmpty) return;
    const [low, high] = memory.lend([8], (at) => secrets.folded(fingerprint, at));
    for (const [block, , count] of piecesOf(0, rows)) {
      kernels.orEqual64(secrets.blockAt(block), count, low, high, out + block * BLOCK_BITS_BYTES);
    }
  }

  #orAll(out: number): void {
    this.#columns.kernels.orBits(out, this.#sets.all, out, this.#sets.words);
  }

  #withMarks(count: number, codes: readonly number[], use: (marks: number) => void): void {
    const { memory } = this.#columns;
    memory.lend([count], (marks) => {
      memory.u8.fill(0, marks, marks + count);
      for (const code of codes) memory.u8[marks + code] = 1;
      use(marks);
    });
  }
}
