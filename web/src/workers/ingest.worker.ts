/**
 * Reads leak material: no network (its own policy), no keys. Records leave by the writer's port only.
 * Never logs, and never answers with anything but counts, paths and the ledger.
 */
import * as Comlink from 'comlink';
import type { Remote } from 'comlink';
import { err } from '@sealpost/shared/base/result';
import type { LoadWriter } from '@sealpost/shared/opened/client/api/loading';
import { recogniseExport } from '@sealpost/shared/opened/ingest/recognise-export';
import type { IngestApi, SourceProgress } from './ingest.api.ts';
import { fileToSource } from './ingest/file-source.ts';
import { Gate } from './ingest/gate.ts';
import { readLibarchive } from './ingest/libarchive.ts';
import { hashSources, previewTerms, readLines, recogniseSources } from './ingest/look-again.ts';
import { loadSources } from './ingest/load-sources.ts';
import { makeDemoSources } from './ingest/demo-sources.ts';

const PROGRESS_EVERY_MS = 100;

let writer: Remote<LoadWriter> | null = null;
let abort = new AbortController();
let stop = new AbortController();
const gate = new Gate();

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
    stop = new AbortController();
    gate.open();
    const load = Comlink.wrap<LoadWriter>(port);
    writer = load;
    const outcome = await loadSources(sources, {
      writer: load,
      signal: abort.signal,
      stop: stop.signal,
      gate: () => gate.pass(),
      onProgress: throttle(onProgress),
      libarchive: readLibarchive,
    });
    if (outcome.ok) return outcome;
    // Whoever did not cancel wants to go on: with more room on the disk, or another day.
    if (abort.signal.aborted) await api.discard();
    else await load.suspend();
    return outcome;
  },
  async pause(isPaused) {
    if (isPaused) gate.close();
    else gate.open();
  },
  async stop() {
    stop.abort();
    gate.open();
  },
  async cancel() {
    abort.abort();
    gate.open();
  },
  async commit(options) {
    return writer ? await writer.commit(options) : err({ kind: 'not-found', what: 'load' });
  },
  async discard() {
    await writer?.discard();
    writer = null;
  },
  recognise: (sources) => recogniseSources(sources, Date.now()),
  recogniseExports: (files) =>
    Promise.all(files.map((file) => recogniseExport(fileToSource(file.name, file), Date.now()))),
  hashSources: (sources) => hashSources(sources, abort.signal),
  readLines,
  previewTerms(sources, candidate, present, onPart) {
    abort = new AbortController();
    let lastMs = 0;
    return previewTerms(sources, candidate, present, Date.now(), abort.signal, (part) => {
      const nowMs = performance.now();
      if (nowMs - lastMs < PROGRESS_EVERY_MS) return;
      lastMs = nowMs;
      onPart(part);
    });
  },
  makeDemo: (seed, nowMs) => Promise.resolve(makeDemoSources(seed, nowMs)),
};

Comlink.expose(api);
