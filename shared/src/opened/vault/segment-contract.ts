/** What every `SegmentStorage` must do, as one check that runs wherever the storage does: in Node, in a browser's worker. */
import type { Bytes } from '../../base/bytes.ts';
import { equalBytes } from '../../base/bytes.ts';
import type { SegmentStorage, SegmentWriter } from './segment-storage.ts';

/** Lengths of appends: inside a chunk of 1 MiB, over its border, more than one, a single byte. */
const APPENDS = [700_000, 900_001, 1, 2_500_000, 65_536];

/**
 * Writes, reads and removes a few files of made-up bytes in an empty storage.
 *
 * @returns one sentence for each promise that was broken; none where it keeps all.
 */
export async function brokenPromises(storage: SegmentStorage): Promise<readonly string[]> {
  const broken: string[] = [];
  const expect = (claim: string, holds: boolean): void => {
    if (!holds) broken.push(claim);
  };
  const content = (seed: number): Bytes => madeUpBytes(seed, sum(APPENDS));
  const listed = async (): Promise<string> =>
    (await storage.list())
      .map(({ name, size }) => `${name} ${size}`)
      .sort()
      .join();

  expect('an empty storage lists nothing', (await listed()) === '');
  const [first, second] = [content(1), content(2)];
  const one = await begin(storage, 'one');
  const two = await begin(storage, 'two');
  if (one === null || two === null) return [...broken, 'two files can be written at once'];
  let at = 0;
  for (const length of APPENDS) {
    for (const [writer, bytes] of [
      [one, first],
      [two, second],
    ] as const) {
      // A view into a larger buffer: only what is viewed is appended.
      const buffer = new Uint8Array(length + 10);
      buffer.set(bytes.subarray(at, at + length), 7);
      const appended = await writer.append(buffer.subarray(7, 7 + length));
      expect('an append succeeds', appended.ok);
      expect(
        'a buffer that is handed back has the size of the one given',
        !appended.ok || appended.value === null || appended.value.byteLength === length + 10,
      );
    }
    at += length;
  }
  expect('a file is closed', (await one.close()).ok && (await two.close()).ok);
  expect('closed files are listed with their sizes', (await listed()) === `one ${at},two ${at}`);

  const taken = await storage.create('one');
  expect('a name that is taken is a conflict', !taken.ok && taken.error.kind === 'conflict');

  for (const [offset, length] of ranges(at)) {
    const read = await storage.read('one', offset, length);
    expect(`bytes ${offset} to ${offset + length} are what was written`, isSame(read, first, offset, length));
  }
  const together = ranges(at).map(async ([offset, length]) =>
    isSame(await storage.read('two', offset, length), second, offset, length),
  );
  expect('reads may overlap', (await Promise.all(together)).every(Boolean));
  const into = await storage.read('one', 5, 1000, new ArrayBuffer(4096));
  expect('a read into a buffer has the length asked for', isSame(into, first, 5, 1000));
  const small = await storage.read('one', 5, 1000, new ArrayBuffer(10));
  expect('a buffer that is too small is left alone', isSame(small, first, 5, 1000));
  expect('a read beyond the end is null', (await storage.read('one', at - 10, 11)) === null);
  expect('a read behind the end is null', (await storage.read('one', at + 5_000_000, 1)) === null);
  expect('a file that is not there reads as null', (await storage.read('three', 0, 1)) === null);

  const given = await begin(storage, 'given-up');
  await given?.append(content(3));
  await given?.abort();
  expect('a file that was given up is gone', (await storage.read('given-up', 0, 1)) === null);
  expect('what is not there can be removed', (await storage.remove(['three', 'one'])).ok);
  expect('a removed file is gone', (await storage.read('one', 0, 1)) === null);
  expect('a removed file is not listed', (await listed()) === `two ${at}`);
  const again = await begin(storage, 'one');
  await again?.append(new Uint8Array([9]));
  expect('a name can be used again', (await again?.close())?.ok === true);
  expect('nothing of the older file is left', (await listed()) === `one 1,two ${at}`);
  expect('everything can be removed', (await storage.remove(['one', 'two'])).ok && (await listed()) === '');
  return broken;
}

async function begin(storage: SegmentStorage, name: string): Promise<SegmentWriter | null> {
  const created = await storage.create(name);
  return created.ok ? created.value : null;
}

/** The whole, its ends, and ranges over the borders of appends. */
function ranges(size: number): readonly (readonly [offset: number, length: number])[] {
  const borders = APPENDS.map((_, n) => sum(APPENDS.slice(0, n)));
  return [[0, size], [0, 1], [size - 1, 1], ...borders.slice(1).map((border) => [border - 3, 7] as const)];
}

function isSame(read: Bytes | null, whole: Bytes, offset: number, length: number): boolean {
  return read !== null && equalBytes(read, whole.subarray(offset, offset + length));
}

/** Bytes that differ from place to place (xorshift32). */
function madeUpBytes(seed: number, length: number): Bytes {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state;
  }
  return bytes;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
