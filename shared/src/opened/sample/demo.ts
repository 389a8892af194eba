/** The material behind "try it": two made-up Thai agencies, invented people, leaks of every class. Nothing in it exists. */
import type { Ms } from '../../base/brand.ts';
import { concatBytes, utf8 } from '../../base/bytes.ts';
import type { SourceClass } from '../finding/finding.ts';
import type { SampleOracle } from './oracle.ts';
import type { SampleOptions } from './sample.ts';
import { sampleChunks } from './sample.ts';

export interface DemoOrganisation {
  readonly nameTh: string;
  readonly nameEn: string;
  readonly domains: readonly string[];
  readonly contact: {
    readonly nameTh: string;
    readonly nameEn: string;
    readonly positionTh: string;
    readonly email: string;
  };
}

export interface DemoFile {
  readonly name: string;
  /** What goes out in its place (DOMAIN rule 9). */
  readonly alias: string;
  /** `null`: as the lines say. */
  readonly sourceClass: SourceClass | null;
  readonly publishedAtMs: Ms;
  readonly bytes: Uint8Array;
  readonly oracle: SampleOracle;
}

export interface DemoMaterial {
  readonly organisations: readonly [DemoOrganisation, DemoOrganisation];
  readonly files: readonly DemoFile[];
}

const DAY_MS = 86_400_000;

const ORGANISATIONS: readonly [DemoOrganisation, DemoOrganisation] = [
  {
    nameTh: 'กรมการเรียนรู้ตัวอย่าง',
    nameEn: 'Example Department of Learning',
    domains: ['moe.example'],
    contact: {
      nameTh: 'นางสาวกัญญา สุขใจ',
      nameEn: 'Kanya Sukjai',
      positionTh: 'นักวิชาการคอมพิวเตอร์ชำนาญการ',
      email: 'kanya.sukjai@moe.example',
    },
  },
  {
    nameTh: 'สำนักงานการเดินทางตัวอย่าง',
    nameEn: 'Example Office of Travel',
    domains: ['dlt.example'],
    contact: {
      nameTh: 'นายอนันต์ ทองดี',
      nameEn: 'Anan Thongdee',
      positionTh: 'หัวหน้ากลุ่มความมั่นคงปลอดภัยไซเบอร์',
      email: 'anan.thongdee@dlt.example',
    },
  },
];

/** About 6 MB and some five thousand findings. `nowMs` places captures and publications in the year before it. */
export function demoMaterial(seed: number, nowMs: Ms): DemoMaterial {
  const domains = ORGANISATIONS.flatMap((organisation) => organisation.domains);
  const file = (
    name: string,
    alias: string,
    ageDays: number,
    options: Omit<SampleOptions, 'domains' | 'seed'>,
    sourceClass: SourceClass | null = null,
  ): DemoFile => {
    const offset = name.length + ageDays;
    const { bytes, oracle } = collect({ ...options, domains, seed: seed + offset, newestMs: nowMs - ageDays * DAY_MS });
    return { name, alias, sourceClass, publishedAtMs: nowMs - ageDays * DAY_MS, bytes, oracle };
  };
  return {
    organisations: ORGANISATIONS,
    files: [
      file('machines-th.zip', 'ชุดบันทึก ก', 12, { kind: 'stealer', records: 6_000, ownShare: 0.35 }),
      file('url-login-pass.txt', 'รายการ ข', 45, { kind: 'ulp', records: 20_000, ownShare: 0.12 }),
      file('combo-2025.txt', 'รายการ ค', 160, { kind: 'combo', records: 8_000, ownShare: 0.08 }),
      file('phishing-kit.txt', 'ชุดบันทึก ง', 5, { kind: 'ulp', records: 300, ownShare: 1 }, 'phishing'),
      file('old-breach.txt', 'รายการ จ', 700, { kind: 'ulp', records: 1_500, ownShare: 0.3 }, 'breach_plain'),
      { ...notes(nowMs) },
    ],
  };
}

function collect(options: SampleOptions): { bytes: Uint8Array; oracle: SampleOracle } {
  const chunks: Uint8Array[] = [];
  const generator = sampleChunks(options);
  for (;;) {
    const step = generator.next();
    if (step.done === true) return { bytes: concatBytes(...chunks), oracle: step.value };
    chunks.push(step.value);
  }
}

/** A short list with lines that go wrong, so that ledger and quarantine have something to show. */
function notes(nowMs: Ms): DemoFile {
  const lines = [
    '════════ FREE LOGS moe.example ════════',
    'somchai.jaidee@moe.example',
    'somchai.jaidee@moe.example:********',
    'https://vpn.moe.example/remote/login:somying:',
    'https://sso.dlt.example/adfs/ls/ no separator that fits',
    'malee.boonsri@dlt.example:Temple2024!',
  ];
  const bytes = utf8(`${lines.join('\n')}\n`);
  return {
    name: 'paste.txt',
    alias: 'ข้อความ ฉ',
    sourceClass: 'paste',
    publishedAtMs: nowMs - 2 * DAY_MS,
    bytes,
    oracle: {
      records: 1,
      bytes: bytes.length,
      byDomain: { 'moe.example': { records: 0, findings: 0 }, 'dlt.example': { records: 1, findings: 1 } },
    },
  };
}
