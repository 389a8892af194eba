/**
 * JSON lines, arrays of objects, and objects around such arrays. A row is an object at the depth at which the sample holds
 * credentials; what is nested in it counts as its own.
 */
import { fieldsOfRow, roleOfName, rolesOfNames } from './row-fields.ts';
import type { SpanSink } from './span-collector.ts';
import { SpanCollector } from './span-collector.ts';
import type { DumpForm, RowReading, SpanMachine } from './span-machine.ts';

/** INGEST, Limits. */
const MAX_DEPTH = 32;
const SAMPLE_ROWS = 200;
/** From this share of lines that are an object of their own on, rows are lines. */
const JSON_LINES_SHARE = 0.7;

/** The form of a file that begins with this text, `null` if it is no JSON with credentials in it. */
export function jsonForm(sample: string): DumpForm | null {
  const start = sample.search(/[^\s\ufeff]/);
  if (start < 0 || (sample[start] !== '{' && sample[start] !== '[')) return null;
  const byLine = jsonLinesForm(sample);
  if (byLine !== null) return byLine;
  const sizes = [0, 1, 2, 3, 4].map((depth) => ({ depth, rows: rowsAt(sample, depth) }));
  let best: DumpForm | null = null;
  // The innermost depth at which whole objects hold a login and a secret: an object around them would swallow their neighbours.
  for (const { depth, rows } of sizes) {
    const found = rows.filter((row) => row.kind === 'fields');
    if (found.length === 0) continue;
    const secrets = found.map((row) => (row.kind === 'fields' ? row.fields.password : ''));
    best = {
      name: 'json',
      confidence: found.length / rows.length,
      secretColumn: secretNameIn(sample),
      machine: (sink, limitBytes) => new JsonMachine(sink, limitBytes, depth),
      read: readObject,
      sampleSecrets: secrets,
    };
  }
  return best;
}

/** One object a line: rows are lines, so that one broken line costs no other. */
function jsonLinesForm(sample: string): DumpForm | null {
  const whole = sample.slice(0, sample.lastIndexOf('\n') + 1) || sample;
  const lines = whole.split('\n').filter((line) => line.trim() !== '');
  const rows = lines.slice(0, SAMPLE_ROWS).map(readObject);
  const objects = rows.filter(({ kind }) => kind !== 'broken').length;
  const secrets = rows.flatMap((row) => (row.kind === 'fields' ? [row.fields.password] : []));
  if (objects < rows.length * JSON_LINES_SHARE || secrets.length === 0) return null;
  // Lines that are wrappers around many credentials are read at the depth of those.
  const inside = [1, 2, 3].map((depth) => rowsAt(sample, depth).filter(({ kind }) => kind === 'fields').length);
  if (Math.max(...inside) > secrets.length) return null;
  return {
    name: 'json-lines',
    confidence: objects / rows.length,
    secretColumn: secretNameIn(sample),
    machine: (sink, limitBytes) => new LineMachine(sink, limitBytes),
    read: readObject,
    sampleSecrets: secrets,
  };
}

/** Reads one object's text, with the comma or newline behind it. */
function readObject(text: string): RowReading {
  const trimmed = text.trim().replace(/[\s,]+$/, '');
  if (!trimmed.startsWith('{')) return { kind: 'broken', reason: 'bad-escape' };
  if (depthOf(trimmed) > MAX_DEPTH) return { kind: 'broken', reason: 'limit-depth' };
  let value: unknown;
  try {
    value = JSON.parse(trimmed);
  } catch {
    return { kind: 'broken', reason: 'bad-escape' };
  }
  const names: string[] = [];
  const values: string[] = [];
  flatten(value, '', names, values);
  const roles = rolesOfNames(names);
  const fields = roles === null ? null : fieldsOfRow(values, roles);
  return fields === null ? { kind: 'none' } : { kind: 'fields', fields, confidence: 0.95 };
}

/** Names and texts of all scalars, in the order of the document. */
function flatten(value: unknown, name: string, names: string[], values: string[]): void {
  if (Array.isArray(value)) for (const one of value) flatten(one, name, names, values);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, one] of Object.entries(value)) flatten(one, key, names, values);
  } else if (value !== null && value !== undefined) {
    names.push(name);
    values.push(String(value));
  }
}

