/**
 * Reads leak material: no network (its own policy), no keys. Records leave by the writer's port only.
 * Never logs, and never answers with anything but counts, paths and the ledger.
 */
import * as Comlink from 'comlink';
import type { Remote } from 'comlink';
import { err } from '@sealpost/shared/base/result';
import type { LoadWriter } from '@sealpost/shared/opened/client/api';
import type { IngestApi, SourceProgress } from './ingest.api.ts';
import { loadSources } from './ingest/load-sources.ts';
import { makeDemoSources } from './ingest/demo-sources.ts';

const PROGRESS_EVERY_MS = 100;

let writer: Remote<LoadWriter> | null = null;
let abort = new AbortController();

/** At most ten reports a second; a change of state always gets through. */
function throttle(report: (progress: SourceProgress) => void): (progress: SourceProgress) => void {
  let lastMs = 0;
  let lastState = '';
  return (progress) => {
    const nowMs = performance.now();
    if (progress.state === lastState && nowMs - lastMs < PROGRESS_EVERY_MS) return;
    lastMs = nowMs;
    lastState = progress.state;
    report(progress);
  };
}

const api: IngestApi = {
  async run(sources, port, onProgress) {
    abort = new AbortController();
    const load = Comlink.wrap<LoadWriter>(port);
    writer = load;
    const outcome = await loadSources(sources, {
      writer: load,
      signal: abort.signal,
      nowMs: Date.now(),
      onProgress: throttle(onProgress),
    });
    if (!outcome.ok) await api.discard();
    return outcome;
  },
  async cancel() {
    abort.abort();
  },
  async commit() {
    return writer ? await writer.commit() : err({ kind: 'not-found', what: 'load' });
  },
  async discard() {
    await writer?.discard();
    writer = null;
  },
  makeDemo: (seed, nowMs) => Promise.resolve(makeDemoSources(seed, nowMs)),
};

Comlink.expose(api);
