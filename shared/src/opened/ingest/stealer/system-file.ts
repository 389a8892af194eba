/** The system file of a stealer log: `key: value` lines of any family become a `Machine`. Values are bounded; no other line is kept. */
import type { Ms } from '../../../base/brand.ts';
import type { Machine } from '../record.ts';
import { parseLogDate, parseZone } from './dates.ts';
import { dayOrderOf } from './day-order.ts';
import type { FileNames } from './family.ts';
import { guessFamily } from './family.ts';
import { countryIn, readFolderName } from './folder-name.ts';

type Field = 'id' | 'name' | 'user' | 'os' | 'osVersion' | 'country' | 'ip' | 'date' | 'zone' | 'userComputer';

/** Keys by field, best first: an earlier key wins over a later one, whatever their order in the file. */
const KEYS: Readonly<Record<Field, readonly string[]>> = {
  id: ['hwid', 'machineid', 'machine id', 'hardware uuid', 'guid', 'user id', 'serial number (system)'],
  name: [
    ...['machinename', 'machine name', 'computer', 'computer name', 'computername', 'pc name', 'pc', 'hostname'],
    ...['netbios', 'model name'],
  ],
  user: ['username', 'user name', 'user'],
  os: ['operation system', 'os version', 'operating system', 'os', 'os name', 'windows', 'system', 'productname'],
  osVersion: ['productversion'],
  country: ['country', 'country code', 'location', 'geo'],
  ip: ['ip', 'ip address', 'external ip'],
  date: [
    ...['log date', 'local date', 'local time', 'local date and time', 'date', 'time', 'system time', 'install date'],
    'last seen',
  ],
  zone: ['timezone', 'time zone', 'utc', 'system timezone'],
  userComputer: ['username (computername)'],
};
const LONGEST_VALUE = 200;
/** What families print where they know nothing; StealC leaves the names of its own fields. */
const NOTHING = /^(?:unknown|n\/?a|none|null|not found|-+|\?+|ip\?|iso\?|undefined)$/i;

/** A machine, and the text of its date, which stays where it was no certain one. */
export interface SystemReading {
  readonly machine: Machine;
  readonly capturedText: string | null;
}

/** Reads a system file's text (its first 64 KiB); `folder` and `files` stand for the machine where the file says nothing. */
export function readSystemFile(systemText: string, folder: string, files: FileNames, nowMs: Ms): SystemReading {
  const values = keyValues(systemText);
  const value = (field: Field): string | null => {
    for (const key of KEYS[field]) {
      const found = values.get(key);
      if (found !== undefined) return found;
    }
    return null;
  };
  const { family, confidence } = guessFamily(folder, systemText, files);
  const named = readFolderName(folder, nowMs);
  const zone = value('zone');
  const date = value('date');
  const both = /^(.*)\((.*)\)$/.exec(value('userComputer') ?? '');
  const os = value('os');
  const version = value('osVersion');
  const order = dayOrderOf(systemText, family, nowMs);
  const written = date === null ? null : parseLogDate(date, order, zone === null ? 0 : parseZone(zone), nowMs);
  return {
    machine: {
      key: value('id') ?? named.id ?? folder,
      name: value('name') ?? both?.[2]?.trim() ?? null,
      user: value('user') ?? both?.[1]?.trim() ?? null,
      os: os !== null && version !== null ? `${os} ${version}` : os,
      country: countryOf(value('country')) ?? named.country,
      ip: value('ip')?.split(/[/,\s]/)[0] ?? named.ip,
      capturedAtMs: written ?? named.capturedAtMs,
      family,
      familyConfidence: confidence,
    },
    capturedText: date,
  };
}

/** `TH`, `Thailand (TH)`, `TH, Bangkok`: the code where there is one, else the text. */
function countryOf(text: string | null): string | null {
  if (text === null) return null;
  for (const word of text.split(/[^A-Za-z]+/)) {
    const country = countryIn(word);
    if (country !== null) return country;
  }
  return text;
}

/** First value of each key, in lower case, without list marks before it. */
function keyValues(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split(/\r\n|\r|\n/)) {
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    const key = line
      .slice(0, colon)
      .replace(/^[\s\-•*]+/, '')
      .trim()
      .toLowerCase();
    const value = line
      .slice(colon + 1)
      .trim()
      .slice(0, LONGEST_VALUE);
    if (key.length === 0 || key.length > 32 || value === '' || NOTHING.test(value)) continue;
    if (!values.has(key)) values.set(key, value);
  }
  return values;
}
