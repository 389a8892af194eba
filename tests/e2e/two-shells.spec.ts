/**
 * The same material loaded in Chromium and by the command line, by the same operator: the same findings, byte for byte. What the
 * browser made is read out of the backup that it saves.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { concatBytes, utf8 } from '@sealpost/shared/base/bytes';
import { restoreBackup } from '@sealpost/shared/opened/client/backup';
import type { Finding } from '@sealpost/shared/opened/finding/finding';
import { findingToLine, parseFindingLine } from '@sealpost/shared/opened/finding/finding-json';
import { StoreZip } from '@sealpost/shared/opened/sample/store-zip';
import { Cli } from '../integration/cli.ts';
import { formFor, makeCert, makeDevice, must } from '../integration/people.ts';
import { expect, test } from './fixtures.ts';
import { fileInput, goTo, OTHER_PASSPHRASE, PASSPHRASE, saved, typeNewPassphrase } from './steps.ts';
import { words } from './words.ts';

const { material, operator } = words;
const LISTS = [
  ['Health Office', 'health.example'],
  ['Education Office', 'วิทยาลัย.ศึกษา.ไทย'],
] as const;

/** Enough for the command line to share it out among threads. */
function list(): Uint8Array<ArrayBuffer> {
  const line = (n: number): string => {
    if (n % 251 === 0) return `https://vpn.health.example:8443/login?x=a:b:person${n}@health.example:Pass:${n}:`;
    if (n % 253 === 0) return `https://e-learning.วิทยาลัย.ศึกษา.ไทย/:นักเรียน${n}:รหัส ${n} `;
    if (n % 257 === 0)
      return `person${n % 11}@health.example:5f4dcc3b5aa765d61d8327deb88${String(n % 100000).padStart(5, '0')}`;
    if (n % 4001 === 0) return 'health.example and nothing else';
    return `https://shop${n % 977}.other.example/account:buyer${n}@mail.example:word${n}`;
  };
  return utf8(Array.from({ length: 60_000 }, (_, n) => `${line(n + 1)}\n`).join(''));
}

/** A machine whose capture is too long ago for its age to change the score between two loads, a list, a packed one. */
function archive(): Uint8Array<ArrayBuffer> {
  const zip = new StoreZip();
  const blocks = Array.from(
    { length: 30 },
    (_, n) =>
      `URL: https://sso.health.example/${n}\nUsername: ${n % 3 === 0 ? '' : `u${n}@health.example`}\nPassword: p:${n} \n\n`,
  ).join('');
  const system = 'MachineName: PC-1\nHWID: 0A1B2C3D\nCountry: TH\nLog date: ๑๕ ม.ค. ๒๕๖๓ 13:19:25\n';
  const cookie = '.health.example\tTRUE\t/\tTRUE\t1500000000\tsession_id\tx\n';
  return concatBytes(
    zip.entry('pc/UserInformation.txt', utf8(system)),
    zip.entry('pc/Passwords.txt', utf8(blocks)),
    zip.entry('pc/Cookies/Chrome.txt', utf8(cookie)),
    zip.entry('wide.txt', wide('https://mail.health.example/:สมชาย:รหัสผ่าน\r\nann@health.example:two  \r\n')),
    zip.entry('packed.txt.gz', new Uint8Array(gzipSync('https://vpn.health.example/:kai@mail.example:only here\n'))),
    zip.end(),
  );
}

/** UTF-16LE. */
function wide(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le'));
}

const SOURCES = [
  { name: 'list.txt', alias: 'List A', bytes: list() },
  { name: 'logs.zip', alias: 'Logs B', bytes: archive() },
] as const;

function parsed(line: string): Finding {
  const finding = parseFindingLine(line);
  if (!finding.ok) throw new Error('no finding');
  return finding.value;
}

