/**
 * Made-up machines of every family's documented layout (INGEST, Stealer logs): invented people, example domains, documentation
 * addresses. One folder each; none of it was ever on a computer.
 */

export interface FamilySample {
  readonly family: string;
  readonly files: Readonly<Record<string, string>>;
  /** URL, login, password untrimmed, application. */
  readonly tuples: readonly (readonly [string, string, string, string | null])[];
  readonly machine: {
    readonly key: string;
    readonly name: string | null;
    readonly user: string | null;
    readonly os: string | null;
    readonly country: string | null;
    readonly ip: string | null;
    /** ISO 8601; `null` where the date is ambiguous. */
    readonly captured: string | null;
  };
  readonly autofillEntries: number;
  readonly cookies: number;
}

const REDLINE_SYSTEM = (date: string): string => `Build ID: @made_up
IP: 192.0.2.10
FileLocation: C:\\Users\\Nok\\setup.exe
UserName: Nok
MachineName: MOE-PC-01
Country: TH
HWID: 0A1B2C3D4E5F60718293A4B5C6D7E8F9
Current Language: Thai (Thailand)
Operation System: Windows 11 Pro x64
Log date: ${date}

Hardwares:
Name: Example CPU, 4 Cores
Anti-Viruses:
Windows Defender
`;

const REDLINE_PASSWORDS = `URL: https://sso.moe.example/adfs/ls/
Username: nok@moe.example
Password: A:b:c 1
Application: Google_[Chrome]_Default
===============
URL: https://shop.example/
Username:
Password: no login here
Application: Microsoft_[Edge]_Default
===============
`;

const META_BANNER = `*********************************************
*        ( M | E | T | A )  made-up         *
*********************************************

`;

