import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { concatBytes, utf8 } from '@sealpost/shared/base/bytes';
import { readChunks } from '@sealpost/shared/opened/ingest/source-file';
import { spool } from './spool.ts';

const LINE = utf8('https://vpn.moe.example/:canary@moe.example:In-The-Clear\n');
const TEXT = concatBytes(...Array.from({ length: 60_000 }, () => LINE));
const before = process.env['TMPDIR'];

function setTmp(folder: string | undefined): void {
  if (folder === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = folder;
}

async function* pieces(): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < TEXT.length; at += 65_537) yield TEXT.subarray(at, at + 65_537);
}

describe('standard input', () => {
  afterEach(() => setTmp(before));

  test('is read again from its start, and from any place', async () => {
    let told = 0;
    const source = await spool('stdin', pieces(), (bytes) => (told = bytes));
    expect([source.size, told]).toEqual([TEXT.length, TEXT.length]);
    for (let times = 0; times < 2; times++) {
      const parts: Uint8Array[] = [];
      for await (const chunk of readChunks(source.stream())) parts.push(chunk.slice());
      expect(Buffer.compare(concatBytes(...parts), TEXT)).toBe(0);
    }
    for (const [start, end] of [
      [0, 1],
      [15, 17],
      [16, 48],
      [1_000_001, 1_000_100],
      [TEXT.length - 5, TEXT.length + 50],
    ] as const) {
      expect(await source.slice?.(start, end)).toEqual(Buffer.from(TEXT.subarray(start, end)));
    }
  });

  test.skipIf(!existsSync('/proc/self/fd'))(
    'leaves no file behind, and what is on the disk meanwhile is not its text',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'sealpost-spool-test-'));
      setTmp(folder);
      await spool('stdin', pieces(), () => undefined);
      expect(readdirSync(folder)).toEqual([]);
      const open = readdirSync('/proc/self/fd').filter((fd) => linkOf(join('/proc/self/fd', fd)).startsWith(folder));
      expect(open).toHaveLength(1);
      const stored = readFileSync(join('/proc/self/fd', String(open[0])));
      expect(stored.length).toBe(TEXT.length);
      expect(stored.includes('canary')).toBe(false);
    },
  );

  test('that nothing can keep is refused with what to do', async () => {
    setTmp('/nowhere/at/all');
    await expect(spool('stdin', pieces(), () => undefined)).rejects.toThrow('set TMPDIR');
  });
});

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
