/** The worker's side of the storage bench and tests: the app's own storages, in a worker that is shared or not. */
import type { Bytes } from '@sealpost/shared/base/bytes';
import type { Batch } from '@sealpost/shared/opened/vault/backend';
import { brokenPromises } from '@sealpost/shared/opened/vault/segment-contract';
import type { SegmentStorage } from '@sealpost/shared/opened/vault/segment-storage';
import { CHUNK_STORES, ChunkFiles } from '../../../web/src/workers/store/chunk-files.ts';
import { Connection } from '../../../web/src/workers/store/connection.ts';
import { deleteDexieBackend, openDexieBackend } from '../../../web/src/workers/store/dexie-backend.ts';
import { OpfsFiles } from '../../../web/src/workers/store/opfs-files.ts';
import { DiskPorts } from '../../../web/src/workers/vault/disk-ports.ts';
import { tabSignal } from '../../../web/src/workers/vault/tab-locks.ts';
import type { Loss } from './lost-connections.ts';
import { loseNext } from './lost-connections.ts';

export type StorageKind = 'opfs' | 'ports' | 'blob' | 'buffer';

const BLOCK_BYTES = 1 << 20;
const FOLDER = 'storage-bench';
const ROWS = 'storage-bench-rows';

const ports = new DiskPorts();
let connection: Promise<Connection> | null = null;

const calls = {
  async attachDisk(port: MessagePort, tab: string): Promise<void> {
    ports.attach(port, tabSignal(tab));
  },

  async contract(kind: StorageKind): Promise<readonly string[]> {
    return brokenPromises(await storageOf(kind));
  },

  /** How many of `times` lists lack a file that was there all the time, while another worker's probes come and go. */
  async listBesideProbes(times: number): Promise<number> {
    const files = new OpfsFiles(FOLDER);
    const names = ['a', 'z'];
    for (const name of names)
      if ((await calls.write('opfs', name, 1)) !== 'ok') throw new Error(`cannot write ${name}`);
    let isOver = false;
    const probing = Promise.all(
      names.map(async () => {
        const other = new OpfsFiles(FOLDER);
        while (!isOver) await other.works();
      }),
    );
    let lacking = 0;
    for (let n = 0; n < times; n++) {
      const listed = (await files.list()).map(({ name }) => name);
      if (!names.every((name) => listed.includes(name))) lacking++;
    }
    isOver = true;
    await probing;
    await files.remove(names);
    return lacking;
  },

  async write(kind: StorageKind, name: string, megabytes: number): Promise<'ok' | string> {
    const created = await (await storageOf(kind)).create(name);
    if (!created.ok) return created.error.kind;
    let buffer: ArrayBuffer | null = null;
    for (let block = 0; block < megabytes; block++) {
      const bytes: Bytes = new Uint8Array(buffer ?? new ArrayBuffer(BLOCK_BYTES));
      bytes.fill(block, 0, 4096);
      const appended = await created.value.append(bytes);
      if (!appended.ok) return appended.error.kind;
      buffer = appended.value;
    }
    const closed = await created.value.close();
    return closed.ok ? 'ok' : closed.error.kind;
  },

  /** Reads the file `times` times; answers with the megabytes that came back as they were written. */
  async read(kind: StorageKind, name: string, megabytes: number, times = 1): Promise<number> {
    const storage = await storageOf(kind);
    let buffer = new ArrayBuffer(BLOCK_BYTES);
    let good = 0;
    for (let n = 0; n < times * megabytes; n++) {
      const block = n % megabytes;
      const read = await storage.read(name, block * BLOCK_BYTES, BLOCK_BYTES, buffer);
      if (read === null) return good;
      if (read[0] === block % 256 && read[4095] === block % 256) good++;
      buffer = read.buffer;
    }
    return good;
  },

  /** Milliseconds. */
  async timeOf(kind: StorageKind, what: 'write' | 'read', megabytes: number): Promise<number> {
    const startMs = performance.now();
    const done = await calls[what](kind, 'timed', megabytes);
    if (done !== 'ok' && done !== megabytes) throw new Error(`${what}: ${done}`);
    return performance.now() - startMs;
  },

  /** What a commit answers and leaves when the connection is lost meanwhile, and what was told. */
  async commitThrough(loss: Loss): Promise<Survived> {
    await deleteDexieBackend(ROWS, null);
    const told: string[] = [];
    const backend = await openDexieBackend(ROWS, null, (code) => told.push(code));
    const before = await backend.commit(changeTo(1));
    if (!before.ok) throw new Error(before.error.kind);
    await loseNext(loss, ROWS);
    const committed = await backend.commit(changeTo(2));
    const databases = (await indexedDB.databases()).map(({ name }) => name);
    const rows = databases.includes(ROWS)
      ? [...(await backend.list('meta')), ...(await backend.list('journal'))]
      : null;
    await backend.close();
    return {
      committed: committed.ok ? 'ok' : committed.error.kind,
      rows: rows && rows.map(({ id, rev }) => `${id} ${rev}`),
      told,
    };
  },

  /** How many rows are read while the connection is lost. */
  async readThrough(loss: Loss): Promise<{ readonly read: number; readonly told: readonly string[] }> {
    await deleteDexieBackend(ROWS, null);
    const told: string[] = [];
    const backend = await openDexieBackend(ROWS, null, (code) => told.push(code));
    await backend.commit(changeTo(1));
    await loseNext(loss, ROWS);
    const read = await backend.getMany('journal', ['entry-1', 'entry-2']);
    await backend.close();
    return { read: read.filter((row) => row !== null).length, told };
  },

  /** Two connections that both want to make the second revision. */
  async commitTwice(): Promise<readonly string[]> {
    await deleteDexieBackend(ROWS, null);
    const backends = [await openDexieBackend(ROWS, null), await openDexieBackend(ROWS, null)];
    await backends[0]?.commit(changeTo(1));
    const committed = await Promise.all(backends.map((backend) => backend.commit(changeTo(2))));
    for (const backend of backends) await backend.close();
    return committed.map((one) => (one.ok ? 'ok' : one.error.kind)).sort();
  },

  /** What is left of batches that are tried out, alone and beside a commit of another connection, and while the own one is lost. */
  async tryOut(loss: Loss): Promise<readonly string[]> {
    await deleteDexieBackend(ROWS, null);
    const backends = [await openDexieBackend(ROWS, null), await openDexieBackend(ROWS, null)] as const;
    const [one, other] = backends;
    await one.commit(changeTo(1));
    await one.tryOut(changeTo(2, 160_000));
    // It expects what does not hold, too.
    await one.tryOut(changeTo(7));
    const [committed] = await Promise.all([
      other.commit(changeTo(2)),
      one.tryOut(changeTo(2)),
      one.tryOut(changeTo(3)),
    ]);
    await loseNext(loss, ROWS);
    await one.tryOut(changeTo(3));
    const next = await one.commit(changeTo(3));
    const rows = [...(await one.list('meta')), ...(await one.list('journal'))];
    for (const backend of backends) await backend.close();
    return [committed, next].map(({ ok }) => String(ok)).concat(rows.map(({ id, rev }) => `${id} ${rev}`));
  },

  /** Milliseconds of `count` commits of three rows each, one of them expected, in rising order. */
  async timeCommits(count: number, journalBytes: number): Promise<readonly number[]> {
    await deleteDexieBackend(ROWS, null);
    const backend = await openDexieBackend(ROWS, null);
    const times: number[] = [];
    for (let rev = 1; rev <= count; rev++) {
      const startMs = performance.now();
      const committed = await backend.commit(changeTo(rev, journalBytes));
      if (!committed.ok) throw new Error(committed.error.kind);
      times.push(performance.now() - startMs);
    }
    await backend.close();
    return times.sort((a, b) => a - b);
  },

  async remove(kind: StorageKind, name: string): Promise<boolean> {
    return (await (await storageOf(kind)).remove([name])).ok;
  },

  async list(kind: StorageKind): Promise<readonly string[]> {
    return (await (await storageOf(kind)).list()).map(({ name, size }) => `${name} ${size}`).sort();
  },
};
export type StorageCalls = typeof calls;

