/**
 * 7z archives as leaves, encrypted ones too. Their headers are read here; a block at a time is handed to libarchive's decoders as an
 * archive of its own, so that what is damaged or too large costs its block alone. In memory are one block's packed bytes and what
 * `ArchiveCursor` keeps.
 */
import { concatBytes } from '../../../base/bytes.ts';
import { crc32 } from '../../../base/crc32.ts';
import { LeafError } from '../leaf.ts';
import type { Leaf } from '../leaf.ts';
import type { QuarantineReason } from '../record.ts';
import { ArchiveCursor } from './archive-cursor.ts';
import { EngineError, EnginePool } from './archive-engine.ts';
import type { ArchiveEngine } from './archive-engine.ts';
import type { ContainerOptions, ContainerSource, OpenedContainer } from './container.ts';
import { displayPath } from './display-path.ts';
import { engineLeaf, reasonOf } from './engine-leaf.ts';
import { isEncrypted, loneArchive } from './seven-zip-block.ts';
import type { LoneArchive } from './seven-zip-block.ts';
import { HeaderError } from './seven-zip-bytes.ts';
import type { Block, SevenZipHeader } from './seven-zip-header.ts';
import { headerPlace, parseHeader, SIGNATURE_HEADER_BYTES } from './seven-zip-header.ts';
import { CbcReader, SevenZipKeys } from './seven-zip-key.ts';

/** Part of `limits.memoryBytes` that small entries may take beside the packed bytes. */
const KEPT_PART = 1 / 4;
/** A header of 200,000 long names takes less. */
const HEADER_BYTES = 64 * 2 ** 20;
/** A wrong password is found out long before. */
const PROBED_BYTES = 2 ** 20;
/** Whole blocks. */
const CIPHER_READ_BYTES = 2 ** 20;

/** Lists the files; an encrypted block is tried with each password once. */
export async function openSevenZip(source: ContainerSource, options: ContainerOptions): Promise<OpenedContainer> {
  if (options.libarchive === undefined) return nothing('archive-unsupported');
  const archive = new SevenZip(source, options, new EnginePool(await options.libarchive()));
  try {
    return await archive.open();
  } catch (error) {
    if (error instanceof HeaderError) return nothing('archive-corrupt');
    if (error instanceof EngineError) return nothing(reasonOf(error));
    if (error instanceof LeafError) return nothing(error.reason);
    throw error;
  }
}

function nothing(problem: QuarantineReason): OpenedContainer {
  return { leaves: [], problems: [problem], close: () => Promise.resolve() };
}

class SevenZip {
  readonly #source: ContainerSource;
  readonly #options: ContainerOptions;
  readonly #engines: EnginePool;
  readonly #keys = new SevenZipKeys();
  #password: string | null = null;
  /** Passwords were tried, and none fits. */
  #isLocked = false;
  /** The block that is being read. */
  #current: { readonly block: number; readonly cursor: ArchiveCursor } | null = null;

  constructor(source: ContainerSource, options: ContainerOptions, engines: EnginePool) {
    this.#source = source;
    this.#options = options;
    this.#engines = engines;
  }

