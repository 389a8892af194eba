/** A made-up stealer archive: machines of five families in their own layouts, with cookies, copies and files without credentials. */
import type { Ms } from '../../base/brand.ts';
import { utf8 } from '../../base/bytes.ts';
import type { MadeCredential } from './credentials.ts';
import { makeCredential, personName } from './credentials.ts';
import type { OracleBuilder } from './oracle.ts';
import type { Random } from './random.ts';
import { StoreZip } from './store-zip.ts';

export interface StealerSampleOptions {
  readonly records: number;
  readonly domains: readonly string[];
  /** Captures lie in the 400 days before it. */
  readonly newestMs: Ms;
  /** Share of credentials that concern a listed domain. */
  readonly ownShare?: number;
}

interface Block extends MadeCredential {
  readonly software: string;
}

interface MadeMachine {
  readonly id: string;
  readonly name: string;
  readonly user: string;
  readonly ip: string;
  readonly capturedMs: Ms;
  readonly blocks: readonly Block[];
}

type Files = Readonly<Record<string, string>>;

const DAY_MS = 86_400_000;
/** More machines than this would need zip64. */
const MOST_MACHINES = 8_000;
const BROWSERS = ['Chrome', 'Edge', 'Firefox'] as const;

/** Chunks of the archive; every block is told to `oracle`. */
export function* stealerChunks(
  random: Random,
  options: StealerSampleOptions,
  oracle: OracleBuilder,
): Generator<Uint8Array, void, undefined> {
  const zip = new StoreZip();
  const perMachine = Math.max(30, Math.ceil(options.records / MOST_MACHINES));
  for (let left = options.records, number = 1; left > 0; number++) {
    const machine = makeMachine(random, options, Math.min(left, 5 + random.int(perMachine * 2 - 9)));
    left -= machine.blocks.length;
    for (const block of machine.blocks) oracle.add(block);
    const [folder, files] = random.pick(LAYOUTS)(machine, number);
    for (const [path, text] of Object.entries(files)) yield zip.entry(`${folder}/${path}`, utf8(text));
  }
  yield zip.end();
}

function makeMachine(random: Random, options: StealerSampleOptions, count: number): MadeMachine {
  const blocks: Block[] = [];
  const seen = new Set<string>();
  while (blocks.length < count) {
    const block = {
      ...makeCredential(random, options.domains, false, options.ownShare),
      software: random.pick(BROWSERS),
    };
    const key = JSON.stringify([block.url, block.login, block.password, block.software]);
    if (seen.has(key)) continue;
    seen.add(key);
    blocks.push(block);
  }
  return {
    id: random.hex(32),
    name: `DESKTOP-${random.hex(8)}`,
    user: personName(random).split('.')[0] ?? 'user',
    ip: `203.0.113.${1 + random.int(254)}`,
    capturedMs: options.newestMs - random.int(400) * DAY_MS - random.int(DAY_MS / 1000) * 1000,
    blocks,
  };
}

const LAYOUTS: readonly [Layout, ...Layout[]] = [redLine, lumma, vidar, stealC, atomic];
type Layout = (machine: MadeMachine, number: number) => readonly [folder: string, files: Files];

function redLine({ id, name, user, ip, capturedMs, blocks }: MadeMachine, number: number): readonly [string, Files] {
  const at = parts(capturedMs);
  const hour = at.hour % 12 === 0 ? 12 : at.hour % 12;
  return [
    `TH[${id.slice(0, 8)}]_${number}`,
    {
      'UserInformation.txt': [
        'Build ID: demo',
        `IP: ${ip}`,
        'FileLocation: C:\\Temp\\setup.exe',
        `UserName: ${user}`,
        `MachineName: ${name}`,
        'Country: TH',
        `HWID: ${id}`,
        'TimeZone: (UTC+07:00) Bangkok, Hanoi, Jakarta',
        'Operation System: Windows 10 Pro x64',
        `Log date: ${at.month}/${at.day}/${at.year} ${hour}:${two(at.minute)}:${two(at.second)} ${at.hour < 12 ? 'AM' : 'PM'}`,
        '',
        'Hardwares: ',
        'Name: Total of RAM, 8192.00 MB',
        '',
      ].join('\r\n'),
      'Passwords.txt': blocks
        .map(
          (b) =>
            `URL: ${b.url}\r\nUsername: ${b.login}\r\nPassword: ${b.password}\r\nApplication: ${b.software}\r\n\r\n`,
        )
        .join(''),
      'Cookies/Chrome_Default Network.txt': cookies(blocks, capturedMs),
      'DomainDetects.txt': 'PDD: \r\nCDD: \r\n',
    },
  ];
}

