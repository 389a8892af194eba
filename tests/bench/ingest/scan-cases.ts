/**
 * How fast candidate lines are found, beside ripgrep, `wc -l` and the naive way in Node. All read the same file from the page cache,
 * in turn, round by round; ours reads through the line splitter that ingest uses. A figure is a ratio of median CPU seconds.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { LineSplitter } from '@sealpost/shared/opened/ingest/text/line-splitter';
import { createKernelScanner } from '@sealpost/shared/opened/scan/kernel-scanner';
import { createPlainScanner } from '@sealpost/shared/opened/scan/plain';
import type { LineScanner } from '@sealpost/shared/opened/scan/scanner';
import type { ScanTerms } from '@sealpost/shared/opened/scan/terms';
import { scanTerms } from '@sealpost/shared/opened/scan/terms';
import type { Corpus } from './corpus.ts';
import { writeTerms } from './corpus.ts';
import { measureChild, measureOwn, median, print, say } from './measure.ts';

const CHUNK_BYTES = 1 << 18;
const NEWLINE = 10;
const LINE_BYTES = 64 * 2 ** 10;
/** The naive way reads this much of the corpus; its time is counted by the byte. */
const NAIVE_SHARE = 0.25;

interface ScanCase {
  readonly name: string;
  readonly domains: readonly string[];
  readonly keywords: readonly string[];
}

/** Seconds of every round. */
interface Times {
  readonly wc: number[];
  readonly ours: number[];
  readonly plain: number[];
  readonly naive: number[];
  readonly ripgrep: number[];
}

/** What a scan found, to compare two engines by. */
interface Found {
  lines: number;
  hits: number;
  /** Over start and end of every line with a term. */
  digest: number;
}

export async function runScanCases(corpus: Corpus, folder: string, rounds: number): Promise<void> {
  const cases: readonly ScanCase[] = [
    ...(['n100', 'n10k', 'n100k', 'th38k'] as const).map((name) => ({
      name,
      domains: corpus.domains[name],
      keywords: [],
    })),
    { name: 'n10k_k1k', domains: corpus.domains.n10k, keywords: corpus.keywords },
  ];
  const hasRipgrep = findRipgrep();
  const times = new Map(cases.map(({ name }) => [name, emptyTimes()]));
  for (const one of cases) await checkCase(one, corpus);
  for (let round = 0; round < rounds; round++) {
    for (const one of cases) {
      say(`scan: round ${round + 1} of ${rounds}, ${one.name}`);
      await measureCase(one, corpus, folder, hasRipgrep, times.get(one.name) ?? emptyTimes());
    }
  }
  for (const [name, { wc, ours, plain, naive, ripgrep }] of times) {
    const own = median(ours);
    say(`${name}: ours ${own.toFixed(3)} s, plain ${median(plain).toFixed(3)} s, wc ${median(wc).toFixed(3)} s`);
    if (hasRipgrep) print(name, 'ripgrep_over_ours', median(ripgrep) / own);
    print(name, 'naive_over_ours', median(naive) / own);
    print(name, 'naive_over_plain', median(naive) / median(plain));
    print(name, 'ours_over_wc', own / median(wc));
  }
}

/** Ours, the plain twin and the naive way must find the same lines before any time counts. */
async function checkCase(one: ScanCase, corpus: Corpus): Promise<void> {
  const terms = termsOf(one);
  const ours = scanFile(corpus.path, kernelScanner(terms), corpus.sizeBytes);
  const plain = scanFile(corpus.path, createPlainScanner(terms), corpus.sizeBytes);
  if (ours.lines !== plain.lines || ours.hits !== plain.hits || ours.digest !== plain.digest)
    throw new Error(`${one.name}: ${JSON.stringify(ours)} is not ${JSON.stringify(plain)}`);
  const naiveBytes = Math.floor(corpus.sizeBytes * NAIVE_SHARE);
  const naive = await countNaively(corpus.path, naiveBytes, one);
  const same = scanFile(corpus.path, kernelScanner(terms), naiveBytes).hits;
  if (naive !== same) throw new Error(`${one.name}: the naive way finds ${naive} lines, ours ${same}`);
  say(`${one.name}: ${ours.hits} of ${ours.lines} lines`);
}

