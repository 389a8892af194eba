/** Texts of SQL dumps: statements' columns, values of a tuple, fields of a copied line. Reads what dump tools write, not all of SQL. */

/** A table and its columns; `null` columns where the statement names none. */
export interface TableRows {
  readonly table: string;
  readonly columns: readonly string[] | null;
}

/** INGEST, Limits: as for CSV. */
const MAX_VALUES = 1_000;
const INSERT = /^\s*(?:INSERT\s+(?:LOW_PRIORITY\s+|DELAYED\s+|IGNORE\s+)?INTO|REPLACE\s+(?:INTO)?)\s*/i;
const CREATE = /^\s*CREATE\s+(?:TEMPORARY\s+|UNLOGGED\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?/i;
const COPY = /^\s*COPY\s+/i;
/** Lines of CREATE TABLE that are no column. */
const NO_COLUMN = /^(?:PRIMARY|UNIQUE|KEY|INDEX|CONSTRAINT|FOREIGN|FULLTEXT|SPATIAL|CHECK|EXCLUDE|LIKE)\b/i;

/** Of `INSERT INTO t (a, b)` (its VALUES may follow); `null` for another statement. */
export function insertColumns(head: string): TableRows | null {
  return tableAnd(head, INSERT);
}

/** Of `COPY t (a, b) FROM stdin`. */
export function copyColumns(head: string): TableRows | null {
  return tableAnd(head, COPY);
}

/** Of `CREATE TABLE t (a int, b text, …)`. */
export function createdColumns(head: string): { readonly table: string; readonly columns: readonly string[] } | null {
  const found = CREATE.exec(head);
  if (found === null) return null;
  const open = head.indexOf('(', found[0].length);
  if (open < 0) return null;
  const columns = splitTopLevel(head.slice(open + 1, head.lastIndexOf(')')))
    .map((part) => part.trim())
    .filter((part) => part !== '' && !NO_COLUMN.test(part))
    .map(firstName);
  return { table: tableName(head.slice(found[0].length, open)), columns };
}

/** Values of `(1,'a',NULL,0x00)`, texts without their quotes, NULL as ''; `null` if it does not read so. */
export function parseTuple(text: string, hasEscapes: boolean): readonly string[] | null {
  const trimmed = text.trim().replace(/[\s,]+$/, '');
  if (!trimmed.startsWith('(') || !trimmed.endsWith(')')) return null;
  const values: string[] = [];
  let at = 1;
  for (;;) {
    while (isSpace(trimmed[at])) at++;
    const value = readValue(trimmed, at, hasEscapes);
    if (value === null || values.length >= MAX_VALUES) return null;
    values.push(value.text);
    at = value.end;
    while (isSpace(trimmed[at])) at++;
    if (trimmed[at] === ',') at++;
    else return at === trimmed.length - 1 ? values : null;
  }
}

/** Fields of a line of COPY's text format: tabs between, `\N` for NULL (''), backslash escapes. */
export function parseCopyLine(text: string): readonly string[] | null {
  const fields = text.replace(/\r?\n$/, '').split('\t');
  return fields.length > MAX_VALUES ? null : fields.map((field) => (field === '\\N' ? '' : unescapeText(field)));
}

function readValue(
  text: string,
  from: number,
  hasEscapes: boolean,
): { readonly text: string; readonly end: number } | null {
  let at = from;
  // E'…', N'…', _utf8'…': the mark before a string says nothing to us, but that E has escapes.
  const mark = /^(?:[eEnN]|_[a-z0-9]+\s*)(?=')/.exec(text.slice(at, at + 24))?.[0] ?? '';
  at += mark.length;
  const quote = text[at];
  if (quote === "'" || quote === '"') return readQuoted(text, at, quote, hasEscapes || /^e$/i.test(mark));
  let depth = 0;
  let end = at;
  for (; end < text.length; end++) {
    const char = text[end];
    if (char === '(') depth++;
    else if (char === ')' && depth-- === 0) break;
    else if (char === ',' && depth === 0) break;
  }
  const bare = text.slice(at, end).trim();
  return { text: /^null$/i.test(bare) ? '' : bare, end };
}

function readQuoted(
  text: string,
  open: number,
  quote: string,
  hasEscapes: boolean,
): { readonly text: string; readonly end: number } | null {
  let read = '';
  let from = open + 1;
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (char === '\\' && hasEscapes) {
      read += text.slice(from, at) + escaped(text[at + 1] ?? '');
      at++;
      from = at + 1;
    } else if (char === quote) {
      read += text.slice(from, at);
      if (text[at + 1] !== quote) return { text: read, end: at + 1 };
      read += quote;
      at++;
      from = at + 1;
    }
  }
  return null;
}

function unescapeText(field: string): string {
  return field.includes('\\') ? field.replace(/\\([\s\S])/g, (_, char: string) => escaped(char)) : field;
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  v: '\v',
  '0': '\0',
  Z: '\u001a',
};

/** What a backslash before `char` means; before any other character it means that character. */
function escaped(char: string): string {
  return ESCAPES[char] ?? char;
}

function tableAnd(head: string, statement: RegExp): TableRows | null {
  const found = statement.exec(head);
  if (found === null) return null;
  const rest = head.slice(found[0].length);
  const open = rest.indexOf('(');
  const end = open < 0 ? rest.search(/\s(?:VALUES|FROM|SELECT)\b/i) : open;
  const table = tableName(end < 0 ? rest : rest.slice(0, end));
  const close = open < 0 ? -1 : rest.indexOf(')', open);
  const columns = open < 0 || close < 0 ? null : splitTopLevel(rest.slice(open + 1, close)).map(firstName);
  return { table, columns };
}

/** `schema.table` and quotes do not matter: the same table, however it is written. */
function tableName(text: string): string {
  const [last = ''] = text.trim().split(/\s/);
  return (last.split('.').at(-1) ?? '').replaceAll(/[`"[\]]/g, '').toLowerCase();
}

/** The name that a column's definition begins with. */
function firstName(part: string): string {
  const trimmed = part.trim();
  const quoted = /^[`"[]([^`"\]]*)[`"\]]/.exec(trimmed);
  return quoted?.[1] ?? trimmed.split(/\s/)[0] ?? '';
}

/** Splits at commas outside brackets and quotes. */
function splitTopLevel(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let quote = '';
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (quote !== '') {
      if (char === quote) quote = '';
    } else if (char === "'" || char === '"' || char === '`') quote = char;
    else if (char === '(') depth++;
    else if (char === ')') depth--;
    else if (char === ',' && depth === 0) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, text.slice(from)];
}

function isSpace(char: string | undefined): boolean {
  return char === ' ' || char === '\t' || char === '\n' || char === '\r';
}
