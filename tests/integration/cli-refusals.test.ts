/** Wrong use and hostile input at the command line: one clear sentence, the right exit code, nothing lost, nothing shown. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cli } from './cli.ts';
import type { CliAnswer } from './cli.ts';
import { startTestServer } from './test-server.ts';
import type { TestServer } from './test-server.ts';

const CANARY = 'Canary|7731-herons';
const WITH_PASSPHRASE = ['--passphrase-file', 'p.txt'];

let folder: string;
let server: TestServer;
let cli: Cli;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealpost-refusals-'));
  server = await startTestServer();
  cli = new Cli(folder);
  const write = (name: string, text: string) => writeFile(join(folder, name), text);
  await write('p.txt', 'seven quiet herons cross the muddy delta\n');
  await write('q.txt', 'another passphrase of quite some length 19\n');
  await write('weak.txt', 'aaaa1234\n');
  await write('agencies.csv', 'name_th,name_en,domains\nกรมตัวอย่าง,Example Agency,moe.example\n');
  await write('leak.txt', `https://sso.moe.example/:nok@moe.example:${CANARY}\n`);
  await cli.must('cert-init', '--home', 'op', '--server', server.origin, ...WITH_PASSPHRASE);
  await cli.must('orgs', 'import', 'agencies.csv', '--home', 'op', ...WITH_PASSPHRASE);
}, 300_000);
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

/** One sentence on stderr (remarks may stand before it), nothing on stdout, no stack, no plaintext. */
function expectRefused(answer: CliAnswer, code: 1 | 2, part: string): void {
  expect([answer.code, answer.out]).toEqual([code, '']);
  const sentence = answer.err.trimEnd().split('\n').at(-1) ?? '';
  expect(sentence).toContain(part);
  expect(answer.err).not.toMatch(/\n\s+at |node:internal|\.ts:\d/);
  expect(answer.err).not.toContain(CANARY);
}

const atHome = (...args: string[]) => cli.run([...args, '--home', 'op', ...WITH_PASSPHRASE]);

