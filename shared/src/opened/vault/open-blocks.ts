/** The sealed files of one store: makes new ones, and opens blocks with reads and decryption running ahead. */
import { toBase64url } from '../../base/base64url.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { BackendError } from './backend-error.ts';
import { additionalData, IV_BYTES, TAG_BYTES } from './keyring.ts';
import type { BlockRange, OpenedBlock, SealedFile, SealedFiles, SealedFileWriter } from './sealed-file.ts';
import { BlockWriter, blockId } from './sealed-file-writer.ts';
import type { SegmentFile, SegmentStorage } from './segment-storage.ts';
import type { StorageDamaged } from './storage-damaged.ts';

/** Blocks that lie together are read together up to this many bytes. */
const READ_BYTES = 2 * 1024 * 1024;
/** The first read is shorter: what it brings is worked on while the next ones take fresh memory. */
const FIRST_READ_BYTES = READ_BYTES / 8;
/** Reads under way at once: one is read, one decrypted, one taken. */
const READS_AHEAD = 3;

/** Keys and name of the vault as they are now; a re-key changes them. */
export interface FileKeys {
  readonly vault: string;
  /** The newest generation of table `segments`. */
  readonly generation: number;
  /** `null` for a generation that is not there. */
  key(generation: number): Promise<CryptoKey | null>;
}

/** A block as it lies. */
interface SealedBlock {
  readonly file: SealedFile;
  readonly block: number;
  /** `null`: the file is missing or too short. */
  readonly bytes: Bytes | null;
  /** For the last block of a read, when it is open: the buffer may be used again. */
  readonly done: (() => void) | null;
}

/** One read: blocks `from`..`to` of `file`, at `offset`. */
interface Stretch extends BlockRange {
  readonly offset: number;
  readonly length: number;
}

export class StoreFiles implements SealedFiles {
  readonly #storage: SegmentStorage;
  readonly #keys: () => FileKeys;
  readonly #random: (length: number) => Bytes;
  /** Buffers that reads are done with. */
  readonly #spare: ArrayBuffer[] = [];

  constructor(storage: SegmentStorage, keys: () => FileKeys, random: (length: number) => Bytes) {
    this.#storage = storage;
    this.#keys = keys;
    this.#random = random;
  }

  async create(): Promise<Result<SealedFileWriter, BackendError>> {
    const keys = this.#keys();
    const key = await keys.key(keys.generation);
    if (key === null) throw new Error('sealed files: the header has no key for its newest generation');
    const name = toBase64url(this.#random(16));
    const writer = await this.#storage.create(name);
    if (!writer.ok) return writer;
    return ok(
      new BlockWriter(name, { vault: keys.vault, generation: keys.generation, key }, writer.value, this.#random),
    );
  }

  async *open(ranges: Iterable<BlockRange>): AsyncGenerator<OpenedBlock, void, undefined> {
    let opening: Promise<OpenedBlock> | null = null;
    for await (const sealed of this.#readAhead(ranges)) {
      // Not more than one ahead of whoever takes them: buffers that are soon free are used again while they are in the cache.
      const next = this.#openBlock(sealed);
      // Whoever stops taking blocks must not end the process by one that fails after that.
      next.catch(() => undefined);
      if (opening !== null) yield await opening;
      opening = next;
    }
    if (opening !== null) yield await opening;
    this.#spare.length = 0;
  }

  async openOne(file: SealedFile, block: number): Promise<Result<Bytes, StorageDamaged>> {
    const [stretch] = stretchesOf([{ file, from: block, to: block + 1 }]);
    if (stretch === undefined) throw new RangeError('sealed files: no such block');
    const { offset, length } = stretch;
    const bytes = await this.#storage.read(file.name, offset, length);
    return (await this.#openBlock({ file, block, bytes, done: null })).plain;
  }

  list(): Promise<readonly SegmentFile[]> {
    return this.#storage.list();
  }

  remove(names: readonly string[]): Promise<Result<void, BackendError>> {
    return names.length === 0 ? Promise.resolve(ok(undefined)) : this.#storage.remove(names);
  }

  /** Blocks as they lie, in their order, with reads running ahead. */
  async *#readAhead(ranges: Iterable<BlockRange>): AsyncGenerator<SealedBlock, void, undefined> {
    const ahead: { readonly stretch: Stretch; readonly bytes: Promise<Bytes | null> }[] = [];
    for (const stretch of stretchesOf(ranges)) {
      const bytes = this.#read(stretch);
      bytes.catch(() => undefined);
      ahead.push({ stretch, bytes });
      if (ahead.length >= READS_AHEAD) yield* this.#cut(ahead.shift() as (typeof ahead)[number]);
    }
    for (const one of ahead) yield* this.#cut(one);
  }

  /** Reads into a buffer that was read into before: fresh memory costs more than the read. */
  #read({ file, offset, length }: Stretch): Promise<Bytes | null> {
    const spare = this.#spare.pop();
    const fits = spare !== undefined && spare.byteLength >= length;
    const into = fits ? spare : new ArrayBuffer(Math.max(READ_BYTES, length));
    return this.#storage.read(file.name, offset, length, into);
  }

  async *#cut(read: { readonly stretch: Stretch; readonly bytes: Promise<Bytes | null> }): AsyncGenerator<SealedBlock> {
    const { file, from, to } = read.stretch;
    const bytes = await read.bytes;
    let at = 0;
    for (let block = from; block < to; block++) {
      const size = file.blocks[block]?.[0] ?? 0;
      const isLast = block === to - 1;
      yield {
        file,
        block,
        bytes: bytes && bytes.subarray(at, (at += size)),
        done: isLast && bytes ? () => this.#keep(bytes.buffer) : null,
      };
    }
  }

