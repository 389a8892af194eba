/** The audit log's tree over HTTP: receipts, consistency, tiles; and what a start does with a database that was changed or is older. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseBase64url } from '@sealpost/shared/base/base64url';
import { concatBytes, utf8 } from '@sealpost/shared/base/bytes';
import { openCheckpoint } from '@sealpost/shared/sealed/audit/checkpoint';
import type { Checkpoint } from '@sealpost/shared/sealed/audit/checkpoint';
import { leafHash, parseAuditEntry } from '@sealpost/shared/sealed/audit/entry';
import { verifyConsistency } from '@sealpost/shared/sealed/audit/merkle';
import { verifyReceipts } from '@sealpost/shared/sealed/audit/receipt';
import { parseEntryBundle, tilePath, tilesOf } from '@sealpost/shared/sealed/audit/tile';
import { appendLeaf, EMPTY_FRONTIER, rootOf } from '@sealpost/shared/sealed/audit/tree';
import { makeLogClaims, nextPlace } from '@sealpost/shared/sealed/directory/builders';
import { logKeys } from '@sealpost/shared/sealed/directory/roles';
import { signStatement } from '@sealpost/shared/sealed/envelope/statement';
import { AuditAcceptedSchema, ConsistencySchema } from '@sealpost/shared/sealed/wire/bodies';
import type { AuditAccepted } from '@sealpost/shared/sealed/wire/bodies';
import { verifyLog } from '@sealpost/server/src/log/verify-log.ts';
import { openStore } from '@sealpost/server/src/store/sqlite.ts';
import { EntryChain, entriesBody } from './entry-chain.ts';
import { checked, send, setUp, statementsOf } from './scene.ts';
import type { Enrolled, Scene } from './scene.ts';
import { startTestServer } from './test-server.ts';
import { isOnPostgres } from './test-storage.ts';
import type { TestServer } from './test-server.ts';

let folder: string;
let running: TestServer;
let scene: Scene;
let member: Enrolled;
let chain: EntryChain;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealpost-log-'));
  running = await startTestServer({ dataDir: join(folder, 'data') });
  scene = await setUp(running.origin);
  member = await scene.enrol();
  chain = new EntryChain(member.device, scene.deployment);
});
afterAll(async () => {
  await running.stop();
  await rm(folder, { recursive: true });
});

const get = (path: string, signer = scene.operator) => send(running.origin, signer, { method: 'GET', path });

/** The newest `log` statement. The server may listen elsewhere than when the scene was set. */
async function logStatement() {
  const directory = await running.server.deps.directories.current(scene.deployment);
  const log = directory === null ? null : logKeys(directory);
  if (log === null) throw new Error('no log statement');
  return log;
}

async function openNote(text: string): Promise<Checkpoint> {
  const log = await logStatement();
  const publicKey = parseBase64url(log.checkpoint, 32) as Uint8Array;
  const opened = await openCheckpoint(utf8(text), log.origin, { name: log.origin, type: 'log', publicKey });
  if (!opened.ok) throw new Error(opened.error.kind);
  return opened.value;
}

async function post(count: number, from?: number): Promise<AuditAccepted & { readonly leaves: readonly Uint8Array[] }> {
  const made = await chain.next(count);
  const body = entriesBody(made, from);
  const answer = await send(running.origin, member.device, { method: 'POST', path: scene.at.audit(), body });
  if (answer.status !== 200) throw new Error(`audit: ${answer.status}`);
  return { ...checked(AuditAcceptedSchema, await answer.json()), leaves: made.map(({ leaf }) => leaf) };
}

