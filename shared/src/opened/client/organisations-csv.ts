/**
 * The constituency as CSV (issue wording: `name_th,name_en,type,sector,parent,province,domains,exclude,contact,position,
 * email,phone,language`). All rows are read or none: every fault is named with its row.
 */
import { parse } from 'csv-parse/browser/esm/sync';
import * as v from 'valibot';
import { isPublicSuffix, parseDomainName } from '../../base/domain-name.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { compileRules } from '../finding/exposure-rules.ts';
import { Networks } from '../finding/networks.ts';
import { parseLoginPattern } from '../match/login-pattern.ts';
import { ExposureRulesSchema } from '../payload/exposure-rules.ts';
import { ORGANISATION_TYPES, SECTORS } from './api/organisations.ts';
import type { InputIssue } from './api/client-error.ts';
import type { OrganisationForm } from './api/organisations.ts';

/** Header of the template and of every import; order is free, unknown columns are refused by name. */
const CSV_COLUMNS = [
  'name_th',
  'name_en',
  'type',
  'sector',
  'parent',
  'province',
  'domains',
  'exclude',
  'contact',
  'position',
  'email',
  'phone',
  'language',
] as const;

const REQUIRED = ['name_th', 'name_en', 'domains'] as const;
const MAX_BYTES = 8 * 1024 * 1024;
const MAX_ROWS = 20_000;

const text = (max: number) => v.pipe(v.string(), v.trim(), v.maxLength(max));

