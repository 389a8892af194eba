/**
 * SQL dumps: INSERT and REPLACE tuple by tuple, PostgreSQL's COPY line by line, columns from the statement or from CREATE TABLE.
 * A dump of one line of gigabytes is read in the memory of one tuple.
 */
import { fromUtf8, utf8 } from '../../../base/bytes.ts';
import type { ColumnRoles } from './row-fields.ts';
import { fieldsOfRow, rolesOfNames, rolesOfRows } from './row-fields.ts';
import type { SpanSink } from './span-collector.ts';
import { SpanCollector } from './span-collector.ts';
import type { DumpForm, RowReading, SpanMachine } from './span-machine.ts';
import { SqlHead, SqlQuotes } from './sql-head.ts';
import { copyColumns, createdColumns, insertColumns, parseCopyLine, parseTuple } from './sql-text.ts';

const STARTS =
  /(?:^|\n)\s*(?:INSERT\s+(?:IGNORE\s+)?INTO|REPLACE\s+INTO|CREATE\s+TABLE|COPY\s+\S+[^;\n]*\sFROM\s+stdin)/i;
/** PostgreSQL's and the standard's strings take a backslash as it is; MySQL's do not. */
const PLAIN_BACKSLASH = /standard_conforming_strings\s*=\s*on|(?:^|\n)COPY\s|PostgreSQL database dump/i;
const SAMPLE_ROWS = 200;

/** The form of a file that begins with this text, `null` if it is no SQL. */
export function sqlForm(sample: string): DumpForm | null {
  if (!STARTS.test(sample)) return null;
  const hasEscapes = !PLAIN_BACKSLASH.test(sample);
  const reader = new SqlReader(hasEscapes);
  const readings: RowReading[] = [];
  const sink: SpanSink = {
    row: (bytes, start, end) => {
      if (readings.length < SAMPLE_ROWS) readings.push(reader.read(fromUtf8(bytes.subarray(start, end)) ?? ''));
    },
    other: () => undefined,
    longPart: () => undefined,
    longEnd: () => undefined,
  };
  reader.machine(sink, 64 * 1024).push(utf8(sample));
  const fitting = readings.filter(({ kind }) => kind !== 'broken').length;
  // The reader that reads the file is a new one: the machine tells it the statements again.
  const fresh = new SqlReader(hasEscapes);
  return {
    name: 'sql',
    confidence: readings.length === 0 ? 0.5 : fitting / readings.length,
    secretColumn: reader.secretColumn,
    machine: (into, limitBytes) => fresh.machine(into, limitBytes),
    read: (text) => fresh.read(text),
    sampleSecrets: readings.flatMap((row) => (row.kind === 'fields' ? [row.fields.password] : [])),
  };
}

/** What the statements said of the rows behind them. The machine calls `statement` before it gives the first row of one. */
class SqlReader {
  secretColumn: string | null = null;
  readonly #hasEscapes: boolean;
  readonly #columnsByTable = new Map<string, readonly string[]>();
  #roles: ColumnRoles | null = null;
  #width = 0;
  #isCopy = false;

  constructor(hasEscapes: boolean) {
    this.#hasEscapes = hasEscapes;
  }