  async open(): Promise<OpenedContainer> {
    const { limits, path } = this.#options;
    const header = await this.#header();
    if (header === null) return nothing('archive-password');
    const { blocks, files } = header;
    const problems: QuarantineReason[] = files.length > limits.archiveEntries ? ['limit-entries'] : [];
    const locked = blocks.filter(({ folder }) => isEncrypted(folder));
    if (this.#password === null) await this.#findPassword(locked);
    const listed = files.slice(0, limits.archiveEntries).filter(({ isFolder }) => !isFolder);
    const leaves = listed.map(({ name, place, sizeBytes }): Leaf => {
      const shown = displayPath(name);
      return engineLeaf({
        ...{ path: `${path}/${shown}`, treePath: shown, sizeBytes },
        ...{ archiveBytes: this.#source.sizeBytes, options: this.#options },
        crc: place === null ? null : (blocks[place.block]?.parts[place.part]?.crc ?? null),
        read: async (offset) => {
          const block = place === null ? undefined : blocks[place.block];
          if (place === null || block === undefined) return new Uint8Array();
          return (await this.#cursor(place.block, block)).read(place.part, offset, sizeBytes);
        },
      });
    });
    return { leaves, problems, close: () => Promise.resolve(this.#current?.cursor.close()) };
  }

  /** `null` if its password is missing. */
  async #header(): Promise<Extract<SevenZipHeader, { kind: 'files' }> | null> {
    const { sizeBytes } = this.#source;
    const { limits } = this.#options;
    const place = headerPlace(await this.#source.slice(0, SIGNATURE_HEADER_BYTES));
    if (place.sizeBytes === 0 && place.start === SIGNATURE_HEADER_BYTES)
      return { kind: 'files', blocks: [], files: [] };
    if (place.start + place.sizeBytes > sizeBytes) throw new LeafError('truncated');
    if (place.sizeBytes > Math.min(HEADER_BYTES, limits.memoryBytes)) throw new LeafError('limit-total');
    let bytes = await this.#source.slice(place.start, place.start + place.sizeBytes);
    if (crc32(bytes) >>> 0 !== place.crc) throw new HeaderError();
    // A packed header may be packed again; nobody does it more than once.
    for (let depth = 0; depth < 4; depth++) {
      const header = parseHeader(bytes, sizeBytes, limits.archiveEntries * 2);
      if (header.kind === 'files') return header;
      const { block } = header;
      if ((block.parts[0]?.sizeBytes ?? 0) > HEADER_BYTES) throw new LeafError('limit-total');
      if (isEncrypted(block.folder) && this.#password === null && !(await this.#findPassword([block]))) return null;
      bytes = await this.#unpack(block, this.#password, HEADER_BYTES);
    }
    throw new HeaderError();
  }

  /** `false` if none of the passwords opens the smallest of the blocks. */
  async #findPassword(locked: readonly Block[]): Promise<boolean> {
    const [probe] = [...locked].sort((a, b) => packedBytes(a) - packedBytes(b));
    if (probe === undefined) return true;
    for (const password of this.#options.passwords.slice(0, this.#options.limits.passwordTries)) {
      try {
        // A file that comes out whole has had its checksum compared.
        await this.#unpack(probe, password, PROBED_BYTES);
        this.#password = password;
        return true;
      } catch (error) {
        if (!(error instanceof EngineError || error instanceof LeafError)) throw error;
      }
    }
    this.#isLocked = true;
    return false;
  }

  /** The first file of a block, at most `mostBytes` of it. */
  async #unpack(block: Block, password: string | null, mostBytes: number): Promise<Uint8Array> {
    const engine = await this.#engine(block, password);
    try {
      if (engine.next() === null) throw new EngineError('corrupt');
      const parts: Uint8Array[] = [];
      let length = 0;
      for (let bytes = engine.read(); bytes.length > 0 && length < mostBytes; bytes = engine.read()) {
        parts.push(bytes.slice());
        length += bytes.length;
        await this.#options.breathe?.();
      }
      const whole = concatBytes(...parts);
      const [part] = block.parts;
      const isWhole = part?.sizeBytes === whole.length;
      if (isWhole && part.crc !== null && crc32(whole) >>> 0 !== part.crc) throw new EngineError('corrupt');
      return whole;
    } finally {
      engine.close();
    }
  }

  #cursor(index: number, block: Block): ArchiveCursor {
    if (isEncrypted(block.folder) && (this.#isLocked || this.#password === null))
      throw new LeafError('archive-password');
    if (this.#current?.block === index) return this.#current.cursor;
    this.#current?.cursor.close();
    const { limits, breathe } = this.#options;
    const cursor = new ArchiveCursor({
      open: () => this.#engine(block, this.#password),
      keptBytes: limits.memoryBytes * KEPT_PART,
      passedBytes: limits.totalBytes,
      isSolid: true,
      breathe: breathe ?? (() => Promise.resolve()),
    });
    this.#current = { block: index, cursor };
    return cursor;
  }

  async #engine(block: Block, password: string | null): Promise<ArchiveEngine> {
    if (packedBytes(block) > this.#options.limits.memoryBytes) throw new LeafError('limit-total');
    const { head, tail, streams } = alone(block);
    const pieces: Piece[] = [
      { sizeBytes: head.length, read: (start, end) => Promise.resolve(head.subarray(start, end)) },
    ];
    for (const { packed, cipher, sizeBytes } of streams) {
      const place = block.packed[packed];
      if (place === undefined) throw new HeaderError();
      const slice = (start: number, end: number) => this.#source.slice(place.start + start, place.start + end);
      if (cipher === null) pieces.push({ sizeBytes, read: slice });
      else {
        const key = await this.#keys.get(password ?? '', cipher);
        pieces.push({ sizeBytes, read: decrypted(new CbcReader(key, cipher.iv), slice, place.sizeBytes) });
      }
    }
    pieces.push({ sizeBytes: tail.length, read: (start, end) => Promise.resolve(tail.subarray(start, end)) });
    return this.#engines.open(
      pieces.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      readPieces(pieces),
    );
  }
}

function alone(block: Block): LoneArchive {
  try {
    return loneArchive(block);
  } catch (error) {
    if (error instanceof HeaderError) throw new LeafError('archive-unsupported');
    throw error;
  }
}

function packedBytes({ packed }: Block): number {
  return packed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** Bytes that lie one behind the other in an archive of ours; read from front to back. */
interface Piece {
  readonly sizeBytes: number;
  read(start: number, end: number): Promise<Uint8Array>;
}

function readPieces(pieces: readonly Piece[]): (start: number, end: number) => Promise<Uint8Array> {
  let index = 0;
  let begin = 0;
  return async (start, end) => {
    for (let piece = pieces[index]; piece !== undefined; piece = pieces[++index]) {
      if (start < begin + piece.sizeBytes) {
        return piece.read(start - begin, Math.min(end - begin, piece.sizeBytes));
      }
      begin += piece.sizeBytes;
    }
    return new Uint8Array();
  };
}

/** Reads on from where it was; a read may give more than was asked for in whole blocks, which is kept for the next. */
function decrypted(
  reader: CbcReader,
  slice: (start: number, end: number) => Promise<Uint8Array>,
  packedSizeBytes: number,
): Piece['read'] {
  let at = 0;
  let ready: Uint8Array = new Uint8Array();
  return async (start, end) => {
    if (ready.length === 0) {
      const to = Math.min(packedSizeBytes, at + CIPHER_READ_BYTES);
      ready = await reader.decrypt(await slice(at, to));
      at = to;
    }
    const given = ready.subarray(0, end - start);
    ready = ready.subarray(given.length);
    return given;
  };
}
