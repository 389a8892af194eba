/** The whole log checked from outside: ours is accepted, and no altered copy of it; one of another implementation, too. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkpointKeyOf, entryRulesOf } from '@sealpost/shared/sealed/audit/log-keys-of';
import { parseNoteKey } from '@sealpost/shared/sealed/audit/note';
import type { NoteKey } from '@sealpost/shared/sealed/audit/note';
import { tilePath, tilesOf } from '@sealpost/shared/sealed/audit/tile';
import { verifyLogFiles } from '@sealpost/shared/sealed/audit/verify-log-files';
import type { EntryRules } from '@sealpost/shared/sealed/audit/verify-log-files';
import { EntryChain, entriesBody } from './entry-chain.ts';
import { send, setUp } from './scene.ts';
import type { Scene } from './scene.ts';
import { startTestServer } from './test-server.ts';
import type { TestServer } from './test-server.ts';

const TESSERA = join(import.meta.dirname, '../../../shared/vectors/tessera-log');
/** Key of that log, as its repository tells it. */
const TESSERA_KEY = 'example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx';

let running: TestServer;
let scene: Scene;
let files: Map<string, Uint8Array>;
let key: NoteKey;
let rules: EntryRules;

beforeAll(async () => {
  running = await startTestServer();
  scene = await setUp(running.origin);
  for (const count of [260, 40]) {
    const { device } = await scene.enrol();
    const chain = new EntryChain(device, scene.deployment);
    const body = entriesBody(await chain.next(count));
    await send(scene.origin, device, { method: 'POST', path: scene.at.audit(), body });
  }
  const get = async (path: string) =>
    new Uint8Array(await (await send(scene.origin, scene.operator, { method: 'GET', path })).arrayBuffer());
  const size = (await running.server.deps.trees.head(scene.deployment))?.frontier.size ?? 0;
  files = new Map([['checkpoint', await get(scene.at.checkpoint())]]);
  for (const name of tilesOf(size)) files.set(tilePath(name), await get(scene.at.tile(tilePath(name))));
  const directory = await scene.directory();
  key = checkpointKeyOf(directory) as NoteKey;
  rules = entryRulesOf(directory);
});
afterAll(() => running.stop());

const verify = (copy: ReadonlyMap<string, Uint8Array>) =>
  verifyLogFiles((name) => Promise.resolve(copy.get(name) ?? null), key, rules);

const altered = (name: string, change: (bytes: Uint8Array) => Uint8Array): Map<string, Uint8Array> =>
  new Map(files).set(name, change((files.get(name) as Uint8Array).slice()));

describe('a log of ours', () => {
  it('is accepted, with every signature checked', async () => {
    const verified = await verify(files);
    expect(verified).toMatchObject({ ok: true, value: { keys: 3, files: files.size } });
  });

  it('with any one bit of any file flipped is refused', async () => {
    for (const [name, bytes] of files) {
      for (const at of [0, 1, 7, 40, 150, bytes.length >> 1, bytes.length - 2]) {
        if (at >= bytes.length) continue;
        const copy = altered(name, (own) => {
          own[at] = (own[at] as number) ^ 1;
          return own;
        });
        expect(await verify(copy), `${name} at ${at}`).toMatchObject({ ok: false });
      }
    }
  });

  it('that lacks a file, or a part of one, is refused, and the file is named', async () => {
    for (const name of files.keys()) {
      const copy = new Map(files);
      copy.delete(name);
      expect(await verify(copy)).toEqual({ ok: false, error: { kind: 'missing-file', name } });
      expect(await verify(altered(name, (own) => own.subarray(0, own.length - 174)))).toMatchObject({ ok: false });
    }
  });

  it('with entries in another order, repeated, or of unknown keys is refused, and the entry is named', async () => {
    const entry = (bytes: Uint8Array, at: number) => bytes.slice(at * 174, at * 174 + 174);
    const swapped = altered('tile/entries/000', (own) => {
      const [a, b] = [entry(own, 20), entry(own, 21)];
      own.set(b, 20 * 174);
      own.set(a, 21 * 174);
      return own;
    });
    expect(await verify(swapped)).toMatchObject({ ok: false, error: { kind: 'entry', index: 20, reason: 'order' } });
    const repeated = altered('tile/entries/000', (own) => {
      own.set(entry(own, 30), 31 * 174);
      return own;
    });
    expect(await verify(repeated)).toMatchObject({ ok: false, error: { kind: 'entry', index: 31, reason: 'order' } });
    const nobody = await verifyLogFiles((name) => Promise.resolve(files.get(name) ?? null), key, {
      ...rules,
      keyOf: () => null,
    });
    expect(nobody).toMatchObject({ ok: false, error: { kind: 'entry', index: 0, reason: 'unknown-key' } });
  });
});

describe.runIf(existsSync(TESSERA))('a log that Tessera wrote', () => {
  it('is accepted with its key, and refused with a tile changed', async () => {
    const tessera = parseNoteKey(TESSERA_KEY) as NoteKey;
    const read = (name: string) =>
      Promise.resolve(existsSync(join(TESSERA, name)) ? new Uint8Array(readFileSync(join(TESSERA, name))) : null);
    expect(await verifyLogFiles(read, tessera, null)).toMatchObject({ ok: true, value: { size: 15 } });
    const broken = async (name: string) => {
      const bytes = await read(name);
      if (bytes !== null && name.startsWith('tile/0')) bytes[5] = (bytes[5] as number) ^ 1;
      return bytes;
    };
    expect(await verifyLogFiles(broken, tessera, null)).toMatchObject({ ok: false, error: { kind: 'damaged-file' } });
  });
});
