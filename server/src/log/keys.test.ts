import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openServerSecrets } from './keys.ts';

const random = (size: number): Uint8Array<ArrayBuffer> => new Uint8Array(randomBytes(size));
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealpost-keys-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe("the server's keys", () => {
  it('are made once, two different ones, and are the same after a restart', async () => {
    const first = await openServerSecrets(folder, random);
    const second = await openServerSecrets(folder, random);
    expect([first.isNew, second.isNew]).toEqual([true, false]);
    expect(first.logKeys.entry.kid).not.toBe(first.logKeys.checkpoint.kid);
    expect(second.logKeys.entry.kid).toBe(first.logKeys.entry.kid);
    expect(second.setupToken).toBe(first.setupToken);
    expect(await readdir(folder)).toEqual(['server-keys.json']);
  });

  it('that are damaged are not replaced: the log would break', async () => {
    await openServerSecrets(folder, random);
    const path = join(folder, 'server-keys.json');
    for (const text of ['', '{}', (await readFile(path, 'utf8')).slice(0, -9)]) {
      await writeFile(path, text);
      await expect(openServerSecrets(folder, random)).rejects.toThrow('damaged');
      expect(await readFile(path, 'utf8')).toBe(text);
    }
  });
});