describe('a receipt', () => {
  it('names each index, and proves it in a checkpoint that the server signed', async () => {
    for (const count of [1, 3, 100, 200]) {
      const receipt = await post(count);
      const { size, root } = await openNote(receipt.checkpoint);
      expect(receipt.indices.at(-1)).toBeLessThan(size);
      expect(verifyReceipts(receipt, receipt.leaves, size, root)).toBe(true);
      const others = [...receipt.leaves.slice(1), leafHash(new Uint8Array(172))];
      expect(verifyReceipts(receipt, others, size, root)).toBe(false);
    }
  });

  it('proves that the log only grew since the checkpoint that the caller holds', async () => {
    const held = await openNote((await post(2)).checkpoint);
    const receipt = await post(70, held.size);
    const now = await openNote(receipt.checkpoint);
    const proof = (receipt.consistency ?? []).map((hash) => parseBase64url(hash, 32) as Uint8Array);
    expect(verifyConsistency(held.size, now.size, held.root, proof, now.root)).toBe(true);
    expect(verifyConsistency(held.size - 1, now.size, held.root, proof, now.root)).toBe(false);
  });

  it('is had again for entries of long ago', async () => {
    await post(300);
    const answer = await get(scene.at.receipts([0, 255, 256, 400]), member.device);
    const receipt = checked(AuditAcceptedSchema, await answer.json());
    const { size, root } = await openNote(receipt.checkpoint);
    const bundle = parseEntryBundle(new Uint8Array(await (await get(scene.at.tile('tile/entries/000'))).arrayBuffer()));
    const leaves = [0, 255].map((index) => leafHash(bundle?.[index] as Uint8Array));
    const two = { ...receipt, indices: [0, 255], proofs: receipt.proofs.slice(0, 2) };
    expect(verifyReceipts(two, leaves, size, root)).toBe(true);
    expect((await get(scene.at.receipts([size]))).status).toBe(404);
  });
});

describe('the tree', () => {
  it('is served as tiles and entry bundles that never change, and give the root of the checkpoint', async () => {
    const note = await (await get(scene.at.checkpoint())).text();
    const { size, root } = await openNote(note);
    let frontier = EMPTY_FRONTIER;
    const nodes = new Map<string, Uint8Array>();
    for (const name of tilesOf(size)) {
      const answer = await get(scene.at.tile(tilePath(name)));
      expect(answer.headers.get('Cache-Control')).toContain('immutable');
      const bytes = new Uint8Array(await answer.arrayBuffer());
      if (name.level === 'entries') {
        const entries = parseEntryBundle(bytes) ?? [];
        expect(entries).toHaveLength(name.width);
        for (const entry of entries) {
          expect(parseAuditEntry(entry).ok).toBe(true);
          const next = appendLeaf(frontier, leafHash(entry));
          frontier = next.frontier;
          for (const node of next.made) nodes.set(`${node.level}/${node.index}`, node.hash);
        }
      } else {
        const expected = Array.from(
          { length: name.width },
          (_, i) => nodes.get(`${Number(name.level) * 8}/${name.index * 256 + i}`) as Uint8Array,
        );
        expect(bytes).toEqual(concatBytes(...expected));
      }
    }
    expect(rootOf(frontier)).toEqual(root);
  });

  it('shows members hashes but no entries, and nobody a tile that is not there', async () => {
    expect((await get(scene.at.tile('tile/0/000'), member.device)).status).toBe(200);
    expect((await get(scene.at.tile('tile/entries/000'), member.device)).status).toBe(403);
    expect((await get(scene.at.tile('tile/0/999'))).status).toBe(404);
    expect((await get(scene.at.tile('tile/0/00'))).status).toBe(400);
    expect((await fetch(`${running.origin}${scene.at.checkpoint()}`)).status).toBe(401);
  });

  it('answers no proof from the empty tree, and none from a size it never had', async () => {
    const { size } = await openNote(await (await get(scene.at.checkpoint())).text());
    expect((await get(scene.at.consistency(0))).status).toBe(400);
    expect((await get(scene.at.consistency(size + 1))).status).toBe(404);
    expect(checked(ConsistencySchema, await (await get(scene.at.consistency(size))).json()).consistency).toEqual([]);
  });

  it('goes on under a new origin only by a statement of an operator that names the keys of this server', async () => {
    const directory = await scene.directory();
    const { origin, checkpoint, entry } = await logStatement();
    const next = async (checkpointKey: string) => {
      const place = nextPlace(directory, 'cert', Date.now());
      const claims = {
        origin: origin.replace(/1$/, '2'),
        epoch: 2,
        checkpoint: checkpointKey,
        entry,
        witnesses: [],
        quorum: 0,
        reason: 'restore' as const,
      };
      const statement = await signStatement('log', makeLogClaims(place, claims), scene.operator);
      return send(running.origin, scene.operator, {
        method: 'POST',
        path: scene.at.chains(),
        body: statementsOf(statement),
      });
    };
    expect((await next(entry)).status).toBe(400);
    expect((await next(checkpoint)).status).toBe(200);
    expect((await openNote((await post(1)).checkpoint)).origin).toBe(origin.replace(/1$/, '2'));
  });
});

