/** Rows of a table that repeat, kept once: what sightings and ledgers of a bundle share (schema version 3). */
import type { Bytes } from '../../base/bytes.ts';
import type { FactorTable, LedgerColumns, SightingColumns, SourceTable, TextColumn } from './columns.ts';

/** Sources of `flat` once each, and which of them every row is. Cost: a hash a row; memory for the answer. */
export function shareSources(flat: SourceTable): Pick<SightingColumns, 'source' | 'sources'> {
  const { codes, kept } = distinctRows(flat.seenAtMs.length, [
    ...halvesOf(flat.sourceId),
    ...halvesOf(flat.seenAtMs),
    ...halvesOf(flat.publishedAtMs),
    whole(flat.alias.codes),
    whole(flat.family.codes),
    whole(flat.sourceClass),
  ]);
  const sourceId = new Uint8Array(kept.length * 8);
  kept.forEach((row, at) => sourceId.set(flat.sourceId.subarray(row * 8, row * 8 + 8), at * 8));
  const sources = {
    sourceId,
    sourceClass: Uint8Array.from(kept, (row) => flat.sourceClass[row] as number),
    alias: pickTexts(flat.alias, kept),
    family: pickTexts(flat.family, kept),
    publishedAtMs: pickDoubles(flat.publishedAtMs, kept),
    seenAtMs: pickDoubles(flat.seenAtMs, kept),
  };
  return { source: codes, sources };
}

/** Factors of `flat` once each, and which of them every row is. Cost as `shareSources`. */
export function shareFactors(flat: FactorTable): Pick<LedgerColumns, 'factor' | 'factors'> {
  const { codes, kept } = distinctRows(flat.value.length, [
    ...halvesOf(flat.value),
    whole(flat.code.codes),
    whole(flat.note.codes),
  ]);
  const factors = {
    code: pickTexts(flat.code, kept),
    value: pickDoubles(flat.value, kept),
    note: pickTexts(flat.note, kept),
  };
  return { factor: codes, factors };
}

/** Row `r` has the word `words[r * step + at]`. */
interface WordColumn {
  readonly words: Uint8Array | Uint32Array;
  readonly step: number;
  readonly at: number;
}

/** `kept`: the first row of each kind, rising; `codes`: which of them a row is. */
function distinctRows(
  rows: number,
  columns: readonly WordColumn[],
): { readonly codes: Uint32Array<ArrayBuffer>; readonly kept: Uint32Array } {
  const codes = new Uint32Array(rows);
  const kept: number[] = [];
  let slots = new Uint32Array(1024);
  const hashOf = (row: number): number => {
    let hash = 0;
    for (const { words, step, at } of columns) {
      hash = Math.imul(hash ^ (words[row * step + at] as number), 0x9e3779b1) ^ (hash >>> 15);
    }
    return (hash ^ (hash >>> 13)) >>> 0;
  };
  const isSame = (a: number, b: number) =>
    columns.every(({ words, step, at }) => words[a * step + at] === words[b * step + at]);
  for (let row = 0; row < rows; row++) {
    let slot = hashOf(row) % slots.length;
    while (slots[slot] !== 0 && !isSame(kept[(slots[slot] as number) - 1] as number, row))
      slot = (slot + 1) % slots.length;
    if (slots[slot] === 0) slots[slot] = kept.push(row);
    codes[row] = (slots[slot] as number) - 1;
    if (kept.length * 2 < slots.length) continue;
    slots = new Uint32Array(slots.length * 4);
    for (let number = 0; number < kept.length; number++) {
      let free = hashOf(kept[number] as number) % slots.length;
      while (slots[free] !== 0) free = (free + 1) % slots.length;
      slots[free] = number + 1;
    }
  }
  return { codes, kept: Uint32Array.from(kept) };
}

function whole(words: Uint8Array | Uint32Array): WordColumn {
  return { words, step: 1, at: 0 };
}

/** Eight bytes a row, as they lie. */
function halvesOf({ buffer, byteOffset, byteLength }: Bytes | Float64Array<ArrayBuffer>): readonly WordColumn[] {
  const words = new Uint32Array(buffer, byteOffset, byteLength / 4);
  return [0, 1].map((at) => ({ words, step: 2, at }));
}

function pickTexts({ codes, dictionary }: TextColumn, rows: Uint32Array): TextColumn {
  return { codes: Uint32Array.from(rows, (row) => codes[row] as number), dictionary };
}

function pickDoubles(values: Float64Array, rows: Uint32Array): Float64Array<ArrayBuffer> {
  return Float64Array.from(rows, (row) => values[row] as number);
}
