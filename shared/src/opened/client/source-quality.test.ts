import { describe, expect, test } from 'vitest';
import { DraftBuilder } from '../finding/draft.ts';
import type { Finding } from '../finding/finding.ts';
import { FindingKeys } from '../finding/fingerprint.ts';
import { ingestSource } from '../ingest/ingest-source.ts';
import { TEST_NOW_MS } from '../ingest/load-for-test.ts';
import type { MachineSummary, SourceDescription } from '../ingest/record.ts';
import type { SourceFile } from '../ingest/source-file.ts';
import { bytesToSource } from '../ingest/source-file.ts';
import { utf8 } from '../../base/bytes.ts';
import type { WatchList } from '../match/watch.ts';
import type { SourceQuality } from './api/loading.ts';
import type { Drafted, ReadSource } from './drafting.ts';
import { Drafting } from './drafting.ts';
import type { KnownSource } from './source-quality.ts';

const watch: WatchList = {
  organisations: ['moe', 'dlt'].map((id) => ({ id, name: id, domains: [`${id}.example`], exclude: [], keywords: [] })),
};
const master = new Uint8Array(32).fill(3);

/** Loads texts as sources of one load, through the real reader and matcher. */
async function draft(
  texts: readonly (string | readonly SourceFile[])[],
  known: readonly KnownSource[] = [],
  loadId = 'load',
) {
  const drafting = new Drafting(watch, (id) => {
    const listId = utf8(id.padEnd(16, '.'));
    const profile = { listId, names: [id], domains: [`${id}.example`], exclude: [] };
    return Promise.resolve(
      new DraftBuilder({ profile, keys: new FindingKeys(master, listId), nowMs: TEST_NOW_MS, isKnown: () => false }),
    );
  });
  const read: ReadSource[] = [];
  const machines: MachineSummary[] = [];
  for (const [i, text] of texts.entries()) {
    const source: SourceDescription = {
      ...{ name: `list ${i}`, alias: 'x', sha256: new Uint8Array(32).fill(i + 1), sizeBytes: 1 },
      ...{ sourceClass: 'combo' as const, capturedAtMs: null, publishedAtMs: null },
    };
    const result = await ingestSource(typeof text === 'string' ? bytesToSource(`${i}.txt`, utf8(text)) : text, {
      watch,
      nowMs: TEST_NOW_MS,
      onRecords: async (records) => {
        await drafting.write(records, source);
      },
      onMachine: async (machine) => {
        machines.push(machine);
      },
    });
    if (!result.ok) throw new Error(result.error.kind);
    read.push({ source, ledger: result.value });
  }
  return { drafting, machines, drafted: drafting.finish(loadId, read, known) };
}

const qualities = async (...args: Parameters<typeof draft>): Promise<readonly SourceQuality[]> =>
  (await draft(...args)).drafted.sources.map(({ quality }) => quality);
const findingsOf = ({ results }: Drafted, listId: string): readonly Finding[] =>
  [...(results.get(listId)?.findings() ?? [])].map(({ finding }) => finding);
const lines = (from: number, to: number, domain = 'moe.example') =>
  Array.from({ length: to - from }, (_, i) => `user${from + i}@${domain}:secret-${from + i}\n`).join('');

describe('a list about one organisation alone', () => {
  test('is told, and its findings with it', async () => {
    const { drafted } = await draft([lines(0, 40)]);
    expect(drafted.sources[0]?.quality).toMatchObject({
      ...{ records: 40, matched: 40, doubtful: 0, quarantinedShare: 0, selfDomainOnly: 'moe', recycled: null },
      mailDomains: [{ domain: 'moe.example', listId: 'moe', records: 40 }],
    });
    expect(findingsOf(drafted, 'moe').every(({ tags }) => tags.includes('self_domain_only'))).toBe(true);
  });
  test('is none with others in it, though nobody watches them, nor if it is short', async () => {
    const [mixed, foreign, short] = await qualities([
      lines(0, 40) + lines(0, 10, 'dlt.example'),
      lines(0, 40) + lines(0, 10, 'shop.example'),
      lines(0, 19),
    ]);
    expect([mixed, foreign, short].map((quality) => quality?.selfDomainOnly)).toEqual([null, null, null]);
    expect(mixed?.mailDomains).toEqual([
      { domain: 'moe.example', listId: 'moe', records: 40 },
      { domain: 'dlt.example', listId: 'dlt', records: 10 },
    ]);
  });
  test('is none where a provider was asked for one domain', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => ({
      ...{ source_id: 1, spycloud_publish_date: '2024-03-05T00:00:00Z' },
      ...{ email: `user${i}@moe.example`, password: `pw ${i}`, password_type: 'plaintext' },
    }));
    const [quality] = await qualities([JSON.stringify({ results: rows })]);
    expect(quality).toMatchObject({ records: 30, selfDomainOnly: null });
  });
});

