/** Input made to hurt, at sizes that a small buffer does not show: it ends in the ledger, in bounded memory, and the rest is read. */
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../base/bytes.ts';
import { load, loadText, watching } from './load-for-test.ts';
import type { SourceFile } from './source-file.ts';

/** Of the long line: what INGEST asks for where parsers are fuzzed, less where every test has to be quick. */
const LONG_MIB = process.env['FUZZ_RUNS'] === undefined ? 48 : 2_048;

/** A file of lines before and after one line of `times` pieces and a last one; nothing of it is ever whole in memory. */
function withLongLine(piece: Uint8Array, times: number, last: Uint8Array, before: string, after: string): SourceFile {
  return {
    name: 'long.txt',
    size: before.length + piece.length * times + last.length + after.length + 1,
    stream: () => {
      let at = 0;
      return new ReadableStream<Uint8Array>({
        pull(controller) {
          at++;
          if (at === 1) controller.enqueue(utf8(before));
          else if (at <= times + 1) controller.enqueue(piece);
          else if (at === times + 2) controller.enqueue(last);
          else {
            controller.enqueue(utf8(`\n${after}`));
            controller.close();
          }
        },
      });
    },
  };
}

describe('hostile input', () => {
  test(
    `a line of ${LONG_MIB} MiB is quarantined whole where a term stands in it, and never held`,
    { timeout: 120_000 },
    async () => {
      const before = 'https://a.moe.example/:first@moe.example:pw\n';
      const after = 'https://a.moe.example/:last@moe.example:pw\n';
      const piece = new Uint8Array(1 << 20).fill(0x78);
      const named = piece.slice();
      named.set(utf8('/moe.example/'), 500_000);
      // Without the name, with it at the end alone, and as a leaf that nobody knows the watch list of.
      for (const [last, watch, reason] of [
        [piece, watching('moe.example'), null],
        [named, watching('moe.example'), 'line-too-long'],
        [piece, null, 'line-too-long'],
      ] as const) {
        const atStart = process.memoryUsage().arrayBuffers;
        let most = 0;
        const loaded = await load(withLongLine(piece, LONG_MIB - 1, last, before, after), {
          watch,
          onProgress: () => (most = Math.max(most, process.memoryUsage().arrayBuffers)),
        });
        const length = piece.length * LONG_MIB + 1;
        expect(loaded.records.map(({ login }) => login)).toEqual(['first@moe.example', 'last@moe.example']);
        expect(loaded.quarantine).toEqual(
          reason === null ? [] : [{ entry: 'long.txt', offset: before.length, length, reason }],
        );
        expect(loaded.total.bytesNotCandidate).toBe(reason === null ? length : 0);
        expect(most - atStart).toBeLessThan(24 * 2 ** 20);
      }
    },
  );

  test('lines made for expressions that try every way end like others', async () => {
    const shapes = ['@', ':', '.', '/', 'a@', 'a.', ' :', 'http://', '$2y$10$', '%40', '{', '"', '\\', '-', '๐', '1 '];
    const text = shapes.flatMap((shape) => [shape.repeat(3_000), `x${shape.repeat(3_000)}!`, `${shape}`]).join('\n');
    const loaded = await loadText(`${text}\nhttps://a.moe.example/:nok@moe.example:pw\n`);
    expect(loaded.total.bytesIn).toBe(utf8(text).length + 43);
    expect(loaded.records.at(-1)?.login).toBe('nok@moe.example');
  });
});
