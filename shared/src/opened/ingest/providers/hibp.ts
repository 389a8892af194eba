/**
 * Have I Been Pwned, domain search. Breaches: the API's `{"alias": ["Adobe", …]}` (`breacheddomain`), or the site's export
 * `{"BreachSearchResults": [{"Alias", "DomainName", "Breaches": [breach]}], "PasteSearchResults": […]}`. Stealer logs:
 * `{"alias": ["site", …]}` (`stealerlogsbyemaildomain`) and `["address", …]` for a website (`stealerlogsbywebsitedomain`). Layout:
 * haveibeenpwned.com/API/v3 and its breach model. None of them holds a secret. The API's answers do not repeat the domain that was
 * asked for: it comes from the file's name or from the operator.
 */
import { isEmail, isHostName, isKnownHost } from '../dialects/plausible.ts';
import type { RowRecord } from '../dump/row-record.ts';
import { BLANK_ROW } from '../dump/row-record.ts';
import type { DumpForm, RowReading } from '../dump/span-machine.ts';
import { MemberMachine } from './member-machine.ts';
import type { Provider, ProviderContext } from './provider.ts';
import { providerForm } from './provider.ts';
import { isoMs, objectsOf, orNull, textOf } from './values.ts';

/** The site's export: one row an address. */
export const hibpExport: Provider = {
  name: 'hibp-breaches',
  names: ['Alias', 'DomainName'],
  rowKey: ['DomainName', 1],
  read(row) {
    const login = addressOf(textOf(row, 'Alias'), textOf(row, 'DomainName'));
    if (login === null) return null;
    const breaches = objectsOf(row, 'Breaches').map((breach): RowRecord => ({
      ...BLANK_ROW,
      login,
      url: textOf(breach, 'Domain'),
      application: orNull(textOf(breach, 'Title', 'Name')),
      capturedAtMs: isoMs(textOf(breach, 'BreachDate')),
      publishedAtMs: isoMs(textOf(breach, 'AddedDate')),
      origin: `hibp:${textOf(breach, 'Name', 'Title')}`,
    }));
    const pastes = objectsOf(row, 'Pastes').map((paste): RowRecord => ({
      ...BLANK_ROW,
      login,
      application: orNull(textOf(paste, 'Source')),
      publishedAtMs: isoMs(textOf(paste, 'Date')),
      origin: `hibp:paste:${textOf(paste, 'Source')}:${textOf(paste, 'Id')}`,
    }));
    return [...breaches, ...pastes];
  },
};

