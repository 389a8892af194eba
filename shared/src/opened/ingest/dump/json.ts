/**
 * JSON lines, arrays of objects, and objects around such arrays. A row is an object at the depth at which the sample holds
 * credentials; what is nested in it counts as its own.
 */
import { fieldsOfRow, roleOfName, rolesOfNames } from './row-fields.ts';
import { JsonMachine, LineMachine } from './json-machine.ts';
import { parseJsonRow } from './json-object.ts';
import type { SpanSink } from './span-collector.ts';
import type { DumpForm, RowReading } from './span-machine.ts';

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
  const row = parseJsonRow(text);
  if (row.kind === 'broken') return row;
  const names: string[] = [];
  const values: string[] = [];
  flatten(row.value, '', names, values);
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