function rowsAt(sample: string, depth: number): RowReading[] {
  const rows: RowReading[] = [];
  const decoder = new TextDecoder();
  const sink: SpanSink = {
    row: (bytes, start, end) => {
      if (rows.length < SAMPLE_ROWS) rows.push(readObject(decoder.decode(bytes.subarray(start, end))));
    },
    other: () => undefined,
    longPart: () => undefined,
    longEnd: () => undefined,
  };
  // No `end`: a last object that the sample cuts is no row.
  new JsonMachine(sink, sample.length * 3, depth).push(new TextEncoder().encode(sample));
  return rows;
}

/** The name under which the sample's secrets stand: `"nt_hash"` moves what a hash may be. */
function secretNameIn(sample: string): string | null {
  for (const found of sample.matchAll(/"([^"\\]{1,40})"\s*:/g)) {
    if (roleOfName(found[1] ?? '') === 'password') return found[1] ?? null;
  }
  return null;
}

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let isInside = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (isInside) {
      if (char === '\\') at++;
      else if (char === '"') isInside = false;
    } else if (char === '"') isInside = true;
    else if (char === '{' || char === '[') deepest = Math.max(deepest, ++depth);
    else if (char === '}' || char === ']') depth--;
  }
  return deepest;
}

const BYTES = {
  newline: 10,
  quote: 34,
  comma: 44,
  backslash: 92,
  openArray: 91,
  closeArray: 93,
  openObject: 123,
  closeObject: 125,
};

class JsonMachine implements SpanMachine {
  readonly #collector: SpanCollector;
  readonly #rowDepth: number;
  #depth = 0;
  #isInside = false;
  #isEscaped = false;
  #state: 'between' | 'row' | 'behind' = 'between';

  constructor(sink: SpanSink, limitBytes: number, rowDepth: number) {
    this.#collector = new SpanCollector(sink, limitBytes);
    this.#rowDepth = rowDepth;
  }

  push(chunk: Uint8Array): void {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (this.#isInside) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (byte === BYTES.backslash) this.#isEscaped = true;
        else if (byte === BYTES.quote) this.#isInside = false;
        if (byte === BYTES.newline) at = this.#giveUpRow(chunk, from, at);
        if (byte === BYTES.newline) from = at + 1;
        continue;
      }
      if (this.#state === 'behind' && byte > 32 && byte !== BYTES.comma) {
        this.#collector.endRow(chunk, from, at);
        from = at;
        this.#state = 'between';
      }
      if (byte === BYTES.quote) this.#isInside = true;
      else if (byte === BYTES.openObject || byte === BYTES.openArray) {
        if (this.#state === 'between' && byte === BYTES.openObject && this.#depth === this.#rowDepth) {
          this.#collector.other(chunk, from, at);
          from = at;
          this.#state = 'row';
        }
        this.#depth++;
      } else if (byte === BYTES.closeObject || byte === BYTES.closeArray) {
        this.#depth = Math.max(0, this.#depth - 1);
        if (this.#state === 'row' && this.#depth === this.#rowDepth) this.#state = 'behind';
      }
    }
    if (this.#state === 'between') this.#collector.other(chunk, from, chunk.length);
    else this.#collector.hold(chunk, from, chunk.length);
  }

  end(): void {
    if (this.#state !== 'between') this.#collector.endRow(new Uint8Array(0), 0, 0);
  }

  /** No JSON string holds a newline: the row is broken here, and the next one begins behind it. */
  #giveUpRow(chunk: Uint8Array, from: number, at: number): number {
    this.#isInside = false;
    this.#isEscaped = false;
    if (this.#state === 'between') this.#collector.other(chunk, from, at + 1);
    else this.#collector.endRow(chunk, from, at + 1);
    this.#state = 'between';
    this.#depth = this.#rowDepth;
    return at;
  }
}

/** Rows are lines. */
class LineMachine implements SpanMachine {
  readonly #collector: SpanCollector;

  constructor(sink: SpanSink, limitBytes: number) {
    this.#collector = new SpanCollector(sink, limitBytes);
  }

  push(chunk: Uint8Array): void {
    let from = 0;
    for (let at = chunk.indexOf(BYTES.newline); at >= 0; at = chunk.indexOf(BYTES.newline, from)) {
      this.#collector.endRow(chunk, from, at + 1);
      from = at + 1;
    }
    this.#collector.hold(chunk, from, chunk.length);
  }

  end(): void {
    this.#collector.endRow(new Uint8Array(0), 0, 0);
  }
}
