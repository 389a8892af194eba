import fc from 'fast-check';
import { deflateRawSync, gzipSync, inflateRawSync, constants as zlib } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { concatBytes, utf8 } from '../../base/bytes.ts';
import { crc32 } from '../../base/crc32.ts';
import type { Unpacker } from './content-unpacker.ts';
import { KernelUnpacker } from './kernel-unpacker.ts';
import { StreamUnpacker } from './stream-unpacker.ts';

/** What comes out of `packed`, fed in pieces of `piece` bytes; `null` where it is refused. */
async function unpack(kind: 'kernel' | 'stream', packed: Uint8Array, inflated: number, piece = 65_536) {
  const chunks: Uint8Array[] = [];
  const take = (chunk: Uint8Array) => void chunks.push(chunk.slice());
  const unpacker: Unpacker | null =
    kind === 'kernel' ? KernelUnpacker.start(inflated, take) : new StreamUnpacker(inflated, take);
  if (unpacker === null) throw new Error('no WebAssembly');
  try {
    for (let at = 0; at < packed.length; at += piece)
      if (!(await unpacker.write(packed.subarray(at, at + piece)))) return null;
    return (await unpacker.end()) ? concatBytes(...chunks) : null;
  } finally {
    await unpacker.abort();
  }
}

/** Made-up content of many textures: runs, repeats near and far, noise, text. */
function textured(size: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let state = seed >>> 0 || 1;
  const next = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 8;
  for (let at = 0; at < size;) {
    const length = 1 + (next() % 700);
    const kind = next() % 5;
    const distance = 1 + (next() % (kind === 1 ? 9 : 40_000));
    for (let i = 0; i < length && at < size; i++, at++) {
      if (kind < 2 && at >= distance) bytes[at] = bytes[at - distance] as number;
      else if (kind === 2) bytes[at] = next();
      else if (kind === 3) bytes[at] = 97 + (next() % 4);
      else bytes[at] = 0;
    }
  }
  return bytes;
}

/** Without a comparison of every number, which takes long. */
function expectSame(found: Uint8Array | null, wanted: Uint8Array): void {
  expect(found !== null && Buffer.compare(found, wanted)).toBe(0);
}

const LEVELS = [0, 1, 6, 9];
const STRATEGIES = [zlib.Z_DEFAULT_STRATEGY, zlib.Z_HUFFMAN_ONLY, zlib.Z_RLE, zlib.Z_FIXED];

