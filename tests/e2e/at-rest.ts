/** Everything a browser keeps for the app, as one text: what somebody with the disk could read. */
import type { Page } from './fixtures.ts';

/** Databases, caches and storages; bytes as Latin-1, and again as UTF-16, so that a text in either form would be found. */
export function readAtRest(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const found: string[] = [];
    const latin1 = (bytes: Uint8Array): string => {
      let text = '';
      for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
      return text;
    };
    const keep = async (value: unknown): Promise<void> => {
      if (value instanceof Blob) value = new Uint8Array(await value.arrayBuffer());
      if (value instanceof ArrayBuffer) value = new Uint8Array(value);
      if (value instanceof Uint8Array) {
        found.push(latin1(value), new TextDecoder('utf-16le').decode(value));
      } else if (value instanceof CryptoKey) {
        found.push(`CryptoKey ${value.type}`);
      } else if (typeof value === 'object' && value !== null) {
        for (const [key, part] of Object.entries(value)) {
          found.push(key);
          await keep(part);
        }
      } else found.push(String(value));
    };
    const done = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });

    for (const { name = '' } of await indexedDB.databases()) {
      found.push(name);
      const database = await done(indexedDB.open(name));
      for (const table of database.objectStoreNames) {
        const store = database.transaction(table).objectStore(table);
        await keep([
          table,
          await done(store.getAllKeys()),
          await done(database.transaction(table).objectStore(table).getAll()),
        ]);
      }
      database.close();
    }
    // The origin's private files, where sealed segments lie.
    const walk = async (folder: FileSystemDirectoryHandle): Promise<void> => {
      for await (const [name, handle] of folder.entries()) {
        found.push(name);
        if (handle.kind === 'directory') await walk(handle as FileSystemDirectoryHandle);
        else await keep(await (handle as FileSystemFileHandle).getFile());
      }
    };
    await walk(await navigator.storage.getDirectory());
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        found.push(request.url);
        await keep(new Uint8Array((await (await cache.match(request))?.arrayBuffer()) ?? new ArrayBuffer()));
      }
    }
    for (const storage of [localStorage, sessionStorage]) found.push(JSON.stringify({ ...storage }));
    found.push(document.cookie, document.documentElement.outerHTML, location.href, JSON.stringify(history.state));
    return found.join('\n');
  });
}
