/**
 * Takes a bundle batch by batch: hot and cold blocks into files that nobody names yet, rows into the engine that nobody sees yet.
 * Encoding a block goes on while the one before it is sealed and written; between two slices whoever waits gets a turn.
 */
import type { Bytes } from '../../base/bytes.ts';
import { ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { BundleColumns, TextDictionary } from '../bundle/columns.ts';
import type { EngineImport } from '../query/engine.ts';
import { HotConverter } from '../query/hot-columns-of.ts';
import type { HotColumns, HotDictionaries } from '../query/hot-columns.ts';
import type { HotIdentities } from '../query/split-identities.ts';
import { splitSteps } from '../query/split-identities.ts';
import type { BackendError } from './backend-error.ts';
import type { ColdEncoder } from './cold-encoder.ts';
import { COLD_DICTIONARIES } from './cold-format.ts';
import { beginSplit } from './begin-split.ts';
import { createColdEncoder } from './create-cold-encoder.ts';
import type { DictionarySection, StoredDictionary } from './dictionary-block.ts';
import { DictionaryPacker } from './dictionary-block.ts';
import { BLOCK_ROWS, packHotBlock } from './hot-block.ts';
import { OTHER_HOT_DICTIONARIES } from './import-files.ts';
import type { ImportFiles } from './import-files.ts';
import { ArrayPacker } from './packed-arrays.ts';
import { TimePacker } from './packed-times.ts';
import type { SealedFiles, SealedFileWriter } from './sealed-file.ts';

/** Rows that go into the engine at once: about a millisecond. */
const SLICE_ROWS = 4096;

/** Thrown through whoever drives a sink: no more is wanted. */
export class ImportStopped extends Error {
  constructor() {
    super('import: no more is wanted');
    this.name = 'ImportStopped';
  }
}

export interface ImportWriterOptions {
  readonly files: SealedFiles;
  /** Begins the engine's side; `null` where the rows are in the engine already, or must not be. */
  readonly beginEngine: ((dictionaries: HotDictionaries) => EngineImport) | null;
  /** Lets others in; throws `ImportStopped` where no more is wanted. */
  readonly pause: () => Promise<void>;
}

/** Two packers in turn: one block is sealed from its bytes while the next is made in the other. */
class PackerPair {
  readonly #packers = [new ArrayPacker(), new ArrayPacker()] as const;
  #turn = 0;

  next(): ArrayPacker {
    this.#turn ^= 1;
    const packer = this.#packers[this.#turn as 0 | 1];
    packer.reset();
    return packer;
  }
}

/** One file, and what is packed for it. */
interface Output {
  readonly writer: SealedFileWriter;
  readonly packers: PackerPair;
  sections: readonly DictionarySection[];
}

/** What the identities bring into being. */
interface Opened {
  readonly identities: HotIdentities;
  readonly hotOut: Output;
  readonly hotTexts: DictionaryPacker;
}

/** What the first batch brings into being. */
interface Begun {
  readonly converter: HotConverter;
  readonly cold: ColdEncoder;
  readonly hotOut: Output;
  readonly coldOut: Output;
}

export class ImportWriter {
  readonly #options: ImportWriterOptions;
  readonly #times = new TimePacker();
  readonly #batches: number[][] = [];
  #opened: Opened | null = null;
  #begun: Begun | null = null;
  #outputs: Output[] = [];
  #engine: EngineImport | null = null;
  #segments = 0;
  #rows = 0;
  /** Why it stopped; `ImportStopped` was thrown then. */
  failure: BackendError | null = null;

  constructor(options: ImportWriterOptions) {
    this.#options = options;
  }

  /** Rows taken. */
  get rows(): number {
    return this.#rows;
  }

  /** The engine's side, once a row came. */
  get engine(): EngineImport | null {
    return this.#engine;
  }

  /** Takes the identities of all batches, which need not be told ahead. Throws `ImportStopped`. */
  async identities(dictionary: TextDictionary): Promise<void> {
    this.#opened = await this.#open(dictionary);
  }

  /** Takes a batch; its arrays may be used again when this settles. Throws `ImportStopped`. */
  async batch(columns: BundleColumns): Promise<void> {
    if (columns.rows === 0) return;
    const { converter, cold, hotOut, coldOut } = (this.#begun ??= await this.#begin(columns));
    const hot = converter.convert(columns);
    await this.#options.pause();
    const steps = cold.begin(columns);
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) await this.#options.pause();
    const coldBlocks = step.value;
    await this.#append(coldOut, (packer) => coldBlocks.packSets(packer));
    const blocks: number[] = [];
    for (let from = 0; from < columns.rows; from += BLOCK_ROWS) {
      const to = Math.min(from + BLOCK_ROWS, columns.rows);
      await this.#options.pause();
      await this.#append(hotOut, (packer) => packHotBlock(packer, this.#times, hot, from, to));
      await this.#append(coldOut, (packer) => coldBlocks.packRows(packer, columns, from, to));
      await this.#addToEngine(sliceOf(hot, from, to));
      blocks.push(to - from);
      this.#rows += to - from;
    }
    this.#batches.push(blocks);
  }

  /** Both files durable; `null` for a bundle without rows. On a failure: `abort`. */
  async close(): Promise<Result<ImportFiles | null, BackendError>> {
    if (this.#begun === null) {
      await this.abort();
      return ok(null);
    }
    const { hotOut, coldOut } = this.#begun;
    const hot = await hotOut.writer.close();
    if (!hot.ok) return hot;
    const cold = await coldOut.writer.close();
    if (!cold.ok) return cold;
    return ok({
      hot: { file: hot.value, sections: hotOut.sections },
      cold: { file: cold.value, sections: coldOut.sections },
      batches: this.#batches,
      areDistinct: this.#engine?.areDistinct ?? false,
    });
  }

  /** Engine and files as before. */
  async abort(): Promise<void> {
    this.#engine?.rollback();
    this.#engine = null;
    for (const { writer } of this.#outputs) await writer.abort();
    this.#outputs = [];
    this.#opened = null;
  }

  async #open(dictionary: TextDictionary): Promise<Opened> {
    const steps = splitSteps(dictionary, beginSplit);
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) await this.#options.pause();
    const hotOut = await this.#newOutput();
    const hotTexts = this.#dictionaryPacker(hotOut);
    const { identity, identityDomain } = step.value;
    await hotTexts.add([{ texts: identity.local, codes: identity.domain }, { texts: identityDomain }]);
    return { identities: step.value, hotOut, hotTexts };
  }

  async #begin(columns: BundleColumns): Promise<Begun> {
    this.#opened ??= await this.#open(columns.identity.dictionary);
    const { identities, hotOut, hotTexts } = this.#opened;
    const converter = new HotConverter(columns, identities);
    await this.#options.pause();
    await hotTexts.add(OTHER_HOT_DICTIONARIES.map((name) => ({ texts: converter.dictionaries[name] })));
    hotOut.sections = await hotTexts.finish();
    const coldOut = await this.#newOutput();
    const coldTexts = this.#dictionaryPacker(coldOut);
    await coldTexts.add(coldDictionaries(columns));
    coldOut.sections = await coldTexts.finish();
    this.#engine = this.#options.beginEngine?.(converter.dictionaries) ?? null;
    await this.#options.pause();
    return { converter, cold: createColdEncoder(), hotOut, coldOut };
  }

  async #newOutput(): Promise<Output> {
    const writer = await this.#options.files.create();
    if (!writer.ok) throw this.#stop(writer.error);
    const output: Output = { writer: writer.value, packers: new PackerPair(), sections: [] };
    this.#outputs.push(output);
    return output;
  }

  #dictionaryPacker(output: Output): DictionaryPacker {
    return new DictionaryPacker(output.packers, async (bytes) => {
      await this.#appendBytes(output, bytes);
      await this.#options.pause();
    });
  }

  async #append(output: Output, pack: (packer: ArrayPacker) => void): Promise<void> {
    const packer = output.packers.next();
    pack(packer);
    await this.#appendBytes(output, packer.finish());
  }

  async #appendBytes({ writer }: Output, bytes: Bytes): Promise<void> {
    const appended = await writer.append(bytes);
    if (!appended.ok) throw this.#stop(appended.error);
  }

  async #addToEngine(columns: HotColumns): Promise<void> {
    const segment = this.#segments++;
    for (let from = 0; this.#engine !== null && from < columns.rows; from += SLICE_ROWS) {
      this.#engine.add(segment, columns, from, Math.min(from + SLICE_ROWS, columns.rows));
      await this.#options.pause();
    }
  }

  #stop(failure: BackendError): ImportStopped {
    this.failure = failure;
    return new ImportStopped();
  }
}

