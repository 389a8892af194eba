/**
 * What ingest finds in a list beside the slow obvious way: every line parsed, every suffix looked up in a set, every keyword looked
 * for in every text. Whatever the chunks, the cuts, the workers and the order, nothing may be missed and nothing found too much.
 */
import { normaliseIdentity } from '@sealpost/shared/opened/finding/identity';
import { parseService } from '@sealpost/shared/opened/finding/service';
import { ingestSource } from '@sealpost/shared/opened/ingest/ingest-source';
import { decideLines } from '@sealpost/shared/opened/ingest/line-decision';
import { LinePart } from '@sealpost/shared/opened/ingest/line-part';
import type { LinesOfLeaf } from '@sealpost/shared/opened/ingest/line-part';
import type { LineReaders } from '@sealpost/shared/opened/ingest/line-readers';
import type { LoadedRecord } from '@sealpost/shared/opened/ingest/record';
import { bytesToSource } from '@sealpost/shared/opened/ingest/source-file';
import type { SourceFile } from '@sealpost/shared/opened/ingest/source-file';
import { compileWatch } from '@sealpost/shared/opened/match/match';
import type { Matcher } from '@sealpost/shared/opened/match/match';
import type { WatchedOrganisation, WatchList } from '@sealpost/shared/opened/match/watch';
import { OwnedLines } from '@sealpost/shared/opened/scan/owned-lines';
import { scannerFor } from '@sealpost/shared/opened/scan/scanner-for';
import type { Seeded } from './seeded.ts';

const MOST_CHUNK_BYTES = 257;
export const MOST_WORKERS = 7;
const SAMPLE_BYTES = 1 << 16;
const LINE_BYTES = 1 << 16;
const NEWLINE = 10;
/** The reference reads this much at once, so that its records are not all in memory. */
const REFERENCE_BYTES = 1 << 20;

/** Finding by finding: organisation, place, URL, login, secret. */
export type Found = ReadonlySet<string>;

export interface Compared {
  readonly findings: number;
  /** In the reference, not in ours. */
  readonly misses: number;
  /** In ours, not in the reference. */
  readonly falseFindings: number;
}

export function compare(ours: Found, reference: Found): Compared {
  return {
    findings: ours.size,
    misses: countMissing(reference, ours),
    falseFindings: countMissing(ours, reference),
  };
}

function countMissing(from: Found, to: Found): number {
  let missing = 0;
  for (const key of from) if (!to.has(key)) missing++;
  return missing;
}

/** Ten organisations that share the domains; some of them take hosts out, some watch words. */
export function watchOf(domains: readonly string[], keywords: readonly string[]): WatchList {
  const shareOf = (terms: readonly string[], organisation: number) => terms.filter((_, at) => at % 10 === organisation);
  const organisations = Array.from({ length: 10 }, (_, at): WatchedOrganisation => {
    const own = shareOf(domains, at);
    return {
      id: `o${at}`,
      name: `Organisation ${at}`,
      domains: own,
      exclude: at % 2 === 0 ? own.slice(0, own.length / 4).map((domain) => `mail.${domain}`) : [],
      keywords: shareOf(keywords, at).map((term) => ({ term, scope: 'anywhere' as const })),
    };
  });
  return { organisations };
}

/** The slow obvious way. Some 6 s for 20 MB. */
export function findSlowly(bytes: Uint8Array, watch: WatchList): Found {
  const owners = watch.organisations.map(({ id, domains, exclude, keywords }) => ({
    id,
    listed: new Set(domains),
    out: new Set(exclude),
    words: keywords.map(({ term }) => term),
  }));
  const found = new Set<string>();
  for (const [from, to] of wholeLines(bytes, REFERENCE_BYTES)) {
    for (const record of readPart(bytes, from, to, to - from, null)) {
      const identity = normaliseIdentity(record.login);
      const service = parseService(record.url);
      const names = [service.host, identity.domain].filter((name) => name.includes('.'));
      const texts = [service.host, record.login.toLowerCase(), service.appId ?? '', record.application ?? ''];
      for (const { id, listed, out, words } of owners) {
        const verdicts = names.map((name) => verdictOf(name, listed, out));
        const isWord = !verdicts.includes('out') && words.some((word) => texts.some((text) => text.includes(word)));
        if (verdicts.includes('in') || isWord) found.add(keyOf(id, record));
      }
    }
  }
  return found;
}

/** The longest suffix that is a term decides. */
function verdictOf(name: string, listed: ReadonlySet<string>, out: ReadonlySet<string>): 'in' | 'out' | null {
  for (let rest = name; ; rest = rest.slice(rest.indexOf('.') + 1)) {
    if (out.has(rest)) return 'out';
    if (listed.has(rest)) return 'in';
    if (!rest.includes('.')) return null;
  }
}

/** As many equal parts of whole lines as there are chunk sizes, each read in chunks of its own size. */
export function findInChunks(bytes: Uint8Array, watch: WatchList): Found {
  const { matcher } = compileWatch(watch);
  const found = new Set<string>();
  let size = 0;
  for (const [from, to] of wholeLines(bytes, Math.ceil(bytes.length / MOST_CHUNK_BYTES))) {
    size = (size % MOST_CHUNK_BYTES) + 1;
    addMatches(readPart(bytes, from, to, size, watch), matcher, found);
  }
  return found;
}