export const FAMILY_SAMPLES: readonly FamilySample[] = [
  {
    family: 'RedLine',
    files: {
      'UserInformation.txt': REDLINE_SYSTEM('7/8/2025 2:27:03 PM'),
      'Passwords.txt': REDLINE_PASSWORDS,
      'DomainDetects.txt': 'PDD: moe.example\n',
      'ImportantAutofills.txt': 'email: nok@moe.example\n',
      'InstalledBrowsers.txt': '1) Chrome\n',
      'Autofills/Google_[Chrome]_Default.txt':
        'Name: email\nValue: nok@moe.example\n===============\nName: city\nValue: x\n',
      'Cookies/Google_[Chrome]_Default Network.txt': '.moe.example\tTRUE\t/\tFALSE\t1800000000\tMSISAuth\tCANARY\n',
    },
    tuples: [
      ['https://sso.moe.example/adfs/ls/', 'nok@moe.example', 'A:b:c 1', 'Google_[Chrome]_Default'],
      ['https://shop.example/', '', 'no login here', 'Microsoft_[Edge]_Default'],
    ],
    machine: {
      key: '0A1B2C3D4E5F60718293A4B5C6D7E8F9',
      name: 'MOE-PC-01',
      user: 'Nok',
      os: 'Windows 11 Pro x64',
      country: 'TH',
      ip: '192.0.2.10',
      captured: '2025-07-08T14:27:03Z',
    },
    autofillEntries: 2,
    cookies: 1,
  },
  {
    family: 'META',
    files: {
      'UserInformation.txt': META_BANNER + REDLINE_SYSTEM('7/29/2025 2:27:03 PM'),
      'Passwords.txt': META_BANNER + REDLINE_PASSWORDS,
      'DomainDetects.txt': '',
      'ImportantAutofills.txt': '',
    },
    tuples: [
      ['https://sso.moe.example/adfs/ls/', 'nok@moe.example', 'A:b:c 1', 'Google_[Chrome]_Default'],
      ['https://shop.example/', '', 'no login here', 'Microsoft_[Edge]_Default'],
    ],
    machine: {
      key: '0A1B2C3D4E5F60718293A4B5C6D7E8F9',
      name: 'MOE-PC-01',
      user: 'Nok',
      os: 'Windows 11 Pro x64',
      country: 'TH',
      ip: '192.0.2.10',
      captured: '2025-07-29T14:27:03Z',
    },
    autofillEntries: 0,
    cookies: 0,
  },
  {
    family: 'Vidar',
    files: {
      'information.txt': `Бесплатные логи: выдуманный канал
Version: 12.1

Date: 05/07/2568 13:42:43
MachineID: 11111111-2222-3333-4444-555555555555
GUID: {66666666-7777-8888-9999-aaaaaaaaaaaa}
HWID: B7C8D9E0F1A2B3C4

Path: C:\\Users\\lek\\AppData\\Local\\Temp\\a.exe
Work Dir: In memory

Ip: 192.0.2.20
Country: Thailand (TH)
Windows: Windows 10 Pro [x64]
Computer Name: LEK-NB
User Name: lek
TimeZone: 7

[Hardware]
Processor: Example
[Processes]
System [4]
`,
      'passwords.txt': `Soft: Google Chrome [Default]
Host: https://vpn.moe.example/remote/login
Login: lek
Password: p w  


Soft: Microsoft Edge [Default]
Host: https://mail.example/
Login: lek@mail.example
Password: url: login: x


`,
      'cookie_list.txt': 'moe.example\n',
      'Autofill/Google Chrome_Default.txt': 'Field: email | Value: lek@mail.example\nField: name | Value: lek\n',
      'Cookies/Google Chrome_Default.txt': '',
      'Downloads/Google Chrome_Default.txt': 'https://shop.example/a.zip\n',
    },
    tuples: [
      ['https://vpn.moe.example/remote/login', 'lek', 'p w  ', 'Google Chrome [Default]'],
      ['https://mail.example/', 'lek@mail.example', 'url: login: x', 'Microsoft Edge [Default]'],
    ],
    machine: {
      key: 'B7C8D9E0F1A2B3C4',
      name: 'LEK-NB',
      user: 'lek',
      os: 'Windows 10 Pro [x64]',
      country: 'TH',
      ip: '192.0.2.20',
      captured: '2025-07-05T06:42:43Z',
    },
    autofillEntries: 2,
    cookies: 0,
  },
  {
    family: 'StealC',
    files: {
      'system_info.txt': `   ____ _             _  ____
  / ___| |_ ___  __ _| |/ ___|   made-up logo

Network Info:
\t- IP: 192.0.2.30
\t- Country: TH

System Summary:
\t- HWID: C1D2E3F4A5B6C7D8
\t- OS: Windows 10 Home
\t- Architecture: x64
\t- UserName: ann
\t- Computer Name: ANN-PC
\t- Local Time: 2024/6/22 15:49:7
\t- UTC: 7
`,
      'passwords.txt': `  ____ made-up logo ____

browser: Chrome
profile: Default
url: https://sso.moe.example/
login: ann@moe.example
password: first line
second line

browser: Firefox
profile: abcd.default
url: https://b.example/
login: ann
password: x

`,
      'cookie_list.txt': '',
      'domain_detect.txt': '',
      'autofill/Chrome_Default.txt': 'email ann@moe.example\ncity Bangkok\nzip 10200\n',
      'cookies/Chrome_Default.txt':
        '#HttpOnly_.moe.example\tTRUE\t/\tTRUE\t13444473600000000\tconnect.sid\tCANARY\nx.example\tFALSE\t/\tFALSE\t0\ta\tb\n',
      'plugins/x.txt': '',
      'soft/x.txt': '',
    },
    tuples: [
      ['https://sso.moe.example/', 'ann@moe.example', 'first line\nsecond line', 'Chrome Default'],
      ['https://b.example/', 'ann', 'x', 'Firefox abcd.default'],
    ],
    machine: {
      key: 'C1D2E3F4A5B6C7D8',
      name: 'ANN-PC',
      user: 'ann',
      os: 'Windows 10 Home',
      country: 'TH',
      ip: '192.0.2.30',
      captured: '2024-06-22T08:49:07Z',
    },
    autofillEntries: 3,
    cookies: 2,
  },
  {
    family: 'Raccoon',
    files: {
      'System Info.txt': `User ID: D1E2F3A4_made_up
Last seen: Thu Dec 15 2022 13:01:02 GMT+0100 (Central European Standard Time)
Build: made-up

IP info:
\t- IP: 192.0.2.40
\t- Country: DE

System Information:
\t- OS: Windows 7
\t- UserName: kai
\t- Computer Name: KAI-PC
`,
      'Passwords.txt':
        'URL: https://moe.example/\nUSER: kai\nPASS: pw1\n\nURL: https://c.example/\nUSER: kai\nPASS: pw2\n\n',
      'Browser/Chrome/Cookies.txt': '',
    },
    tuples: [
      ['https://moe.example/', 'kai', 'pw1', null],
      ['https://c.example/', 'kai', 'pw2', null],
    ],
    machine: {
      key: 'D1E2F3A4_made_up',
      name: 'KAI-PC',
      user: 'kai',
      os: 'Windows 7',
      country: 'DE',
      ip: '192.0.2.40',
      captured: '2022-12-15T12:01:02Z',
    },
    autofillEntries: 0,
    cookies: 0,
  },
  {
    family: 'RisePro',
    files: {
      'information.txt': `Build: made-up
Version: 2.0

Date: Sat Jul 06 3:43:57 2024
MachineID: E1F2A3B4-0000
HWID: E1F2A3B4C5D6E7F8
IP: 192.0.2.50
Location: TH, Bangkok
Local Date: 6/7/2024 10:43:57
Windows: Windows 10 Pro
Computer Name: PIM-PC
User Name: pim
[Hardware]
Processor: Example
`,
      'passwords.txt': `Storage: Chrome [Default]
HOSTNAME: https://erp.moe.example/
USER LOGIN: pim
USER PASSWORD: pw:1
--------
Storage: Edge [Default]
HOSTNAME: https://d.example/
USER LOGIN: pim@moe.example
USER PASSWORD: pw 2
--------
`,
      'Wallets/x.txt': '',
      'Extensions/x.txt': '',
      'FileGrabber/passwords.txt': 'not ours to read: pim:pw\n',
    },
    tuples: [
      ['https://erp.moe.example/', 'pim', 'pw:1', 'Chrome [Default]'],
      ['https://d.example/', 'pim@moe.example', 'pw 2', 'Edge [Default]'],
    ],
    machine: {
      key: 'E1F2A3B4C5D6E7F8',
      name: 'PIM-PC',
      user: 'pim',
      os: 'Windows 10 Pro',
      country: 'TH',
      ip: '192.0.2.50',
      captured: '2024-07-06T10:43:57Z',
    },
    autofillEntries: 0,
    cookies: 0,
  },
  {
    family: 'Rhadamanthys',
    files: {
      'UserInformation.txt': `Install Date: 09 Dec 23 00:33 UTC
Traffic Name: made-up
IP: 192.0.2.60
Country: TH
Computer: BOY-PC
User: boy
HWID: F1A2B3C4D5E6F7A8
OS: Windows 11
Wallpaper Hash: 00000000
`,
      'Browser/Logins/Chrome_Default.txt':
        'Software: Chrome\nUrl: https://hr.moe.example/\nUsername: boy@moe.example\nPassword: pw\n\n',
      'Browser/MasterKeys/x.txt': 'a\n',
      'Browser/FingerPrint/x.txt': 'b\n',
    },
    tuples: [['https://hr.moe.example/', 'boy@moe.example', 'pw', 'Chrome']],
    machine: {
      key: 'F1A2B3C4D5E6F7A8',
      name: 'BOY-PC',
      user: 'boy',
      os: 'Windows 11',
      country: 'TH',
      ip: '192.0.2.60',
      captured: null,
    },
    autofillEntries: 0,
    cookies: 0,
  },
  {
    family: 'CryptBot',
    files: {
      '_Information.txt': `Start Build: made-up
OS: Windows 10 Home
Local Date and Time: 2021-11-03 22:10:09
UserName (ComputerName): som (SOM-PC)
IP: N/A
Country: unknown
`,
      '_AllPasswords_list.txt':
        'Application: Google Chrome\nURL: https://moe.example/login\nLogin: som\nPassword: pw\n\n',
    },
    tuples: [['https://moe.example/login', 'som', 'pw', 'Google Chrome']],
    machine: {
      key: 'TH_192.0.2.70_2021_11_03',
      name: 'SOM-PC',
      user: 'som',
      os: 'Windows 10 Home',
      country: 'TH',
      ip: '192.0.2.70',
      captured: '2021-11-03T22:10:09Z',
    },
    autofillEntries: 0,
    cookies: 0,
  },
];