const SAMPLE_MEMBERS = 100;
/** Members that must look like the form's, of those in the sample. */
const FITTING_SHARE = 0.9;
/** HIBP's names of breaches: one word, letters and digits. */
const BREACH = /^[A-Za-z0-9]{2,64}$/;
const ALIAS = /^[^\s"@/\\]{1,64}$/;
/** Members that other documents have lists under: one of them, and it is no map of aliases. */
const NO_ALIAS =
  /^(?:data|domains?|emails?|errors?|events?|hosts?|items|keywords|labels|messages|names?|results?|rows|sites?|tags|urls?|users?|values)$/i;

/** The form of the API's answers, which name no fields; `null` for any other JSON. */
export function hibpForm(sample: string, context: ProviderContext): DumpForm | null {
  const start = sample.trimStart()[0];
  if (start !== '{' && start !== '[') return null;
  const members = sampleMembers(sample, start === '[');
  if (members.length === 0) return null;
  const share = (fits: (member: Member) => boolean) => members.filter(fits).length / members.length;
  if (start === '[') {
    const isList = share(({ name, values }) => values.length === 0 && isEmail(name)) >= FITTING_SHARE;
    return isList ? listForm(context.domain) : null;
  }
  if (members.some(({ name }) => NO_ALIAS.test(name))) return null;
  const isMap = ({ name, values }: Member) => values.length > 0 && (ALIAS.test(name) || isEmail(name));
  if (share(isMap) < FITTING_SHARE) return null;
  const isSite = (value: string) => isHostName(value) && isKnownHost(value);
  if (share(({ values }) => values.every(isSite)) >= FITTING_SHARE)
    return mapForm('hibp-stealer-logs', context, siteRow);
  return share(({ values }) => values.every((value) => BREACH.test(value))) >= FITTING_SHARE
    ? mapForm('hibp-breaches', context, breachRow)
    : null;
}

/** A member of the document; an array's have no values. */
interface Member {
  readonly name: string;
  readonly values: readonly string[];
}

function mapForm(
  name: string,
  { domain }: ProviderContext,
  rowOf: (login: string, value: string) => RowRecord,
): DumpForm {
  return memberForm(name, false, ({ name: alias, values }) => {
    const login = addressOf(alias, domain ?? '');
    return login === null ? null : values.map((value) => rowOf(login, value));
  });
}

function listForm(domain: string | null): DumpForm {
  return memberForm('hibp-stealer-logs', true, ({ name }) => (domain === null ? null : [siteRow(name, domain)]));
}

/** What one stealer log entry says: this address was typed in at this site, on an infected machine. */
function siteRow(login: string, site: string): RowRecord {
  return { ...BLANK_ROW, login, url: site, sourceClass: 'stealer', origin: 'hibp:stealer-logs' };
}

function breachRow(login: string, breach: string): RowRecord {
  return { ...BLANK_ROW, login, application: breach, origin: `hibp:${breach}` };
}

/** `rowsOf` answers `null` where nobody said which domain the file is about: such rows are quarantined, never guessed. */
function memberForm(name: string, isList: boolean, rowsOf: (member: Member) => readonly RowRecord[] | null): DumpForm {
  const read = (text: string): RowReading => {
    const member = parseMember(text, isList);
    if (member === null) return { kind: 'broken', reason: 'bad-escape' };
    const records = rowsOf(member);
    if (records === null) return { kind: 'broken', reason: 'unknown-block' };
    return records.length === 0 ? { kind: 'none' } : { kind: 'records', records };
  };
  return providerForm({ name }, (sink, limitBytes) => new MemberMachine(sink, limitBytes), read);
}

function parseMember(text: string, isList: boolean): Member | null {
  const trimmed = text.trim().replace(/[\s,]+$/, '');
  let value: unknown;
  try {
    value = JSON.parse(isList ? `[${trimmed}]` : `{${trimmed}}`);
  } catch {
    return null;
  }
  if (Array.isArray(value))
    return typeof value[0] === 'string' && value.length === 1 ? { name: value[0], values: [] } : null;
  const [entry] = Object.entries(value as Record<string, unknown>);
  if (entry === undefined || !Array.isArray(entry[1])) return null;
  return entry[1].every((one) => typeof one === 'string') ? { name: entry[0], values: entry[1] } : null;
}

/** Whole members of the sample; none where one of them is of another form. */
function sampleMembers(sample: string, isList: boolean): readonly Member[] {
  const members: (Member | null)[] = [];
  const decoder = new TextDecoder();
  const machine = new MemberMachine(
    {
      row: (bytes, start, end) => {
        if (members.length < SAMPLE_MEMBERS)
          members.push(parseMember(decoder.decode(bytes.subarray(start, end)), isList));
      },
      other: () => undefined,
      longPart: () => undefined,
      longEnd: () => undefined,
    },
    sample.length * 3,
  );
  // No `end`: a last member that the sample cuts is none.
  machine.push(new TextEncoder().encode(sample));
  const whole = members.filter((member) => member !== null);
  return whole.length < members.length * FITTING_SHARE ? [] : whole;
}

function addressOf(alias: string, domain: string): string | null {
  if (alias.includes('@')) return alias;
  return alias === '' || domain === '' ? null : `${alias}@${domain}`;
}