async function measureCase(
  one: ScanCase,
  corpus: Corpus,
  folder: string,
  hasRipgrep: boolean,
  times: Times,
): Promise<void> {
  const { path, sizeBytes } = corpus;
  const terms = termsOf(one);
  times.wc.push(measureChild('wc', ['-l', path]).cpuSeconds);
  // Tables are built anew, as ripgrep builds its own.
  times.ours.push((await measureOwn(() => scanFile(path, kernelScanner(terms), sizeBytes))).cpuSeconds);
  if (hasRipgrep) {
    const patterns = writeTerms(folder, one.name, [...one.domains, ...one.keywords]);
    times.ripgrep.push(measureChild('rg', ['-j1', '-c', '-F', '-f', patterns, path]).cpuSeconds);
  }
  times.plain.push((await measureOwn(() => scanFile(path, createPlainScanner(terms), sizeBytes))).cpuSeconds);
  const naiveBytes = Math.floor(sizeBytes * NAIVE_SHARE);
  const naive = await measureOwn(() => countNaively(path, naiveBytes, one));
  times.naive.push((naive.cpuSeconds / naiveBytes) * sizeBytes);
}

/** Reads the first `sizeBytes` of a file through the line splitter into a scanner, with one buffer. */
function scanFile(path: string, scanner: LineScanner, sizeBytes: number): Found {
  const found: Found = { lines: 0, hits: 0, digest: 0 };
  const hits: number[] = [];
  let offset = 0;
  const splitter = new LineSplitter(
    {
      lines(bytes, start, end) {
        hits.length = 0;
        found.lines += scanner.scan(bytes, start, end, NEWLINE, hits);
        found.hits += hits.length / 2;
        for (const place of hits) found.digest = (Math.imul(found.digest, 31) + offset + place - start) | 0;
        offset += end - start;
      },
      longPart: () => undefined,
      longEnd: () => undefined,
    },
    NEWLINE,
    LINE_BYTES,
  );
  const buffer = new Uint8Array(CHUNK_BYTES);
  const file = openSync(path, 'r');
  for (let left = sizeBytes; left > 0;) {
    const read = readSync(file, buffer, 0, Math.min(CHUNK_BYTES, left), null);
    if (read === 0) break;
    splitter.push(buffer.subarray(0, read));
    left -= read;
  }
  closeSync(file);
  splitter.end();
  return found;
}

/** Line by line, cut into words that may be hosts, every suffix looked up in a set; keywords by one expression. */
async function countNaively(path: string, sizeBytes: number, { domains, keywords }: ScanCase): Promise<number> {
  const watched = new Set(domains);
  const anyKeyword = keywords.length === 0 ? null : new RegExp(keywords.join('|'));
  const input = createReadStream(path, { end: sizeBytes - 1, highWaterMark: 1 << 20 });
  let count = 0;
  for await (const text of createInterface({ input, crlfDelay: Infinity })) {
    const line = text.toLowerCase();
    if (line.split(/[^a-z0-9._-]/).some((word) => isUnder(word, watched)) || anyKeyword?.test(line)) count++;
  }
  return count;
}

function isUnder(word: string, watched: ReadonlySet<string>): boolean {
  if (!word.includes('.')) return false;
  for (let rest = word; ;) {
    if (watched.has(rest)) return true;
    const dot = rest.indexOf('.');
    if (dot < 0) return false;
    rest = rest.slice(dot + 1);
  }
}

const compiledTerms = new Map<string, ScanTerms>();

function termsOf({ name, domains, keywords }: ScanCase): ScanTerms {
  const known = compiledTerms.get(name);
  if (known !== undefined) return known;
  const anywhere = keywords.map((term) => ({ term, scope: 'anywhere' as const }));
  const organisation = { id: 'bench', name: 'Bench', domains, exclude: [], keywords: anywhere };
  const terms = scanTerms({ organisations: [organisation] });
  compiledTerms.set(name, terms);
  return terms;
}

function kernelScanner(terms: ScanTerms): LineScanner {
  const scanner = createKernelScanner(terms);
  if (scanner === null) throw new Error('no WebAssembly here');
  return scanner;
}

/** Installs ripgrep from the distribution where it is missing. */
function findRipgrep(): boolean {
  const isThere = () => spawnSync('rg', ['--version']).status === 0;
  if (isThere()) return true;
  say('installing ripgrep…');
  const install = () => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    spawnSync('apt-get', ['install', '-y', '-q', 'ripgrep'], { env, stdio: ['ignore', 2, 2], timeout: 300_000 });
  };
  install();
  if (!isThere()) {
    spawnSync('apt-get', ['update', '-q'], { stdio: ['ignore', 2, 2], timeout: 300_000 });
    install();
  }
  if (isThere()) return true;
  say('ripgrep_over_ours: ripgrep is missing and cannot be installed');
  return false;
}

function emptyTimes(): Times {
  return { wc: [], ours: [], plain: [], naive: [], ripgrep: [] };
}
