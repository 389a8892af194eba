/**
 * Headers of a 7z archive. Counts and sizes in them are checked against what is there before anything is made of them.
 *
 * Source: 7zFormat.txt of the LZMA SDK.
 */
import { LeafError } from '../leaf.ts';
import { ByteReader, HeaderError } from './seven-zip-bytes.ts';

/** A method and how it is set; `ins` streams go in (packed side), `outs` come out. */
export interface Coder {
  readonly id: Uint8Array;
  readonly ins: number;
  readonly outs: number;
  readonly properties: Uint8Array | null;
}

/** Coders and how they hang together; several files' bytes, one behind the other, come out at the end. */
export interface Folder {
  readonly coders: readonly Coder[];
  /** In stream of one coder fed by the out stream of another. */
  readonly bindings: readonly { readonly into: number; readonly from: number }[];
  /** In streams that the packed streams feed, in their order. */
  readonly packedInto: readonly number[];
  /** Of every out stream. */
  readonly unpackedSizes: readonly number[];
  readonly crc: number | null;
}

/** Where packed bytes lie in the archive. */
export interface PackedStream {
  readonly start: number;
  readonly sizeBytes: number;
}

/** A folder with its bytes and what comes out of it. */
export interface Block {
  readonly folder: Folder;
  readonly packed: readonly PackedStream[];
  readonly parts: readonly { readonly sizeBytes: number; readonly crc: number | null }[];
}

export interface SevenZipFile {
  readonly name: string;
  readonly isFolder: boolean;
  /** Where its bytes are; `null` for an empty file. */
  readonly place: { readonly block: number; readonly part: number } | null;
  readonly sizeBytes: number;
}

export type SevenZipHeader =
  | { readonly kind: 'files'; readonly blocks: readonly Block[]; readonly files: readonly SevenZipFile[] }
  /** Packed itself: one part, which is the header. */
  | { readonly kind: 'packed'; readonly block: Block };

/** Signature, version, and where the header lies (7zFormat.txt, SignatureHeader). */
export const SIGNATURE_HEADER_BYTES = 32;
const ID = {
  end: 0x00,
  header: 0x01,
  archiveProperties: 0x02,
  additionalStreams: 0x03,
  mainStreams: 0x04,
  files: 0x05,
  packInfo: 0x06,
  unpackInfo: 0x07,
  subStreams: 0x08,
  size: 0x09,
  crc: 0x0a,
  folder: 0x0b,
  unpackSize: 0x0c,
  partCount: 0x0d,
  emptyStream: 0x0e,
  emptyFile: 0x0f,
  names: 0x11,
  packedHeader: 0x17,
} as const;
/** A coder with more streams than BCJ2's, or a folder with more coders than its four and their decryption, is no archiver's. */
const MOST_STREAMS = 32;

/** Where the header lies, from the first 32 bytes. Throws a `HeaderError`. */
export function headerPlace(start: Uint8Array): {
  readonly start: number;
  readonly sizeBytes: number;
  readonly crc: number;
} {
  const reader = new ByteReader(start.subarray(12));
  const offset = reader.uint64();
  return { start: SIGNATURE_HEADER_BYTES + offset, sizeBytes: reader.uint64(), crc: reader.uint32() };
}

/** Reads a header. Throws a `HeaderError`, or a `LeafError` where there are more than `most` files. */
export function parseHeader(bytes: Uint8Array, archiveBytes: number, most: number): SevenZipHeader {
  const reader = new ByteReader(bytes);
  const kind = reader.byte();
  if (kind === ID.packedHeader) {
    const [block, ...others] = parseStreams(reader, archiveBytes, most);
    if (block === undefined || others.length > 0 || block.parts.length !== 1) throw new HeaderError();
    return { kind: 'packed', block };
  }
  if (kind !== ID.header) throw new HeaderError();
  let blocks: readonly Block[] = [];
  let files: readonly SevenZipFile[] = [];
  for (let id = reader.byte(); id !== ID.end; id = reader.byte()) {
    if (id === ID.archiveProperties) {
      while (reader.byte() !== ID.end) reader.bytes(reader.number());
    } else if (id === ID.additionalStreams) parseStreams(reader, archiveBytes, most);
    else if (id === ID.mainStreams) blocks = parseStreams(reader, archiveBytes, most);
    else if (id === ID.files) files = parseFiles(reader, blocks, most);
    else throw new HeaderError();
  }
  return { kind: 'files', blocks, files };
}