describe('a start', () => {
  /** Copies the data folder, changes the copy, and answers what the server says when it is started over it. */
  async function startOver(change: (db: DatabaseSync) => void): Promise<string> {
    const copy = await mkdtemp(join(folder, 'copy-'));
    await cp(join(folder, 'data'), copy, { recursive: true });
    const db = new DatabaseSync(join(copy, 'sealpost.sqlite'));
    change(db);
    db.close();
    try {
      const started = await startTestServer({ dataDir: copy });
      await started.stop();
      return 'started';
    } catch (error) {
      return String(error);
    }
  }
  const flip = (table: string, column: string, where: string) => (db: DatabaseSync) => {
    const row = db.prepare(`select ${column} as value from ${table} where ${where}`).get();
    const value = row?.['value'] as Uint8Array;
    value[20] = (value[20] as number) ^ 4;
    db.prepare(`update ${table} set ${column} = ? where ${where}`).run(value);
  };
  const run = (statement: string) => (db: DatabaseSync) => void db.exec(statement);

  it('over the same folder serves the same log', async () => {
    const before = await openNote(await (await get(scene.at.checkpoint())).text());
    await running.stop();
    expect(await startOver(() => undefined)).toBe('started');
    running = await startTestServer({ dataDir: join(folder, 'data') });
    const after = await openNote(await (await get(scene.at.checkpoint())).text());
    expect(after.size).toBe(before.size + 2); // stop and start
    const answer = checked(ConsistencySchema, await (await get(scene.at.consistency(before.size))).json());
    const proof = answer.consistency.map((hash) => parseBase64url(hash, 32) as Uint8Array);
    expect(verifyConsistency(before.size, after.size, before.root, proof, after.root)).toBe(true);
  });

  it.skipIf(isOnPostgres)('refuses a log that was changed anywhere, and names the place', async () => {
    const cases: readonly (readonly [(db: DatabaseSync) => void, string])[] = [
      [flip('log_entries', 'entry', 'position = 17'), 'entry 17 was altered'],
      [flip('log_entries', 'hash', 'position = 18'), 'entry 18 was altered'],
      [flip('log_payloads', 'sealed', 'position = 19'), 'payload of entry 19 was altered'],
      [flip('log_payloads', 'salt', 'position = 20'), 'payload of entry 20 was altered'],
      [flip('log_heads', 'root', 'true'), 'another root'],
      [flip('log_heads', 'checkpoint', 'true'), 'is not signed'],
      [flip('log_tiles', 'hashes', 'n = 0'), 'tile 1/0 is not'],
      [flip('log_writers', 'head', 'seq > 100'), 'newest entry of key'],
      [run('delete from log_entries where position = 30'), 'entry 30 is missing'],
      [run('delete from log_entries where position = (select max(position) from log_entries)'), 'is missing'],
      [run('delete from log_heads'), 'head is gone'],
      [run('delete from log_tiles'), 'tile 1/0 is not'],
      [run('update log_entries set seq = seq + 100000 where position = 40'), 'entry 40 was altered'],
    ];
    for (const [change, expected] of cases) {
      expect(await startOver(change)).toContain(expected);
    }
    expect(await startOver(run('delete from log_payloads where position = 50'))).toBe('started'); // erased: allowed
  });

  it.skipIf(isOnPostgres)(
    'over a log longer than what is read in full begins at the last verified checkpoint, and finds what lies behind it',
    async () => {
      const { reader, logKeys: keys } = running.server.deps;
      const { origin } = await logStatement();
      const short = () =>
        verifyLog(reader, scene.deployment, origin, keys.checkpoint, {
          fullCheckEntries: 100,
        });
      await post(5);
      expect(await short()).toMatchObject({ ok: true });
      const db = new DatabaseSync(join(folder, 'data', 'sealpost.sqlite'));
      const size = Number(db.prepare('select size from log_heads').get()?.['size']);
      flip('log_entries', 'entry', `position = ${size - 2}`)(db);
      expect(await short()).toMatchObject({ ok: false, error: { kind: 'entry', index: size - 2 } });
      flip('log_entries', 'entry', `position = ${size - 2}`)(db);
      expect(await short()).toMatchObject({ ok: true });
      flip('log_heads', 'verified', 'true')(db);
      expect(await short()).toMatchObject({ ok: false, error: { kind: 'verified' } });
      flip('log_heads', 'verified', 'true')(db);
      db.close();
    },
  );

  it.skipIf(isOnPostgres).each(['0001-first', '0002-log-tree', '0003-retention', '0004-expiry'] as const)(
    'over a database of release %s keeps what is there and goes on in one tree',
    async (release) => {
      const before = await openNote(await (await get(scene.at.checkpoint())).text());
      await running.stop();
      // what the old release would hold: its tables, filled from those of today
      const old = join(folder, 'old');
      await cp(join(folder, 'data'), old, { recursive: true });
      const path = join(old, 'sealpost.sqlite');
      for (const suffix of ['', '-wal', '-shm']) await rm(path + suffix, { force: true });
      await (await openStore(path, undefined, release)).close();
      const db = new DatabaseSync(path);
      db.exec(`attach '${join(folder, 'data', 'sealpost.sqlite')}' as served`);
      const tables = db
        .prepare(`select name from main.sqlite_schema where type = 'table' and sql like '%STRICT%'`)
        .all();
      for (const { name } of tables) {
        const columns = db.prepare(`select name from pragma_table_info('${String(name)}', 'main')`).all();
        const list = columns.map((column) => `"${String(column['name'])}"`).join(', ');
        db.exec(`insert into main.${String(name)} (${list}) select ${list} from served.${String(name)}`);
      }
      const payloads = db.prepare('select count(*) as n from main.log_payloads').get()?.['n'];
      db.close();

      const upgraded = await startTestServer({ dataDir: old });
      const note = await send(upgraded.origin, scene.operator, { method: 'GET', path: scene.at.checkpoint() });
      const after = await openNote(await note.text());
      expect(after.size).toBe(before.size + 2); // the stop of the one, the start of the other
      const proved = await send(upgraded.origin, scene.operator, {
        method: 'GET',
        path: scene.at.consistency(before.size),
      });
      const answer = checked(ConsistencySchema, await proved.json());
      const proof = answer.consistency.map((hash) => parseBase64url(hash, 32) as Uint8Array);
      expect(verifyConsistency(before.size, after.size, before.root, proof, after.root)).toBe(true);
      await upgraded.stop();
      const now = new DatabaseSync(path);
      const kept = now.prepare('select count(*) as n from log_payloads').get()?.['n'];
      now.close();
      expect(Number(kept) - Number(payloads)).toBe(2); // of the new start and stop
      running = await startTestServer({ dataDir: join(folder, 'data') });
    },
  );
});
