/** Checks that the schema message of an Arrow stream is exactly the expected one. */
import type { DictionarySpec, FieldSpec } from './arrow-column.ts';
import { childrenOf } from './arrow-column.ts';
import type { FlatTable } from './flatbuffer.ts';
import { MalformedBuffer } from './flatbuffer.ts';

/** Arrow's numbers (Schema.fbs). */
const TYPE = { int: 2, float: 3, utf8: 5, bool: 6, timestamp: 10, list: 12, struct: 13, fixed: 15 };
const DOUBLE = 2;
const MILLISECOND = 1;
const MAX_FIELDS = 256;

export interface ArrowSchema {
  readonly metadata: ReadonlyMap<string, string>;
  readonly fields: readonly FieldSpec[];
  /** By dictionary id: ids count the fields that have one, in schema order. */
  readonly dictionaries: ReadonlyMap<number, DictionarySpec>;
}

/** Reads the header of a schema message whose columns must be those that `fieldsOf` wants. */
export function checkSchema(
  header: FlatTable,
  fieldsOf: (metadata: ReadonlyMap<string, string>) => readonly FieldSpec[],
): ArrowSchema {
  if (header.i16(0) !== 0) throw new MalformedBuffer('big-endian');
  const metadata = new Map<string, string>();
  for (const entry of header.tables(2, MAX_FIELDS)) {
    const key = entry.text(0);
    if (metadata.has(key)) throw new MalformedBuffer('metadata key twice');
    metadata.set(key, entry.text(1));
  }
  const fields = fieldsOf(metadata);
  const dictionaries = new Map<number, DictionarySpec>();
  checkFields(header.tables(1, MAX_FIELDS), fields, dictionaries);
  return { metadata, fields, dictionaries };
}

/** `dictionaries` fills up in schema order. */
function checkFields(
  found: readonly FlatTable[],
  wanted: readonly FieldSpec[],
  dictionaries: Map<number, DictionarySpec>,
): void {
  if (found.length !== wanted.length) throw new MalformedBuffer('number of columns');
  wanted.forEach((spec, at) => {
    const field = found[at];
    if (field === undefined || !isField(field, spec, dictionaries)) throw new MalformedBuffer(`column ${spec.name}`);
    checkFields(field.tables(5, MAX_FIELDS), childrenOf(spec), dictionaries);
  });
}

function isField(field: FlatTable, spec: FieldSpec, dictionaries: Map<number, DictionarySpec>): boolean {
  const type = field.table(3);
  if (type === null || field.text(0) !== spec.name || (field.u8(1) === 1) !== spec.nullable) return false;
  const typeNumber = field.u8(2);
  if (spec.kind !== 'word' && spec.kind !== 'text' && spec.kind !== 'coded' && field.has(4)) return false;
  switch (spec.kind) {
    case 'fixed':
      return typeNumber === TYPE.fixed && type.i32(0) === spec.width;
    case 'word':
    case 'text':
    case 'coded': {
      const encoding = field.table(4);
      const index = encoding?.table(1) ?? null;
      const id = encoding?.size(0) ?? -1;
      if (typeNumber !== (spec.kind === 'coded' ? TYPE.struct : TYPE.utf8) || id !== dictionaries.size) return false;
      dictionaries.set(id, spec);
      return index?.i32(0) === (spec.kind === 'word' ? 8 : 32) && index.u8(1) === 1;
    }
    case 'plain':
    case 'label':
      return typeNumber === TYPE.utf8;
    case 'time':
      return typeNumber === TYPE.timestamp && type.i16(0) === MILLISECOND && type.text(1) === 'UTC';
    case 'small':
      return typeNumber === TYPE.int && type.i32(0) === 8 && type.u8(1) === 0;
    case 'number':
      return typeNumber === TYPE.float && type.i16(0) === DOUBLE;
    case 'flag':
      return typeNumber === TYPE.bool;
    case 'list':
      return typeNumber === TYPE.list;
    case 'struct':
      return typeNumber === TYPE.struct;
  }
}
