/**
 * What a file seems to be, told before it is read in full, so that a person can say what is missing: whose export, which columns.
 * The reading itself decides anew; this only asks the right questions.
 */
import type { Ms } from '../../base/brand.ts';
import { CSV_SEPARATORS, parseCsvRow } from './dump/csv.ts';
import { chooseForm } from './dump/choose-form.ts';
import { roleOfName } from './dump/row-fields.ts';
import { domainOfName } from './providers/choose-provider.ts';
import type { ColumnMapping } from './providers/column-mapping.ts';
import type { MappedRole } from './record.ts';
import type { SourceFile } from './source-file.ts';
import { peekLines } from './sample-lines.ts';

export type RecognisedExport =
  /** Another provider's export; `asksDomain`: neither its rows nor its name say which domain it is about. */
  | { readonly kind: 'export'; readonly provider: string; readonly asksDomain: boolean }
  /** A table with a header: names of columns as written (text from the material), and what they seem to hold. */
  | { readonly kind: 'table'; readonly columns: readonly string[]; readonly guess: ColumnMapping }
  /** Anything else, archives among it. */
  | { readonly kind: 'other' };

const OTHER: RecognisedExport = { kind: 'other' };
const MOST_COLUMNS = 200;
const LONGEST_NAME = 80;

/** Reads at most 64 KiB of `file`. */
export async function recogniseExport(file: SourceFile, nowMs: Ms): Promise<RecognisedExport> {
  const { name, size } = file;
  const lines = await peekLines({ path: name, treePath: name, sizeBytes: size, open: () => file.stream() });
  return recogniseExportLines(lines, name, nowMs);
}

/** What text that begins with `lines` seems to be. */
export function recogniseExportLines(lines: readonly string[], path: string, nowMs: Ms): RecognisedExport {
  const domain = domainOfName(path, null);
  const form = chooseForm(lines, { nowMs, domain, columns: null, sourceClass: null });
  if (form?.name.startsWith('provider/') === true) {
    const provider = form.name.slice('provider/'.length);
    return { kind: 'export', provider, asksDomain: domain === null && lacksDomain(provider, lines.join('\n')) };
  }
  if (form !== null && !form.name.startsWith('csv')) return OTHER;
  const columns = headerOf(lines);
  return columns === null ? OTHER : { kind: 'table', columns, guess: guessOf(columns) };
}

/** Answers of Have I Been Pwned name local parts alone, or addresses that used a website which they do not name. */
function lacksDomain(provider: string, text: string): boolean {
  return provider.startsWith('hibp-') && (!text.includes('@') || /^\s*\[\s*"/.test(text));
}

/** Names of a CSV's header; `null` where the first row is none: a row of somebody's data must not be shown as names. */
function headerOf(lines: readonly string[]): readonly string[] | null {
  const [first = '', second] = lines.filter((line) => line.trim() !== '').map((line) => line.replace(/\r$/, ''));
  if (second === undefined) return null;
  for (const separator of CSV_SEPARATORS) {
    const names = parseCsvRow(first.replace(/^\ufeff/, ''), separator)?.map((name) => name.trim()) ?? [];
    if (names.length < 2 || names.length > MOST_COLUMNS || !names.every(isName)) continue;
    if (parseCsvRow(second, separator)?.length !== names.length) continue;
    // Two words could be a login and its password.
    if (names.length === 2 && names.every((name) => roleOfName(name) === null)) continue;
    if (new Set(names.map((name) => name.toLowerCase())).size === names.length) return names;
  }
  return null;
}

function isName(text: string): boolean {
  return text.length <= LONGEST_NAME && /^\p{L}[\p{L}\p{M}\p{N} _./()-]*$/u.test(text) && !/\p{L}\.\p{L}/u.test(text);
}

function guessOf(columns: readonly string[]): ColumnMapping {
  const guess: Partial<Record<MappedRole, string>> = {};
  for (const column of columns) {
    const role = roleOfName(column);
    if (role !== null) guess[role] ??= column;
  }
  return guess;
}
