/**
 * What libarchive does not tell of a rar: whether its entries hang together, their checksums, which it does not compare where entries are
 * stored, and their names in other letters than those of ASCII. Headers alone are read.
 *
 * Source: technote.txt of RAR 4.20 and of RAR 5.0.
 */
import { fromUtf8 } from '../../../base/bytes.ts';
import type { ContainerSource } from './container.ts';
import { readAhead } from './zip-source.ts';

export interface RarHeaders {
  readonly isSolid: boolean;
  /** Files and folders in their order; shorter than the archive where a header makes no sense. */
  readonly entries: readonly RarEntry[];
}

export interface RarEntry {
  readonly name: string;
  /** CRC-32 of the whole content; `null` if it has another checksum, or is cut into volumes. */
  readonly crc: number | null;
}

interface Header {
  readonly isSolid: boolean;
  readonly entry: RarEntry | null;
  /** Header and data. */
  readonly sizeBytes: number;
}

const RAR4_SIGNATURE_BYTES = 7;
const RAR5_SIGNATURE_BYTES = 8;
const MOST_HEADER_BYTES = 16 * 1024;

/** At most `most` entries. */
export async function readRarHeaders(source: ContainerSource, most: number): Promise<RarHeaders> {
  const archive = readAhead(source);
  const head = await archive.slice(0, Math.min(archive.sizeBytes, RAR5_SIGNATURE_BYTES));
  const isRar4 = head[6] === 0;
  const entries: RarEntry[] = [];
  let isSolid = false;
  for (
    let at = isRar4 ? RAR4_SIGNATURE_BYTES : RAR5_SIGNATURE_BYTES;
    at < archive.sizeBytes && entries.length < most;
  ) {
    const bytes = await archive.slice(at, Math.min(archive.sizeBytes, at + MOST_HEADER_BYTES));
    const header = isRar4 ? readRar4(bytes) : readRar5(bytes);
    if (header === null) break;
    isSolid ||= header.isSolid;
    if (header.entry !== null) entries.push(header.entry);
    at += header.sizeBytes;
  }
  return { isSolid, entries };
}

function readRar4(bytes: Uint8Array): Header | null {
  if (bytes.length < 7) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const type = bytes[2];
  const flags = view.getUint16(3, true);
  const headBytes = view.getUint16(5, true);
  if (headBytes < 7 || headBytes > bytes.length) return null;
  const isFile = type === 0x74 && headBytes >= 32;
  // Long blocks say how much data follows; a file over 4 GiB says its upper half.
  const isLong = (flags & 0x8000) !== 0 && headBytes >= 11;
  const isHuge = isFile && (flags & 0x0100) !== 0 && headBytes >= 40;
  const sizeBytes =
    headBytes + (isLong ? view.getUint32(7, true) : 0) + (isHuge ? view.getUint32(32, true) * 2 ** 32 : 0);
  if (!isFile) return { isSolid: type === 0x73 && (flags & 0x0008) !== 0, entry: null, sizeBytes };
  const nameAt = isHuge ? 40 : 32;
  const nameBytes = bytes.subarray(nameAt, Math.min(headBytes, nameAt + view.getUint16(26, true)));
  const isPart = (flags & 0x0003) !== 0;
  const name = rar4Name(nameBytes, (flags & 0x0200) !== 0);
  return { isSolid: (flags & 0x0010) !== 0, entry: { name, crc: isPart ? null : view.getUint32(16, true) }, sizeBytes };
}

/** A name is bytes of some code page, and behind a NUL what makes UTF-16 of them; without the NUL it is UTF-8. */
function rar4Name(bytes: Uint8Array, isUnicode: boolean): string {
  const end = bytes.indexOf(0);
  if (!isUnicode || end < 0) return fromUtf8(bytes) ?? new TextDecoder('windows-874').decode(bytes);
  const packed = bytes.subarray(end + 1);
  const high = (packed[0] ?? 0) << 8;
  const units: number[] = [];
  let at = 1;
  for (let flags = 0, bits = 0; at < packed.length; bits -= 2, flags <<= 2) {
    if (bits === 0) {
      flags = packed[at++] ?? 0;
      bits = 8;
    }
    const low = packed[at++] ?? 0;
    switch ((flags >> 6) & 3) {
      case 0:
        units.push(low);
        break;
      case 1:
        units.push(low | high);
        break;
      case 2:
        units.push(low | ((packed[at++] ?? 0) << 8));
        break;
      default: {
        const shift = (low & 0x80) === 0 ? null : (packed[at++] ?? 0);
        for (let count = (low & 0x7f) + 2; count > 0 && units.length < end; count--) {
          const byte = bytes[units.length] ?? 0;
          units.push(shift === null ? byte : ((byte + shift) & 0xff) | high);
        }
      }
    }
  }
  return String.fromCharCode(...units.slice(0, 2_048));
}

function readRar5(bytes: Uint8Array): Header | null {
  let at = 4;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; shift < 56; shift += 7) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  const headBytes = number();
  const end = at + headBytes;
  const type = number();
  const flags = number();
  if ((flags & 1) !== 0) number(); // extra area
  const sizeBytes = end + ((flags & 2) === 0 ? 0 : number());
  if (headBytes === 0 || end > bytes.length || !Number.isSafeInteger(sizeBytes)) return null;
  if (type === 1) return { isSolid: (number() & 4) !== 0, entry: null, sizeBytes };
  // Behind an encryption header nothing can be read on.
  if (type === 4) return null;
  if (type !== 2) return { isSolid: false, entry: null, sizeBytes };
  const fileFlags = number();
  number(); // unpacked size
  number(); // attributes
  if ((fileFlags & 2) !== 0) at += 4; // time
  const crcAt = at;
  const hasCrc = (fileFlags & 4) !== 0;
  if (hasCrc) at += 4;
  const method = number();
  number(); // system
  const nameBytes = number();
  const raw = bytes.subarray(at, Math.min(end, at + nameBytes));
  const name = fromUtf8(raw) ?? new TextDecoder('windows-874').decode(raw);
  const isPart = (flags & 0x0018) !== 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const crc = hasCrc && !isPart && crcAt + 4 <= bytes.length ? view.getUint32(crcAt, true) : null;
  return { isSolid: (method & 0x40) !== 0, entry: { name, crc }, sizeBytes };
}
