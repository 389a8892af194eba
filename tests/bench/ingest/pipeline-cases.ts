/**
 * The whole way from bytes to scored findings, dialect by dialect: recognise, read, match, fingerprint, merge, score. Every record
 * concerns a listed organisation, which is the most work a byte can make. Figures are medians of CPU seconds.
 */
import { utf8 } from '@sealpost/shared/base/bytes';
import { DraftBuilder } from '@sealpost/shared/opened/finding/draft';
import { FindingKeys } from '@sealpost/shared/opened/finding/fingerprint';
import { Drafting } from '@sealpost/shared/opened/client/drafting';
import { ingestSource } from '@sealpost/shared/opened/ingest/ingest-source';
import { bytesToSource } from '@sealpost/shared/opened/ingest/source-file';
import type { WatchList } from '@sealpost/shared/opened/match/watch';
import { makeCredential } from '@sealpost/shared/opened/sample/credentials';
import type { MadeCredential } from '@sealpost/shared/opened/sample/credentials';
import { Random } from '@sealpost/shared/opened/sample/random';
import { sha256 } from '@sealpost/shared/sealed/crypto/hash';
import type { Corpus } from './corpus.ts';
import { measureOwn, median, print, say } from './measure.ts';

const RECORDS = 60_000;
const NOW_MS = Date.UTC(2026, 0, 15);
const DOMAINS = Array.from({ length: 20 }, (_, at) => `agency${at}.example`);
const WATCH: WatchList = {
  organisations: DOMAINS.map((domain, at) => ({
    id: `o${at}`,
    name: domain,
    domains: [domain],
    exclude: [],
    keywords: [],
  })),
};

interface Dialect {
  readonly name: string;
  readonly file: string;
  readonly isPair: boolean;
  readonly head: string;
  row(credential: MadeCredential, at: number): string;
  readonly foot: string;
}

const LINES = { head: '', foot: '' };
const DIALECTS: readonly Dialect[] = [
  { ...LINES, name: 'combo', file: 'a.txt', isPair: true, row: ({ login, password }) => `${login}:${password}\n` },
  { ...LINES, name: 'ulp', file: 'a.txt', isPair: false, row: (c) => `${c.url}:${c.login}:${c.password}\n` },
  {
    ...LINES,
    name: 'ulp_without_scheme',
    file: 'a.txt',
    isPair: false,
    row: (c) => `${c.url.replace(/^https?:\/\//, '')}:${c.login}:${c.password}\n`,
  },
  { ...LINES, name: 'tabs', file: 'a.txt', isPair: false, row: (c) => `${c.url}\t${c.login}\t${c.password}\n` },
  {
    ...LINES,
    name: 'hashes',
    file: 'a.txt',
    isPair: true,
    row: ({ login, password }) => `${login}:${hexOf(password, 16)}\n`,
  },
  {
    name: 'csv',
    file: 'a.csv',
    isPair: true,
    head: 'id,email,password\n',
    row: ({ login, password }, at) => `${at},"${login}","${password.replaceAll('"', '""')}"\n`,
    foot: '',
  },
  {
    name: 'sql',
    file: 'a.sql',
    isPair: true,
    head: 'CREATE TABLE `users` (`id` int, `email` varchar(99), `pass` varchar(99));\nINSERT INTO `users` VALUES ',
    row: ({ login, password }, at) => `${at === 0 ? '' : ','}(${at},'${login}','${password.replaceAll("'", "''")}')`,
    foot: ';\n',
  },
  {
    ...LINES,
    name: 'json_lines',
    file: 'a.jsonl',
    isPair: true,
    row: ({ login, password }) => `${JSON.stringify({ email: login, password })}\n`,
  },
];

export async function runPipelineCases(_: Corpus, __: string, rounds: number): Promise<void> {
  const material = DIALECTS.map((dialect) => ({ dialect, bytes: write(dialect), seconds: [] as number[] }));
  for (let round = 0; round <= rounds; round++) {
    for (const { dialect, bytes, seconds } of material) {
      const { cpuSeconds, value } = await measureOwn(() => findings(dialect.file, bytes));
      // Each bytes' way to its end is known: nothing may be lost on it.
      if (value.records !== RECORDS || value.findings === 0)
        throw new Error(`${dialect.name}: ${value.records} of ${RECORDS} records, ${value.findings} findings`);
      // The first round is for the compiler.
      if (round > 0) seconds.push(cpuSeconds);
    }
    say(`pipeline: round ${round} of ${rounds}`);
  }
  for (const { dialect, bytes, seconds } of material) {
    print(dialect.name, 'mb_per_cpu_s', bytes.length / 1e6 / median(seconds));
    print(dialect.name, 'records_per_cpu_s', RECORDS / median(seconds));
  }
}

/** All of it, as the command line does it with a watch file. */
async function findings(name: string, bytes: Uint8Array): Promise<{ records: number; findings: number }> {
  const hash = sha256(bytes.subarray(0, 1_000));
  const drafting = new Drafting(WATCH, (id) => Promise.resolve(builderFor(id)));
  const source = {
    name,
    alias: 'bench',
    sha256: hash,
    sizeBytes: bytes.length,
    sourceClass: 'ulp' as const,
    capturedAtMs: null,
    publishedAtMs: null,
  };
  const read = await ingestSource(bytesToSource(name, bytes), {
    watch: WATCH,
    nowMs: NOW_MS,
    onRecords: async (records) => {
      await drafting.write(records, source);
    },
  });
  if (!read.ok) throw new Error(read.error.kind);
  let scored = 0;
  for (const result of drafting.finish('bench', [{ source, ledger: read.value }], []).results.values()) {
    for (const { finding } of result.findings()) scored += finding.score > 0 ? 1 : 0;
  }
  return { records: read.value.total.records, findings: scored };
}

function builderFor(id: string): DraftBuilder {
  const domain = DOMAINS[Number(id.slice(1))] ?? '';
  const listId = sha256(utf8(id)).slice(0, 16);
  return new DraftBuilder({
    profile: { listId, names: [domain], domains: [domain], exclude: [] },
    keys: new FindingKeys(new Uint8Array(32).fill(7), listId),
    nowMs: NOW_MS,
    isKnown: () => false,
  });
}

function write({ isPair, head, row, foot }: Dialect): Uint8Array {
  const random = new Random(5);
  let text = head;
  for (let at = 0; at < RECORDS; at++) text += row(makeCredential(random, DOMAINS, isPair, 1), at);
  return utf8(text + foot);
}

function hexOf(text: string, bytes: number): string {
  return Buffer.from(sha256(utf8(text)).subarray(0, bytes)).toString('hex');
}
