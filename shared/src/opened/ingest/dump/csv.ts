/**
 * Quoted CSV (RFC 4180 and what people make of it): separators, quotes doubled inside quotes, newlines in quotes, a header that
 * names the columns. Only taken for files that quote or name their columns: plain `a,b` lines are the line route's.
 */
import { isEmail } from '../dialects/plausible.ts';
import type { ColumnRoles } from './row-fields.ts';
import { fieldsOfRow, rolesOfNames, rolesOfRows } from './row-fields.ts';
import type { SpanSink } from './span-collector.ts';
import { SpanCollector } from './span-collector.ts';
import type { DumpForm, RowReading, SpanMachine } from './span-machine.ts';

const QUOTE = 34;
const LF = 10;
export const CSV_SEPARATORS = [',', ';', '\t', '|'] as const;
const NAMES: Readonly<Record<string, string>> = { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'pipe' };
/** INGEST, Limits. */
const MAX_COLUMNS = 1_000;
const SAMPLE_ROWS = 200;
/** From this share of rows that open with a quote on, a file without a header is CSV. */
const QUOTED_SHARE = 0.8;

/** The form of a file of these first lines, `null` if it is no CSV. `isHeader` rows are told apart again while reading. */
export function csvForm(lines: readonly string[]): DumpForm | null {
  let best: DumpForm | null = null;
  for (const separator of CSV_SEPARATORS) {
    const form = csvFormBy(lines, separator);
    if (form !== null && form.confidence > (best?.confidence ?? 0)) best = form;
  }
  return best;
}

/** The cells of one row's text; `null` for a quote that never closes or text behind a closing one. */
export function parseCsvRow(text: string, separator: string): readonly string[] | null {
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    if (cells.length >= MAX_COLUMNS) return null;
    if (text[at] === '"') {
      let cell = '';
      let from = at + 1;
      for (;;) {
        const close = text.indexOf('"', from);
        if (close < 0) return null;
        cell += text.slice(from, close);
        if (text[close + 1] !== '"') {
          at = close + 1;
          break;
        }
        cell += '"';
        from = close + 2;
      }
      cells.push(cell);
      if (at === text.length) return cells;
      if (text[at] !== separator) return null;
      at++;
    } else {
      const next = text.indexOf(separator, at);
      cells.push(text.slice(at, next < 0 ? text.length : next));
      if (next < 0) return cells;
      at = next + 1;
    }
  }
}

function csvFormBy(lines: readonly string[], separator: string): DumpForm | null {
  const filled = lines.filter((line) => line.trim() !== '').slice(0, SAMPLE_ROWS);
  const rows = filled.map((line) => parseCsvRow(line.replace(/\r$/, ''), separator)).filter((row) => row !== null);
  const [header, ...rest] = rows;
  if (header === undefined || header.length < 2) return null;
  const named = header.some(isEmail) ? null : rolesOfNames(header);
  const quoted = filled.filter((line) => line.startsWith('"')).length / filled.length;
  const roles = named ?? (quoted >= QUOTED_SHARE ? rolesOfRows(rows) : null);
  if (roles === null) return null;
  const body = named === null ? rows : rest;
  const fitting = body.filter((row) => row.length === header.length).length;
  const secretAt = roles.indexOf('password');
  return {
    name: `csv/${NAMES[separator]}`,
    confidence: body.length === 0 ? 0.5 : fitting / body.length,
    secretColumn: named === null || secretAt < 0 ? null : (header[secretAt] ?? null),
    machine: (sink, limitBytes) => new CsvMachine(sink, limitBytes, separator.charCodeAt(0)),
    read: (text) => readRow(text, separator, roles, named === null ? null : header),
    sampleSecrets: secretAt < 0 ? [] : body.map((row) => row[secretAt] ?? ''),
  };
}

function readRow(text: string, separator: string, roles: ColumnRoles, header: readonly string[] | null): RowReading {
  const cells = parseCsvRow(text, separator);
  if (cells === null) return { kind: 'broken', reason: 'bad-escape' };
  // The header, also where files were joined and it comes again.
  if (header !== null && cells.length === header.length && cells.every((cell, i) => cell === header[i])) {
    return { kind: 'none' };
  }
  const fields = fieldsOfRow(cells, roles);
  return fields === null ? { kind: 'none' } : { kind: 'fields', fields, confidence: header === null ? 0.8 : 0.95 };
}

/** A row ends at a newline outside quotes; a quote opens only where a cell begins. */
export class CsvMachine implements SpanMachine {
  readonly #collector: SpanCollector;
  readonly #separator: number;
  #isInside = false;
  #isCellStart = true;
  /** A quote inside quotes: it closes unless another follows. */
  #wasQuote = false;

  constructor(sink: SpanSink, limitBytes: number, separator: number) {
    this.#collector = new SpanCollector(sink, limitBytes);
    this.#separator = separator;
  }

  push(chunk: Uint8Array): void {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (this.#isInside) {
        if (this.#wasQuote) {
          this.#wasQuote = false;
          if (byte === QUOTE) continue;
          this.#isInside = false;
        } else {
          if (byte === QUOTE) this.#wasQuote = true;
          continue;
        }
      }
      if (byte === QUOTE && this.#isCellStart) this.#isInside = true;
      this.#isCellStart = byte === this.#separator || byte === LF;
      if (byte !== LF) continue;
      this.#collector.endRow(chunk, from, at + 1);
      from = at + 1;
    }
    this.#collector.hold(chunk, from, chunk.length);
  }

  end(): void {
    this.#collector.endRow(new Uint8Array(0), 0, 0);
  }
}