describe('the kernel', () => {
  it('unpacks what zlib packs, at every level and strategy, in pieces of any size', async () => {
    for (const size of [0, 1, 2, 300, 70_000, 600_000]) {
      const plain = textured(size, size + 1);
      for (const level of LEVELS) {
        for (const strategy of STRATEGIES) {
          const packed = gzipSync(plain, { level, strategy });
          for (const piece of [1, 17, 4096, 1_000_000]) {
            if (packed.length / piece > 5_000) continue;
            expectSame(await unpack('kernel', packed, size, piece), plain);
          }
        }
      }
    }
  });

  it('goes on over the border of its output, wherever matches fall', async () => {
    for (let size = 262_144 - 260; size < 262_144 + 260; size += 29) {
      const plain = concatBytes(textured(size, 5), textured(100_000, 6), textured(size, 5).subarray(0, 30_000));
      expectSame(await unpack('kernel', gzipSync(plain), plain.length, 60_001), plain);
    }
  });

  it('gives the same verdict as DecompressionStream on altered and cut members', async () => {
    let opened = 0;
    const members = [0, 1, 6].map((level) => gzipSync(textured(3000, 9), { level }));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...members),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 4000 }),
        async (member, place, mask, isCut, piece) => {
          const at = place % member.length;
          const altered = isCut ? member.subarray(0, at) : Uint8Array.from(member);
          if (!isCut) altered[at] = (altered[at] as number) ^ mask;
          const theirs = await unpack('stream', altered, 3000);
          expect(await unpack('kernel', altered, 3000, piece)).toEqual(theirs);
          if (theirs !== null) opened++;
        },
      ),
      { numRuns: 1500 },
    );
    // A flag or time of the header may change without harm.
    expect(opened).toBeLessThan(150);
  });

  it('gives the same verdict on deflate streams that no packer makes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(0, 1, 2, 3, 4, 5), async (noise, first) => {
        const body = concatBytes(new Uint8Array([first]), noise);
        const member = concatBytes(new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]), body, new Uint8Array(8));
        // The checksum never fits: what is compared is how much comes out before it is refused, and that neither crashes.
        expect(await unpack('kernel', member, 0)).toEqual(await unpack('stream', member, 0));
      }),
      { numRuns: 1500 },
    );
  });

  it('opens altered deflate bits only where zlib does, and to the same bytes', async () => {
    const plain = textured(2000, 3);
    let opened = 0;
    for (let at = 0; at < 1500; at++) {
      const body = Uint8Array.from(deflateRawSync(plain, { level: 1 + (at % 9) }));
      const bit = (at * 7919) % (body.length * 8);
      body[bit >> 3] = (body[bit >> 3] as number) ^ (1 << (bit & 7));
      let theirs: Uint8Array | null = null;
      try {
        const whole = inflateRawSync(body, { info: true }) as unknown as {
          readonly buffer: Uint8Array;
          readonly engine: { readonly bytesWritten: number };
        };
        if (whole.engine.bytesWritten === body.length) theirs = new Uint8Array(whole.buffer);
      } catch {
        theirs = null;
      }
      const crc = new DataView(new ArrayBuffer(8));
      crc.setUint32(0, crc32(theirs ?? new Uint8Array(0)), true);
      crc.setUint32(4, theirs?.length ?? 0, true);
      const head = new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
      const member = concatBytes(head, body, new Uint8Array(crc.buffer));
      const ours = await unpack('kernel', member, theirs?.length ?? 0);
      if (theirs === null) expect(ours).toBeNull();
      else {
        expectSame(ours, theirs);
        opened++;
      }
    }
    expect(opened).toBeGreaterThan(30);
  });

  it('takes every header that RFC 1952 allows, and checks what it says', async () => {
    const plain = utf8('made up');
    const body = Uint8Array.from(gzipSync(plain)).subarray(10);
    const header = (flags: number, ...fields: Uint8Array[]) =>
      concatBytes(new Uint8Array([0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 3]), ...fields);
    const crcOf = (bytes: Uint8Array) => new Uint8Array([crc32(bytes) & 0xff, (crc32(bytes) >>> 8) & 0xff]);
    const extra = concatBytes(new Uint8Array([4, 0]), utf8('abcd'));
    const good = header(2 | 4 | 8 | 16, extra, utf8('name\0'), utf8('comment\0'));
    const cases: [Uint8Array, boolean][] = [
      [header(0), true],
      [header(8, utf8('name\0')), true],
      [header(1), true],
      [concatBytes(good, crcOf(good)), true],
      [concatBytes(good, new Uint8Array(2)), false],
      [header(0x20), false],
      [header(0x80), false],
    ];
    for (const [head, isGood] of cases) {
      for (const piece of [1, 5, 1000]) {
        const member = concatBytes(head, body);
        const wanted = isGood ? plain : null;
        expect(await unpack('kernel', member, plain.length, piece), String(head)).toEqual(wanted);
        expect(await unpack('stream', member, plain.length, piece), String(head)).toEqual(wanted);
      }
    }
  });

  it('waits for whoever takes, and passes on what they throw', async () => {
    const plain = textured(1_000_000, 2);
    let running = 0;
    let taken = 0;
    const slow = KernelUnpacker.start(plain.length, async (chunk) => {
      expect(++running).toBe(1);
      const before = chunk.slice();
      await new Promise((resolve) => setTimeout(resolve, 1));
      expect(chunk).toEqual(before);
      taken += chunk.length;
      running--;
    });
    await slow?.write(gzipSync(plain));
    expect(await slow?.end()).toBe(true);
    await slow?.abort();
    expect(taken).toBe(plain.length);
    const full = KernelUnpacker.start(plain.length, () => Promise.reject(new Error('disk full')));
    await expect(full?.write(gzipSync(plain))).rejects.toThrow('disk full');
    await full?.abort();
  });
});