describe('the command line refuses', { timeout: 300_000 }, () => {
  it('what it does not know, as wrong use', async () => {
    expectRefused(await cli.run(['orgs', '--home', 'op', '--jsn']), 2, "unknown option '--jsn'");
    expectRefused(await cli.run(['ingest', 'leak.txt', '--out', 'd']), 2, 'either --home or --watch');
    expectRefused(
      await cli.run(['ingest', 'leak.txt', '--home', 'op', '--watch', 'w.json', '--out', 'd']),
      2,
      'either',
    );
    expect((await cli.run(['frobnicate'])).code).toBe(2);
    expect((await cli.run([])).code).toBe(2);
    const help = await cli.run(['publish', '--help']);
    expect([help.code, help.out.includes('--include-contextless')]).toEqual([0, true]);
  });

  it('a wrong or weak passphrase, and a home that is none', async () => {
    expectRefused(await cli.run(['orgs', '--home', 'op', '--passphrase-file', 'q.txt']), 1, 'wrong passphrase');
    expectRefused(await cli.run(['orgs', '--home', 'nowhere', ...WITH_PASSPHRASE]), 1, 'no Sealpost home');
    expectRefused(await cli.run(['orgs', '--home', 'op']), 2, 'no passphrase');
    const weak = ['cert-init', '--home', 'op9', '--server', server.origin, '--passphrase-file', 'weak.txt'];
    expectRefused(await cli.run(weak), 1, 'too weak');
    await expect(stat(join(folder, 'op9'))).rejects.toThrow();
  });

  it('a server that does not answer, and leaves no half-made home', async () => {
    const away = ['cert-init', '--home', 'op8', '--server', 'http://127.0.0.1:9', ...WITH_PASSPHRASE];
    expectRefused(await cli.run(away), 1, 'cannot be reached');
    expect(await readdir(join(folder, 'op8'))).toEqual([]);
  });

  it('an invitation that is none, used up, or without the notice', async () => {
    const link = (await atHome('invite', '--org', 'Example Agency')).out;
    await writeFile(join(folder, 'invite.txt'), link);
    await writeFile(join(folder, 'bad.txt'), 'dear colleague, no link here');
    const form = [
      '--name',
      'X',
      '--domains',
      'moe.example',
      '--contact',
      'N <n@moe.example>',
      '--channel',
      'c',
      '--scope',
      's',
    ];
    const request = (...more: string[]) => cli.run(['request', ...form, ...WITH_PASSPHRASE, ...more]);
    expectRefused(await request('--home', 'o1', '--invite-file', 'invite.txt'), 2, '--accept-notice');
    expectRefused(
      await request('--home', 'o1', '--invite-file', 'bad.txt', '--accept-notice'),
      1,
      'holds no invitation',
    );
    const bitFlipped = link.replace(/i=1\.(.)/, (_, first: string) => `i=1.${first === 'A' ? 'B' : 'A'}`);
    await writeFile(join(folder, 'other.txt'), bitFlipped);
    expect((await request('--home', 'o1', '--invite-file', 'other.txt', '--accept-notice')).code).toBe(1);
    expect((await request('--home', 'o1', '--invite-file', 'invite.txt', '--accept-notice')).code).toBe(0);
    const second = await request('--home', 'o2', '--invite-file', 'invite.txt', '--accept-notice');
    expect(second.code).toBe(1);
    await expect(stat(join(folder, 'o2/vault.sqlite'))).rejects.toThrow();
  });

  it('a CSV with one bad row, naming every fault and importing nothing', async () => {
    const rows = ['name_th,name_en,domains', 'ก,First,first.example', 'ข,,go.th', 'ค,Third,not a domain!'];
    await writeFile(join(folder, 'bad.csv'), rows.join('\n'));
    const answer = await atHome('orgs', 'import', 'bad.csv');
    expectRefused(answer, 1, 'row 3');
    expect(answer.err).toContain('row 4');
    expect((await atHome('orgs', '--json')).out.trim().split('\n').length).toBe(1);
  });

  it('drafts that were cut, changed, or made without keys', async () => {
    expect((await atHome('ingest', 'leak.txt', '--out', 'drafts')).code).toBe(0);
    const draft = await readFile(join(folder, 'drafts/draft.json'), 'utf8');
    const put = (text: string) => writeFile(join(folder, 'drafts/draft.json'), text);
    await put(draft.slice(0, -20));
    expectRefused(await atHome('publish', 'drafts'), 1, 'damaged');
    await put(draft.replace(/[A-Za-z0-9_-]{22}\.findings/, '../../p'));
    expectRefused(await atHome('publish', 'drafts'), 1, 'damaged');
    await put(draft.replace(/"deployment":"[^"]+"/, `"deployment":"${'A'.repeat(43)}"`));
    expectRefused(await atHome('publish', 'drafts'), 1, 'another CERT');
    await put(draft);
    const [name] = (await readdir(join(folder, 'drafts'))).filter(
      (file) => file.endsWith('.ndjson') && file !== 'quarantine.ndjson',
    );
    const path = join(folder, 'drafts', name ?? '');
    const findings = await readFile(path, 'utf8');
    await writeFile(path, findings.replace('"score":', '"score":1'));
    expectRefused(await atHome('publish', 'drafts', '--dry-run'), 1, 'no finding');
    await writeFile(path, '');
    expectRefused(await atHome('publish', 'drafts', '--dry-run'), 1, 'load the material again');
    await writeFile(path, findings);
    expectRefused(await atHome('publish', 'nowhere'), 1, 'holds no drafts');
    await writeFile(
      join(folder, 'watch.json'),
      '{"organisations":[{"id":"moe","name":"MOE","domains":["moe.example"]}]}',
    );
    expect((await cli.run(['ingest', 'leak.txt', '--watch', 'watch.json', '--out', 'watched'])).code).toBe(0);
    expect((await readdir(join(folder, 'watched'))).filter((file) => file.endsWith('.age'))).toEqual([]);
    expectRefused(await atHome('publish', 'watched'), 2, 'cannot be published');
    expectRefused(await atHome('ingest', 'leak.txt', '--out', 'watched'), 1, 'another folder');
  });

  it('a watch file whose ids lead elsewhere or whose terms are too wide', async () => {
    const watch = (list: object) => writeFile(join(folder, 'w.json'), JSON.stringify({ organisations: [list] }));
    const ingest = () => cli.run(['ingest', 'leak.txt', '--watch', 'w.json', '--out', 'w']);
    await watch({ id: '../x', name: 'X', domains: ['moe.example'] });
    expectRefused(await ingest(), 2, 'organisations.0.id');
    await watch({ id: 'x', name: 'X', domains: ['go.th'] });
    expectRefused(await ingest(), 2, 'public suffix');
    await writeFile(join(folder, 'w.json'), 'not json');
    expectRefused(await ingest(), 2, 'w.json');
    await expect(stat(join(folder, 'w'))).rejects.toThrow();
  });

  it('a damaged file, and one that is sealed to somebody else', async () => {
    const file = join(folder, 'x.age');
    await writeFile(file, 'age-encryption.org/v1\nrubbish');
    expectRefused(await cli.run(['open', 'x.age', '--home', 'o1', ...WITH_PASSPHRASE]), 1, 'refused');
    const [secrets] = (await readdir(join(folder, 'drafts'))).filter((name) => name.endsWith('.age'));
    const other = await cli.run(['open', join('drafts', secrets ?? ''), '--home', 'o1', ...WITH_PASSPHRASE]);
    expectRefused(other, 1, 'not sealed to this home');
    expectRefused(await atHome('open', 'x.age'), 2, 'only an organisation');
    const root = await readFile(join(folder, 'op/root.age'));
    await writeFile(file, root);
    expectRefused(await cli.run(['restore', 'x.age', '--home', 'r', ...WITH_PASSPHRASE]), 1, 'does not hold');
    expectRefused(
      await cli.run(['restore', 'x.age', '--home', 'r', '--passphrase-file', 'q.txt']),
      1,
      'wrong passphrase',
    );
  });

  it('to act on a terminal whatever stands in the material', async () => {
    const hostile = `https://moe.example/:\u001b]0;owned\u0007\u202egpj.exe<script>alert(1)</script>:pw12345\n`;
    await writeFile(join(folder, 'hostile\u001b[2J.txt'), hostile);
    const parsed = await cli.run(['parse', 'hostile\u001b[2J.txt', '--json']);
    const plain = await cli.run(['parse', 'hostile\u001b[2J.txt']);
    const ingested = await cli.run(['ingest', 'hostile\u001b[2J.txt', '--watch', 'watch.json', '--out', 'h']);
    for (const { out, err } of [parsed, plain, ingested])
      expect(out + err).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e\u009b]/);
    expect(JSON.parse(parsed.out)).toMatchObject({
      login: '\u001b]0;owned\u0007\u202egpj.exe<script>alert(1)</script>',
    });
    const findings = await readFile(join(folder, 'h/moe.findings.ndjson'), 'utf8');
    expect(findings).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  it('and has lost nothing by any of it', async () => {
    const [published] = (await atHome('publish', 'drafts', '--dry-run')).out.trim().split('\n');
    expect(JSON.parse(published ?? '')).toMatchObject({ result: 'held', findings: 1 });
    expect(cli.printed.replaceAll(/^\{"url".*$/gm, '')).not.toContain(CANARY);
  });
});