function coldDictionaries(c: BundleColumns): readonly StoredDictionary[] {
  const columns: Readonly<Record<(typeof COLD_DICTIONARIES)[number], BundleColumns['host']>> = {
    mailboxKey: c.mailboxKey,
    machineOs: c.machineOs,
    machineCountry: c.machineCountry,
    hashType: c.hashType,
    sightingAlias: c.sightings.sources.alias,
    sightingFamily: c.sightings.sources.family,
    factorCode: c.ledger.factors.code,
    factorNote: c.ledger.factors.note,
    tag: c.tags.tag,
  };
  return COLD_DICTIONARIES.map((name) => ({ texts: columns[name].dictionary }));
}

/** Views over rows `from`..`to`: a segment of its own. */
function sliceOf(c: HotColumns, from: number, to: number): HotColumns {
  const cut = <T extends HotColumns['host']>(codes: T) => codes.subarray(from, to) as T;
  const time = (times: HotColumns['capturedAtMs']): HotColumns['capturedAtMs'] =>
    times instanceof Float64Array
      ? times.subarray(from, to)
      : { baseMs: times.baseMs, unitMs: times.unitMs, ticks: times.ticks.subarray(from, to) };
  return {
    rows: to - from,
    id: c.id.subarray(from * 16, to * 16),
    identityKind: cut(c.identityKind),
    pathClass: cut(c.pathClass),
    exposure: cut(c.exposure),
    sourceClass: cut(c.sourceClass),
    level: cut(c.level),
    confidence: cut(c.confidence),
    score: cut(c.score),
    identity: cut(c.identity),
    registrable: cut(c.registrable),
    host: cut(c.host),
    application: cut(c.application),
    source: cut(c.source),
    family: cut(c.family),
    machine: cut(c.machine),
    machineName: cut(c.machineName),
    mask: cut(c.mask),
    tagSets: c.tagSets,
    tagSet: cut(c.tagSet),
    capturedAtMs: time(c.capturedAtMs),
    firstSeenAtMs: time(c.firstSeenAtMs),
    lastSeenAtMs: time(c.lastSeenAtMs),
    secretFp: c.secretFp?.subarray(from * 16, to * 16) ?? null,
  };
}
