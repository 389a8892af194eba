/**
 * What a load has done so far, sealed in the vault: the records that concern anybody and the place in the material, row by row, so
 * that a load whose process died goes on without loss or repetition. Gone with the commit that makes its drafts, or when discarded.
 */
import { toBase64url } from '../../base/base64url.ts';
import type { Ms } from '../../base/brand.ts';
import type { Bytes } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { IngestCheckpoint } from '../ingest/checkpoint.ts';
import type { Ledger, LoadedRecord, MachineSummary, QuarantinedLine, SourceDescription } from '../ingest/record.ts';
import type { DomainCounts } from '../scan/domain-census.ts';
import type { SealedStore, StoreTransaction } from '../vault/store.ts';
import type { ClientError } from './api/client-error.ts';
import type { UnfinishedLoad, UnfinishedSource } from './api/loading.ts';
import type { Listed } from './constituency.ts';
import { gunzipText, gzipLines } from './drafts.ts';
import { toClientError } from './failures.ts';
import { mustBytes } from './identity.ts';
import type { TallyCounts } from './source-quality.ts';

const JOURNAL = 'journal/';
/** Records that a source's end alone does not make a row for: they are read again sooner than written. */
const FEW_RECORDS = 5_000;

const headRow = (loadId: string) => `${JOURNAL}${loadId}`;
const listRow = (loadId: string) => `${JOURNAL}${loadId}/list`;
const partRow = (loadId: string, part: number) => `${JOURNAL}${loadId}/${String(part).padStart(8, '0')}`;
const PART_ROW = /\/\d{8}$/;

/** What a load began with: it goes on with the same. */
export interface JournalStart {
  readonly loadId: string;
  readonly nowMs: Ms;
  readonly constituency: readonly Listed[];
  readonly folder: string | null;
}

/** What happened to one source between two rows. */
export interface JournalStep {
  readonly sourceNumber: number;
  /** The first step of a source. */
  readonly begun: SourceDescription | null;
  readonly records: readonly LoadedRecord[];
  readonly machines: readonly MachineSummary[];
  readonly domains: readonly DomainCounts[];
  readonly counts: TallyCounts;
  readonly checkpoint: IngestCheckpoint | null;
  /** The last step of a source. */
  readonly end: { readonly ledger: Ledger; readonly quarantine: readonly QuarantinedLine[] } | null;
}

/** A source's hash is bytes, which JSON has not. */
type SourceText = Omit<SourceDescription, 'sha256'> & { readonly sha256: string };

interface Head {
  readonly loadId: string;
  readonly begunAtMs: Ms;
  readonly savedAtMs: Ms;
  readonly records: number;
  readonly folder: string | null;
  readonly sources: readonly (Omit<UnfinishedSource, 'source'> & { readonly source: SourceText })[];
}

export class LoadJournal {
  readonly #store: SealedStore;
  readonly #start: JournalStart;
  readonly #sources: UnfinishedSource[] = [];
  readonly #recordsBySource: number[] = [];
  #waiting: JournalStep[] = [];
  #parts: number;

  /** `parts`: rows that are there already, whose steps are given to `note` again. */
  constructor(store: SealedStore, start: JournalStart, parts = 0) {
    this.#store = store;
    this.#start = start;
    this.#parts = parts;
  }

  /** Nothing is at rest before the first checkpoint: a small load leaves no trace. */
  get isAtRest(): boolean {
    return this.#parts > 0;
  }

