/** A zip written as a stream, entries stored without compression (APPNOTE 4.3): for samples, whose bytes must not depend on an engine. */
import { concatBytes, utf8 } from '../../base/bytes.ts';
import { crc32 } from '../../base/crc32.ts';

/** 1 January 2025, 00:00, as MS-DOS date: samples have no clock. */
const DOS_DATE = ((2025 - 1980) << 9) | (1 << 5) | 1;
const UTF8_NAMES = 0x0800;

/** At most 65,535 entries and 4 GiB: no zip64. */
export class StoreZip {
  readonly #central: Uint8Array[] = [];
  #offset = 0;
  #entries = 0;

  /** Bytes of one entry; names with `/` only. */
  entry(path: string, content: Uint8Array): Uint8Array {
    const name = utf8(path);
    const common = this.#fields(name, content);
    const local = concatBytes(littleEndian([4, 0x04034b50]), common, name, content);
    this.#central.push(
      concatBytes(
        littleEndian([4, 0x02014b50], [2, 20]),
        common,
        littleEndian([2, 0], [2, 0], [2, 0], [4, 0], [4, this.#offset]),
        name,
      ),
    );
    this.#offset += local.length;
    this.#entries++;
    return local;
  }

  /** The directory at the end. */
  end(): Uint8Array {
    const central = concatBytes(...this.#central);
    return concatBytes(
      central,
      littleEndian(
        [4, 0x06054b50],
        [2, 0],
        [2, 0],
        [2, this.#entries],
        [2, this.#entries],
        [4, central.length],
        [4, this.#offset],
        [2, 0],
      ),
    );
  }

  #fields(name: Uint8Array, content: Uint8Array): Uint8Array {
    return littleEndian(
      [2, 20],
      [2, UTF8_NAMES],
      [2, 0],
      [2, 0],
      [2, DOS_DATE],
      [4, crc32(content)],
      [4, content.length],
      [4, content.length],
      [2, name.length],
      [2, 0],
    );
  }
}

function littleEndian(...fields: readonly (readonly [size: 2 | 4, value: number])[]): Uint8Array {
  const bytes = new Uint8Array(fields.reduce((sum, [size]) => sum + size, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [size, value] of fields) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  return bytes;
}
