/**
 * Every parser on bytes that nobody would call well-formed: pieces of all formats, cut, mixed, damaged. `npm run fuzz` does the same
 * for longer; a failure prints the seed and path to run again.
 */
import { gzipSync } from 'node:zlib';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes, utf8 } from '../../base/bytes.ts';
import { sampleChunks } from '../sample/sample.ts';
import { load, watching } from './load-for-test.ts';
import { bytesToSource } from './source-file.ts';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 150);
const TIMEOUT_MS = process.env['FUZZ_RUNS'] === undefined ? 60_000 : 3_600_000;

const PIECES = [
  'nok@moe.example:Pa:ss:1\n',
  'https://sso.moe.example:8443/adfs/ls/:nok@moe.example:p:w\n',
  'nok@moe.example:pw:https://sso.moe.example/\n',
  'android://AbC==@com.bank.app/:nok:pw\n',
  'https://[2001:db8::1]:443/a:nok:pw\r\n',
  'https://a.example/;nok;p|w\n',
  'nok@moe.example:5f4dcc3b5aa765d61d8327deb882cf99:ab:c\n',
  'nok@moe.example:$HEX[70613a7373]\n',
  'Administrator:500:aad3b435b51404eeaad3b435b51404ee:8846f7eaee8fb117ad06bdd830b7586c:::\n',
  'id,email,password\n1,"nok@moe.example","a""b\n,c"\n',
  "INSERT INTO `users` (`id`,`email`,`pass`) VALUES (1,'nok@moe.example','x'),(2,'o\\'x@moe.example',NULL);\n",
  'COPY users (email, pass) FROM stdin;\nnok@moe.example\tpw\\n\n\\.\n',
  '{"email":"nok@moe.example","password":"x\\u0e01"}\n',
  '[{"a":[{"login":"nok","url":"https://moe.example","pass":"q"}]},',
  'URL: https://moe.example/\nUsername: nok\nPassword: p w \nApplication: Chrome\n\n',
  'SOFT: Chrome\nURL: https://moe.example\nUSER: nok\nPASS: x\n',
  'Soft: Edge\nHost: https://moe.example\nLogin: \nPassword: y\n\n\n===============\n',
  '- LummaC2 Build: x\n- HWID: 12\n- Local Date: 30.07.2568 13:19:25\n',
  '.moe.example\tTRUE\t/\tTRUE\t1900000000\tsession\tx\n',
  'https://กระทรวง.ไทย/:สมชาย:รหัส๑๒๓\n',
  '\ufeff',
  '\u0000',
  '\r',
  '"',
  "'",
  '\\',
  '{',
  '(',
  '%40moe.example',
  'moe.example',
  `${'ab.'.repeat(200)}moe.example:`,
  `${'['.repeat(200)}`,
  '\u001b[31m',
].map(utf8);

function whole(kind: 'ulp' | 'stealer'): Uint8Array {
  return concatBytes(...sampleChunks({ kind, records: 12, seed: 3, domains: ['moe.example'], ownShare: 1 }));
}

const PROVIDERS = join(import.meta.dirname, 'providers', 'samples');
const FILES = [
  whole('ulp'),
  whole('stealer'),
  new Uint8Array(gzipSync(whole('ulp'))),
  new Uint8Array(gzipSync(whole('stealer'))),
  ...readdirSync(PROVIDERS).map((name) => new Uint8Array(readFileSync(join(PROVIDERS, name)))),
];
const NAMES = [
  'leak.txt',
  'Passwords.txt',
  'System.txt',
  'dump.sql',
  'a.csv',
  'a.json',
  'a.zip',
  'a.gz',
  'a.tar',
  'cookies.txt',
];

const wide = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(Buffer.from(Buffer.from(bytes).toString('utf8'), 'utf16le'));

/** Pieces in a row, at times as UTF-16. */
const mixed = fc
  .tuple(
    fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.uint8Array({ maxLength: 12 })), { maxLength: 40 }),
    fc.nat({ max: 9 }),
  )
  .map(([pieces, turn]) => (turn === 0 ? wide(concatBytes(...pieces)) : concatBytes(...pieces)));

/** A whole file, cut off somewhere and with some bytes changed. */
const damaged = fc
  .record({
    file: fc.constantFrom(...FILES),
    keep: fc.double({ min: 0.1, max: 1, noNaN: true }),
    flips: fc.array(fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat({ max: 255 })), { maxLength: 6 }),
  })
  .map(({ file, keep, flips }) => {
    const bytes = file.slice(0, Math.ceil(file.length * keep));
    for (const [at, value] of flips) bytes[Math.floor(at * bytes.length)] = value;
    return bytes;
  });

describe('any bytes at all', () => {
  test(
    'end as records, reasons and a ledger that adds up, the same in chunks of any size and whatever is watched',
    { timeout: TIMEOUT_MS },
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.oneof(mixed, damaged),
          fc.constantFrom(...NAMES),
          fc.integer({ min: 1, max: 5_000 }),
          async (bytes, name, chunkBytes) => {
            // `load` checks the sums.
            const all = await load(bytesToSource(name, bytes));
            const cut = await load(bytesToSource(name, bytes, chunkBytes));
            // How much a damaged archive still gives up depends on how the platform's inflater is fed.
            if (all.status === 'complete') {
              expect(cut.records).toEqual(all.records);
              expect(cut.sources).toEqual(all.sources);
            }
            const watched = await load(bytesToSource(name, bytes), { watch: watching('moe.example') });
            expect(watched.total.bytesIn).toBe(all.total.bytesIn);
            expect(watched.records.length).toBeLessThanOrEqual(all.records.length);
            for (const { provenance, password, login } of all.records) {
              expect(provenance.offset + provenance.length).toBeLessThanOrEqual(all.total.bytesIn);
              expect(password.length).toBeLessThanOrEqual(1_024);
              expect(login.length).toBeLessThanOrEqual(320);
            }
          },
        ),
        { numRuns: RUNS },
      );
    },
  );
});
