/** Every month in every Thai spelling, every calendar and order, through whole system files: the machine's date is the one meant. */
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../base/bytes.ts';
import { load, TEST_NOW_MS } from '../load-for-test.ts';
import type { MachineSummary } from '../record.ts';
import { bytesToSource } from '../source-file.ts';
import { parseLogDate } from './dates.ts';

const MONTHS = [
  ['ม.ค.', 'มกราคม'],
  ['ก.พ.', 'กุมภาพันธ์'],
  ['มี.ค.', 'มีนาคม'],
  ['เม.ย.', 'เมษายน'],
  ['พ.ค.', 'พฤษภาคม'],
  ['มิ.ย.', 'มิถุนายน'],
  ['ก.ค.', 'กรกฎาคม'],
  ['ส.ค.', 'สิงหาคม'],
  ['ก.ย.', 'กันยายน'],
  ['ต.ค.', 'ตุลาคม'],
  ['พ.ย.', 'พฤศจิกายน'],
  ['ธ.ค.', 'ธันวาคม'],
] as const;

function thaiDigits(text: string): string {
  return text.replace(/[0-9]/g, (digit) => String.fromCharCode(0x0e50 + Number(digit)));
}

describe.each(MONTHS.map((names, at) => [at, ...names] as const))('month %i', (at, short, full) => {
  const expected = Date.UTC(2024, at, 9, 21, 5);
  const days = `9 ${full} พ.ศ. 2567`;
  test.each([
    `9 ${short} 2567 21:05`,
    `9 ${short.slice(0, -1)} 2567 21:05`,
    `9${short}2567 21:05`,
    `9 ${full} 2567 21:05`,
    `วันพุธที่ ${days} เวลา 21:05 น.`,
    `พ. 9 ${short} 67 (2567) 21.05 น.`,
    `${days} 21.05 น.`,
    `9 ${full} ค.ศ. 2024 21:05`,
  ])('%s, in Thai digits too', (text) => {
    expect(parseLogDate(text, 'unknown', 0, TEST_NOW_MS)).toBe(expected);
    expect(parseLogDate(thaiDigits(text), 'unknown', 0, TEST_NOW_MS)).toBe(expected);
  });
});

/** The machine that a folder of one family makes of a date and what stands beside it. */
async function capturedBy(family: keyof typeof SYSTEM, date: string, beside = ''): Promise<MachineSummary | undefined> {
  const machines: MachineSummary[] = [];
  const { name, text } = SYSTEM[family];
  const block = 'URL: https://sso.moe.example/\nUsername: nok\nPassword: pw\n\n';
  const files = { [name]: text(date, beside), 'Passwords.txt': block };
  await load(
    Object.entries(files).map(([path, content]) => bytesToSource(`m/${path}`, utf8(content))),
    { onMachine: async (machine) => void machines.push(machine) },
  );
  return machines[0];
}

/** Made-up system files whose family is unmistakable. */
const SYSTEM = {
  RedLine: {
    name: 'UserInformation.txt',
    text: (date: string, beside: string) =>
      `Build ID: made-up\nFileLocation: C:\\x.exe\nOperation System: Windows 11\nMachineName: PC\nHWID: AB12AB12\nLog date: ${date}\n${beside}`,
  },
  Vidar: {
    name: 'information.txt',
    text: (date: string, beside: string) =>
      `Ip: 192.0.2.1\nCountry: TH\nVersion: 1\nDate: ${date}\nMachineID: x\nGUID: {y}\nHWID: AB12AB12\nPath: C:\\x.exe\nWork Dir: C:\\y\n${beside}\n[Hardware]\n[Processes]\n`,
  },
  Lumma: {
    name: 'System.txt',
    text: (date: string, beside: string) =>
      `- LummaC2 Build: x\n- LID: y\n- Configuration: z\n- HWID: AB12AB12\n- Local Date: ${date}\n${beside}`,
  },
} as const;

describe('in a machine’s own file', () => {
  test.each([
    ['RedLine', '7/8/2025 2:27:03 PM', '', '2025-07-08T14:27:03Z'],
    ['RedLine', '7/8/2025 14:27:03', '', '2025-07-08T14:27:03Z'],
    ['RedLine', '7/8/2025 14:27:03', 'Install Date: 30/07/2025\n', '2025-08-07T14:27:03Z'],
    ['RedLine', '7/8/2568 14:27:03', '', '2025-08-07T14:27:03Z'],
    ['RedLine', '๗/๘/๒๕๖๘ ๑๔:๒๗:๐๓', '', '2025-08-07T14:27:03Z'],
    ['Vidar', '7/8/2025 14:27:03', '', '2025-08-07T14:27:03Z'],
    ['Vidar', '7/8/2025 14:27:03', 'Install Date: 7/30/2025\n', '2025-07-08T14:27:03Z'],
    ['Vidar', '7/8/2568 14:27:03', '', '2025-08-07T14:27:03Z'],
    ['Vidar', '๗ สิงหาคม พ.ศ. ๒๕๖๘ ๑๔.๒๗ น.', '', '2025-08-07T14:27:00Z'],
    ['Lumma', '30.07.2025 13:19:25', '', '2025-07-30T13:19:25Z'],
    ['Lumma', '30.07.2568 13:19:25', '', '2025-07-30T13:19:25Z'],
    ['Lumma', '7/8/2025 13:19:25', '', null],
    ['Lumma', '7/8/2025 13:19:25', '- Install Date: 30/07/2025\n', '2025-08-07T13:19:25Z'],
    ['Lumma', '7/8/2025 13:19:25', '- Install Date: 7/30/2025\n', '2025-07-08T13:19:25Z'],
    ['Lumma', '29/02/2568 10:00:00', '', null],
    ['Lumma', '29/02/2567 10:00:00', '', '2024-02-29T10:00:00Z'],
  ] as const)('%s: %s %s', async (family, date, beside, expected) => {
    const machine = await capturedBy(family, date, beside);
    expect(machine?.family).toBe(family);
    expect(machine?.capturedText).toBe(date);
    expect(machine?.capturedAtMs).toBe(expected === null ? null : Date.parse(expected));
  });
});
