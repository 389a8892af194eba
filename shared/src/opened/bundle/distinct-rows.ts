/** Rows of a table that repeat, kept once: what sightings and ledgers of a bundle share (schema version 3). */
import type { Bytes } from '../../base/bytes.ts';
import type { FactorTable, LedgerColumns, SightingColumns, SourceTable, TextColumn } from './columns.ts';

/** Sources of `flat` once each, and which of them every row is. Cost: a hash a row, 16 bytes a row while it runs. */
export function shareSources(flat: SourceTable): Pick<SightingColumns, 'source' | 'sources'> {
  const id = wordsOf(flat.sourceId);
  const { codes, kept } = distinctRows(flat.seenAtMs.length, [
    ...halvesOf(id),
    ...halvesOf(wordsOf(flat.seenAtMs)),
    ...halvesOf(wordsOf(flat.publishedAtMs)),
    flat.alias.codes,
    flat.family.codes,
    Uint32Array.from(flat.sourceClass),
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
    ...halvesOf(wordsOf(flat.value)),
    flat.code.codes,
    flat.note.codes,
  ]);
  const factors = {
    code: pickTexts(flat.code, kept),
    value: pickDoubles(flat.value, kept),
    note: pickTexts(flat.note, kept),
  };
  return { factor: codes, factors };
}

/** `kept`: the first row of each kind, rising; `codes`: which of them a row is. Every column has `rows` words. */
function distinctRows(
  rows: number,
  columns: readonly Uint32Array[],
): { readonly codes: Uint32Array<ArrayBuffer>; readonly kept: Uint32Array } {
  const codes = new Uint32Array(rows);
  const kept: number[] = [];
  let slots = new Uint32Array(1024);
  const hashOf = (row: number): number => {
    let hash = 0;
    for (const column of columns) hash = Math.imul(hash ^ (column[row] as number), 0x9e3779b1) ^ (hash >>> 15);
    return (hash ^ (hash >>> 13)) >>> 0;
  };
  const isSame = (a: number, b: number) => columns.every((column) => column[a] === column[b]);
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

function wordsOf({ buffer, byteOffset, byteLength }: Bytes | Float64Array<ArrayBuffer>): Uint32Array {
  return new Uint32Array(buffer, byteOffset, byteLength / 4);
}

/** First and second word of each pair. */
function halvesOf(words: Uint32Array): readonly [Uint32Array, Uint32Array] {
  const halves = [new Uint32Array(words.length / 2), new Uint32Array(words.length / 2)] as const;
  for (let i = 0; i < words.length; i++) (halves[i & 1] as Uint32Array)[i >> 1] = words[i] as number;
  return halves;
}

function pickTexts({ codes, dictionary }: TextColumn, rows: Uint32Array): TextColumn {
  return { codes: Uint32Array.from(rows, (row) => codes[row] as number), dictionary };
}

function pickDoubles(values: Float64Array, rows: Uint32Array): Float64Array<ArrayBuffer> {
  return Float64Array.from(rows, (row) => values[row] as number);
}
