/** A secret nobody may ever see in the wrong place: searched for in everything that is stored, sent and answered. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toBase64url } from '@sealpost/shared/base/base64url';
import { utf8 } from '@sealpost/shared/base/bytes';
import type { NetworkRequest } from '@sealpost/shared/opened/client/ports';
import { startTestServer } from '../integration/test-server.ts';
import type { TestServer } from '../integration/test-server.ts';
import type { Device } from '../integration/people.ts';
import {
  EVERYTHING,
  ignore,
  load,
  makeApplicant,
  makeCert,
  makeMember,
  MASKED,
  must,
  PASSPHRASE,
} from '../integration/people.ts';

/** Made up; the login and the office's name must not lie about in clear either. */
const SECRET = 'Canary-Yellow-4711-Feather';
const LOGIN = 'canary.keeper@aviary.example';
const NAMES = ['Aviary Office', 'กรมAviary Office', 'aviary.example'];

/** The ways a text may lie in bytes: UTF-8, UTF-16, base64 at each of its three alignments, hex. */
function formsOf(text: string): readonly Buffer[] {
  const bytes = Buffer.from(text);
  const aligned = [0, 1, 2].flatMap((shift) => {
    const padded = Buffer.concat([Buffer.alloc(shift), bytes]);
    const whole = padded.toString('base64').replace(/=+$/, '');
    // Only characters that depend on the text alone.
    return [whole.slice(Math.ceil((shift * 4) / 3), -2)];
  });
  const urlSafe = aligned.map((one) => one.replaceAll('+', '-').replaceAll('/', '_'));
  const hex = bytes.toString('hex');
  return [
    bytes,
    Buffer.from(text, 'utf16le'),
    ...[...new Set([...aligned, ...urlSafe, hex, hex.toUpperCase(), encodeURIComponent(text)])].map((one) =>
      Buffer.from(one),
    ),
  ];
}

const FORBIDDEN = [SECRET, LOGIN, PASSPHRASE, ...NAMES].map((text) => ({ text, forms: formsOf(text) }));

/** Which of the forbidden texts stand in `bytes`. */
function found(bytes: Uint8Array): readonly string[] {
  const haystack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return FORBIDDEN.filter(({ forms }) => forms.some((form) => haystack.includes(form))).map(({ text }) => text);
}

async function filesUnder(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

describe('a canary', () => {
  let server: TestServer;
  let dataDir: string;
  let cert: Device & { readonly rootFile: Uint8Array };
  let member: Device;
  let backup: Uint8Array;
  const reported: string[] = [];
  const failures: unknown[] = [];

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'sealpost-canary-'));
    server = await startTestServer({ dataDir, report: (line) => reported.push(line) });
    cert = await makeCert(server.origin);
    const made = await makeMember(cert, 'Aviary Office', 'aviary.example');
    member = made.device;
    must(await load(cert.client, `${LOGIN}.txt`, [`https://vpn.aviary.example/${LOGIN}:${LOGIN}:${SECRET}`]));
    must(await load(cert.client, 'held.txt', [`${LOGIN}:${SECRET}-held`], 'combo'));
    const [outcome] = await cert.client.publish([made.listing.listId], { ...MASKED, policy: 'sealed' }, ignore);
    expect(outcome).toMatchObject({ kind: 'published' });
    must(await member.client.sync(ignore));

    const { token } = await member.client.query({ ...EVERYTHING, text: 'canary' });
    const [id] = await member.client.ids(token, 0, 1);
    must(await member.client.triage([id as never], [{ field: 'comment', text: `${SECRET} ${LOGIN}` }]));
    expect(must(await member.client.reveal(id as never, 'incident')).secret).toBe(SECRET);
    must(await member.client.sync(ignore));
    backup = must(await cert.client.makeBackup(PASSPHRASE)).bytes;
    must(await cert.client.sync(ignore));

    // Failures of all sorts, with the canary in what is asked.
    const { id: requestId, digits } = await makeApplicant(cert, 'Second Office', 'second.example');
    must(await cert.client.sync(ignore));
    const approval = {
      requestId,
      listId: null,
      method: 'letter',
      note: SECRET,
      provenDomains: [`${SECRET} .`],
    } as const;
    failures.push(await cert.client.approve({ ...approval, digits: '1'.repeat(30) }));
    failures.push(await cert.client.approve({ ...approval, digits }).then(withoutValues));
    failures.push(await cert.client.proveBackup(utf8(SECRET), SECRET));
    failures.push(await cert.client.withdraw(SECRET, 'wrong_content'));
    failures.push(await member.client.triage([SECRET as never], [{ field: 'comment', text: SECRET }]));
    failures.push(await member.client.reveal(SECRET as never, 'check'));
    cert.network.trouble = () => (answer) => ({ ...answer, status: 200, body: utf8(`{"${SECRET}":"${LOGIN}"}`) });
    failures.push(await cert.client.sync(ignore));
    member.network.trouble = () => (answer) => ({
      ...answer,
      status: 400,
      body: utf8(`{"type":"${SECRET}","status":400}`),
    });
    failures.push(await member.client.sync(ignore));
    cert.network.trouble = member.network.trouble = () => 'none';
    await server.stop();
  });
  afterAll(() => rm(dataDir, { recursive: true, force: true }));

  /** What a person typed into a form comes back to that person, and to nobody else: the form shows which field is meant. */
  function withoutValues(result: unknown): unknown {
    return JSON.parse(JSON.stringify(result, (name, value: unknown) => (name === 'value' ? '' : value)));
  }

  test('is found where it is looked for', () => {
    for (const { forms } of FORBIDDEN) {
      for (const form of forms)
        expect(found(Buffer.concat([Buffer.from('some'), form, Buffer.from('where')]))).not.toEqual([]);
    }
    expect(found(utf8(toBase64url(utf8(`x${SECRET}y`))))).toContain(SECRET);
  });

  test('lies nowhere in the server’s folder', async () => {
    const files = await filesUnder(dataDir);
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) expect(found(await readFile(file)), file).toEqual([]);
  });

  test('stands in no line that the server wrote', () => {
    expect(found(utf8(reported.join('\n')))).toEqual([]);
  });

  test('goes out in no address, header or body', () => {
    const sent = [...cert.network.calls, ...member.network.calls];
    expect(sent.length).toBeGreaterThan(30);
    const textOf = ({ method, url, headers }: NetworkRequest) => `${method} ${url} ${JSON.stringify(headers)}`;
    for (const request of sent) {
      expect(found(utf8(textOf(request))), request.url).toEqual([]);
      if (request.body !== null) expect(found(request.body), request.url).toEqual([]);
    }
  });

  test('lies in no vault, root file or backup but sealed', () => {
    for (const { memory } of [cert, member]) {
      const rows = Object.values(memory.tables).flatMap((table) => [...table.values()]);
      expect(rows.length).toBeGreaterThan(10);
      for (const { id, bytes } of rows) {
        expect(found(bytes), id).toEqual([]);
        expect(found(utf8(id))).toEqual([]);
      }
    }
    expect(found(cert.rootFile)).toEqual([]);
    expect(found(backup)).toEqual([]);
  });

  test('is told by no failure', () => {
    expect(failures).toHaveLength(8);
    for (const failure of failures) {
      expect(failure).toMatchObject({ ok: false });
      expect(found(utf8(JSON.stringify(failure)))).toEqual([]);
    }
  });
});