describe('a list that repeats a known one', () => {
  test('is told with its share, within a load and across loads', async () => {
    const first = await draft([lines(0, 100), lines(10, 110), lines(30, 130)]);
    const [none, most, less] = first.drafted.sources.map(({ quality }) => quality.recycled);
    expect([none, most, less]).toEqual([
      null,
      { loadId: 'load', name: 'list 0', share: 0.9 },
      // Four fifths of it are known from the list before it: not over 80 %.
      null,
    ]);
    const known = first.drafted.sources.map(({ sketch }, i) => ({ loadId: 'first', name: `list ${i}`, sketch }));
    const [again] = await qualities([lines(20, 120)], known, 'second');
    expect(again?.recycled).toEqual({ loadId: 'first', name: 'list 1', share: 0.9 });
    const [other] = await qualities([lines(500, 600)], known, 'second');
    expect(other?.recycled).toBeNull();
  });
  test('proves nothing anew: confidence is less, the score the same', async () => {
    const text = lines(0, 60) + lines(0, 30, 'dlt.example');
    const first = await draft([text]);
    const known = first.drafted.sources.map(({ sketch }) => ({ loadId: 'first', name: 'list', sketch }));
    const again = await draft([text], known, 'second');
    const [before, after] = [findingsOf(first.drafted, 'moe')[0], findingsOf(again.drafted, 'moe')[0]];
    expect(after?.tags).toContain('recycled');
    expect(after?.score).toBe(before?.score);
  });
});

test('how surely a list was read is told', async () => {
  const [quality] = await qualities([`${lines(0, 50)}nok@moe.example\nlek@moe.example\n`]);
  expect(quality?.parseConfidence).toBeGreaterThan(0.5);
  expect(quality?.quarantinedShare).toBeGreaterThan(0);
  expect(quality?.quarantinedShare).toBeLessThan(0.05);
});

describe('machines', () => {
  const files = (byPath: Readonly<Record<string, string>>) =>
    Object.entries(byPath).map(([path, text]) => bytesToSource(path, utf8(text)));
  const block = (url: string, login: string) => `URL: ${url}\nUsername: ${login}\nPassword: pw\n\n`;
  const cookie = '.dlt.example\tTRUE\t/\tTRUE\t1900000000\tsessionid\tCANARY\n';

  test('have the accounts of all organisations; those that concern nobody are dropped', async () => {
    const { drafting, machines, drafted } = await draft([
      files({
        'a/System.txt': '- HWID: AAAA1111\n- IP: 192.0.2.1\n',
        'a/Passwords.txt':
          block('https://sso.moe.example/', 'nok') +
          block('https://shop.example/', 'nok@dlt.example') +
          block('https://shop.example/', 'private'),
        'b/System.txt': '- HWID: BBBB2222\n',
        'b/Passwords.txt': block('https://shop.example/', 'private'),
        'c/System.txt': '- HWID: CCCC3333\n',
        'c/Passwords.txt': block('https://shop.example/', 'private'),
        'c/Cookies/Chrome.txt': cookie,
      }),
    ]);
    const accounts = machines.map((machine) => [machine.key, drafting.accountsOf(machine, drafted.results)] as const);
    expect(
      accounts.map(([key, found]) => [key, found?.map(({ listId, identity }) => `${listId} ${identity}`) ?? null]),
    ).toEqual([
      ['AAAA1111', ['moe nok', 'dlt nok@dlt.example']],
      ['BBBB2222', null],
      ['CCCC3333', []],
    ]);
    expect(machines[0]).toMatchObject({ passwords: 3, ip: '192.0.2.1' });
    const rows = [...drafted.results.values()].flatMap((result) => [...result.findings()]);
    expect(JSON.stringify(rows)).not.toMatch(/192\.0\.2\.1|AAAA1111|CANARY/);
  });
});