/** Cut at any bytes among so many workers, each of which reads the lines that start in its range (`OwnedLines`). */
export function findInSplits(bytes: Uint8Array, watch: WatchList, workers: number, random: Seeded): Found {
  const { matcher } = compileWatch(watch);
  const found = new Set<string>();
  const cuts = Array.from({ length: workers - 1 }, () => random.whole(bytes.length)).sort((a, b) => a - b);
  const borders = [0, ...cuts, bytes.length];
  for (const [at, to] of borders.slice(1).entries()) {
    const owned = new OwnedLines(borders[at] ?? 0, to, NEWLINE);
    const lines = owned.take(bytes.subarray(owned.readFrom));
    const from = owned.start ?? 0;
    addMatches(readPart(bytes, from, from + lines.length, 1 << 18, watch), matcher, found);
  }
  return found;
}

/** Through the whole of ingest, with `readers` beside it where there are any. */
export async function findByIngest(
  sources: readonly SourceFile[],
  watch: WatchList,
  readers: LineReaders | null,
): Promise<Found> {
  const { matcher } = compileWatch(watch);
  const found = new Set<string>();
  const onRecords = async (records: readonly LoadedRecord[]): Promise<void> => addMatches(records, matcher, found);
  for (const source of sources) {
    const read = await ingestSource(source, { watch, nowMs: 0, onRecords, ...(readers === null ? {} : { readers }) });
    if (!read.ok || read.value.status !== 'complete') throw new Error(`${source.name}: not read to its end`);
  }
  return found;
}

/** The lines of `bytes` in another order, cut into several files. */
export function shuffledFiles(bytes: Uint8Array<ArrayBuffer>, files: number, random: Seeded): readonly SourceFile[] {
  const parts = [...wholeLines(bytes, REFERENCE_BYTES)].map(([from, to]) => {
    const lines = [...wholeLines(bytes.subarray(from, to), 1)].map(([a, b]) => bytes.subarray(from + a, from + b));
    return shuffle(lines, random);
  });
  const mixed = shuffle(parts, random).flat();
  const each = Math.ceil(mixed.length / files);
  return Array.from({ length: files }, (_, at) => {
    const lines = mixed.slice(at * each, (at + 1) * each);
    const joined = new Uint8Array(lines.reduce((sum, line) => sum + line.length, 0));
    let place = 0;
    for (const line of lines) {
      joined.set(line, place);
      place += line.length;
    }
    return bytesToSource(`shuffled-${at}.txt`, joined, 1 << 18);
  });
}

/** Findings without their places, which another order changes. */
export function withoutPlaces(found: Found): Found {
  return new Set([...found].map((key) => key.replace(/^([^\t]*\t)[^\t]*\t/, '$1')));
}

function keyOf(organisationId: string, { provenance, url, login, password, rawPassword }: LoadedRecord): string {
  const place = `${provenance.offset}+${provenance.length}`;
  return [organisationId, place, url, login, rawPassword ?? password].join('\t');
}

function addMatches(records: readonly LoadedRecord[], matcher: Matcher, found: Set<string>): void {
  for (const record of records) {
    for (const { organisationId } of matcher.match(record)) found.add(keyOf(organisationId, record));
  }
}

/** `null`: every line is parsed. */
function readPart(
  bytes: Uint8Array,
  from: number,
  to: number,
  chunkBytes: number,
  watch: WatchList | null,
): readonly LoadedRecord[] {
  const sample = bytes.subarray(0, SAMPLE_BYTES);
  const lines: LinesOfLeaf = {
    path: 'list.txt',
    sniff: { kind: 'text', encoding: 'utf-8', bomBytes: 0, fallback: 'windows-1252' },
    sample,
    isWholeSample: sample.length === bytes.length,
    lineBytes: LINE_BYTES,
    sourceClass: null,
    quarantineRows: 0,
  };
  const part = new LinePart(lines, decideLines(lines), watch === null ? null : scannerFor(watch), from);
  for (let at = from; at < to; at += chunkBytes) part.push(bytes.subarray(at, Math.min(at + chunkBytes, to)));
  return part.end().records;
}

/** Ranges of whole lines of at least `leastBytes`, the last one apart. */
function* wholeLines(bytes: Uint8Array, leastBytes: number): Generator<readonly [number, number]> {
  for (let from = 0; from < bytes.length;) {
    const newlineAt = bytes.indexOf(NEWLINE, from + leastBytes - 1);
    const to = newlineAt < 0 ? bytes.length : newlineAt + 1;
    yield [from, to];
    from = to;
  }
}

function shuffle<T>(items: T[], random: Seeded): T[] {
  for (let at = items.length - 1; at > 0; at--) {
    const other = random.whole(at + 1);
    [items[at], items[other]] = [items[other] as T, items[at] as T];
  }
  return items;
}
