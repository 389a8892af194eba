/**
 * A page that sees a vault's disk as one who has it in hand does: rows of IndexedDB and private files, without keys. The vault is
 * closed meanwhile. For tests of damage.
 */

/** One row or one file. */
export interface AtRest {
  readonly kind: 'row' | 'file';
  /** Table of a row, folder of a file. */
  readonly place: string;
  readonly id: string;
}

/** What is done to it. `swap`: with another of the same place; `old`: as it was at the last `remember`. */
export type Damage = 'remove' | 'flip' | 'cut' | 'swap' | 'old';

export interface AtRestCalls {
  /** In a stable order. */
  list(): Promise<AtRest[]>;
  /** Keeps everything as it is now, for `old`. */
  remember(): Promise<void>;
  /** Undoes by `putBack`. `at`: where in the bytes, 0 to 1. `false` if there is nothing to do it with. */
  change(thing: AtRest, damage: Damage, at: number): Promise<boolean>;
  putBack(): Promise<void>;
  /** Everything, keys and values, as text: UTF-8 stays what it is. */
  text(): Promise<string>;
}

interface Row {
  readonly id: string;
  readonly rev?: number;
  readonly bytes?: Uint8Array<ArrayBuffer>;
}
type Things = ReadonlyMap<string, { readonly thing: AtRest; readonly value: Row | Blob }>;

let remembered: Things = new Map();
let before: Things = new Map();

const calls: AtRestCalls = {
  list: async () => [...(await readAll()).values()].map(({ thing }) => thing),
  async remember() {
    remembered = await readAll();
  },
  async change(thing, damage, at) {
    before = await readAll();
    const found = before.get(keyOf(thing));
    if (found === undefined) throw new Error('it is not there');
    if (damage === 'remove') {
      await remove(thing);
      return true;
    }
    if (damage === 'swap') {
      const other = [...before.values()].find((one) => one.thing.place === thing.place && one.thing.id !== thing.id);
      if (other === undefined) return false;
      await write(thing, contentOf(other.value, found.value));
      await write(other.thing, contentOf(found.value, other.value));
      return true;
    }
    if (damage === 'old') {
      const old = remembered.get(keyOf(thing));
      if (old === undefined || (await sameBytes(old.value, found.value))) return false;
      await write(thing, old.value);
      return true;
    }
    const bytes = await bytesOf(found.value);
    if (bytes.length === 0) return false;
    if (damage === 'cut') await write(thing, withBytes(found.value, bytes.slice(0, Math.floor(bytes.length * at))));
    else {
      const place = Math.min(bytes.length - 1, Math.floor(bytes.length * at));
      bytes[place] = (bytes[place] ?? 0) ^ 1;
      await write(thing, withBytes(found.value, bytes));
    }
    return true;
  },
  async putBack() {
    for (const [key, { thing }] of await readAll()) if (!before.has(key)) await remove(thing);
    for (const { thing, value } of before.values()) await write(thing, value);
  },
  async text() {
    const decoder = new TextDecoder();
    let text = '';
    for (const { thing, value } of (await readAll()).values())
      text += `${thing.place} ${thing.id} ${decoder.decode(await bytesOf(value))}\n`;
    return text;
  },
};

function keyOf({ kind, place, id }: AtRest): string {
  return `${kind} ${place} ${id}`;
}

/** Once nobody is at work on it: a worker lives a moment longer than its page, and a file that it removes goes after that. */
async function readAll(): Promise<Things> {
  for (let attempt = 0; ; attempt++) {
    try {
      const { held = [] } = await navigator.locks.query();
      if (held.length === 0) return await readOnce();
      if (attempt === 100) throw new Error(`somebody is at work: ${held.map(({ name }) => name).join()}`);
    } catch (error) {
      if (attempt === 100 || (error as DOMException).name !== 'NotFoundError') throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function readOnce(): Promise<Things> {
  const things: [string, { thing: AtRest; value: Row | Blob }][] = [];
  await withDatabase('readonly', async (store) => {
    for (const row of await answer(store.getAll() as IDBRequest<Row[]>)) {
      const thing: AtRest = { kind: 'row', place: store.name, id: String(row.id) };
      things.push([keyOf(thing), { thing, value: row }]);
    }
  });
  for await (const folder of (await navigator.storage.getDirectory()).values()) {
    if (folder.kind !== 'directory') continue;
    for await (const file of folder.values()) {
      if (file.kind !== 'file') continue;
      const thing: AtRest = { kind: 'file', place: folder.name, id: file.name };
      // A copy: the file's own blob is void once the file is written.
      things.push([keyOf(thing), { thing, value: new Blob([await (await file.getFile()).arrayBuffer()]) }]);
    }
  }
  return new Map(things.sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function write(thing: AtRest, value: Row | Blob): Promise<void> {
  if (!(value instanceof Blob)) {
    await withDatabase('readwrite', async (store) => void (store.name === thing.place && store.put(value)));
    return;
  }
  await withFolder(thing.place, async (folder) => {
    const stream = await (await folder.getFileHandle(thing.id, { create: true })).createWritable();
    await stream.write(value);
    await stream.close();
  });
}

async function remove(thing: AtRest): Promise<void> {
  if (thing.kind === 'row') {
    await withDatabase('readwrite', async (store) => void (store.name === thing.place && store.delete(thing.id)));
    return;
  }
  await withFolder(thing.place, (folder) => folder.removeEntry(thing.id));
}

/** Files that a worker just had open stay locked until it is gone. */
async function withFolder(name: string, use: (folder: FileSystemDirectoryHandle) => Promise<void>): Promise<void> {
  const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(name);
  for (let attempt = 0; ; attempt++) {
    try {
      await use(folder);
      return;
    } catch (error) {
      if (attempt === 100 || (error as DOMException).name !== 'NoModificationAllowedError') throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Every object store of every database, in one transaction each. */
async function withDatabase(mode: IDBTransactionMode, use: (store: IDBObjectStore) => Promise<void>): Promise<void> {
  for (const { name } of await indexedDB.databases()) {
    const db = await answer(indexedDB.open(name ?? ''));
    for (const store of db.objectStoreNames) {
      const tx = db.transaction(store, mode, { durability: 'strict' });
      const done = new Promise<void>((resolve, reject) => {
        tx.oncomplete = () => resolve();
        tx.onabort = () => reject(tx.error as DOMException);
      });
      await use(tx.objectStore(store));
      await done;
    }
    db.close();
  }
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error as DOMException);
  });
}

/** The content of `from` under the name of `to`. */
function contentOf(from: Row | Blob, to: Row | Blob): Row | Blob {
  return from instanceof Blob || to instanceof Blob ? from : { ...from, id: to.id };
}

async function bytesOf(value: Row | Blob): Promise<Uint8Array<ArrayBuffer>> {
  if (value instanceof Blob) return new Uint8Array(await value.arrayBuffer());
  return value.bytes === undefined ? new Uint8Array() : new Uint8Array(value.bytes);
}

function withBytes(value: Row | Blob, bytes: Uint8Array<ArrayBuffer>): Row | Blob {
  return value instanceof Blob ? new Blob([bytes]) : { ...value, bytes };
}

async function sameBytes(a: Row | Blob, b: Row | Blob): Promise<boolean> {
  const [first, second] = await Promise.all([bytesOf(a), bytesOf(b)]);
  return first.length === second.length && first.every((byte, at) => byte === second[at]);
}

Object.assign(window, { atRest: calls });
