/**
 * What the engine keeps of a bundle, batch by batch: codes as narrow as their dictionary, identities in two parts, times as ticks.
 * Runs inside the import at a million rows a second, so that it makes nothing per row and writes into the same arrays again.
 */
import type { BundleColumns, TextDictionary } from '../bundle/columns.ts';
import type { Codes, HotColumns, HotDictionaries } from './hot-columns.ts';
import { TickWriter } from './hot-times.ts';
import { codesFor } from './narrow-codes.ts';
import type { HotIdentities } from './split-identities.ts';
import { hotIdentities } from './split-identities.ts';
import { TagSetFinder } from './tag-set-finder.ts';
import type { WithoutEmpty } from './without-empty.ts';
import { withoutEmpty } from './without-empty.ts';

/** Hot columns of a bundle whose batches share their dictionaries. */
export class HotConverter {
  readonly dictionaries: HotDictionaries;
  readonly #identity: CodeWriter;
  readonly #registrable: CodeWriter;
  readonly #host: CodeWriter;
  readonly #application: CodeWriter;
  readonly #source: CodeWriter;
  readonly #family: CodeWriter;
  readonly #machine: CodeWriter;
  readonly #machineName: CodeWriter;
  readonly #mask: CodeWriter;
  readonly #tags: TagSetFinder;
  readonly #captured = new TickWriter();
  readonly #firstSeen = new TickWriter();
  readonly #lastSeen = new TickWriter();

  /** Reads the dictionaries of `first`, any batch of the bundle. `identities`: what its own were made, if that was done before. */
  constructor(first: BundleColumns, identities: HotIdentities = hotIdentities(first.identity.dictionary)) {
    if (identities.of !== first.identity.dictionary) throw new TypeError('HotConverter: identities of another bundle');
    this.#identity = new CodeWriter(identities);
    this.#registrable = new CodeWriter(withoutEmpty(first.registrable.dictionary));
    this.#host = new CodeWriter(withoutEmpty(first.host.dictionary));
    this.#application = new CodeWriter(withoutEmpty(first.application.dictionary));
    this.#source = new CodeWriter(withoutEmpty(first.sourceAlias.dictionary));
    this.#family = new CodeWriter(withoutEmpty(first.family.dictionary));
    this.#machine = new CodeWriter(withoutEmpty(first.machine.dictionary));
    this.#machineName = new CodeWriter(withoutEmpty(first.machineName.dictionary));
    this.#mask = new CodeWriter(withoutEmpty(first.mask.dictionary));
    const tag = withoutEmpty(first.tags.tag.dictionary);
    this.#tags = new TagSetFinder(tag.remap);
    this.dictionaries = {
      identity: identities.identity,
      identityDomain: identities.identityDomain,
      registrable: this.#registrable.dictionary,
      host: this.#host.dictionary,
      application: this.#application.dictionary,
      source: this.#source.dictionary,
      family: this.#family.dictionary,
      machine: this.#machine.dictionary,
      machineName: this.#machineName.dictionary,
      mask: this.#mask.dictionary,
      tag: tag.dictionary,
    };
  }

  /** Hot columns of `batch`, valid until the next call and as long as `batch` is. Cost: about 50 ns a row. */
  convert(batch: BundleColumns): HotColumns {
    const { rows } = batch;
    return {
      rows,
      id: batch.id,
      identityKind: batch.identityKind,
      pathClass: batch.pathClass,
      exposure: batch.exposure,
      sourceClass: batch.sourceClass,
      level: batch.level,
      confidence: batch.confidence,
      score: batch.score,
      identity: this.#identity.write(batch.identity.codes),
      registrable: this.#registrable.write(batch.registrable.codes),
      host: this.#host.write(batch.host.codes),
      application: this.#application.write(batch.application.codes),
      source: this.#source.write(batch.sourceAlias.codes),
      family: this.#family.write(batch.family.codes),
      machine: this.#machine.write(batch.machine.codes),
      machineName: this.#machineName.write(batch.machineName.codes),
      mask: this.#mask.write(batch.mask.codes),
      ...this.#tags.find(batch.tags, rows),
      secretFp: batch.secretFp,
      capturedAtMs: this.#captured.write(batch.capturedAtMs),
      firstSeenAtMs: this.#firstSeen.write(batch.firstSeenAtMs),
      lastSeenAtMs: this.#lastSeen.write(batch.lastSeenAtMs),
    };
  }
}

/** Codes of one text column: 0 for null and for '', else 1 + the entry. */
class CodeWriter {
  readonly dictionary: TextDictionary;
  readonly #remap: Uint32Array | null;
  #codes: Codes;

  constructor({ dictionary, remap }: WithoutEmpty) {
    this.dictionary = dictionary;
    this.#remap = remap;
    this.#codes = codesFor(dictionary.offsets.length - 1, 0);
  }

  write(codes: Uint32Array): Codes {
    if (this.#codes.length < codes.length) {
      this.#codes = codesFor(this.dictionary.offsets.length - 1, codes.length);
    }
    const into = this.#codes.subarray(0, codes.length) as Codes;
    if (this.#remap !== null) writeMapped(codes, this.#remap, into);
    else if (into instanceof Uint8Array) writeBytes(codes, into);
    else if (into instanceof Uint16Array) writeShorts(codes, into);
    else writeWords(codes, into);
    return into;
  }
}

// One loop per width, so that each knows its array. NO_TEXT + 1 is 0 in any of them.

function writeBytes(codes: Uint32Array, into: Uint8Array): void {
  for (let i = 0; i < codes.length; i++) into[i] = (codes[i] as number) + 1;
}

function writeShorts(codes: Uint32Array, into: Uint16Array): void {
  for (let i = 0; i < codes.length; i++) into[i] = (codes[i] as number) + 1;
}

function writeWords(codes: Uint32Array, into: Uint32Array): void {
  for (let i = 0; i < codes.length; i++) into[i] = (codes[i] as number) + 1;
}

function writeMapped(codes: Uint32Array, remap: Uint32Array, into: Codes): void {
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] as number;
    into[i] = code < remap.length ? (remap[code] as number) : 0;
  }
}
