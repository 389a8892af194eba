/** A load that goes on at any of its checkpoints must end as one that was never stopped. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { concatBytes, utf8 } from '../../base/bytes.ts';
import { Random } from '../sample/random.ts';
import { StoreZip } from '../sample/store-zip.ts';
import { ARCHIVED_RECORDS, HIDDEN_7Z } from './archive/archives.fixture.ts';
import { addCheckpoint } from './checkpoint.ts';
import type { IngestCheckpoint, IngestPlace } from './checkpoint.ts';
import type { IngestOptions } from './ingest-options.ts';
import { ingestSource } from './ingest-source.ts';
import { TEST_NOW_MS, watching } from './load-for-test.ts';
import type { LoadedRecord } from './record.ts';
import type { SourceFile } from './source-file.ts';
import { bytesToSource } from './source-file.ts';

const WATCH = watching('moe.example');
const wasm = readFile(createRequire(import.meta.url).resolve('libarchive-wasm/dist/libarchive.wasm'));
const CHUNK = 7_001;
/** So small that nearly each chunk has its checkpoint. */
const LIMITS = { checkpointBytes: 10_000, lineBytes: 9_000, quarantineRows: 150, batchRecords: 50 };

function lines(count: number, seed: number): string {
  const random = new Random(seed);
  let text = '';
  for (let i = 0; i < count; i++) {
    const kind = random.int(10);
    if (kind < 5) text += `https://vpn.moe.example/login:user${i}@moe.example:pw:${i}\n`;
    else if (kind < 8) text += `https://shop${i}.other.example/:user${i}@mail.example:pw${i}\n`;
    else if (kind === 8) text += `no credential here but moe.example ${i}\r\n`;
    else text += i % 97 === 0 ? `${'x'.repeat(12_000)}moe.example\n` : '\n';
  }
  return text;
}

function zipOf(entries: readonly (readonly [string, Uint8Array])[]): Uint8Array {
  const zip = new StoreZip();
  return concatBytes(...entries.map(([name, bytes]) => zip.entry(name, bytes)), zip.end());
}

const machine = (n: number): readonly (readonly [string, Uint8Array])[] => {
  const blocks = Array.from(
    { length: 120 },
    (_, i) => `URL: https://sso.moe.example/${n}/${i}\nUsername: u${n}.${i}@moe.example\nPassword: p${i}\n\n`,
  ).join('');
  return [
    [`m${n}/System.txt`, utf8(`MachineName: PC-${n}\nHWID: H${n}\n`)],
    [`m${n}/Passwords.txt`, utf8(blocks)],
    [`m${n}/Chrome/Passwords.txt`, utf8(`${blocks}odd line with: nothing\n`)],
    [`m${n}/list.txt`, utf8(lines(200, n))],
  ];
};

