/**
 * CSV of any provider, read by the columns that a person named: which header holds the login, the secret, the URL. What is not named
 * says nothing. Kept per source by whoever asks, so that the next export needs no asking.
 */
import type { Ms } from '../../../base/brand.ts';
import type { SourceClass } from '../../finding/finding.ts';
import { CsvMachine, CSV_SEPARATORS, parseCsvRow } from '../dump/csv.ts';
import { BLANK_ROW } from '../dump/row-record.ts';
import type { RowRecord } from '../dump/row-record.ts';
import type { DumpForm } from '../dump/span-machine.ts';
import type { DayOrder } from '../stealer/dates.ts';
import { parseLogDate } from '../stealer/dates.ts';
import { dayOrderOf } from '../stealer/day-order.ts';
import type { MappedRole } from '../record.ts';
import type { ProviderContext } from './provider.ts';
import { providerForm, readCsvRow } from './provider.ts';
import type { JsonObject } from './values.ts';
import { isoMs, orNull, secretOf, textOf } from './values.ts';

/** Header names by what they mean; capitals and spaces around them do not matter. */
export type ColumnMapping = Readonly<Partial<Record<MappedRole, string>>>;

/** The form of a CSV with these first lines under `mapping`; `null` where its header lacks a named column, or none says who. */
export function mappedForm(
  lines: readonly string[],
  mapping: ColumnMapping,
  context: ProviderContext,
  sourceClass: SourceClass | null,
): DumpForm | null {
  const wanted = Object.values(mapping).map(plainOf);
  if (mapping.email === undefined && mapping.login === undefined && mapping.url === undefined) return null;
  const first = lines.find((line) => line.trim() !== '')?.replace(/\r$/, '') ?? '';
  for (const separator of CSV_SEPARATORS) {
    const header = parseCsvRow(first, separator)?.map(plainOf);
    if (header === undefined || wanted.some((name) => !header.includes(name))) continue;
    const order = orderOf(lines, separator, header, mapping, context.nowMs);
    return providerForm(
      { name: 'csv-columns' },
      (sink, limitBytes) => new CsvMachine(sink, limitBytes, separator.charCodeAt(0)),
      (text) =>
        readCsvRow(text, separator, header, (row) => [recordOf(row, mapping, context, sourceClass, order)], plainOf),
    );
  }
  return null;
}

/** Whether the file writes `7/8/2025` month first: by those dates of its first rows that can be read one way only. */
function orderOf(
  lines: readonly string[],
  separator: string,
  header: readonly string[],
  mapping: ColumnMapping,
  nowMs: Ms,
): DayOrder {
  const columns = [mapping.captured, mapping.published].flatMap((name) =>
    name === undefined ? [] : [header.indexOf(plainOf(name))],
  );
  const rows = lines.map((line) => parseCsvRow(line.replace(/\r$/, ''), separator) ?? []);
  return dayOrderOf(columns.flatMap((at) => rows.map((cells) => cells[at] ?? '')).join('\n'), null, nowMs);
}

function recordOf(
  row: JsonObject,
  mapping: ColumnMapping,
  { nowMs }: ProviderContext,
  sourceClass: SourceClass | null,
  order: DayOrder,
): RowRecord {
  const of = (role: MappedRole): string => {
    const name = mapping[role];
    return name === undefined ? '' : textOf(row, plainOf(name));
  };
  const dateOf = (role: MappedRole) => isoMs(of(role)) ?? parseLogDate(of(role), order, 0, nowMs);
  const secret = secretOf(of('password'), of('hashType'), of('salt'));
  const told = secret.password === null ? 'address_only' : secret.hashTypes.length > 0 ? 'breach_hash' : 'breach_plain';
  return {
    ...BLANK_ROW,
    ...secret,
    login: of('email').trim() || of('login').trim(),
    url: of('url').trim(),
    application: orNull(of('application')),
    sourceClass: sourceClass ?? told,
    capturedAtMs: dateOf('captured'),
    publishedAtMs: dateOf('published'),
  };
}

function plainOf(name: string): string {
  return name
    .replace(/^\ufeff/, '')
    .trim()
    .toLowerCase();
}
