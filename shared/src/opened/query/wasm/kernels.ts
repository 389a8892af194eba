/** The compiled kernels over a memory. What each function does stands in shared/kernels/query. Addresses are numbers below 2^32. */
import { parseBase64url } from '../../../base/base64url.ts';
import type { WasmMemory } from './memory.ts';
import { QUERY_KERNELS } from './query-kernels.ts';

type N = number;

export interface Kernels {
  heapBase(): N;
  fillBits(out: N, rows: N, words: N): void;
  andBits(a: N, b: N, out: N, words: N): void;
  orBits(a: N, b: N, out: N, words: N): void;
  withoutBits(a: N, b: N, out: N, words: N): void;
  meetBits(sets: N, inside: N, count: N, out: N, words: N): N;
  countBits(a: N, words: N): N;
  clearBits(bits: N, from: N, to: N): void;
  listBits(bits: N, words: N, out: N): N;

  packPlane(source: N, rows: N, bit: N, plane: N, row: N): void;
  orValue(planes: N, count: N, value: N, out: N, words: N): void;
  countValues(planes: N, values: N, mask: N, total: N, words: N, out: N): void;
  setBits(plane: N, rows: N, count: N, value: N): void;
  copyBits(plane: N, from: N, to: N, count: N): void;
  copyLower(planes: N, bits: N, from: N, to: N, count: N, outFrom: N, outTo: N): N;
  partPlane(plane: N, last: N, first: N, end: N, spare: N): void;

  mapCodes(source: N, sourceWidth: N, rows: N, map: N, target: N, width: N): void;
  orEqual(codes: N, width: N, rows: N, code: N, out: N): void;
  orMarked(codes: N, width: N, rows: N, marks: N, out: N): void;
  orEqual64(values: N, rows: N, low: N, high: N, out: N): void;
  countMarks(marks: N, count: N): N;
  foldWide(source: N, rows: N, target: N): void;

  countColumns(bits: N, rows: N, columns: N, count: N, places: N): void;

  copyRows(table: N, width: N, from: N, to: N, count: N): void;
  listCoded(table: N, width: N, from: N, to: N, count: N, outFrom: N, outTo: N): N;
  setRows(table: N, width: N, rows: N, count: N, value: N): void;
  partRows(table: N, width: N, last: N, first: N, end: N, spare: N): void;

  boundTicks(ticks: N, rows: N, out: N): void;
  boundTimes(times: N, rows: N, out: N): void;
  rescaleTicks(source: N, rows: N, factor: N, plus: N, target: N): void;
  ticksToTimes(source: N, rows: N, base: N, unit: N, target: N): void;
  withinTicks(ticks: N, rows: N, low: N, high: N, out: N): void;
  withinTimes(times: N, rows: N, from: N, to: N, out: N): void;
  codeTimes(times: N, rows: N, values: N, slots: N, count: N, most: N, out: N): N;
  mergeTimes(formats: N, slots: N, from: N, to: N, count: N, which: N): void;

  findTexts(d: N, needle: N, size: N, marks: N, list: N, most: N): N;
  markByDomain(d: N, domainMarks: N, marks: N): N;
  markAcross(d: N, ending: N, size: N, domainMarks: N, marks: N): N;
  markBeginnings(d: N, needle: N, size: N, marks: N): void;

  listSuspects(heap: N, offsets: N, entries: N, out: N, most: N): N;
  fillTable(d: N): N;
  findText(d: N, text: N, size: N, tag: N): N;
  seekText(d: N, text: N, size: N, tag: N): N;
  intern(d: N, heap: N, offsets: N, foldedHeap: N, foldedOffsets: N, tags: N, entries: N, map: N, seen: N): N;

  gatherTexts(d: N, codes: N, count: N, out: N, room: N, lengths: N): N;

  compareTexts(d: N, ranks: N, a: N, b: N): N;
  sortTexts(d: N, codes: N, count: N, keys: N, spareKeys: N, spareCodes: N): void;
  invertOrder(order: N, count: N, ranks: N): void;
  pickCodes(d: N, ranks: N, counts: N, marks: N, wanted: N, limit: N, out: N): N;

  useIds(table: N, count: N, idTable: N): void;
  fillIds(from: N, to: N): void;
  addIds(from: N, to: N, kept: N, keepers: N, later: N, repeated: N): N;
  findIds(from: N, count: N, rows: N, out: N): void;
  gatherIds(idTable: N, rows: N, count: N, out: N): void;

  sortPairs(keys: N, values: N, count: N, spareKeys: N, spareValues: N): void;
  describeKey(by: N, a: N, b: N, codeWidth: N, timeTable: N, bitsOfTime: N, bits: N, isDescending: N): void;
  describeIds(idTable: N, rows: N): void;
  countKeys(from: N, to: N, shift: N, counts: N): N;
  sumCounts(counts: N, buckets: N): void;
  scatterRecords(from: N, to: N, shift: N, rowBits: N, places: N, records: N): void;
  sortBuckets(
    ends: N,
    from: N,
    to: N,
    records: N,
    rowBits: N,
    spare: N,
    areCut: N,
    keys: N,
    spareKeys: N,
    spareRows: N,
  ): void;

  countHits(order: N, rows: N, bits: N, out: N): void;
  takeHits(order: N, rows: N, bits: N, from: N, skip: N, limit: N, out: N): N;
  placeOfHit(order: N, rows: N, bits: N, row: N): N;

  addGroups(codes: N, width: N, bits: N, rows: N, levels: N, groups: N): void;
  listGrouped(codes: N, width: N, bits: N, rows: N, filter: N, out: N): N;
  detailGroups(
    codes: N,
    width: N,
    places: N,
    count: N,
    slots: N,
    times: N,
    base: N,
    unit: N,
    latest: N,
    going: N,
    open: N,
    names: N,
    nameWidth: N,
    named: N,
  ): void;
  listGroups(groups: N, ranks: N, entries: N, keys: N, codes: N): N;
  countGroups(groups: N, entries: N): N;

  unpackPlanes(planes: N, count: N, row: N, rows: N, out: N): void;
  gatherPlanes(planes: N, count: N, rows: N, length: N, out: N): void;
  countKinds(levels: N, states: N, owners: N, ownerWidth: N, from: N, to: N, counts: N): void;
  countCoded(codes: N, bits: N, rows: N, levels: N, counts: N, half: N): void;
  boundHits(times: N, base: N, unit: N, bits: N, rows: N, out: N): N;
  countSteps(times: N, base: N, unit: N, bits: N, rows: N, levels: N, from: N, stepMs: N, steps: N, counts: N): void;
}

/** Compiled once for all engines of a thread. */
let compiled: WebAssembly.Module | null = null;

/** The kernels, working in `memory`. */
export function instantiateKernels(memory: WasmMemory): Kernels {
  compiled ??= new WebAssembly.Module(parseBase64url(QUERY_KERNELS) as Uint8Array<ArrayBuffer>);
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory: memory.memory } });
  const kernels = exports as unknown as Kernels;
  memory.startAt(kernels.heapBase());
  return kernels;
}