  machine(sink: SpanSink, limitBytes: number): SpanMachine {
    return new SqlMachine(sink, limitBytes, this.#hasEscapes, (head) => this.#statement(head));
  }

  read(text: string): RowReading {
    const values = this.#isCopy ? parseCopyLine(text) : parseTuple(text, this.#hasEscapes);
    if (values === null) return { kind: 'broken', reason: 'bad-escape' };
    const known = this.#roles;
    if (known !== null && values.length !== this.#width) return { kind: 'broken', reason: 'bad-escape' };
    // Columns without names: the row itself says where its address stands.
    const roles = known ?? (this.#width === 0 ? rolesOfRows([values]) : null);
    const fields = roles === null ? null : fieldsOfRow(values, roles);
    return fields === null ? { kind: 'none' } : { kind: 'fields', fields, confidence: known === null ? 0.6 : 0.95 };
  }

  #statement(head: string): void {
    const created = createdColumns(head);
    if (created !== null) {
      this.#columnsByTable.set(created.table, created.columns);
      return;
    }
    const copied = copyColumns(head);
    const rows = copied ?? insertColumns(head);
    this.#isCopy = copied !== null;
    const columns = rows === null ? null : (rows.columns ?? this.#columnsByTable.get(rows.table) ?? null);
    this.#width = columns?.length ?? 0;
    this.#roles = columns === null ? null : rolesOfNames(columns);
    const secretAt = this.#roles?.indexOf('password') ?? -1;
    if (columns !== null && secretAt >= 0) this.secretColumn ??= columns[secretAt] ?? null;
  }
}

const BYTES = {
  newline: 10,
  carriageReturn: 13,
  comma: 44,
  open: 40,
  close: 41,
  semicolon: 59,
  backslash: 92,
  dot: 46,
};

type State = 'head' | 'between' | 'tuple' | 'behind' | 'copy-head' | 'copy';

class SqlMachine implements SpanMachine {
  readonly #collector: SpanCollector;
  readonly #head: SqlHead;
  readonly #quotes: SqlQuotes;
  #state: State = 'head';
  #depth = 0;
  /** Bytes of the copied line so far, and how many of the first two are those of its end mark. */
  #copyBytes = 0;
  #markBytes = 0;

  constructor(sink: SpanSink, limitBytes: number, hasEscapes: boolean, onStatement: (head: string) => void) {
    this.#collector = new SpanCollector(sink, limitBytes);
    this.#head = new SqlHead(hasEscapes, onStatement);
    this.#quotes = new SqlQuotes(hasEscapes);
  }

  push(chunk: Uint8Array): void {
    let from = 0;
    /** Ends what is open at `at` (exclusive) and goes on in another state. */
    const turn = (state: State, at: number) => {
      if (this.#state === 'behind') this.#collector.endRow(chunk, from, at);
      else this.#collector.other(chunk, from, at);
      from = at;
      this.#state = state;
    };
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      switch (this.#state) {
        case 'head': {
          const ended = this.#head.take(byte);
          if (ended === 'none') break;
          this.#state = ended === 'tuples' ? 'between' : 'copy-head';
          // The byte that ends the head may be the first tuple's bracket.
          at--;
          break;
        }
        case 'between':
          if (byte === BYTES.open) {
            turn('tuple', at);
            this.#depth = 1;
          } else if (byte === BYTES.semicolon) this.#state = 'head';
          break;
        case 'tuple':
          if (this.#quotes.take(byte)) break;
          if (byte === BYTES.open) this.#depth++;
          else if (byte === BYTES.close && --this.#depth === 0) this.#state = 'behind';
          break;
        case 'behind':
          // The comma and the white space behind a tuple are its own.
          if (byte <= 32 || byte === BYTES.comma) break;
          turn('between', at);
          at--;
          break;
        case 'copy-head':
          if (byte === BYTES.newline) turn('copy', at + 1);
          break;
        case 'copy':
          if (byte !== BYTES.newline) {
            this.#countMark(byte);
            break;
          }
          this.#endCopied(chunk, from, at + 1);
          from = at + 1;
          break;
      }
    }
    if (this.#state === 'tuple' || this.#state === 'behind' || this.#state === 'copy') {
      this.#collector.hold(chunk, from, chunk.length);
    } else this.#collector.other(chunk, from, chunk.length);
  }

  end(): void {
    const nothing = new Uint8Array(0);
    if (this.#state === 'copy') this.#endCopied(nothing, 0, 0);
    else if (this.#state === 'tuple' || this.#state === 'behind') this.#collector.endRow(nothing, 0, 0);
  }

  #countMark(byte: number): void {
    if (byte === BYTES.carriageReturn) return;
    if (byte === (this.#copyBytes === 0 ? BYTES.backslash : BYTES.dot)) this.#markBytes++;
    this.#copyBytes++;
  }

  #endCopied(chunk: Uint8Array, start: number, end: number): void {
    if (this.#copyBytes === 2 && this.#markBytes === 2) {
      this.#collector.endOther(chunk, start, end);
      this.#state = 'head';
    } else this.#collector.endRow(chunk, start, end);
    this.#copyBytes = 0;
    this.#markBytes = 0;
  }
}
