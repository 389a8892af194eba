/** What the CLI reads from and writes to disks: whole or not at all, private, and never outside its folder. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hashSource } from '@sealpost/shared/opened/ingest/hash-source';
import { ingestSource } from '@sealpost/shared/opened/ingest/ingest-source';
import { readDraft, readFindings, readSecrets } from './draft-folder.ts';
import type { Io } from './io.ts';
import { readPassphraseFile } from './passphrase.ts';
import { PrivateFile, writePrivate } from './private-file.ts';
import { readSources } from './source-files.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sealpost-files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const io = (): Io => ({
  environment: {},
  path: (text) => join(folder, text),
  out: () => Promise.resolve(),
  json: () => Promise.resolve(),
  say: () => undefined,
  progress: () => undefined,
  onInterrupt: () => undefined,
});

const draft = {
  format: 'sealpost-draft/1',
  deployment: null,
  loads: ['l1'],
  keyVersion: 1,
  modelVersion: 1,
  madeAtMs: 1,
  organisations: [{ listId: 'moe', name: 'MOE', findings: 1, file: 'moe.findings.ndjson', secretsFile: null }],
  sources: [],
};

describe('private files', () => {
  test('a file appears whole, for its owner only, in place of the old one', async () => {
    const path = join(folder, 'a.ndjson');
    writeFileSync(path, 'old', { mode: 0o644 });
    const file = await PrivateFile.create(path);
    await file.line('one');
    await file.line('two');
    expect(readFileSync(path, 'utf8')).toBe('old');
    await file.commit();
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['a.ndjson']);
  });

  test('what is discarded leaves nothing', async () => {
    const file = await PrivateFile.create(join(folder, 'a'));
    await file.line('secret');
    await file.discard();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a folder that is not there is told in a sentence', async () => {
    await expect(writePrivate(join(folder, 'no/where'), 'x')).rejects.toThrow('cannot be written');
  });
});

describe('a folder of drafts', () => {
  test('a folder without draft.json holds none', async () => {
    expect(await readDraft(folder)).toBeNull();
  });

  test.each([
    ['cut', JSON.stringify(draft).slice(0, -5)],
    ['of another version', JSON.stringify({ ...draft, format: 'sealpost-draft/2' })],
    ['leading out of the folder', JSON.stringify(draft).replace('moe.findings.ndjson', '../../etc/passwd')],
    ['with a list id that is a path', JSON.stringify(draft).replaceAll('moe', '../moe')],
    ['with members nobody knows', JSON.stringify({ ...draft, extra: 1 })],
    ['that is no text', Buffer.from([0xff, 0xfe, 0])],
  ])('a draft.json %s is refused', async (_what, content) => {
    writeFileSync(join(folder, 'draft.json'), content);
    await expect(readDraft(folder)).rejects.toThrow('damaged or of another version');
  });

  test('lines that are no findings, and fewer lines than were written, are refused without showing them', async () => {
    const entry = draft.organisations[0] as (typeof draft.organisations)[0];
    const path = join(folder, entry.file);
    writeFileSync(path, '{"login":"nok","password":"canary-51"}\n');
    await expect(readFindings(folder, entry)).rejects.toThrow(/line 1 is no finding$/);
    writeFileSync(path, '');
    await expect(readFindings(folder, entry)).rejects.toThrow('holds 0 findings, 1 were written');
    rmSync(path);
    await expect(readFindings(folder, entry)).rejects.toThrow('cannot be read');
  });

  test('secrets that are missing or not sealed to us are refused', async () => {
    const entry = { ...(draft.organisations[0] as (typeof draft.organisations)[0]), secretsFile: 'moe.secrets.age' };
    await expect(readSecrets(folder, entry, [])).rejects.toThrow('is missing');
    writeFileSync(join(folder, 'moe.secrets.age'), 'age-encryption.org/v1\nnot really');
    await expect(readSecrets(folder, entry, [])).rejects.toThrow('damaged, or was sealed for another');
    expect(await readSecrets(folder, { ...entry, secretsFile: null }, [])).toEqual([]);
  });
});

describe('leak material on disk', () => {
  test('files are one source each, a folder is one with the paths inside it, links are not followed', async () => {
    mkdirSync(join(folder, 'logs/deep'), { recursive: true });
    writeFileSync(join(folder, 'a.txt'), 'https://moe.example/:nok:pw1\n');
    writeFileSync(join(folder, 'logs/b.txt'), 'https://moe.example/:nok:pw2\n');
    writeFileSync(join(folder, 'logs/deep/c.txt'), 'https://moe.example/:nok:pw3\n');
    symlinkSync('/etc', join(folder, 'logs/etc'));
    const [file, logs] = await readSources(['a.txt', 'logs'], io());
    expect([file?.name, file?.sizeBytes, logs?.name, logs?.sizeBytes]).toEqual(['a.txt', 29, 'logs', 58]);
    const names = logs !== undefined && !('stream' in logs.files) ? logs.files.map(({ name }) => name) : [];
    expect(names).toEqual(['b.txt', 'deep/c.txt']);
    for (const source of [file, logs]) {
      if (source === undefined) throw new Error('no source');
      const passwords: string[] = [];
      const read = await ingestSource(source.files, {
        watch: null,
        nowMs: 0,
        onRecords: async (records) => {
          passwords.push(...records.map(({ password }) => password));
        },
      });
      const hash = await hashSource(source.files);
      expect(read.ok && hash.ok && Buffer.from(read.value.sha256).equals(hash.value)).toBe(true);
      expect(passwords).toEqual(source.name === 'logs' ? ['pw2', 'pw3'] : ['pw1']);
    }
  });

  test('what is not there is named', async () => {
    await expect(readSources(['nothing.txt'], io())).rejects.toThrow('nothing.txt is not there');
  });
});

describe('passphrase files', () => {
  test('the first line counts, however it ends', async () => {
    const path = join(folder, 'p.txt');
    for (const text of ['seven herons\n', 'seven herons\r\nmore\n', '\ufeffseven herons']) {
      writeFileSync(path, text);
      expect(await readPassphraseFile(path, 'p.txt')).toBe('seven herons');
    }
    writeFileSync(path, '\n');
    await expect(readPassphraseFile(path, 'p.txt')).rejects.toThrow('is empty');
    await expect(readPassphraseFile(join(folder, 'q.txt'), 'q.txt')).rejects.toThrow('cannot be read');
  });
});