const inner = zipOf([['deep/list.txt', utf8(lines(2_000, 5))], ...machine(3)]);
const sql = `INSERT INTO \`users\` (\`id\`,\`email\`,\`pass\`) VALUES ${Array.from({ length: 400 }, (_, i) => `(${i},'s${i}@moe.example','pw\\'${i}')`).join(',')};\n`;
const files: readonly (readonly [string, Uint8Array])[] = [
  ['a/list.txt', utf8(lines(2_500, 1))],
  ['a/wide.txt', concatBytes(new Uint8Array([0xff, 0xfe]), new Uint8Array(Buffer.from(lines(1_200, 2), 'utf16le')))],
  ['dump.sql', utf8(sql)],
  ['logs.zip', zipOf([['first.txt', utf8(lines(400, 3))], ...machine(1), ['inner.zip', inner], ...machine(2)])],
  ['packed.gz', gzipSync(utf8(lines(2_000, 4)))],
  ['picture.jpg', new Uint8Array(30_000)],
];
const source = files.map(([name, bytes]) => bytesToSource(name, bytes, CHUNK));

interface Kept {
  readonly at: IngestCheckpoint;
  /** Records handed on before it. */
  readonly records: readonly LoadedRecord[];
}

/** Loads, and keeps all checkpoints as JSON, as a journal does. `load` would want all records: a load that goes on has the rest. */
async function run(from: SourceFile | readonly SourceFile[], options: Partial<IngestOptions> = {}) {
  const kept: Kept[] = [];
  const records: LoadedRecord[] = [];
  let all: IngestCheckpoint | null = options.resume ?? null;
  const result = await ingestSource(from, {
    watch: WATCH,
    nowMs: TEST_NOW_MS,
    limits: LIMITS,
    onRecords: async (batch) => void records.push(...batch),
    onCheckpoint: async (checkpoint) => {
      all = addCheckpoint(all, JSON.parse(JSON.stringify(checkpoint)) as IngestCheckpoint);
      kept.push({ at: all, records: [...records] });
    },
    ...options,
  });
  return { result, records, kept };
}

async function whole(from: SourceFile | readonly SourceFile[]) {
  const { result, ...rest } = await run(from);
  if (!result.ok) throw new Error(result.error.kind);
  return { ...rest, value: result.value };
}

describe('a load that goes on', () => {
  test('ends the same from every checkpoint: records, ledger, quarantine, hash', async () => {
    const { value, records, kept } = await whole(source);
    expect(kept.length).toBeGreaterThan(20);
    expect(new Set(kept.map(({ at }) => at.place.within.kind)).size).toBe(2);
    expect(Math.max(...kept.map(({ at }) => at.place.path.length))).toBe(3);
    expect(value.quarantineDropped).toBeGreaterThan(0);
    // Every place would take ten seconds; four in a row differ in little.
    for (const { at, records: before } of kept.filter((_, i) => i % 4 === 0)) {
      const rest = await run(source, { resume: at });
      expect([...before, ...rest.records], JSON.stringify(at.place.path)).toEqual(records);
      expect(rest.result).toEqual({ ok: true, value });
    }
  });

  test('in the middle of a solid, locked 7z ends the same, too', async () => {
    const told = {
      passwords: ['right'],
      libarchive: () => wasm,
      limits: { ...LIMITS, checkpointBytes: 1 },
    };
    const archive = bytesToSource('locked.7z', HIDDEN_7Z);
    const all = await run(archive, told);
    expect(all.records).toHaveLength(ARCHIVED_RECORDS);
    expect(all.kept.length).toBeGreaterThan(3);
    for (const { at, records: before } of all.kept) {
      const rest = await run(archive, { ...told, resume: at });
      expect([...before, ...rest.records], JSON.stringify(at.place)).toEqual(all.records);
      expect(rest.result).toEqual(all.result);
    }
  });

  test('may be stopped again and again', async () => {
    const { value, records } = await whole(source);
    const all: LoadedRecord[] = [];
    let resume: IngestCheckpoint | null = null;
    for (let stops = 0; ; stops++) {
      const stop = new AbortController();
      const place: IngestPlace | undefined = resume?.place;
      const begun = (place?.records ?? 0) + (place?.within.kind === 'again' ? place.within.records : 0);
      if (stops > 1_000) throw new Error('no progress');
      const part = await run(source, {
        resume,
        stop: stop.signal,
        onProgress: ({ records: done }) => done > begun + 100 && stop.abort(),
      });
      all.push(...part.records);
      if (part.result.ok) {
        expect(stops).toBeGreaterThan(8);
        expect(part.result.value).toEqual(value);
        break;
      }
      expect(part.result.error).toEqual({ kind: 'stopped' });
      resume = part.kept.at(-1)?.at ?? resume;
    }
    expect(all).toEqual(records);
  });

  test('a checkpoint holds no text of the material but paths', async () => {
    const { kept } = await whole(source);
    const text = JSON.stringify(kept.at(-1)?.at);
    expect(text).toContain('logs.zip/m1/Passwords.txt');
    expect(text).not.toMatch(/pw|user1|@moe/);
  });

  test('a list is not parsed again from its start', async () => {
    const list = bytesToSource('list.txt', utf8(lines(3_000, 9)), CHUNK);
    const { kept, records } = await whole(list);
    const last = kept.at(-1);
    if (last?.at.place.within.kind !== 'lines') throw new Error('no place in a list');
    const size = list.size - last.at.place.within.offset;
    expect(size).toBeLessThan(list.size / 10);
    const scanned: number[] = [];
    const rest = await run(list, {
      resume: last.at,
      scanner: {
        scan(_bytes, start, end, _newline, hits) {
          scanned.push(end - start);
          hits.push(start, end);
          return 0;
        },
      },
    });
    expect(rest.result.ok).toBe(true);
    expect(scanned.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(size);
    expect(last.records.length).toBeGreaterThan(records.length / 2);
  });

  test('a paused load waits between chunks', async () => {
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const handed: number[] = [];
    const loading = run(source, { gate: () => gate, onRecords: async (batch) => void handed.push(batch.length) });
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    const before = handed.length;
    expect(before).toBeLessThan(3);
    open();
    expect((await loading).result.ok).toBe(true);
    expect(handed.length).toBeGreaterThan(before);
  });
});
