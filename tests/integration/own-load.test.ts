/** An organisation loads its own provider's export into its own vault: found, kept, revealed on record, told from the CERT's, removed. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '@sealpost/shared/opened/client/api/client';
import type { FindingId } from '@sealpost/shared/opened/finding/finding';
import type { Device } from './people.ts';
import {
  EVERYTHING,
  identitiesOf,
  ignore,
  joinWith,
  load,
  makeCert,
  makeMember,
  MASKED,
  must,
  APP_ORIGIN,
  formFor,
} from './people.ts';
import { startTestServer } from './test-server.ts';
import type { TestServer } from './test-server.ts';

const SAMPLES = '../../shared/src/opened/ingest/providers/samples';
const linesOf = async (name: string) =>
  (await readFile(new URL(`${SAMPLES}/${name}`, import.meta.url), 'utf8')).trimEnd().split('\n');

describe('an organisation loads its own provider’s export', () => {
  let server: TestServer;
  let cert: Device;
  let member: Device;
  let listId: string;
  let analyst: Client;
  let lines: readonly string[];

  beforeAll(async () => {
    server = await startTestServer();
    cert = await makeCert(server.origin);
    const made = await makeMember(cert, 'Ministry', 'moe.example');
    member = made.device;
    listId = made.listing.listId;
    analyst = member.client;
    lines = await linesOf('spycloud.csv');
  });
  afterAll(() => server.stop());

  test('finds its own accounts in it, and only those', async () => {
    const strangers = 'https://www.other.example/login,who@nobody.example';
    const summary = must(await load(analyst, 'spycloud.csv', lines));
    expect(summary).toMatchObject({ records: 2, findings: 2, added: 2, sightings: 0, organisations: 1 });
    expect(summary.ledger.sources[0]?.dialect).toBe('provider/spycloud');
    expect(await identitiesOf(analyst)).toEqual(['boy@moe.example', 'nok@moe.example']);
    const none = must(await load(analyst, 'others.txt', [`${strangers}:x1y2z3`]));
    expect(none).toMatchObject({ findings: 0, organisations: 0 });
  });

  test('keeps clear secrets one by one, each shown with a reason and on record', async () => {
    const { token, total } = await analyst.query(EVERYTHING);
    const rows = await analyst.window(token, 0, total);
    const idOf = (account: string) => rows.find(({ identity }) => identity === account)?.id as FindingId;
    expect(must(await analyst.detail(idOf('nok@moe.example'))).hasSecret).toBe(false);
    expect(must(await analyst.reveal(idOf('boy@moe.example'), 'check')).secret).toBe('p,w"1');
    expect((await analyst.ownAudit(10)).map(({ kind }) => kind)).toContain('secret_revealed');
  });

  test('is told that the same file was loaded before, and what a new export only repeats', async () => {
    expect(await load(analyst, 'again.csv', lines)).toMatchObject({ ok: false, error: { kind: 'already-done' } });
    const repeated = must(await load(analyst, 'next-month.csv', [...lines, '']));
    expect(repeated).toMatchObject({ findings: 2, added: 0, sightings: 2 });
    expect((await analyst.query(EVERYTHING)).total).toBe(2);
  });

  test('has it after a restart, beside what the CERT sends, and sends nothing of it', async () => {
    const line = 'https://vpn.moe.example/login:malee@moe.example:Quiet#Heron7';
    must(await load(cert.client, 'list.txt', [line]));
    const [outcome] = await cert.client.publish([listId], MASKED, ignore);
    expect(outcome).toMatchObject({ kind: 'published' });
    analyst = await member.open();
    must(await analyst.sync(ignore));
    expect(await identitiesOf(analyst)).toEqual(['boy@moe.example', 'malee@moe.example', 'nok@moe.example']);
    const own = new Set((await analyst.loads()).map(({ loadId }) => loadId));
    expect((await analyst.bundles()).filter(({ bundleId }) => !own.has(bundleId))).toHaveLength(1);
    expect(await cert.client.loads()).toHaveLength(1);
  });

  test('leaves nothing behind where the commit fails, and can be tried again', async () => {
    const more = ['https://sso.moe.example/adfs:somchai@moe.example:Mango-River-19'];
    member.backend.failAfter(0, 'full');
    expect(await load(analyst, 'more.txt', more)).toMatchObject({ ok: false });
    member.backend.heal();
    analyst = await member.open();
    expect(await identitiesOf(analyst)).not.toContain('somchai@moe.example');
    must(await load(analyst, 'more.txt', more));
    expect(await identitiesOf(analyst)).toContain('somchai@moe.example');
  });

  test('removes a load with its findings, on record, and may load it again', async () => {
    for (const { loadId, findings } of await analyst.loads()) {
      if (findings > 0) must(await analyst.discardLoad(loadId));
    }
    expect(await identitiesOf(analyst)).toEqual(['malee@moe.example']);
    expect((await analyst.ownAudit(20)).map(({ kind }) => kind)).toContain('wipe');
    expect(must(await load(analyst, 'spycloud.csv', lines))).toMatchObject({ findings: 2 });
  });

  test('loads nothing before it is enrolled: whose accounts they are is the CERT’s word', async () => {
    const listed = must(await cert.client.saveOrganisation(null, formFor('Newcomer', 'new.example')));
    const [invitation] = must(await cert.client.invite([listed.listId], 14, APP_ORIGIN));
    const newcomer = await joinWith(invitation?.link ?? '', 'Newcomer', 'new.example');
    expect(await load(newcomer.client, 'spycloud.csv', lines)).toMatchObject({
      ok: false,
      error: { kind: 'not-allowed' },
    });
  });
});
