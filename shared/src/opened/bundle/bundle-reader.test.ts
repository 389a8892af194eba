import fc from 'fast-check';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { concatBytes } from '../../base/bytes.ts';
import type { Finding } from '../finding/finding.ts';
import { BATCH_ROWS } from './arrow-column.ts';
import { oneBuffer } from './arrow-read.ts';
import { BundleReader, BundleRefused } from './bundle-reader.ts';
import type { BundleColumns, TextColumn } from './columns.ts';
import { columnsOf } from './columns-of.ts';
import { FlatTable } from './flatbuffer.ts';
import { joinColumns } from './join-columns.ts';
import { packBundle, packColumns } from './pack.ts';
import { findingsOf } from './row.ts';
import { sampleFindings } from './sample-findings.ts';
import { unpackBundle } from './unpack.ts';
import { isUtf8 } from './utf8-check.ts';

/** Message.fbs: a record batch. */
const HEADER_BATCH = 3;
const withheld = { contextless: 0, unproven: 0, unconfirmed: 0 };
const packed = async (rows: readonly Finding[]) => {
  const { content } = await packBundle(rows, { policy: 'fingerprint', tlp: 'TLP:AMBER', caveat: null, withheld });
  return new Uint8Array(gunzipSync(content));
};
const small = await packed(sampleFindings(20));

/** What a sink sees of `bytes` in chunks of `size`; the refusal where there is one. */
function read(
  bytes: Uint8Array,
  size: number,
): { readonly findings: readonly Finding[]; readonly refused: string | null } {
  const findings: Finding[] = [];
  const sink = {
    begin: () => undefined,
    identities: () => undefined,
    batch: (columns: BundleColumns) => void findings.push(...findingsOf(columns)),
    takeBuffer: oneBuffer(),
  };
  const reader = new BundleReader(sink);
  try {
    // The chunk is used again at once: nothing may be kept of it.
    const chunk = new Uint8Array(size);
    for (let at = 0; at < bytes.length; at += size) {
      chunk.set(bytes.subarray(at, at + size));
      void reader.write(chunk.subarray(0, Math.min(size, bytes.length - at)));
    }
    reader.end();
    return { findings, refused: null };
  } catch (error) {
    if (!(error instanceof BundleRefused)) throw error;
    return { findings, refused: error.reason.code };
  }
}

/** A stream of two batches: what comes before them, the two, the end. */
function partsOf(stream: Uint8Array): readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array] {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.length);
  const starts: number[] = [];
  let at = 0;
  for (let size = view.getUint32(4, true); size > 0; size = view.getUint32(at + 4, true)) {
    const message = FlatTable.root(new DataView(stream.buffer, stream.byteOffset + at + 8, size));
    if (message.u8(1) === HEADER_BATCH) starts.push(at);
    at += 8 + size + message.size(3);
  }
  const [first, second] = starts as [number, number];
  return [stream.subarray(0, first), stream.subarray(first, second), stream.subarray(second, at), stream.subarray(at)];
}

