/** For tests of ingest: loads made-up material in memory and checks what must hold for any input, the ledger first of all. */
import type { WatchList } from '../match/watch.ts';
import type { IngestOptions, IngestResult } from './ingest-options.ts';
import { ingestSource } from './ingest-source.ts';
import type { LoadedRecord } from './record.ts';
import type { SourceFile } from './source-file.ts';
import { bytesToSource } from './source-file.ts';

export const TEST_NOW_MS = Date.UTC(2026, 0, 15);

export interface Loaded extends IngestResult {
  readonly records: readonly LoadedRecord[];
}

/** A watch list of one organisation. */
export function watching(...domains: readonly string[]): WatchList {
  return { organisations: [{ id: 'org', name: 'Test', domains, exclude: [], keywords: [] }] };
}

/** Loads files; throws where the ledger does not add up, in any row or in the total. */
export async function load(
  source: SourceFile | readonly SourceFile[],
  options: Partial<IngestOptions> = {},
): Promise<Loaded> {
  const records: LoadedRecord[] = [];
  const result = await ingestSource(source, {
    watch: null,
    nowMs: TEST_NOW_MS,
    onRecords: async (batch) => {
      records.push(...batch);
    },
    ...options,
  });
  if (!result.ok) throw new Error(result.error.kind);
  const { total, sources } = result.value;
  for (const row of [total, ...sources]) {
    const sum = row.bytesRecord + row.bytesIgnored + row.bytesQuarantined + row.bytesNotCandidate;
    if (sum !== row.bytesIn) throw new Error(`ledger: ${sum} of ${row.bytesIn} bytes`);
  }
  if (total.records !== records.length) throw new Error(`ledger: ${total.records} records, ${records.length} given`);
  return { ...result.value, records };
}

/** Loads one text (UTF-8) or byte string as a file. */
export function loadText(
  text: string | Uint8Array,
  options: Partial<IngestOptions> & { readonly name?: string; readonly chunkBytes?: number } = {},
): Promise<Loaded> {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  return load(bytesToSource(options.name ?? 'leak.txt', bytes, options.chunkBytes), options);
}

/** The four texts of a record. */
export function tuple(record: LoadedRecord): readonly [string, string, string, string | null] {
  return [record.url, record.login, record.rawPassword ?? record.password, record.application];
}
