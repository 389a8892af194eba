/** The whole story without a browser: every step a process of its own, against the real server (issue wording: CLI). */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cli } from './cli.ts';
import { startTestServer } from './test-server.ts';
import type { TestServer } from './test-server.ts';

interface Oracle {
  readonly records: number;
  readonly bytes: number;
  readonly byDomain: Readonly<Record<string, { readonly records: number; readonly findings: number }>>;
}
interface Line {
  readonly id: string;
  readonly identity: string;
  readonly identityKind: string;
  readonly domain: string;
  readonly host: string;
  readonly sourceClass: string;
  readonly exposure: string;
  readonly mask: string | null;
  readonly level: string;
  readonly score: number;
  readonly sightings: readonly object[];
}
interface Published {
  readonly result: string;
  readonly name: string;
  readonly bundleId?: string;
  readonly reason?: string;
  readonly findings: number;
  readonly withheld?: number;
}
interface Pulled {
  readonly state: string;
  readonly findings: number;
  readonly merged: number;
  readonly withheld: { readonly contextless: number };
  readonly complete: readonly {
    readonly bundle: string;
    readonly stated: boolean;
    readonly findings: number;
    readonly matched: number;
    readonly sources: Readonly<Record<string, number>>;
  }[];
}

const PASSPHRASE = 'seven quiet herons cross the muddy delta';
const AGENCIES = [
  'name_th,name_en,type,sector,parent,province,domains,exclude,contact,position,email,phone,language',
  'กรมการเรียนรู้ตัวอย่าง,Example Agency,state_agency,public_service,,,moe.example,,Nok,Officer,soc@moe.example,,th',
  'สำนักงานการเดินทางตัวอย่าง,Example Travel,state_agency,others,,,dlt.example,,,,,,',
].join('\n');

let folder: string;
let server: TestServer;
let cli: Cli;
let ulp: Oracle;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealpost-cli-'));
  server = await startTestServer();
  cli = new Cli(folder);
  await writeFile(join(folder, 'p.txt'), `${PASSPHRASE}\n`);
  await writeFile(join(folder, 'agencies.csv'), AGENCIES);
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

async function lines(name: string): Promise<readonly Line[]> {
  const text = await readFile(join(folder, name), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

async function filesIn(path: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    const name = join(entry.parentPath, entry.name);
    if (entry.isFile()) files.set(name, await readFile(name));
  }
  return files;
}

/** A slow obvious reader of the sample's lines: `url:login:password`, nothing clever. */
async function readUlp(name: string): Promise<readonly (readonly [host: string, login: string, password: string])[]> {
  const text = await readFile(join(folder, name), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const parts = /^(https?:\/\/([^/:]+)(?::\d+)?(?:\/[^:]*)?|android:\/\/[^:]*):([^:]*):(.*)$/.exec(line);
      if (parts === null) throw new Error('the sample has a line that this reader does not know');
      return [parts[2] ?? '', (parts[3] ?? '').toLowerCase(), parts[4] ?? ''] as const;
    });
}

function isWithin(name: string, domain: string): boolean {
  return name === domain || name.endsWith(`.${domain}`);
}

function countBy(keys: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const key of [...keys].sort()) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
}