/** No blank lines between records, and every record again in its browser's own file. */
function lumma({ id, name, user, ip, capturedMs, blocks }: MadeMachine, number: number): readonly [string, Files] {
  const at = parts(capturedMs);
  const text = (list: readonly Block[]): string =>
    list.map((b) => `SOFT: ${b.software} Default\nURL: ${b.url}\nUSER: ${b.login}\nPASS: ${b.password}`).join('\n');
  const files: Record<string, string> = {
    'System.txt': [
      '- LummaC2 Build: demo',
      '- LID: demo--demo',
      '- Configuration: 0123456789abcdef0123456789abcdef',
      '',
      '- OS Version: Windows 11 Pro (10.0.22631) x64',
      `- Local Date: ${two(at.day)}.${two(at.month)}.${at.year} ${two(at.hour)}:${two(at.minute)}:${two(at.second)}`,
      '- Time Zone: (UTC+07:00) Bangkok',
      `- Computer: ${name}`,
      `- User: ${user}`,
      `- HWID: ${id.slice(0, 16)}`,
      `- IP Address: ${ip}`,
      '- Country: TH',
    ].join('\n'),
    'All Passwords.txt': text(blocks),
    'Brute.txt': [...new Set(blocks.map((b) => b.password))].join('\n'),
    'Cookies/Cookies_Chrome_Default.txt': cookies(blocks, capturedMs),
  };
  for (const browser of BROWSERS) {
    const list = blocks.filter((b) => b.software === browser);
    if (list.length > 0) files[`${browser}/Default/Passwords.txt`] = text(list);
  }
  return [`Lumma_${number}_${id.slice(0, 16)}`, files];
}

/** Thai Windows prints the Buddhist year. */
function vidar({ id, name, user, ip, capturedMs, blocks }: MadeMachine, number: number): readonly [string, Files] {
  const at = parts(capturedMs);
  return [
    `TH_${ip}_${number}`,
    {
      'information.txt': [
        `Ip: ${ip}`,
        'Country: Thailand',
        'Version: 1.0',
        `Date: ${at.day}/${at.month}/${at.year + 543} ${at.hour}:${two(at.minute)}:${two(at.second)}`,
        'TimeZone: UTC+7',
        `MachineID: ${id}`,
        `GUID: {${id.slice(0, 8)}}`,
        'Path: C:\\Temp\\a.exe',
        'Work Dir: In memory',
        'Windows: Windows 10 Home [x64]',
        `Computer Name: ${name}`,
        `User Name: ${user}`,
        '',
        '[Hardware]',
        'Processor: Demo CPU',
        '',
        '[Processes]',
        'System [4]',
      ].join('\n'),
      'passwords.txt': blocks
        .map((b) => `Soft: ${b.software} [Default]\nHost: ${b.url}\nLogin: ${b.login}\nPassword: ${b.password}\n\n\n`)
        .join(''),
      'cookie_list.txt': cookies(blocks, capturedMs),
      'History/Chrome_Default.txt': 'https://search.example/?q=demo\n',
    },
  ];
}

function stealC({ id, name, user, ip, capturedMs, blocks }: MadeMachine, number: number): readonly [string, Files] {
  const at = parts(capturedMs);
  return [
    `TH_${id.slice(0, 12)}_${number}`,
    {
      'system_info.txt': [
        'Network Info:',
        `\t- IP: ${ip}`,
        '\t- Country: TH',
        '',
        'System Summary:',
        `\t- HWID: ${id}`,
        '\t- OS: Windows 10 Pro',
        `\t- UserName: ${user}`,
        `\t- Computer Name: ${name}`,
        `\t- Local Time: ${at.year}/${at.month}/${at.day} ${at.hour}:${at.minute}:${at.second}`,
        '\t- UTC: 7',
      ].join('\n'),
      'passwords.txt': blocks
        .map(
          (b) =>
            `browser: ${b.software}\nprofile: Default\nurl: ${b.url}\nlogin: ${b.login}\npassword: ${b.password}\n\n`,
        )
        .join(''),
      'cookies/Chrome_Default.txt': cookies(blocks, capturedMs),
      'autofill/Chrome_Default.txt': 'email demo@freemail.example\n',
    },
  ];
}

function atomic({ id, ip, blocks }: MadeMachine, number: number): readonly [string, Files] {
  return [
    `Atomic_${number}_${id.slice(0, 6)}`,
    {
      'UserInformation.txt': [
        'ATOMIC MAC STEALER',
        'MetaMask Info: ',
        'Userinfo: ',
        'Country: TH',
        `IP: ${ip}`,
        'ProductName:\t\tmacOS',
        'ProductVersion:\t\t14.5',
        '\tHardware Overview: ',
        '\t  Model Name: MacBook Air',
        `\t  Hardware UUID: ${id}`,
      ].join('\n'),
      'Passwords.txt': blocks.map((b) => `URL: ${b.url}\nLOGIN: ${b.login}\nPASSWORD: ${b.password}`).join('\n'),
      'Cookies/Chrome_Profile1.txt': '',
    },
  ];
}

/** A session cookie for every fourth host; half of them are over. Values are made up. */
function cookies(blocks: readonly Block[], capturedMs: Ms): string {
  return blocks
    .filter((_, i) => i % 4 === 0)
    .map((block, i) => {
      const expiry = Math.floor(capturedMs / 1000) + (i % 2 === 0 ? 900 : 20) * 86_400;
      return `.${new URL(block.url).hostname}\tTRUE\t/\tTRUE\t${expiry}\tsession_id\tmade-up-${i}\n`;
    })
    .join('');
}

/** Wall clock in Bangkok (UTC+7, no daylight saving). */
function parts(ms: Ms): { year: number; month: number; day: number; hour: number; minute: number; second: number } {
  const at = new Date(ms + 7 * 3_600_000);
  return {
    year: at.getUTCFullYear(),
    month: at.getUTCMonth() + 1,
    day: at.getUTCDate(),
    hour: at.getUTCHours(),
    minute: at.getUTCMinutes(),
    second: at.getUTCSeconds(),
  };
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
