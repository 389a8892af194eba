/**
 * The files of loads that this document made, so that they can be looked at again without choosing them once more. Only the
 * browser's handles to them are held, and only until the page goes, which locking makes it do: names never reach a disk.
 */
import { createContext } from 'svelte';
import * as Comlink from 'comlink';
import type { Remote } from 'comlink';
import type { IngestApi, IngestSource } from '#workers/ingest.api.ts';
import type { Vault } from './vault.svelte.ts';
import { startIngestWorker } from './workers.ts';

export class MaterialAtHand {
  #byLoad = $state.raw<ReadonlyMap<string, readonly IngestSource[]>>(new Map());

  keep(loadId: string, sources: readonly IngestSource[]): void {
    this.#byLoad = new Map([...this.#byLoad, [loadId, sources]]);
  }

  /** `null`: they have to be chosen again. */
  sourcesOf(loadId: string): readonly IngestSource[] | null {
    return this.#byLoad.get(loadId) ?? null;
  }

  /**
   * Takes files for those of a load if at least one of them is, by its hash; they get the names they were loaded under, which places in
   * the ledger begin with.
   */
  async recognise(vault: Vault, loadId: string, chosen: readonly IngestSource[]): Promise<boolean> {
    const loaded = await vault.api.sourcesOf(loadId);
    const hashes = await withIngestWorker((ingest) => ingest.hashSources(chosen));
    const known = chosen.flatMap((source, at) => {
      const match = loaded.find(({ sha256 }) => sha256 === hashes?.[at]);
      return match === undefined ? [] : [{ ...source, name: match.name, files: renamed(source, match.name) }];
    });
    if (known.length > 0) this.keep(loadId, known);
    return known.length > 0;
  }
}

/** A file alone stands under its source's name; files of a folder keep their paths inside it. */
function renamed(source: IngestSource, name: string): IngestSource['files'] {
  const [first] = source.files;
  if (source.files.length !== 1 || first === undefined || first.path.includes('/')) return source.files;
  return [{ ...first, path: name }];
}

/** Runs `work` with an ingest worker of its own, which ends with it. */
export async function withIngestWorker<T>(work: (ingest: Remote<IngestApi>) => Promise<T>): Promise<T> {
  const worker = startIngestWorker();
  try {
    return await work(Comlink.wrap<IngestApi>(worker));
  } finally {
    worker.terminate();
  }
}

export const [useMaterialAtHand, provideMaterialAtHand] = createContext<MaterialAtHand>();
