/** Cold columns by a kernel, which is compiled once and fast, where an engine compiles the plain twin's loops for as long as they run. */
import type { BundleColumns } from '../../bundle/columns.ts';
import { TickWriter } from '../../query/hot-times.ts';
import type { ColdBlocks, ColdEncoder } from '../cold-encoder.ts';
import { COLD_ROWS_MAGIC, COLD_SETS_MAGIC, COLD_VERSION, SOURCE_WORDS, TUPLE_WORDS } from '../cold-format.ts';
import { BLOCK_ROWS } from '../hot-block.ts';
import { SAMPLE_FACTORS } from '../ledger-sets.ts';
import type { ArrayPacker } from '../packed-arrays.ts';
import { TimePacker } from '../packed-times.ts';
import { PlainColdEncoder } from '../plain-cold-encoder.ts';
import { layColdBatch, LISTS } from './cold-batch.ts';
import type { ColdBatch } from './cold-batch.ts';
import { createVaultKernel } from './vault-kernel.ts';
import type { VaultKernel } from './vault-kernel.ts';

/** Rows of one step: a few milliseconds. */
const STEP_ROWS = 8 * BLOCK_ROWS;

const MOST_BYTES = 256 * 1024 * 1024;

/**
 * `null` where there is no WebAssembly. A batch that needs more than `mostBytes` of memory is left to the plain twin, whose arrays grow
 * as they fill.
 */
export function createKernelColdEncoder(mostBytes = MOST_BYTES): ColdEncoder | null {
  const kernel = createVaultKernel();
  return kernel === null ? null : new KernelColdEncoder(kernel, mostBytes);
}

class KernelColdEncoder implements ColdEncoder {
  readonly #kernel: VaultKernel;
  readonly #mostBytes: number;
  readonly #ticks = new TickWriter();
  readonly #times = new TimePacker();

  constructor(kernel: VaultKernel, mostBytes: number) {
    this.#kernel = kernel;
    this.#mostBytes = mostBytes;
  }