/** What a lost connection left. */
interface Survived {
  readonly committed: string;
  /** `null`: the database is gone. */
  readonly rows: readonly string[] | null;
  readonly told: readonly string[];
}

/** As the sealed store commits: a journal entry and an outbox row with the manifest's next revision. */
function changeTo(rev: number, journalBytes = 200): Batch {
  const row = (id: string, size: number) => ({ id, rev, bytes: new Uint8Array(size).fill(rev) });
  return {
    puts: [
      { table: 'journal', row: row(`entry-${rev}`, journalBytes) },
      { table: 'outbox', row: row(`event-${rev}`, 512) },
      { table: 'meta', row: row('manifest', 2_000) },
    ],
    deletes: [],
    expect: { table: 'meta', id: 'manifest', rev: rev === 1 ? null : rev - 1 },
  };
}

async function storageOf(kind: StorageKind): Promise<SegmentStorage> {
  if (kind === 'ports') return ports;
  if (kind === 'opfs') return new OpfsFiles(FOLDER);
  connection ??= Connection.open(FOLDER, CHUNK_STORES);
  return new ChunkFiles(await connection, kind);
}

/** What comes back for one call. */
export interface Answered {
  readonly number: number;
  readonly value?: unknown;
  readonly error?: string;
}

interface Asked {
  readonly number: number;
  readonly name: keyof StorageCalls;
  readonly values: readonly never[];
}

function serve(port: { postMessage(answered: Answered): void }): (event: MessageEvent<Asked>) => Promise<void> {
  return async ({ data: { number, name, values } }) => {
    const answer = (answered: Omit<Answered, 'number'>): void => port.postMessage({ number, ...answered });
    try {
      const call = calls[name] as (...all: readonly never[]) => Promise<unknown>;
      answer({ value: await call(...values) });
    } catch (error) {
      answer({ error: String(error) });
    }
  };
}

if ('onconnect' in self) {
  self.onconnect = (event: MessageEvent) => {
    const [port] = event.ports;
    if (port) port.onmessage = serve(port);
  };
} else self.onmessage = serve(self);