describe('the story of the command line', { timeout: 240_000 }, () => {
  it('makes a CERT, lists organisations and invites one', async () => {
    ulp = JSON.parse(
      await cli.must(
        ...'sample --kind ulp --records 5000 --seed 7 --domains moe.example,dlt.example --out leak.txt'.split(' '),
      ),
    ) as Oracle;
    expect(ulp.bytes).toBe((await stat(join(folder, 'leak.txt'))).size);
    const [made] = await cli.json<{ rootDigits: string }>('cert-init', '--home', 'op', '--server', server.origin);
    expect(made?.rootDigits).toMatch(/^(\d{5} ){5}\d{5}$/);
    expect((await stat(join(folder, 'op/root.age'))).mode & 0o777).toBe(0o600);
    expect((await readFile(join(folder, 'op/root.age'))).subarray(0, 22).toString()).toBe('age-encryption.org/v1\n');
    expect(await cli.json('orgs', 'import', 'agencies.csv', '--home', 'op')).toEqual([
      { added: 2, updated: 0, unchanged: 0, overlaps: [] },
    ]);
    const again = await cli.run(['cert-init', '--home', 'op', '--server', server.origin, '--passphrase-file', 'p.txt']);
    expect(again.code).toBe(1);
    const listed = await cli.json<{ id: string; name: string; state: string }>('orgs', '--home', 'op', '--json');
    expect(listed.map(({ name, state }) => [name, state])).toEqual([
      ['Example Agency', 'listed'],
      ['Example Travel', 'listed'],
    ]);
    const link = await cli.must('invite', '--home', 'op', '--org', 'Example Agency', '--passphrase-file', 'p.txt');
    expect(link.trim()).toMatch(/^http:\/\/localhost:\d+\/join#i=1\./);
    await writeFile(join(folder, 'invite.txt'), link);
  });

  it('enrols an organisation only by its digits', async () => {
    const [request] = await cli.json<{ id: string; digits: string }>(
      ...['request', '--home', 'org', '--invite-file', 'invite.txt', '--name', 'Example Agency'],
      ...['--domains', 'moe.example', '--contact', 'Duty officer <soc@moe.example>', '--channel', '+66 2 000 0000'],
      ...['--scope', 'own accounts', '--accept-notice'],
    );
    if (request === undefined) throw new Error('no request');
    const pending = await cli.run(['pull', '--home', 'org', '--out', 'none.ndjson', '--passphrase-file', 'p.txt']);
    expect([pending.code, pending.out.includes('pending')]).toEqual([0, true]);
    const [shown] = await cli.json<{ id: string; name: string; domains: string[] }>(
      'requests',
      '--home',
      'op',
      '--json',
    );
    expect(shown).toMatchObject({ id: request.id, name: 'Example Agency', domains: ['moe.example'] });
    expect(JSON.stringify(shown).replaceAll(/\D/g, '')).not.toContain(request.digits.replaceAll(' ', ''));
    const approve = [
      'approve',
      request.id,
      '--home',
      'op',
      '--proof',
      'known contact: 02 000 0000',
      '--passphrase-file',
      'p.txt',
    ];
    const wrong = request.digits.replace(/\d/, (digit) => String((Number(digit) + 1) % 10));
    const refused = await cli.run([...approve, '--digits', wrong]);
    expect([refused.code, refused.out]).toEqual([1, '']);
    const approved = JSON.parse(await cli.must(...approve, '--digits', request.digits)) as { provenDomains: string[] };
    expect(approved.provenDomains).toEqual(['moe.example']);
  });

  it('drafts every finding of the material, and nothing changes when the same file comes again', async () => {
    await cli.json('ingest', 'leak.txt', '--home', 'op', '--out', 'drafts');
    const draft = JSON.parse(await readFile(join(folder, 'drafts/draft.json'), 'utf8')) as {
      organisations: { name: string; file: string; findings: number }[];
    };
    const byName = new Map(draft.organisations.map((entry) => [entry.name, entry]));
    expect(byName.get('Example Agency')?.findings).toBe(ulp.byDomain['moe.example']?.findings);
    expect(byName.get('Example Travel')?.findings).toBe(ulp.byDomain['dlt.example']?.findings);
    const ledger = JSON.parse(await readFile(join(folder, 'drafts/ledger.json'), 'utf8')) as {
      total: Record<string, number>;
      sources: { path: string }[];
    };
    const { bytesIn, bytesRecord, bytesIgnored, bytesQuarantined, bytesNotCandidate } = ledger.total;
    expect(bytesIn).toBe(ulp.bytes);
    expect((bytesRecord ?? 0) + (bytesIgnored ?? 0) + (bytesQuarantined ?? 0) + (bytesNotCandidate ?? 0)).toBe(bytesIn);
    expect(ledger.sources.map(({ path }) => path)).toEqual(['leak.txt']);
    for (const name of await readdir(join(folder, 'drafts'))) {
      expect((await stat(join(folder, 'drafts', name))).mode & 0o777).toBe(0o600);
    }
    const before = await filesIn(join(folder, 'drafts'));
    const second = await cli.run([
      'ingest',
      'leak.txt',
      '--home',
      'op',
      '--out',
      'drafts',
      '--passphrase-file',
      'p.txt',
    ]);
    expect([second.code, second.err.includes('loaded before')]).toEqual([0, true]);
    expect(await filesIn(join(folder, 'drafts'))).toEqual(before);
  });

  it('publishes to the enrolled, holds for the others, and once only', async () => {
    const foreseen = await cli.json<Published>('publish', 'drafts', '--home', 'op', '--dry-run');
    expect(foreseen.map(({ name, result }) => `${name}: ${result}`).sort()).toEqual([
      'Example Agency: published',
      'Example Travel: held',
    ]);
    const published = await cli.json<Published>('publish', 'drafts', '--home', 'op');
    const own = published.find(({ name }) => name === 'Example Agency');
    expect(own).toMatchObject({ result: 'published', findings: ulp.byDomain['moe.example']?.findings, withheld: 0 });
    expect(published.find(({ name }) => name === 'Example Travel')).toMatchObject({
      result: 'held',
      reason: 'not_enrolled',
    });
    const again = await cli.json<Published>('publish', 'drafts', '--home', 'op');
    expect(again.map(({ result }) => result)).toEqual(['held', 'held']);
  });

  it('brings every finding once and no other', async () => {
    const [pulled] = await cli.json<Pulled>('pull', '--home', 'org', '--out', 'findings.ndjson', '--keep', 'kept');
    const findings = await lines('findings.ndjson');
    expect(pulled).toMatchObject({ state: 'enrolled', findings: findings.length });
    const [bundle] = pulled?.complete ?? [];
    expect(bundle).toMatchObject({ stated: true, findings: findings.length, matched: findings.length });
    expect(Object.values(bundle?.sources ?? {})).toEqual([findings.length]);
    expect(findings.length).toBe(ulp.byDomain['moe.example']?.findings);
    expect(new Set(findings.map(({ id }) => id)).size).toBe(findings.length);
    const own = (await readUlp('leak.txt')).filter(
      ([host, login]) => isWithin(host, 'moe.example') || isWithin(login.split('@')[1] ?? '', 'moe.example'),
    );
    const distinct = [...new Set(own.map((record) => JSON.stringify(record)))].map(
      (text) => JSON.parse(text) as string[],
    );
    // Numbers as logins are written in another form (a telephone's +66, a masked national id): they are compared by host.
    const name = (login: string) => (/[a-z]/.test(login) ? login : '(number)');
    expect(countBy(findings.map(({ host, identity }) => `${host} ${name(identity)}`))).toEqual(
      countBy(distinct.map(([host, login]) => `${host ?? ''} ${name(login ?? '')}`)),
    );
    expect(findings.every(({ sightings, mask }) => sightings.length === 1 && mask?.includes('******') === true)).toBe(
      true,
    );
    await cli.json('pull', '--home', 'org', '--out', 'second.ndjson');
    expect(await readFile(join(folder, 'second.ndjson'), 'utf8')).toBe('');
    await cli.json('pull', '--home', 'org', '--out', 'all.ndjson', '--all');
    expect((await lines('all.ndjson')).map(({ id }) => id).sort()).toEqual(findings.map(({ id }) => id).sort());
  });

  it('withholds pairs without context as counts, and takes stealer logs whole', async () => {
    const own = ['--domains', 'moe.example', '--out'];
    const combo = JSON.parse(
      await cli.must('sample', '--kind', 'combo', '--records', '1500', '--seed', '8', ...own, 'combo.txt'),
    ) as Oracle;
    const logs = JSON.parse(
      await cli.must('sample', '--kind', 'stealer', '--records', '400', '--seed', '9', ...own, 'logs.zip'),
    ) as Oracle;
    await cli.json('ingest', 'combo.txt', 'logs.zip', '--home', 'op', '--out', 'more', '--source-class', 'combo');
    const [published] = await cli.json<Published>('publish', 'more', '--home', 'op', '--org', 'Example Agency');
    expect(published).toMatchObject({
      findings: logs.byDomain['moe.example']?.findings,
      withheld: combo.byDomain['moe.example']?.findings,
    });
    const [pulled] = await cli.json<Pulled>('pull', '--home', 'org', '--out', 'more.ndjson');
    expect(pulled?.withheld.contextless).toBe(combo.byDomain['moe.example']?.findings);
    const findings = await lines('more.ndjson');
    expect(findings.length).toBe(logs.byDomain['moe.example']?.findings);
    expect(findings.every(({ sourceClass }) => sourceClass === 'stealer')).toBe(true);
  });

  it('knows the same pairs in another file as sightings', async () => {
    const text = await readFile(join(folder, 'leak.txt'), 'utf8');
    await writeFile(join(folder, 'again.txt'), `${text}https://www.unrelated.example/:nobody@mail.example:x1\n`);
    const [loaded] = await cli.json<{ added: number; sightings: number }>(
      'ingest',
      'again.txt',
      '--home',
      'op',
      '--out',
      'again',
      '--alias',
      'list B',
    );
    expect(loaded?.sightings).toBe(ulp.byDomain['moe.example']?.findings);
    await cli.json('publish', 'again', '--home', 'op', '--org', 'Example Agency');
    const [pulled] = await cli.json<Pulled>('pull', '--home', 'org', '--out', 'again.ndjson');
    expect(pulled?.merged).toBe(ulp.byDomain['moe.example']?.findings);
    const findings = await lines('again.ndjson');
    expect(findings.every(({ sightings }) => sightings.length === 2)).toBe(true);
    const known = new Set((await lines('findings.ndjson')).map(({ id }) => id));
    expect(findings.every(({ id }) => known.has(id))).toBe(true);
  });

  it('the operator can prove what he sent', async () => {
    const [newest] = await cli.json<{ id: string; findings: number }>('bundles', '--home', 'op', '--json');
    const id = newest?.id ?? '';
    await cli.must('prove-counts', id, '--home', 'op', '--out', 'counts.json', '--passphrase-file', 'p.txt');
    const [proved] = await cli.json<{ bundle: string; findings: number }>(
      'check-counts',
      'counts.json',
      '--home',
      'org',
    );
    expect(proved).toMatchObject({ bundle: id, findings: newest?.findings });
  });

  it('withdraws a bundle, also from where it was fetched', async () => {
    const bundles = await cli.json<{ id: string; fetchedAtMs: number | null }>('bundles', '--home', 'op', '--json');
    const newest = bundles[0];
    if (newest === undefined) throw new Error('no bundle');
    expect(newest.fetchedAtMs).not.toBeNull();
    const [withdrawn] = await cli.json<{ fetched: boolean }>('withdraw', newest.id, '--home', 'op');
    expect(withdrawn?.fetched).toBe(true);
    await cli.json('pull', '--home', 'org', '--out', 'gone.ndjson', '--all');
    const findings = await lines('gone.ndjson');
    expect(findings.filter(({ sightings }) => sightings.length === 2)).toEqual([]);
  });

  it('keeps a record of all of it, whose signatures hold', async () => {
    const entries = await cli.json<{ kind: string; org: string | null }>('audit', '--home', 'op', '--json');
    const kinds = new Set(entries.map(({ kind }) => kind));
    for (const kind of ['request_approved', 'published', 'withdrawn', 'bundle_opened', 'notice_accepted', 'export']) {
      expect(kinds, kind).toContain(kind);
    }
    const devices = await cli.json<{ gaps: number; forks: number }>('audit', '--home', 'op', '--json', '--devices');
    expect(devices.map(({ gaps, forks }) => [gaps, forks])).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
  });

  it('is checked from outside: over HTTP, as a copy without the server, entry by entry; an altered copy is refused', async () => {
    const [served] = await cli.json<{ entries: number; keys: number }>(
      'verify-log',
      '--home',
      'op',
      '--mirror',
      'copy',
    );
    expect(served?.keys).toBe(3);
    const copied = JSON.parse(await cli.must('verify-log', 'copy')) as { entries: number };
    expect(copied.entries).toBe(served?.entries);
    const [proof] = await cli.json<{ file: string }>('audit', '--home', 'op', '--proof', '7');
    expect(JSON.parse(await cli.must('check-proof', proof?.file ?? '', '--copy', 'copy'))).toMatchObject({ index: 7 });
    const bundle = join(folder, 'copy/tile/entries');
    const [part = ''] = await readdir(join(bundle, '000.p')).catch(() => ['']);
    const path = part === '' ? join(bundle, '000') : join(bundle, '000.p', part);
    const bytes = await readFile(path);
    bytes.writeUInt8(bytes.readUInt8(500) ^ 1, 500);
    await writeFile(path, bytes);
    const refused = await cli.run(['verify-log', 'copy']);
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('entry 2')]);
  });

  it('has on record what it prints before the first line, also where the reader goes away', async () => {
    const exports = async () => {
      const entries = await cli.json<{ kind: string }>('audit', '--home', 'org', '--json');
      return entries.filter(({ kind }) => kind === 'export').length;
    };
    let known = await exports();
    await cli.runUnread('pull', '--all', '--home', 'org', '--passphrase-file', 'p.txt');
    expect(await exports()).toBe(known + 1);
    known += 1;
    for (const name of await readdir(join(folder, 'kept')))
      await cli.runUnread('open', join('kept', name), '--home', 'org', '--passphrase-file', 'p.txt');
    expect(await exports()).toBe(known + 1); // one bundle; the other files are not findings
  });

  it('restores a backup in another place', async () => {
    await cli.json('backup', '--home', 'op', '--out', 'op-backup.age');
    await cli.json('restore', 'op-backup.age', '--home', 'op2');
    const listed = await cli.json<{ id: string }>('orgs', '--home', 'op', '--json');
    const restored = await cli.json<{ id: string }>('orgs', '--home', 'op2', '--json');
    expect(restored.map(({ id }) => id)).toEqual(listed.map(({ id }) => id));
  });

  it('hands out epoch keys that open a kept file with the age program', async (context) => {
    if (spawnSync('age', ['--version']).status !== 0) context.skip('the age program is not installed');
    await cli.json('keys', 'export-epoch', '--home', 'org', '--out', 'epoch.txt');
    const ids = new Set((await lines('findings.ndjson')).map(({ id }) => id));
    let bundles = 0;
    for (const name of await readdir(join(folder, 'kept'))) {
      const opened = spawnSync('age', ['-d', '-i', 'epoch.txt', join('kept', name)], {
        cwd: folder,
        maxBuffer: 1 << 28,
      });
      expect(opened.status).toBe(0);
      const plain = opened.stdout;
      expect(plain.subarray(0, 11).toString()).toBe('sealpost/1\n');
      const content = plain.subarray(plain.indexOf(10, 11) + 1);
      if (content[0] !== 0x1f) continue;
      bundles++;
      expect(gunzipSync(trimZeros(content)).includes('moe.example')).toBe(true);
      const shown = await cli.must('open', join('kept', name), '--home', 'org', '--passphrase-file', 'p.txt');
      const opens = shown
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => (JSON.parse(line) as Line).id);
      expect(new Set(opens)).toEqual(ids);
    }
    expect(bundles).toBe(1);
  });

  it('loads an organisation’s own export by the columns it names, in its own vault and nowhere else', async () => {
    const rows = [
      'https://sso.moe.example/;nok@moe.example;Dusty-Lamp-Canary-7',
      'https://a.example/;who@nobody.example;x',
    ];
    await writeFile(join(folder, 'export.csv'), ['Site;Konto;Kennwort', ...rows, ''].join('\n'));
    const columns = ['--columns', 'url=Site,login=Konto,password=Kennwort'];
    const [loaded] = await cli.json('load', 'export.csv', '--home', 'org', ...columns);
    expect(loaded).toMatchObject({ records: 2, findings: 1, added: 1, known: 0 });
    const again = await cli.run(['load', 'export.csv', '--home', 'org', ...columns, '--passphrase-file', 'p.txt']);
    expect([again.code, again.err.includes('loaded before'), again.out]).toEqual([0, true, '']);
    const kept = [...(await filesIn(join(folder, 'org'))), ...(await filesIn(server.dataDir))];
    expect(kept.filter(([, bytes]) => bytes.includes('Canary')).map(([name]) => name)).toEqual([]);
  });

  it('leaves no clear password in any file but the material itself, and prints none', async () => {
    const own = (await readUlp('leak.txt')).filter(([host]) => isWithin(host, 'moe.example'));
    const canaries = [...new Set(own.map(([, , password]) => password))]
      .filter((password) => password.length >= 14)
      .slice(0, 60);
    expect(canaries.length).toBeGreaterThan(20);
    const material = new Set(['leak.txt', 'again.txt', 'combo.txt', 'logs.zip'].map((name) => join(folder, name)));
    const files = [...(await filesIn(folder)), ...(await filesIn(server.dataDir))].filter(
      ([name]) => !material.has(name),
    );
    expect(files.length).toBeGreaterThan(15);
    for (const canary of canaries) {
      expect(files.filter(([, bytes]) => bytes.includes(canary)).map(([name]) => name)).toEqual([]);
      expect(cli.printed.includes(canary)).toBe(false);
    }
    expect(cli.printed).not.toContain(PASSPHRASE);
    expect(cli.printed).not.toContain('AGE-SECRET-KEY');
  });
});

/** The gzip member without the padding behind it: whole bytes of zero are never its end by accident twice. */
function trimZeros(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  // The last four bytes of a member are its size; small sizes end in zeros that belong to it.
  for (; end <= bytes.length; end++) {
    try {
      gunzipSync(bytes.subarray(0, end));
      return bytes.subarray(0, end);
    } catch {
      // One byte more.
    }
  }
  throw new Error('no gzip member');
}
