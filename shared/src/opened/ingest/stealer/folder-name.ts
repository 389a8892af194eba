/** What the folder of a machine says by its name: `TH[HWID][date]`, `TH_192.0.2.1_…`, `[TH] …`. Sellers name machines so. */
import type { Ms } from '../../../base/brand.ts';
import { parseLogDate } from './dates.ts';

export interface FolderFacts {
  /** ISO 3166-1 alpha-2. */
  readonly country: string | null;
  readonly id: string | null;
  readonly ip: string | null;
  readonly capturedAtMs: Ms | null;
}

/** ISO 3166-1 alpha-2, with XK: two capitals that are no country (`PC_`, `MY PC`) say nothing. */
const COUNTRIES = new Set(
  (
    'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF ' +
    'CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH ' +
    'GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW ' +
    'KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG ' +
    'NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN ' +
    'SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE ' +
    'YT ZA ZM ZW'
  ).split(' '),
);
const COUNTRY = /^\[?([A-Z]{2})\]?(?=[[\]_\- (]|$)/;
const BRACKETED = /\[([A-Za-z0-9{}-]{8,64})\]/g;
const ADDRESS = /(?<![\d.])(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})(?![\d.])/;
const YEAR_FIRST = /(?<!\d)(\d{4})[-_.](\d{1,2})[-_.](\d{1,2})(?:[T_ -]+(\d{1,2})[-_:.](\d{2})(?:[-_:.](\d{2}))?)?/;
const YEAR_LAST =
  /(?<!\d)(\d{1,2})[-_.](\d{1,2})[-_.](\d{4})(?:[T_ -]+(\d{1,2})[-_:.](\d{2})(?:[-_:.](\d{2}))?)?(?!\d)/;

/** Reads a folder's name. Every part may be missing; a date that can be read two ways is none. */
export function readFolderName(name: string, nowMs: Ms): FolderFacts {
  const address = ADDRESS.exec(name)?.[1] ?? null;
  const id = [...name.matchAll(BRACKETED)].map((match) => match[1] ?? '').find((text) => !isDate(text));
  return {
    country: countryIn(COUNTRY.exec(name)?.[1] ?? ''),
    id: id ?? null,
    ip: address !== null && address.split('.').every((part) => Number(part) < 256) ? address : null,
    capturedAtMs: dateIn(address === null ? name : name.replace(address, ''), nowMs),
  };
}

/** `text` if it is the code of a country, else `null`. */
export function countryIn(text: string): string | null {
  return COUNTRIES.has(text) ? text : null;
}

function isDate(text: string): boolean {
  return YEAR_FIRST.test(text) || YEAR_LAST.test(text);
}

function dateIn(name: string, nowMs: Ms): Ms | null {
  const first = YEAR_FIRST.exec(name);
  if (first !== null) return parseLogDate(`${first[1]}-${first[2]}-${first[3]} ${clockOf(first)}`, 'unknown', 0, nowMs);
  const last = YEAR_LAST.exec(name);
  if (last === null) return null;
  // In a folder's name dots and underscores stand for whatever the seller's computer writes.
  return parseLogDate(`${last[1]}/${last[2]}/${last[3]} ${clockOf(last)}`, 'unknown', 0, nowMs);
}

function clockOf(found: RegExpExecArray): string {
  return `${found[4] ?? '0'}:${found[5] ?? '00'}:${found[6] ?? '00'}`;
}