function parseStreams(reader: ByteReader, archiveBytes: number, most: number): readonly Block[] {
  let packed: readonly PackedStream[] = [];
  let folders: readonly Folder[] = [];
  let parts: readonly Block['parts'][] | null = null;
  for (let id = reader.byte(); id !== ID.end; id = reader.byte()) {
    if (id === ID.packInfo) packed = parsePackInfo(reader, archiveBytes, most);
    else if (id === ID.unpackInfo) folders = parseFolders(reader, most);
    else if (id === ID.subStreams) parts = parseParts(reader, folders, most);
    else throw new HeaderError();
  }
  let at = 0;
  return folders.map((folder, index) => {
    const own = packed.slice(at, at + folder.packedInto.length);
    if (own.length !== folder.packedInto.length) throw new HeaderError();
    at += own.length;
    const whole = [{ sizeBytes: unpackedSize(folder), crc: folder.crc }];
    return { folder, packed: own, parts: parts?.[index] ?? whole };
  });
}

function parsePackInfo(reader: ByteReader, archiveBytes: number, most: number): readonly PackedStream[] {
  let start = SIGNATURE_HEADER_BYTES + reader.number();
  const count = reader.count(most * MOST_STREAMS);
  const streams: PackedStream[] = [];
  for (let id = reader.byte(); id !== ID.end; id = reader.byte()) {
    if (id === ID.crc) reader.digests(count);
    else if (id === ID.size) {
      for (let i = 0; i < count; i++) {
        const sizeBytes = reader.number();
        if (start + sizeBytes > archiveBytes) throw new HeaderError();
        streams.push({ start, sizeBytes });
        start += sizeBytes;
      }
    } else throw new HeaderError();
  }
  return streams;
}

function parseFolders(reader: ByteReader, most: number): readonly Folder[] {
  reader.expect(ID.folder);
  const count = reader.count(most);
  reader.expect(0);
  const drafts = Array.from({ length: count }, () => parseFolder(reader));
  reader.expect(ID.unpackSize);
  const sizes = drafts.map(({ coders }) =>
    coders.flatMap(({ outs }) => Array.from({ length: outs }, () => reader.number())),
  );
  let crcs: readonly (number | null)[] = [];
  for (let id = reader.byte(); id !== ID.end; id = reader.byte()) {
    if (id !== ID.crc) throw new HeaderError();
    crcs = reader.digests(count);
  }
  return drafts.map((draft, i) => ({ ...draft, unpackedSizes: sizes[i] ?? [], crc: crcs[i] ?? null }));
}

function parseFolder(reader: ByteReader): Omit<Folder, 'unpackedSizes' | 'crc'> {
  const coders = Array.from({ length: reader.count(MOST_STREAMS) }, (): Coder => {
    const flags = reader.byte();
    if ((flags & 0xc0) !== 0) throw new HeaderError();
    const id = reader.bytes(flags & 0x0f);
    const isComplex = (flags & 0x10) !== 0;
    const ins = isComplex ? reader.count(MOST_STREAMS) : 1;
    const outs = isComplex ? reader.count(MOST_STREAMS) : 1;
    return { id, ins, outs, properties: (flags & 0x20) === 0 ? null : reader.bytes(reader.number()) };
  });
  const ins = coders.reduce((sum, coder) => sum + coder.ins, 0);
  const outs = coders.reduce((sum, coder) => sum + coder.outs, 0);
  if (coders.length === 0 || outs === 0 || ins < outs - 1) throw new HeaderError();
  const bindings = Array.from({ length: outs - 1 }, () => ({
    into: reader.count(ins - 1),
    from: reader.count(outs - 1),
  }));
  const packedCount = ins - bindings.length;
  const free = Array.from({ length: ins }, (_, i) => i).filter((i) => !bindings.some(({ into }) => into === i));
  const packedInto = packedCount === 1 ? free : Array.from({ length: packedCount }, () => reader.count(ins - 1));
  if (packedInto.length !== packedCount) throw new HeaderError();
  return { coders, bindings, packedInto };
}

