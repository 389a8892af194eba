/**
 * Stealer logs: a zip of made-up machines of five families, read to records by ours and by a reader in Python that goes line by line,
 * as the parsers that people use do. Both must find the same credentials before a time counts; ours reads cookies, system files and
 * dates too.
 */
import { openSync, readSync, closeSync, statSync, writeFileSync, existsSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ingestSource } from '@sealpost/shared/opened/ingest/ingest-source';
import type { SourceFile } from '@sealpost/shared/opened/ingest/source-file';
import { sampleChunks } from '@sealpost/shared/opened/sample/sample';
import { setSha256Engine } from '@sealpost/shared/sealed/crypto/hash';
import { streamFile } from '../../../shared/cli/src/file-stream.ts';
import { nodeSha256 } from '../../../shared/cli/src/node-sha256.ts';
import type { Corpus } from './corpus.ts';
import { measureChild, measureOwn, median, print, say } from './measure.ts';

const RECORDS = 300_000;

/** Credentials of the password files, each machine's once. Blank line, rule or a key that comes again ends a record. */
const PYTHON = `
import io, sys, zipfile
KEYS = {'url': 'u', 'host': 'u', 'hostname': 'u', 'login': 'l', 'username': 'l', 'user': 'l', 'user login': 'l',
        'password': 'p', 'pass': 'p', 'user password': 'p'}
found = set()
with zipfile.ZipFile(sys.argv[1]) as pack:
    for entry in pack.infolist():
        if not entry.filename.lower().endswith('passwords.txt'):
            continue
        machine = entry.filename.split('/')[0]
        record = {}
        with pack.open(entry) as raw:
            for line in io.TextIOWrapper(raw, encoding='utf-8', errors='replace'):
                line = line.rstrip('\\r\\n')
                key, colon, value = line.partition(':')
                field = KEYS.get(key.strip().lower()) if colon else None
                if field is None:
                    continue
                if field in record or (field == 'u' and 'p' in record):
                    found.add((machine, record.get('u', ''), record.get('l', ''), record.get('p', '')))
                    record = {}
                record[field] = value[1:] if value.startswith(' ') else value
        if record:
            found.add((machine, record.get('u', ''), record.get('l', ''), record.get('p', '')))
print(len(found))
`;

export async function runStealerCases(_: Corpus, folder: string, rounds: number): Promise<void> {
  const { path, records } = prepareZip(folder);
  // As the command line does.
  setSha256Engine(nodeSha256);
  const script = join(folder, 'reader.py');
  writeFileSync(script, PYTHON);
  const megabytes = statSync(path).size / 1e6;
  const ours: number[] = [];
  const python: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const own = await measureOwn(() => countRecords(path));
    const other = measureChild('python3', [script, path]);
    if (own.value !== Number(other.value) || own.value > records || own.value < records * 0.95)
      throw new Error(`stealer: ours finds ${own.value}, Python ${other.value}, of ${records} records`);
    say(
      `stealer: round ${round} of ${rounds}, ours ${own.cpuSeconds.toFixed(2)} s, Python ${other.cpuSeconds.toFixed(2)} s`,
    );
    if (round === 0) continue;
    ours.push(own.cpuSeconds);
    python.push(other.cpuSeconds);
  }
  setSha256Engine(null);
  print('stealer', 'mb_per_cpu_s', megabytes / median(ours));
  print('stealer', 'records_per_cpu_s', records / median(ours));
  print('stealer', 'python_over_ours', median(python) / median(ours));
}

async function countRecords(path: string): Promise<number> {
  let count = 0;
  const read = await ingestSource(fileSource(path), {
    watch: null,
    nowMs: Date.UTC(2026, 0, 15),
    onRecords: async (records) => {
      count += records.length;
    },
  });
  if (!read.ok || read.value.status !== 'complete') throw new Error('stealer: not read to its end');
  return count;
}

function fileSource(path: string): SourceFile {
  const { size } = statSync(path);
  const slice = async (start: number, end: number): Promise<Uint8Array> => {
    const file = openSync(path, 'r');
    const bytes = new Uint8Array(Math.min(end, size) - start);
    readSync(file, bytes, 0, bytes.length, start);
    closeSync(file);
    return bytes;
  };
  return { name: 'logs.zip', size, stream: () => streamFile(path), slice };
}

/** Written once. */
function prepareZip(folder: string): { readonly path: string; readonly records: number } {
  const path = join(folder, `logs-${RECORDS}-v1.zip`);
  if (!existsSync(path)) {
    const file = openSync(`${path}.tmp`, 'w');
    for (const chunk of sampleChunks({ kind: 'stealer', records: RECORDS, seed: 7, domains: ['moe.example'] }))
      writeSync(file, chunk);
    closeSync(file);
    renameSync(`${path}.tmp`, path);
  }
  return { path, records: RECORDS };
}