describe('a bundle read by chunks', () => {
  test('gives the same rows in chunks of 1 to 257 bytes as whole', () => {
    const whole = read(small, small.length);
    expect(whole).toEqual({ findings: sampleFindings(20), refused: null });
    for (let size = 1; size <= 257; size += size < 20 ? 1 : 13) expect(read(small, size)).toEqual(whole);
  });

  test('gives the same verdict by chunks as whole when it is cut anywhere', () => {
    for (let length = 0; length < small.length; length += length < 600 ? 1 : 37) {
      const cut = small.subarray(0, length);
      const verdict = read(cut, 101).refused;
      expect(verdict).not.toBeNull();
      expect(read(cut, small.length).refused).toBe(verdict);
      expect(unpackBundle(cut).ok).toBe(false);
    }
    expect(read(new Uint8Array([...small, 0]), 64).refused).toBe('bytes after the end');
  });

  test('gives the same verdict by chunks as whole when bytes change', () => {
    const changes = fc.array(fc.tuple(fc.nat(small.length - 1), fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(changes, fc.integer({ min: 1, max: 257 }), (flips, size) => {
        const damaged = small.slice();
        for (const [at, mask] of flips) damaged[at] = (damaged[at] as number) ^ mask;
        const whole = read(damaged, damaged.length);
        expect(read(damaged, size)).toEqual(whole);
        expect(unpackBundle(damaged).ok).toBe(whole.refused === null);
      }),
      { numRuns: 600 },
    );
  });

  test('refuses what claims to be larger than it can be before it takes memory for it', () => {
    const claims = small.slice();
    // Metadata of 4 GiB, where the first message says how long it is.
    claims.set([0xff, 0xff, 0xff, 0xff], 4);
    expect(read(claims, 8).refused).toBe('truncated');
    const nobody = { begin: () => undefined, identities: () => undefined, batch: () => undefined };
    const reader = new BundleReader({ ...nobody, takeBuffer: oneBuffer() }, 200);
    expect(() => reader.write(small)).toThrow(BundleRefused);
  });

  test('hands over one batch at a time, in memory that is used again, with the same dictionaries', async () => {
    const rows = sampleFindings(200);
    const part = columnsOf(rows, 'fingerprint');
    const columns = joinColumns(
      Array.from({ length: 700 }, () => part),
      { policy: 'fingerprint' },
    );
    const { content } = await packColumns(columns, { policy: 'fingerprint', tlp: 'TLP:AMBER', caveat: null, withheld });
    const bytes = gunzipSync(content);
    const buffers = new Set<ArrayBuffer>();
    const dictionaries = new Set<TextColumn['dictionary']>();
    let waiting = false;
    let count = 0;
    const reader = new BundleReader({
      begin: () => undefined,
      identities: async (dictionary) => {
        expect(dictionaries.size).toBe(0);
        await new Promise((resolve) => setTimeout(resolve, 2));
        dictionaries.add(dictionary);
      },
      batch: async (columns, buffer) => {
        expect(waiting).toBe(false);
        waiting = true;
        await new Promise((resolve) => setTimeout(resolve, 2));
        expect(columns.sightings.offsets[0]).toBe(0);
        expect(columns.ledger.factor.buffer).toBe(buffer);
        expect(columns.ledger.factors.value.buffer).not.toBe(buffer);
        buffers.add(buffer);
        dictionaries.add(columns.identity.dictionary);
        const [first] = findingsOf(columns);
        expect(first).toEqual(rows[count % 200]);
        count += columns.rows;
        waiting = false;
      },
      takeBuffer: oneBuffer(),
    });
    for (let at = 0; at < bytes.length; at += 300_000) await reader.write(bytes.subarray(at, at + 300_000));
    reader.end();
    expect([count, reader.rows, dictionaries.size]).toEqual([140_000, 140_000, 1]);
    // All batches but the last are alike; the first may be smaller than a later one.
    expect(buffers.size).toBeLessThanOrEqual(2);
  });

  test('refuses a batch that is larger than the first, and one behind a shorter one', async () => {
    const part = columnsOf(sampleFindings(100), 'fingerprint');
    const columns = joinColumns(
      Array.from({ length: Math.ceil(BATCH_ROWS / 100) }, () => part),
      {
        policy: 'fingerprint',
      },
    );
    const { content } = await packColumns(columns, { policy: 'fingerprint', tlp: 'TLP:AMBER', caveat: null, withheld });
    const whole = new Uint8Array(gunzipSync(content));
    const [before, full, short, end] = partsOf(whole);
    for (const [parts, refused] of [
      [[before, full, short, end], null],
      [[before, full, full, short, end], null],
      [[before, short, full, end], 'batch size'],
      [[before, full, short, short, end], 'short batch before the last'],
    ] as const) {
      const unpacked = unpackBundle(concatBytes(...parts));
      expect(unpacked.ok ? null : unpacked.error.code).toBe(refused);
    }
  });

  test('passes on what the sink throws', async () => {
    const nothing = {
      begin: () => undefined,
      identities: () => undefined,
      batch: () => undefined,
      takeBuffer: oneBuffer(),
    };
    const full = () => Promise.reject(new Error('full'));
    for (const sink of [
      { ...nothing, batch: full },
      { ...nothing, identities: full },
    ]) {
      await expect(new BundleReader(sink).write(small)).rejects.toThrow('full');
    }
  });
});

test('UTF-8 is what TextDecoder takes for it', () => {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const isDecoded = (bytes: Uint8Array) => {
    try {
      decoder.decode(bytes);
      return true;
    } catch {
      return false;
    }
  };
  const edges = fc.constantFrom(
    0,
    0x41,
    0x7f,
    0x80,
    0x8f,
    0x90,
    0x9f,
    0xa0,
    0xbf,
    0xc0,
    0xc1,
    0xc2,
    0xdf,
    0xe0,
    0xe1,
    0xec,
    0xed,
    0xee,
    0xef,
    0xf0,
    0xf1,
    0xf3,
    0xf4,
    0xf5,
    0xff,
  );
  fc.assert(
    fc.property(fc.array(edges, { maxLength: 6 }), (bytes) => {
      expect(isUtf8(Uint8Array.from(bytes))).toBe(isDecoded(Uint8Array.from(bytes)));
    }),
    { numRuns: 1500 },
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(isUtf8(new TextEncoder().encode(text))).toBe(true);
    }),
  );
  // Wherever it lies in memory and among ASCII.
  fc.assert(
    fc.property(fc.nat(9), fc.nat(9), fc.array(edges, { maxLength: 5 }), fc.nat(9), (offset, before, bytes, after) => {
      const all = [...Array<number>(before).fill(0x41), ...bytes, ...Array<number>(after).fill(0x7f)];
      const placed = new Uint8Array(offset + all.length).subarray(offset);
      placed.set(all);
      expect(isUtf8(placed)).toBe(isDecoded(placed));
    }),
    { numRuns: 1000 },
  );
});