  /** Takes a step that is at rest already. */
  note(step: JournalStep): void {
    if (step.begun !== null) {
      const { sizeBytes } = step.begun;
      this.#sources[step.sourceNumber] = { source: step.begun, bytesDone: 0, bytesTotal: sizeBytes, isRead: false };
    }
    const known = this.#sources[step.sourceNumber];
    if (known === undefined) throw new RangeError('journal: a step of no source');
    const place = step.checkpoint?.place;
    this.#sources[step.sourceNumber] = {
      source: known.source,
      bytesDone: step.end === null ? (place?.bytesDone ?? known.bytesDone) : known.bytesTotal,
      bytesTotal: place?.bytesTotal ?? known.bytesTotal,
      isRead: step.end !== null,
    };
    this.#recordsBySource[step.sourceNumber] = step.counts.records;
  }

  /** Adds a step; it is durable when this resolves with ok, unless it only ends a small source. */
  async add(step: JournalStep, nowMs: Ms): Promise<Result<void, ClientError>> {
    this.note(step);
    this.#waiting.push(step);
    const records = this.#waiting.reduce((sum, one) => sum + one.records.length, 0);
    if (step.checkpoint === null && !this.isAtRest && records < FEW_RECORDS) return ok(undefined);
    return this.save(nowMs);
  }

  /** Writes what waits, and `rows` of the caller's own beside it (`readBeside`), in one commit. */
  async save(nowMs: Ms, rows: Readonly<Record<string, Bytes>> = {}): Promise<Result<void, ClientError>> {
    const { loadId, constituency } = this.#start;
    const part = await gzipLines(this.#waiting.flatMap(stepToLines));
    const list = this.isAtRest ? null : await gzipLines(constituency.map((listed) => JSON.stringify(listed)));
    const head = await gzipLines([JSON.stringify(this.#head(nowMs))]);
    const done = await this.#store.transaction((tx) => {
      tx.put('imports', headRow(loadId), head);
      if (list !== null) tx.put('imports', listRow(loadId), list);
      tx.put('imports', partRow(loadId, this.#parts), part);
      for (const [name, bytes] of Object.entries(rows)) tx.put('imports', `${headRow(loadId)}/${name}`, bytes);
    });
    if (!done.ok) return err(toClientError(done.error));
    this.#parts++;
    this.#waiting = [];
    return ok(undefined);
  }

  /** Forgets the load within a transaction. */
  delete(tx: StoreTransaction): void {
    deleteJournal(tx, this.#store, this.#start.loadId);
  }

  #head(nowMs: Ms): Head {
    const { loadId, nowMs: begunAtMs, folder } = this.#start;
    return {
      loadId,
      begunAtMs,
      savedAtMs: nowMs,
      folder,
      records: this.#recordsBySource.reduce((sum, records) => sum + records, 0),
      sources: this.#sources.map((one) => ({ ...one, source: sourceToText(one.source) })),
    };
  }
}

/** Loads that can go on, oldest first. */
export async function readUnfinished(store: SealedStore): Promise<Result<readonly UnfinishedLoad[], ClientError>> {
  const loads: UnfinishedLoad[] = [];
  for (const id of store.ids('imports', JOURNAL)) {
    if (id.slice(JOURNAL.length).includes('/')) continue;
    const lines = await readRow(store, id);
    if (!lines.ok) return lines;
    const head = JSON.parse(lines.value[0] ?? '') as Head;
    loads.push({ ...head, sources: head.sources.map((one) => ({ ...one, source: textToSource(one.source) })) });
  }
  return ok(loads);
}

/** A journal at rest: what the load began with, and its steps row by row, as they are asked for. */
export interface OpenedJournal {
  readonly start: JournalStart;
  readonly parts: number;
  steps(part: number): Promise<Result<readonly JournalStep[], ClientError>>;
}

/** Opens the journal of a load; `not-found` if there is none. Rows we wrote ourselves, sealed: their form is not checked again. */
export async function openJournal(store: SealedStore, loadId: string): Promise<Result<OpenedJournal, ClientError>> {
  if (!store.has('imports', headRow(loadId))) return err({ kind: 'not-found', what: 'load' });
  const head = await readRow(store, headRow(loadId));
  if (!head.ok) return head;
  const list = await readRow(store, listRow(loadId));
  if (!list.ok) return list;
  const { begunAtMs, folder } = JSON.parse(head.value[0] ?? '') as Head;
  const constituency = list.value.map((line) => JSON.parse(line) as Listed);
  const ids = store.ids('imports', `${JOURNAL}${loadId}/`).filter((id) => PART_ROW.test(id));
  return ok({
    start: { loadId, nowMs: begunAtMs, constituency, folder },
    parts: ids.length,
    steps: async (part) => {
      const lines = await readRow(store, partRow(loadId, part));
      return lines.ok ? ok(linesToSteps(lines.value)) : lines;
    },
  });
}

/** A row that `save` put beside the journal, `null` if there is none. */
export async function readBeside(
  store: SealedStore,
  loadId: string,
  name: string,
): Promise<Result<Bytes | null, ClientError>> {
  const row = await store.get('imports', `${headRow(loadId)}/${name}`);
  if (!row.ok) return err(toClientError(row.error));
  return ok(row.value instanceof Uint8Array ? (row.value as Bytes) : null);
}

/** `true` if there was a journal of this load. */
export function hasJournal(store: SealedStore, loadId: string): boolean {
  return store.has('imports', headRow(loadId));
}

/** Forgets a load's journal. */
export function deleteJournal(tx: StoreTransaction, store: SealedStore, loadId: string): void {
  if (hasJournal(store, loadId)) tx.delete('imports', headRow(loadId));
  for (const id of store.ids('imports', `${JOURNAL}${loadId}/`)) tx.delete('imports', id);
}

/** One line says how many of the lines behind it are its records. */
function stepToLines({ records, begun, ...step }: JournalStep): readonly string[] {
  const head = { ...step, begun: begun === null ? null : sourceToText(begun), records: records.length };
  return [JSON.stringify(head), ...records.map((record) => JSON.stringify(record))];
}

function linesToSteps(lines: readonly string[]): readonly JournalStep[] {
  const steps: JournalStep[] = [];
  for (let at = 0; at < lines.length;) {
    const head = JSON.parse(lines[at] as string) as Omit<JournalStep, 'begun' | 'records'> & {
      readonly begun: SourceText | null;
      readonly records: number;
    };
    const records = lines.slice(at + 1, at + 1 + head.records).map((line) => JSON.parse(line) as LoadedRecord);
    steps.push({ ...head, begun: head.begun === null ? null : textToSource(head.begun), records });
    at += 1 + head.records;
  }
  return steps;
}

function sourceToText(source: SourceDescription): SourceText {
  return { ...source, sha256: toBase64url(source.sha256) };
}

function textToSource(text: SourceText): SourceDescription {
  return { ...text, sha256: mustBytes(text.sha256, 32) };
}

async function readRow(store: SealedStore, id: string): Promise<Result<readonly string[], ClientError>> {
  const row = await store.get('imports', id);
  if (!row.ok) return err(toClientError(row.error));
  if (!(row.value instanceof Uint8Array)) return err({ kind: 'storage-damaged', code: 'journal' });
  return ok((await gunzipText(row.value as Bytes)).split('\n').filter((line) => line !== ''));
}
