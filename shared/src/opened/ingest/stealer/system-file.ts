/** The system file of a stealer log: `key: value` lines of any family become a `Machine`. Values are bounded; no other line is kept. */
import type { Ms } from '../../../base/brand.ts';
import type { Machine } from '../record.ts';
import type { DayOrder } from './dates.ts';
import { parseLogDate, parseZone } from './dates.ts';
import { guessFamily } from './family.ts';

type Field = 'id' | 'name' | 'user' | 'os' | 'osVersion' | 'country' | 'ip' | 'date' | 'zone' | 'userComputer';

/** Keys by field, best first: an earlier key wins over a later one, whatever their order in the file. */
const KEYS: Readonly<Record<Field, readonly string[]>> = {
  id: ['hwid', 'machineid', 'machine id', 'hardware uuid', 'guid', 'user id', 'serial number (system)'],
  name: ['machinename', 'computer', 'computer name', 'computername', 'pc name', 'hostname', 'netbios', 'model name'],
  user: ['username', 'user name', 'user'],
  os: ['operation system', 'os version', 'operating system', 'os', 'windows', 'productname'],
  osVersion: ['productversion'],
  country: ['country', 'country code'],
  ip: ['ip', 'ip address'],
  date: ['log date', 'local date', 'local time', 'local date and time', 'date', 'time', 'last seen'],
  zone: ['timezone', 'time zone', 'utc'],
  userComputer: ['username (computername)'],
};
const LONGEST_VALUE = 200;
/** `TH[HWID][date]`, `TH_192.0.2.1_…`: sellers name folders by country. */
const FOLDER_COUNTRY = /^([A-Z]{2})[[_-]/;

/** Reads a system file's text (its first 64 KiB); `folder` and `fileNames` stand for the machine where the file says nothing. */
export function readSystemFile(systemText: string, folder: string, fileNames: readonly string[], nowMs: Ms): Machine {
  const values = keyValues(systemText);
  const value = (field: Field): string | null => {
    for (const key of KEYS[field]) {
      const found = values.get(key);
      if (found !== undefined && found !== '') return found;
    }
    return null;
  };
  const { family, confidence } = guessFamily(folder, systemText, fileNames);
  const zone = value('zone');
  const date = value('date');
  const both = /^(.*)\((.*)\)$/.exec(value('userComputer') ?? '');
  const os = value('os');
  const version = value('osVersion');
  return {
    key: value('id') ?? folder,
    name: value('name') ?? both?.[2]?.trim() ?? null,
    user: value('user') ?? both?.[1]?.trim() ?? null,
    os: os !== null && version !== null ? `${os} ${version}` : os,
    country: value('country') ?? FOLDER_COUNTRY.exec(folder)?.[1] ?? null,
    ip: value('ip')?.split('/')[0]?.trim() ?? null,
    capturedAtMs:
      date === null ? null : parseLogDate(date, dayOrder(family), zone === null ? 0 : parseZone(zone), nowMs),
    family,
    familyConfidence: confidence,
  };
}

/** INGEST's table: RedLine and META print M/D/Y, Vidar D/M/Y. */
function dayOrder(family: string | null): DayOrder {
  if (family === 'RedLine' || family === 'META' || family === 'RisePro') return 'month-first';
  return family === 'Vidar' ? 'day-first' : 'unknown';
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
    if (key.length > 0 && key.length <= 32 && value !== '' && !values.has(key)) values.set(key, value);
  }
  return values;
}