  #keep(buffer: ArrayBuffer): void {
    if (this.#spare.length < READS_AHEAD) this.#spare.push(buffer);
  }

  async #openBlock({ file, block, bytes, done }: SealedBlock): Promise<OpenedBlock> {
    if (bytes === null) return { file, block, plain: damaged(file, block, 'removed') };
    const plain = await this.#decrypt(file, block, bytes);
    done?.();
    return { file, block, plain: plain === null ? damaged(file, block, 'altered') : ok(plain) };
  }

  async #decrypt(file: SealedFile, block: number, sealed: Bytes): Promise<Bytes | null> {
    const tag = file.blocks[block]?.[1];
    if (sealed.length < IV_BYTES + TAG_BYTES || toBase64url(sealed.subarray(-TAG_BYTES)) !== tag) return null;
    const { vault, key } = this.#keys();
    const held = await key(file.generation);
    if (held === null) return null;
    const place = {
      vault,
      table: 'segments',
      generation: file.generation,
      id: blockId(file.name, block),
      rev: 1,
    } as const;
    const params = { name: 'AES-GCM', iv: sealed.subarray(0, IV_BYTES), additionalData: additionalData(place) };
    try {
      return new Uint8Array(await crypto.subtle.decrypt(params, held, sealed.subarray(IV_BYTES)));
    } catch {
      return null;
    }
  }
}

/** Blocks that lie one behind the other, in reads of about `READ_BYTES`. */
function* stretchesOf(ranges: Iterable<BlockRange>): Generator<Stretch, void, undefined> {
  let most = FIRST_READ_BYTES;
  for (const { file, from, to } of ranges) {
    let offset = 0;
    for (let block = 0; block < from; block++) offset += file.blocks[block]?.[0] ?? 0;
    for (let first = from; first < to;) {
      let length = 0;
      let end = first;
      do length += file.blocks[end++]?.[0] ?? 0;
      while (end < to && length + (file.blocks[end]?.[0] ?? 0) <= most);
      most = READ_BYTES;
      yield { file, from: first, to: end, offset, length };
      offset += length;
      first = end;
    }
  }
}

function damaged(file: SealedFile, block: number, how: StorageDamaged['how']) {
  return err({ kind: 'storage-damaged', table: 'segments', id: blockId(file.name, block), how } as const);
}