function parseParts(reader: ByteReader, folders: readonly Folder[], most: number): readonly Block['parts'][] {
  let id = reader.byte();
  let counts: readonly number[] = folders.map(() => 1);
  if (id === ID.partCount) {
    counts = folders.map(() => reader.number());
    if (counts.reduce((sum, count) => sum + count, 0) > most) throw new LeafError('limit-entries');
    id = reader.byte();
  }
  const hasSizes = id === ID.size;
  const sizes = folders.map((folder, i) => {
    const count = counts[i] ?? 0;
    if (count === 0) return [];
    let left = unpackedSize(folder);
    const own = Array.from({ length: count - 1 }, () => {
      const size = hasSizes ? reader.number() : 0;
      left -= size;
      return size;
    });
    if (left < 0) throw new HeaderError();
    return [...own, left];
  });
  if (hasSizes) id = reader.byte();
  const isKnown = (i: number): boolean => counts[i] === 1 && folders[i]?.crc !== null;
  let digests: readonly (number | null)[] = [];
  for (; id !== ID.end; id = reader.byte()) {
    if (id !== ID.crc) throw new HeaderError();
    digests = reader.digests(sizes.reduce((sum, own, i) => sum + (isKnown(i) ? 0 : own.length), 0));
  }
  let at = 0;
  return sizes.map((own, i) =>
    own.map((sizeBytes) => ({
      sizeBytes,
      crc: isKnown(i) ? (folders[i]?.crc ?? null) : (digests[at++] ?? null),
    })),
  );
}

function parseFiles(reader: ByteReader, blocks: readonly Block[], most: number): readonly SevenZipFile[] {
  const count = reader.number();
  if (count > most) throw new LeafError('limit-entries');
  let empty: readonly boolean[] = [];
  let emptyFile: readonly boolean[] = [];
  let names: readonly string[] = [];
  for (let id = reader.byte(); id !== ID.end; id = reader.byte()) {
    const field = new ByteReader(reader.bytes(reader.number()));
    if (id === ID.emptyStream) empty = field.bits(count);
    else if (id === ID.emptyFile) emptyFile = field.bits(empty.filter((is) => is).length);
    else if (id === ID.names) {
      field.expect(0);
      names = field.names(count);
    }
  }
  const places = blocks.flatMap(({ parts }, block) => parts.map((part, i) => ({ ...part, place: { block, part: i } })));
  let at = 0;
  let emptyAt = 0;
  return Array.from({ length: count }, (_, i): SevenZipFile => {
    const name = names[i] ?? '_';
    if (empty[i] === true) {
      return { name, isFolder: emptyFile[emptyAt++] !== true, place: null, sizeBytes: 0 };
    }
    const found = places[at++];
    if (found === undefined) throw new HeaderError();
    return { name, isFolder: false, place: found.place, sizeBytes: found.sizeBytes };
  });
}

/** Of the out stream that no coder takes in. */
function unpackedSize({ bindings, unpackedSizes }: Folder): number {
  const last = unpackedSizes.findLastIndex((_, i) => !bindings.some(({ from }) => from === i));
  return unpackedSizes[last] ?? 0;
}