/** One organisation as a person may write it: the same bounds for CSV, form and access request. */
export const OrganisationFormSchema = v.strictObject({
  nameTh: v.pipe(text(200), v.minLength(1)),
  nameEn: v.pipe(text(200), v.minLength(1)),
  type: v.picklist(ORGANISATION_TYPES),
  sector: v.picklist(SECTORS),
  parent: v.nullable(text(200)),
  province: v.nullable(text(100)),
  domains: v.pipe(v.array(v.string()), v.maxLength(200)),
  exclude: v.pipe(v.array(v.string()), v.maxLength(200)),
  keywords: v.pipe(
    v.array(
      v.strictObject({ term: v.pipe(text(64), v.minLength(3)), scope: v.picklist(['anywhere', 'login', 'host']) }),
    ),
    v.maxLength(100),
  ),
  patterns: v.exactOptional(v.pipe(v.array(text(100)), v.maxLength(100))),
  exposureRules: v.exactOptional(ExposureRulesSchema),
  networks: v.exactOptional(v.pipe(v.array(text(64)), v.maxLength(1_000))),
  contacts: v.pipe(
    v.array(
      v.strictObject({
        name: text(200),
        position: text(200),
        email: v.union([v.literal(''), v.pipe(v.string(), v.maxLength(254), v.email())]),
        phone: v.pipe(text(40), v.regex(/^[0-9+()\-. #*]*$/)),
        language: v.picklist(['th', 'en']),
      }),
    ),
    v.maxLength(20),
  ),
});

/**
 * Checks a form and brings its domains to normal form (lower-case punycode).
 *
 * @returns the form as it is stored, or every issue found: `required`, `too-long`, `bad-domain`, `public-suffix`, `bad-value`.
 */
export function checkOrganisationForm(form: unknown): Result<OrganisationForm, readonly InputIssue[]> {
  const parsed = v.safeParse(OrganisationFormSchema, form);
  if (!parsed.success) {
    return err(
      parsed.issues.map((issue) => ({
        field: v.getDotPath(issue) ?? '',
        code: issue.type === 'min_length' ? 'required' : issue.type === 'max_length' ? 'too-long' : 'bad-value',
      })),
    );
  }
  const issues: InputIssue[] = [];
  const domains = normaliseTerms(parsed.output.domains, 'domains', issues);
  const exclude = normaliseTerms(parsed.output.exclude, 'exclude', issues);
  checkRules(parsed.output, issues);
  if (parsed.output.domains.length === 0 && parsed.output.keywords.length === 0) {
    issues.push({ field: 'domains', code: 'required' });
  }
  return issues.length > 0 ? err(issues) : ok({ ...parsed.output, domains, exclude });
}

/** Patterns, rules and ranges that say nothing, each by its place in its list (from 1). */
function checkRules(
  { patterns = [], exposureRules = [], networks = [] }: v.InferOutput<typeof OrganisationFormSchema>,
  issues: InputIssue[],
): void {
  patterns.forEach((pattern, at) => {
    const parsed = parseLoginPattern(pattern);
    if (parsed.ok && parsed.value.isDistinctive) return;
    issues.push({ field: 'patterns', code: parsed.ok ? 'too-wide' : 'bad-value', row: at + 1, value: pattern });
  });
  for (const { at, reason } of compileRules(exposureRules).refused) {
    issues.push({ field: 'exposureRules', code: reason === 'bad-domain' ? reason : 'bad-value', row: at + 1 });
  }
  for (const value of new Networks(networks).refused) issues.push({ field: 'networks', code: 'bad-value', value });
}

function normaliseTerms(terms: readonly string[], field: string, issues: InputIssue[]): string[] {
  const normal = new Set<string>();
  for (const term of terms) {
    const domain = parseDomainName(term);
    if (domain === null) issues.push({ field, code: 'bad-domain', value: term.slice(0, 100) });
    else if (isPublicSuffix(domain)) issues.push({ field, code: 'public-suffix', value: domain });
    else normal.add(domain);
  }
  return [...normal].sort();
}

/**
 * Reads a CSV of organisations: UTF-8 with or without BOM, else Windows-874 (TIS-620); comma, semicolon or tab.
 *
 * @returns rows in file order, or all issues with their row (header is row 1). Nothing is imported when there is one issue.
 */
export function parseOrganisationsCsv(bytes: Uint8Array): Result<readonly OrganisationForm[], readonly InputIssue[]> {
  if (bytes.length > MAX_BYTES) return err([{ field: 'file', code: 'too-large' }]);
  const decoded = decodeThai(bytes);
  let rows: string[][];
  try {
    rows = parse(decoded, {
      delimiter: guessDelimiter(decoded),
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: 64 * 1024,
    });
  } catch {
    return err([{ field: 'file', code: 'bad-csv' }]);
  }
  const [header, ...records] = rows;
  if (!header || records.length === 0) return err([{ field: 'file', code: 'empty' }]);
  if (records.length > MAX_ROWS) return err([{ field: 'file', code: 'too-many-rows' }]);

  const issues: InputIssue[] = [];
  const columns = header.map((name) => name.trim().toLowerCase());
  for (const name of columns) {
    if (!(CSV_COLUMNS as readonly string[]).includes(name)) {
      issues.push({ field: 'header', code: 'unknown-column', row: 1, value: name.slice(0, 100) });
    }
  }
  for (const name of REQUIRED) {
    if (!columns.includes(name)) issues.push({ field: name, code: 'missing-column', row: 1 });
  }
  if (issues.length > 0) return err(issues);

  const forms: OrganisationForm[] = [];
  const rowByName = new Map<string, number>();
  records.forEach((record, index) => {
    const row = index + 2;
    if (record.every((cell) => cell.trim() === '')) return;
    if (record.length > columns.length) {
      issues.push({ field: 'row', code: 'too-many-cells', row });
      return;
    }
    const cell = (name: (typeof CSV_COLUMNS)[number]) => {
      const column = columns.indexOf(name);
      return column < 0 ? '' : (record[column] ?? '').trim();
    };
    const checked = checkOrganisationForm(formOfRow(cell));
    if (!checked.ok) {
      issues.push(...checked.error.map((issue) => ({ ...issue, row })));
      return;
    }
    const name = checked.value.nameEn.toLowerCase();
    const earlier = rowByName.get(name);
    if (earlier !== undefined) issues.push({ field: 'name_en', code: 'duplicate', row, value: String(earlier) });
    rowByName.set(name, row);
    forms.push(checked.value);
  });
  return issues.length > 0 ? err(issues) : ok(forms);
}

function formOfRow(cell: (name: (typeof CSV_COLUMNS)[number]) => string): unknown {
  const list = (value: string) => value.split(/[\s;|,]+/u).filter((part) => part !== '');
  const contact = {
    name: cell('contact'),
    position: cell('position'),
    email: cell('email'),
    phone: cell('phone'),
    language: cell('language') === '' ? 'th' : cell('language').toLowerCase(),
  };
  const hasContact = contact.name !== '' || contact.email !== '' || contact.phone !== '';
  return {
    nameTh: cell('name_th'),
    nameEn: cell('name_en'),
    type: cell('type') === '' ? 'state_agency' : cell('type').toLowerCase(),
    sector: cell('sector') === '' ? 'others' : cell('sector').toLowerCase(),
    parent: cell('parent') || null,
    province: cell('province') || null,
    domains: list(cell('domains')),
    exclude: list(cell('exclude')),
    keywords: [],
    contacts: hasContact ? [contact] : [],
  };
}

/** UTF-8 if it is valid UTF-8, else Windows-874, the older encoding of Thai spreadsheets (WHATWG label `windows-874`). */
function decodeThai(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-874').decode(bytes);
  }
}

function guessDelimiter(text: string): string {
  const end = text.indexOf('\n');
  const header = end < 0 ? text : text.slice(0, end);
  return [',', ';', '\t'].reduce((best, candidate) =>
    header.split(candidate).length > header.split(best).length ? candidate : best,
  );
}
