/** What terms would hit in a load: runs in an ingest worker of its own, can be stopped, knows when the terms moved on. */
import * as Comlink from 'comlink';
import type { Remote } from 'comlink';
import type { Result } from '@sealpost/shared/base/result';
import type { ClientError } from '@sealpost/shared/opened/client/api/client-error';
import type { WatchedOrganisation } from '@sealpost/shared/opened/match/watch';
import type { PreviewCounts } from '@sealpost/shared/opened/match/watch-preview';
import { withIngestWorker } from '#lib/state/material-at-hand.svelte.ts';
import type { Vault } from '#lib/state/vault.svelte.ts';
import type { IngestApi, IngestSource } from '#workers/ingest.api.ts';

export class Preview {
  counts = $state.raw<PreviewCounts | null>(null);
  /** 0 to 1 while it runs. */
  part = $state<number | null>(null);
  error = $state.raw<ClientError | null>(null);
  /** The terms that were counted, as text: another text means that the counts are of other terms. */
  countedFor = $state('');
  #ingest: Remote<IngestApi> | null = null;

  async run(vault: Vault, sources: readonly IngestSource[], candidate: WatchedOrganisation): Promise<void> {
    this.counts = null;
    this.error = null;
    this.part = 0;
    const present = await vault.api.watchList();
    const counted = await withIngestWorker(async (ingest): Promise<Result<PreviewCounts, ClientError>> => {
      this.#ingest = ingest;
      const onPart = Comlink.proxy((part: number) => {
        if (this.part !== null) this.part = part;
      });
      return ingest.previewTerms(sources, candidate, present, onPart);
    });
    this.#ingest = null;
    this.part = null;
    if (counted.ok) {
      this.counts = counted.value;
      this.countedFor = textOf(candidate);
    } else if (counted.error.kind !== 'cancelled') this.error = counted.error;
  }

  async cancel(): Promise<void> {
    await this.#ingest?.cancel();
  }

  isOf(candidate: WatchedOrganisation): boolean {
    return this.counts !== null && this.countedFor === textOf(candidate);
  }
}

function textOf({ domains, exclude, keywords, patterns }: WatchedOrganisation): string {
  return JSON.stringify([domains, exclude, keywords, patterns]);
}
