/**
 * One block of a 7z (a folder, as its format says) as an archive of its own, decrypted, for a decoder that knows no encryption and
 * nothing of the rest: neither a damaged neighbour nor the size of the whole is of any concern to it.
 */
import { concatBytes } from '../../../base/bytes.ts';
import { crc32 } from '../../../base/crc32.ts';
import type { Block, Coder, Folder } from './seven-zip-header.ts';
import { SIGNATURE_HEADER_BYTES } from './seven-zip-header.ts';
import { ByteWriter, HeaderError } from './seven-zip-bytes.ts';
import type { SevenZipCipher } from './seven-zip-key.ts';
import { isAesCoder, parseCipher } from './seven-zip-key.ts';

/** A packed stream as the lone archive has it. */
export interface LoneStream {
  /** Index among the block's packed streams. */
  readonly packed: number;
  readonly cipher: SevenZipCipher | null;
  /** As decrypted. */
  readonly sizeBytes: number;
}

export interface LoneArchive {
  /** Stand in this order between `head` and `tail`. */
  readonly streams: readonly LoneStream[];
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
}

const COPY: Coder = { id: new Uint8Array([0]), ins: 1, outs: 1, properties: null };

export function isEncrypted({ coders }: Folder): boolean {
  return coders.some(({ id }) => isAesCoder(id));
}

/** Throws a `HeaderError` for a folder whose encryption cannot be taken out of it. */
export function loneArchive({ folder, packed, parts }: Block): LoneArchive {
  let plain = folder;
  let streams: readonly LoneStream[] = packed.map(({ sizeBytes }, i) => ({ packed: i, cipher: null, sizeBytes }));
  for (let at = plain.coders.findIndex(isAes); at >= 0; at = plain.coders.findIndex(isAes)) {
    ({ folder: plain, streams } = withoutCipher(plain, streams, at));
  }
  const header = new ByteWriter();
  header.byte(0x01, 0x04, 0x06);
  header.number(0);
  header.number(streams.length);
  header.byte(0x09);
  for (const { sizeBytes } of streams) header.number(sizeBytes);
  header.byte(0x00, 0x07, 0x0b);
  header.number(1);
  header.byte(0x00);
  writeFolder(header, plain);
  header.byte(0x0c);
  for (const size of plain.unpackedSizes) header.number(size);
  header.byte(0x00, 0x08, 0x0d);
  header.number(parts.length);
  if (parts.length > 1) header.byte(0x09);
  for (const { sizeBytes } of parts.slice(0, -1)) header.number(sizeBytes);
  writeDigests(header, parts);
  header.byte(0x00, 0x00, 0x05);
  header.number(parts.length);
  header.byte(0x11);
  header.number(1 + 4 * parts.length);
  header.byte(0x00);
  for (let i = 0; i < parts.length; i++) header.byte(0x66, 0, 0, 0);
  header.byte(0x00, 0x00);
  const tail = header.done();
  const offset = streams.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return { streams, tail, head: signatureHeader(offset, tail) };
}

function isAes({ id }: Coder): boolean {
  return isAesCoder(id);
}

/** The folder without the coder at `index`: what it decrypted comes in from outside. */
function withoutCipher(
  folder: Folder,
  streams: readonly LoneStream[],
  index: number,
): { readonly folder: Folder; readonly streams: readonly LoneStream[] } {
  const { coders, bindings, packedInto, unpackedSizes } = folder;
  const coder = coders[index];
  const cipher = parseCipher(coder?.properties ?? null);
  const before = coders.slice(0, index);
  const into = before.reduce((sum, { ins }) => sum + ins, 0);
  const from = before.reduce((sum, { outs }) => sum + outs, 0);
  const stream = packedInto.indexOf(into);
  const sizeBytes = unpackedSizes[from];
  if (cipher === null || coder?.ins !== 1 || coder.outs !== 1 || stream < 0 || sizeBytes === undefined)
    throw new HeaderError();
  const told = streams.map((one, i) => (i === stream ? { ...one, cipher, sizeBytes } : one));
  if (coders.length === 1) return { folder: { ...folder, coders: [COPY] }, streams: told };
  const consumer = bindings.find((binding) => binding.from === from);
  if (consumer === undefined) throw new HeaderError();
  const inOf = (i: number): number => (i > into ? i - 1 : i);
  return {
    streams: told,
    folder: {
      coders: coders.filter((_, i) => i !== index),
      bindings: bindings
        .filter((binding) => binding !== consumer)
        .map((binding) => ({
          into: inOf(binding.into),
          from: binding.from > from ? binding.from - 1 : binding.from,
        })),
      packedInto: packedInto.map((one, i) => inOf(i === stream ? consumer.into : one)),
      unpackedSizes: unpackedSizes.filter((_, i) => i !== from),
      crc: folder.crc,
    },
  };
}

function writeFolder(header: ByteWriter, { coders, bindings, packedInto }: Folder): void {
  header.number(coders.length);
  for (const { id, ins, outs, properties } of coders) {
    const isComplex = ins !== 1 || outs !== 1;
    header.byte(id.length | (isComplex ? 0x10 : 0) | (properties === null ? 0 : 0x20));
    header.bytes(id);
    if (isComplex) header.number(ins);
    if (isComplex) header.number(outs);
    if (properties !== null) header.number(properties.length);
    if (properties !== null) header.bytes(properties);
  }
  for (const { into, from } of bindings) {
    header.number(into);
    header.number(from);
  }
  if (packedInto.length > 1) for (const into of packedInto) header.number(into);
}

function writeDigests(header: ByteWriter, parts: Block['parts']): void {
  header.byte(0x0a, 0x00);
  for (let i = 0; i < parts.length; i += 8) {
    const bits = parts.slice(i, i + 8).reduce((sum, { crc }, bit) => sum | (crc === null ? 0 : 0x80 >> bit), 0);
    header.byte(bits);
  }
  for (const { crc } of parts) if (crc !== null) header.uint32(crc);
}

function signatureHeader(offset: number, tail: Uint8Array): Uint8Array {
  const start = new ByteWriter();
  for (const value of [offset, tail.length]) {
    start.uint32(value % 2 ** 32);
    start.uint32(Math.floor(value / 2 ** 32));
  }
  start.uint32(crc32(tail) >>> 0);
  const place = start.done();
  const head = new ByteWriter();
  head.byte(0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c, 0, 4);
  head.uint32(crc32(place) >>> 0);
  const bytes = concatBytes(head.done(), place);
  if (bytes.length !== SIGNATURE_HEADER_BYTES) throw new HeaderError();
  return bytes;
}