/** All of a finding but the moment of its loads. */
function linesOf(findings: readonly Finding[]): string {
  return findings
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map((finding) => {
      const loads = new Set([finding.ingestedAtMs, ...finding.sightings.map(({ seenAtMs }) => seenAtMs)]);
      return [...loads].reduce((line, ms) => line.replaceAll(String(ms), '"load"'), findingToLine(finding));
    })
    .join('\n');
}

test('Chromium and the command line make the same findings of the same material', async ({ server, person }) => {
  test.setTimeout(270_000);
  const cert = await makeCert(server.origin);
  const listIds: string[] = [];
  for (const [name, domain] of LISTS) {
    const form = formFor(name, 'office.example', { domains: [domain] });
    listIds.push(must(await cert.client.saveOrganisation(null, form)).listId);
  }
  const backup = must(await cert.client.makeBackup(OTHER_PASSPHRASE));

  const folder = await mkdtemp(join(tmpdir(), 'sealpost-shells-'));
  const cli = new Cli(folder);
  await writeFile(join(folder, 'p.txt'), PASSPHRASE);
  await writeFile(join(folder, 'b.txt'), OTHER_PASSPHRASE);
  await writeFile(join(folder, 'op.age'), backup.bytes);
  await cli.json('restore', 'op.age', '--home', 'op', '--backup-passphrase-file', 'b.txt');
  for (const { name, alias, bytes } of SOURCES) {
    await writeFile(join(folder, name), bytes);
    await cli.json('ingest', name, '--home', 'op', '--out', 'drafts', '--alias', alias);
  }
  const draft = JSON.parse(await readFile(join(folder, 'drafts/draft.json'), 'utf8')) as {
    readonly organisations: readonly { readonly listId: string; readonly file: string }[];
  };
  const byCli = new Map<string, string>();
  for (const { listId, file } of draft.organisations) {
    const text = await readFile(join(folder, 'drafts', file), 'utf8');
    const findings = text.split('\n').filter((line) => line !== '');
    // Read as whoever publishes them reads them: the order of a line's fields is not told apart.
    byCli.set(listId, linesOf(findings.map(parsed)));
  }
  await rm(folder, { recursive: true, force: true });

  const { page } = await person();
  await page.goto('/forgotten');
  await page.getByLabel(operator.backup.passphrase, { exact: true }).fill(OTHER_PASSPHRASE);
  await fileInput(page, operator.backup.choose).setInputFiles({
    name: backup.name,
    mimeType: backup.mediaType,
    buffer: Buffer.from(backup.bytes),
  });
  await expect(page.getByRole('heading', { level: 1, name: operator.overview.title })).toBeVisible({ timeout: 60_000 });
  await goTo(page, 'material');
  for (const { name, alias, bytes } of SOURCES) {
    await fileInput(page, material.drop.files).setInputFiles({
      name,
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(bytes),
    });
    await page.getByLabel(material.options.alias, { exact: true }).fill(alias);
    await page.getByRole('button', { name: material.options.start, exact: true }).click();
    await page.getByRole('button', { name: material.run.commit, exact: true }).click({ timeout: 60_000 });
    const another = page.getByRole('button', { name: material.result.another, exact: true });
    await another.click({ timeout: 60_000 });
  }
  await goTo(page, 'overview');
  await page.getByRole('button', { name: operator.backup.prove, exact: true }).click();
  await typeNewPassphrase(page, operator.backup.passphrase, OTHER_PASSPHRASE);
  const made = await saved(page, operator.backup.save);

  const { device, store } = await makeDevice();
  must(await restoreBackup(store, 'copy', new Uint8Array(made.buffer), OTHER_PASSPHRASE));
  const inBrowser = await device.open();
  expect([...byCli.keys()].sort()).toEqual(listIds.toSorted());
  for (const listId of listIds) {
    const findings: Finding[] = [];
    for (let page: readonly Finding[] | null = null; page === null || page.length > 0; findings.push(...page)) {
      page = await inBrowser.draftRows(listId, findings.length, 200);
    }
    expect(findings.length).toBeGreaterThan(200);
    expect(linesOf(findings)).toBe(byCli.get(listId));
  }
});