  /** Cost: about 100 ns a row. */
  *begin(c: BundleColumns): Generator<void, ColdBlocks, undefined> {
    const batch = layColdBatch(this.#kernel, c, this.#mostBytes);
    if (batch === null) return yield* new PlainColdEncoder().begin(c);
    const { run } = this.#kernel;
    const captureStarts = [0];
    const holeStarts = [0];
    for (const [from, to] of blocksOf(c.rows)) {
      captureStarts.push(run.findRows(from, to));
      if (to % STEP_ROWS === 0) yield;
    }
    run.sampleFactors(Math.min(SAMPLE_FACTORS, c.ledger.factor.length));
    let hasTagLists = false;
    for (const [from, to] of blocksOf(c.rows)) {
      holeStarts.push(run.findLedgers(from, to));
      hasTagLists ||= run.hasOtherTags(from, to) !== 0;
      if (to % STEP_ROWS === 0) yield;
    }
    if (hasTagLists) run.findTags(0, c.rows);
    return new KernelBlocks(this.#kernel, batch, { captureStarts, holeStarts, hasTagLists }, this.#ticks, this.#times);
  }
}

function* blocksOf(rows: number): Generator<readonly [from: number, to: number]> {
  for (let from = 0; from < rows; from += BLOCK_ROWS) yield [from, Math.min(rows, from + BLOCK_ROWS)];
}

/** What was found of a batch besides what lies in memory. */
interface Found {
  /** Where each block's part of the stream begins, and its whole length. */
  readonly captureStarts: readonly number[];
  readonly holeStarts: readonly number[];
  readonly hasTagLists: boolean;
}

class KernelBlocks implements ColdBlocks {
  readonly #kernel: VaultKernel;
  readonly #batch: ColdBatch;
  readonly #found: Found;
  readonly #ticks: TickWriter;
  readonly #times: TimePacker;

  constructor(kernel: VaultKernel, batch: ColdBatch, found: Found, ticks: TickWriter, times: TimePacker) {
    this.#kernel = kernel;
    this.#batch = batch;
    this.#found = found;
    this.#ticks = ticks;
    this.#times = times;
  }

  packSets(packer: ArrayPacker): void {
    packer.u32(COLD_SETS_MAGIC);
    packer.u32(COLD_VERSION);
    this.#packTuples(packer, LISTS.features, TUPLE_WORDS);
    this.#packTuples(packer, LISTS.dates, TUPLE_WORDS);
    this.#packTuples(packer, LISTS.sources, SOURCE_WORDS);
    this.#packLists(packer, LISTS.sightings);
    this.#packTuples(packer, LISTS.factors, TUPLE_WORDS);
    this.#packLists(packer, LISTS.ledgers);
    this.#packLists(packer, LISTS.tags);
  }

  packRows(packer: ArrayPacker, c: BundleColumns, from: number, to: number): void {
    const { featureOf, datesOf, sightingsOf, ledgerOf, tagsOf, captures, holes } = this.#batch;
    const { captureStarts, holeStarts, hasTagLists } = this.#found;
    const rows = to - from;
    packer.u32(COLD_ROWS_MAGIC);
    packer.u32(COLD_VERSION);
    packer.u32(rows);
    packer.u32((c.pairFp === null ? 0 : 1) | (hasTagLists ? 2 : 0));
    for (const answers of [featureOf, datesOf, sightingsOf]) this.#packCodes(packer, answers + from * 4, rows);
    this.#packText(packer, c.mailboxKey.codes.subarray(from, to));
    this.#packText(packer, c.hashType.codes.subarray(from, to));
    if (hasTagLists) this.#packCodes(packer, tagsOf + from * 4, rows);
    this.#packCodes(packer, ledgerOf + from * 4, rows);
    const [hole, holeCount] = partOf(holeStarts, from);
    packer.u32(holeCount);
    this.#packCodes(packer, holes + hole * 4, holeCount);
    const [capture, captureCount] = partOf(captureStarts, from);
    packer.u32(captureCount);
    const times = this.#ticks.write(this.#kernel.doubles(captures + capture * 8, captureCount));
    this.#times.pack(packer, times, 0, captureCount);
    if (c.pairFp !== null) packer.array(c.pairFp.subarray(from * 16, to * 16));
  }

  /** Text codes, one higher so that 0 is none. */
  #packText(packer: ArrayPacker, codes: Uint32Array<ArrayBuffer>): void {
    const { column } = this.#batch;
    this.#kernel.put(column, codes);
    this.#kernel.run.raise(column, codes.length);
    this.#packCodes(packer, column, codes.length);
  }

  #packTuples(packer: ArrayPacker, lists: number, width: number): void {
    const { column } = this.#batch;
    const { size } = this.#kernel.listsAt(lists);
    packer.u32(size);
    for (let word = 0; word < width; word++) {
      this.#kernel.run.writeColumn(lists, width, word, column);
      this.#packCodes(packer, column, size);
    }
  }

  /** Lengths of all lists, then their words. */
  #packLists(packer: ArrayPacker, lists: number): void {
    const { run } = this.#kernel;
    const { column } = this.#batch;
    const { size, words } = this.#kernel.listsAt(lists);
    const count = run.wordCount(lists);
    packer.u32(size);
    packer.u32(count);
    run.writeLengths(lists, column);
    this.#packCodes(packer, column, size);
    this.#packCodes(packer, words, count);
  }

  /** As `ArrayPacker.codes`, of `count` words at `at`. */
  #packCodes(packer: ArrayPacker, at: number, count: number): void {
    const { run, bytes, words } = this.#kernel;
    const { narrow } = this.#batch;
    const width = run.narrow(at, count, narrow);
    packer.u32(width);
    if (width === 0) packer.u32(count === 0 ? 0 : (words[at / 4] as number));
    else if (width === 1) packer.array(bytes.subarray(narrow, narrow + count));
    else if (width === 2) packer.array(this.#kernel.shorts(narrow, count));
    else packer.array(words.subarray(at / 4, at / 4 + count));
  }
}

/** Where the part of the block that begins with row `from` begins, and how long it is. */
function partOf(starts: readonly number[], from: number): readonly [start: number, count: number] {
  const [start = 0, end = 0] = [starts[from / BLOCK_ROWS], starts[from / BLOCK_ROWS + 1]];
  return [start, end - start];
}
