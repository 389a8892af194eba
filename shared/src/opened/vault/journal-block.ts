/**
 * Journal entries at rest, many in a block, column by column: a single operation is some fifty bytes, ten thousand findings triaged at
 * once are 16 bytes each. Form (packed-arrays.ts):
 *   "SPJB" u32 | version u32 | entries u32 | findings u32 | devices, lists of changes: UTF-8 JSON, its length before it |
 *   own, device, list, stride, first, findings of each entry | times | counters | prefixes | finding ids
 */
import type { Bytes } from '../../base/bytes.ts';
import { fromUtf8, utf8 } from '../../base/bytes.ts';
import type { JsonValue } from '../../base/strict-json.ts';
import type { JournalEntry } from '../triage/journal-entry.ts';
import { findingCount, ID_BYTES, PREFIX_BYTES } from '../triage/journal-entry.ts';
import type { TriageChange } from '../triage/triage.ts';
import { ArrayPacker, ArrayReader, decoded, MalformedBlock } from './packed-arrays.ts';

const MAGIC = 0x424a5053;
const VERSION = 1;
const WORD_COLUMNS = 7;

/** Bytes of `entries`, in their order; valid until `packer` is used again. */
export function packJournalBlock(entries: readonly JournalEntry[], packer = new ArrayPacker()): Bytes {
  packer.reset();
  const devices = new Numbered<string>((device) => device);
  const lists = new Numbered<readonly TriageChange[]>((changes) => JSON.stringify(changes));
  const columns = Array.from({ length: WORD_COLUMNS }, () => new Uint32Array(entries.length));
  const [isOwn, device, list, stride, first, count, counter] = columns as Columns;
  const ms = new Float64Array(entries.length);
  entries.forEach((entry, i) => {
    isOwn[i] = entry.isOwn ? 1 : 0;
    device[i] = devices.numberOf(entry.device);
    list[i] = lists.numberOf(entry.changes);
    stride[i] = entry.stride;
    first[i] = entry.first;
    count[i] = findingCount(entry);
    counter[i] = entry.hlc[1];
    ms[i] = entry.hlc[0];
  });
  packer.u32(MAGIC);
  packer.u32(VERSION);
  packer.u32(entries.length);
  packer.u32(entries.reduce((sum, entry) => sum + findingCount(entry), 0));
  packText(packer, JSON.stringify(devices.values));
  packText(packer, JSON.stringify(lists.values));
  for (const column of columns) packer.codes(column);
  packer.array(ms);
  for (const { prefix } of entries) packer.array(prefix);
  for (const { ids } of entries) packer.array(ids);
  return packer.finish();
}

/** The entries of a block, views over `bytes`; `null` if it is none. */
export function readJournalBlock(bytes: Bytes): readonly JournalEntry[] | null {
  return decoded(() => {
    const reader = new ArrayReader(bytes);
    if (reader.u32() !== MAGIC || reader.u32() !== VERSION) throw new MalformedBlock('version');
    const size = reader.count(bytes.length);
    const findings = reader.count(bytes.length);
    const devices = readList(reader);
    const lists = readList(reader);
    const columns = Array.from({ length: WORD_COLUMNS }, (_, i) => {
      const most = i === DEVICE ? devices.length - 1 : i === LIST ? lists.length - 1 : 0xffffffff;
      return reader.codes(size, Math.max(0, most));
    });
    const [isOwn, device, list, stride, first, count, counter] = columns as unknown as Columns;
    const ms = reader.doubles(size);
    const prefixes = reader.bytes(size * PREFIX_BYTES);
    const ids = reader.bytes(findings * ID_BYTES);
    reader.end();
    let at = 0;
    const entries = Array.from({ length: size }, (_, i): JournalEntry => {
      const start = at;
      at += (count[i] as number) * ID_BYTES;
      const changes = lists[list[i] as number] as unknown as readonly TriageChange[];
      if (!Array.isArray(changes) || (stride[i] as number) < Math.max(1, changes.length))
        throw new MalformedBlock('list');
      return {
        isOwn: isOwn[i] === 1,
        device: String(devices[device[i] as number]),
        hlc: [ms[i] as number, counter[i] as number],
        prefix: prefixes.subarray(i * PREFIX_BYTES, (i + 1) * PREFIX_BYTES),
        first: first[i] as number,
        stride: stride[i] as number,
        changes,
        ids: ids.subarray(start, at),
      };
    });
    if (at !== ids.length) throw new MalformedBlock('findings');
    return entries;
  });
}

const DEVICE = 1;
const LIST = 2;
type Column = Uint32Array<ArrayBuffer>;
type Columns = [Column, Column, Column, Column, Column, Column, Column];

/** Distinct values by name, numbered as they come. */
class Numbered<T> {
  readonly values: T[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #nameOf: (value: T) => string;

  constructor(nameOf: (value: T) => string) {
    this.#nameOf = nameOf;
  }

  numberOf(value: T): number {
    const name = this.#nameOf(value);
    const known = this.#numbers.get(name) ?? this.values.push(value) - 1;
    this.#numbers.set(name, known);
    return known;
  }
}

function packText(packer: ArrayPacker, text: string): void {
  const bytes = utf8(text);
  packer.u32(bytes.length);
  packer.array(bytes);
}

function readList(reader: ArrayReader): readonly JsonValue[] {
  const bytes = reader.bytes(reader.u32());
  try {
    const value = JSON.parse(fromUtf8(bytes) ?? '') as JsonValue;
    if (Array.isArray(value)) return value;
  } catch {
    // Told below.
  }
  throw new MalformedBlock('json');
}
