/** Rim of the disk worker. See disk.api.ts. */
import { expose, transfer } from 'comlink';
import { err, ok } from '@sealpost/shared/base/result';
import type { SegmentWriter } from '@sealpost/shared/opened/vault/segment-storage';
import type { DiskApi, DiskStart } from './disk.api.ts';
import { OpfsFiles } from './store/opfs-files.ts';

function serve(folder: string): DiskApi {
  const files = new OpfsFiles(folder);
  const writers = new Map<string, SegmentWriter>();
  return {
    works: () => files.works(),
    echo: async (buffer) => transfer(buffer, [buffer]),
    async create(name) {
      const writer = await files.create(name);
      if (!writer.ok) return writer;
      writers.set(name, writer.value);
      return ok(undefined);
    },
    async append(name, bytes, giveBack) {
      const done = (await writers.get(name)?.append(bytes)) ?? err({ kind: 'storage-failed' });
      if (!done.ok || !done.value) return done;
      return giveBack ? transfer(done, [done.value]) : ok(null);
    },
    async close(name) {
      const writer = writers.get(name);
      writers.delete(name);
      return (await writer?.close()) ?? err({ kind: 'storage-failed' });
    },
    async abort(name) {
      const writer = writers.get(name);
      writers.delete(name);
      // One that was closed already is given up, too.
      if (writer) await writer.abort();
      else await files.remove([name]);
    },
    async read(name, offset, length, into) {
      const bytes = await files.read(name, offset, length, into ?? undefined);
      return bytes && transfer(bytes, [bytes.buffer]);
    },
    remove: (names) => files.remove(names),
    list: () => files.list(),
    release: () => Promise.resolve(files.release()),
  };
}

self.addEventListener('message', ({ data }: MessageEvent<DiskStart>) => expose(serve(data.folder), data.port));
