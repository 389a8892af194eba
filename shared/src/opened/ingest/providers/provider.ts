/**
 * Other providers' exports: adapters recognise theirs by content and read it row by row. One file a provider in this folder, listed in
 * `choose-provider.ts`, with a made-up sample beside it that documents the layout.
 */
import type { Ms } from '../../../base/brand.ts';
import { CsvMachine, CSV_SEPARATORS, parseCsvRow } from '../dump/csv.ts';
import { JsonMachine, LineMachine } from '../dump/json-machine.ts';
import { depthOfKey, parseJsonRow } from '../dump/json-object.ts';
import type { RowRecord } from '../dump/row-record.ts';
import type { DumpForm, RowReading, SpanMachine } from '../dump/span-machine.ts';
import type { SpanSink } from '../dump/span-collector.ts';
import type { JsonObject } from './values.ts';

/** What an adapter may know beside the text. */
export interface ProviderContext {
  readonly nowMs: Ms;
  /** Mail domain or host that the export is about, where its name or the operator says so. */
  readonly domain: string | null;
}

/** Rows of an export that names its fields: objects of JSON, or lines of CSV under a header of the same names. */
export interface Provider {
  /** In the ledger, after `provider/`. */
  readonly name: string;
  /** Names that all stand in the sample. */
  readonly names: readonly string[];
  /** One of `names`, and how many brackets of a row stand around it (1: directly in the row's object). */
  readonly rowKey: readonly [name: string, brackets: number];
  /** `null`: a row of something else. `around`: text between rows before this one. */
  read(row: JsonObject, context: ProviderContext, around: string): readonly RowRecord[] | null;
}

/** One stealer with all its credentials is one row. */
const ROW_BYTES = 4 * 2 ** 20;
/** Text between rows that an adapter may look at. */
const AROUND_CHARACTERS = 4_096;

/** The form of a JSON export of `provider` that begins with `sample`, `null` if it is none. */
export function jsonProviderForm(provider: Provider, sample: string, context: ProviderContext): DumpForm | null {
  const start = sample.trimStart()[0];
  if (start !== '{' && start !== '[') return null;
  if (provider.names.some((name) => depthOfKey(sample, name) === null)) return null;
  const [key, brackets] = provider.rowKey;
  const rowDepth = (depthOfKey(sample, key) ?? -1) - brackets;
  if (rowDepth < 0) return null;
  let around = '';
  const watched = (sink: SpanSink): SpanSink => ({
    row: (bytes, from, to) => sink.row(bytes, from, to),
    other: (bytes, from, to) => {
      around = (around + new TextDecoder().decode(bytes.subarray(from, to))).slice(-AROUND_CHARACTERS);
      sink.other(bytes, from, to);
    },
    longPart: (window, seenBytes) => sink.longPart(window, seenBytes),
    longEnd: () => sink.longEnd(),
  });
  const isLines = rowDepth === 0 && /^[^\n]*\}\s*\n\s*\{/.test(sample.trimStart());
  return providerForm(
    provider,
    (sink, limitBytes) =>
      isLines ? new LineMachine(sink, limitBytes) : new JsonMachine(watched(sink), limitBytes, rowDepth),
    (text) => {
      if (text.trim() === '') return { kind: 'none' };
      const row = parseJsonRow(text);
      return row.kind === 'broken' ? row : readingOf(provider.read(row.value, context, around));
    },
  );
}

/** The form of a CSV export of `provider` with these first lines. */
export function csvProviderForm(
  provider: Provider,
  lines: readonly string[],
  context: ProviderContext,
): DumpForm | null {
  const first = lines.find((line) => line.trim() !== '')?.replace(/\r$/, '') ?? '';
  for (const separator of CSV_SEPARATORS) {
    const header = parseCsvRow(first, separator)?.map((name) => name.trim());
    if (header === undefined || provider.names.some((name) => !header.includes(name))) continue;
    return providerForm(
      provider,
      (sink, limitBytes) => new CsvMachine(sink, limitBytes, separator.charCodeAt(0)),
      (text) => readCsvRow(text, separator, header, (row) => provider.read(row, context, '')),
    );
  }
  return null;
}

/**
 * One CSV row as an object of its header's names. A header in between, where files were joined, is none; `plainOf` brings its names
 * to the form that `header` has them in.
 */
export function readCsvRow(
  text: string,
  separator: string,
  header: readonly string[],
  read: (row: JsonObject) => readonly RowRecord[] | null,
  plainOf = (name: string): string => name.trim(),
): RowReading {
  if (text.trim() === '') return { kind: 'none' };
  const cells = parseCsvRow(text, separator);
  if (cells === null || cells.length !== header.length) return { kind: 'broken', reason: 'bad-escape' };
  if (cells.every((cell, i) => plainOf(cell) === header[i])) return { kind: 'none' };
  return readingOf(read(Object.fromEntries(cells.map((cell, i) => [header[i] ?? '', cell]))));
}

/** A form of which every row is read, in whatever machine finds its rows. */
export function providerForm(
  { name }: Pick<Provider, 'name'>,
  machine: (sink: SpanSink, limitBytes: number) => SpanMachine,
  read: (text: string) => RowReading,
): DumpForm {
  return {
    name: `provider/${name}`,
    confidence: 1,
    secretColumn: null,
    machine,
    read,
    sampleSecrets: [],
    everyRow: true,
    rowBytes: ROW_BYTES,
  };
}

function readingOf(records: readonly RowRecord[] | null): RowReading {
  return records === null || records.length === 0 ? { kind: 'none' } : { kind: 'records', records };
}
