/** The whole story without a browser: real server, real vaults, the client that browser and CLI share. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSqliteBackend } from '../../shared/cli/src/sqlite-backend.ts';
import { utf8 } from '@sealpost/shared/base/bytes';
import type { Client } from '@sealpost/shared/opened/client/api/client';
import { restoreBackup } from '@sealpost/shared/opened/client/backup';
import { openClient } from '@sealpost/shared/opened/client/client';
import { createOrganisation, readInvitation } from '@sealpost/shared/opened/client/join';
import { createVault, openVault } from '@sealpost/shared/opened/client/new-vault';
import { createMemoryBackend } from '@sealpost/shared/opened/vault/memory-backend';
import { createNodeNetwork } from './node-network.ts';
import type { Device, Listing } from './people.ts';
import {
  APP_ORIGIN,
  approvalOf,
  digitsOf,
  EVERYTHING,
  formFor,
  identitiesOf,
  ignore,
  joinWith,
  load,
  makeApplicant,
  makeCert,
  makeMember,
  MASKED,
  must,
  PASSPHRASE,
  random,
} from './people.ts';
import { startTestServer } from './test-server.ts';
import type { TestServer } from './test-server.ts';

/** Six findings of health.example, one of them a customer's; two of school.example; one line for nobody; one broken. */
const HEALTH_LINES = [
  'https://vpn.health.example/login:somchai@health.example:Mango-River-19',
  'https://vpn.health.example/login:malee@health.example:Quiet#Heron7',
  'https://portal.health.example/account:visitor@freemail.example:sunshine12',
  'https://portal.health.example/account:staff0042:blue-lamp-33',
  'https://shop.elsewhere.example/login:somchai@health.example:Mango-River-19',
  'https://cloud.elsewhere.example/:nida@health.example:Tea4Two!Tea',
];
const SCHOOL_LINES = [
  'https://mail.school.example/owa:krit@school.example:Chalk-Dust-88',
  'https://elearn.school.example/login:ann@freemail.example:paper-plane1',
];
const NOBODY = ['https://somewhere.example/login:who@nobody.example:unrelated1'];
const CONTEXTLESS = ['somsak@health.example:Plain-Combo-5'];

describe('a CERT and an organisation do their main job', () => {
  let server: TestServer;
  let cert: Device & { readonly rootFile: Uint8Array<ArrayBuffer> };
  let operator: Client;

  beforeAll(async () => {
    server = await startTestServer();
    cert = await makeCert(server.origin);
    operator = cert.client;
  });
  afterAll(() => server.stop());

  test('a new CERT shows its digits, and its root file is read back once', async () => {
    const profile = await operator.profile();
    expect(profile.role).toBe('operator');
    expect(profile.rootDigits).toHaveLength(6);
    expect(await operator.proveRootFile(cert.rootFile as never, 'another wrong phrase entirely')).toMatchObject({
      error: { kind: 'wrong-passphrase' },
    });
    must(await operator.proveRootFile(cert.rootFile as never, PASSPHRASE));
    expect(must(await operator.sync(ignore)).warnings).toEqual([]);
  });

  test('organisations come from a form and from CSV, and a faulty CSV imports nothing', async () => {
    must(await operator.saveOrganisation(null, formFor('Health Office', 'health.example')));
    const csv =
      '\ufeffname_th,name_en,type,sector,parent,province,domains,exclude,contact,position,email,phone,language\r\n' +
      'โรงเรียน,School Office,university,others,,,school.example;elearn.school.example,,Krit,Head,soc@school.example,+66 2 1,th\r\n' +
      'น้ำ,Water Office,state_agency,energy_utilities,,,water.example,,Nok,Head,soc@water.example,+66 2 2,th\r\n';
    const faulty = await operator.importOrganisations(
      utf8(csv + 'x,Broken,state_agency,others,,,not a domain,,,,,,\r\n'),
    );
    expect(faulty).toMatchObject({ ok: false, error: { kind: 'invalid' } });
    expect(faulty.ok ? [] : faulty.error).toMatchObject({
      issues: expect.arrayContaining([expect.objectContaining({ row: 4 })]),
    });
    expect(await operator.organisations()).toHaveLength(1);
    expect(must(await operator.importOrganisations(utf8(csv)))).toMatchObject({ added: 2, updated: 0 });
    expect(must(await operator.importOrganisations(utf8(csv)))).toMatchObject({ added: 0, updated: 0, unchanged: 2 });
    expect((await operator.organisations()).map(({ state }) => state)).toEqual(['listed', 'listed', 'listed']);
  });

  test('material is matched for everybody listed, before anybody has joined', async () => {
    const all = [...HEALTH_LINES, ...SCHOOL_LINES, ...NOBODY];
    const summary = must(await load(operator, 'leak-1.txt', all));
    expect(summary).toMatchObject({ findings: 8, added: 8, sightings: 0, organisations: 2 });
    const { total } = summary.ledger;
    expect(total.bytesIn).toBe(
      total.bytesRecord + total.bytesIgnored + total.bytesQuarantined + total.bytesNotCandidate,
    );
    const outcomes = await operator.publish([], MASKED, ignore);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['held', 'held']);
    expect((await operator.reviews()).map(({ findings }) => findings)).toEqual([6, 2]);
  });

  test('the same file again changes nothing, and another file with the same pairs brings sightings only', async () => {
    const all = [...HEALTH_LINES, ...SCHOOL_LINES, ...NOBODY];
    const before = await operator.reviews();
    expect(await load(operator, 'renamed.txt', all)).toMatchObject({ ok: false, error: { kind: 'already-done' } });
    expect(await operator.reviews()).toEqual(before);
    expect(await operator.loads()).toHaveLength(1);
    const again = must(await load(operator, 'leak-2.txt', HEALTH_LINES));
    expect(again).toMatchObject({ findings: 6, added: 0, sightings: 6 });
    expect((await operator.reviews()).map(({ findings }) => findings)).toEqual([6, 2]);
  });

  test('a discarded load leaves nothing', async () => {
    const before = await operator.reviews();
    const writer = await operator.beginLoad();
    await writer.discard();
    const { loadId } = must(
      await load(operator, 'mistake.txt', ['https://water.example/:a@water.example:Wrong-Load-1']),
    );
    expect(await operator.reviews()).toHaveLength(before.length + 1);
    must(await operator.discardLoad(loadId));
    expect(await operator.reviews()).toEqual(before);
  });

  let health: Device;
  let healthListing: Listing;

  test('an invitation is joined, and the request is approved only with the right digits', async () => {
    const listed = (await operator.organisations()).find(({ nameEn }) => nameEn === 'Health Office');
    const listId = String(listed?.listId);
    const [invitation] = must(await operator.invite([listId], 14, APP_ORIGIN));
    const link = String(invitation?.link);
    const summary = must(await readInvitation(createPorts(), link, APP_ORIGIN));
    expect(summary.rootDigits).toEqual((await operator.profile()).rootDigits);

    health = await joinWith(link, 'Health Office', 'health.example');
    healthListing = { listId, name: 'Health Office', domain: 'health.example' };
    expect(must(await health.client.sync(ignore)).warnings).toEqual(['enrolment-pending']);
    const { id, digits } = await digitsOf(health);

    expect(must(await operator.sync(ignore)).requests).toBe(1);
    const [request] = await operator.requests();
    expect(request).toMatchObject({ id, state: 'open', withInvitation: true });
    expect(request?.candidates[0]).toEqual({ listId, reason: 'invitation' });
    expect(JSON.stringify(request)).not.toContain(digits.slice(0, 5));

    const right = approvalOf({ id, digits, listing: healthListing });
    const wrong = { ...right, digits: digits.replace(/\d$/, (last) => String((Number(last) + 1) % 10)) };
    expect(await operator.approve(wrong)).toEqual({ ok: false, error: { kind: 'wrong-digits' } });
    expect(await operator.requests()).toMatchObject([{ state: 'open' }]);
    expect(must(await operator.approve(right)).listId).toBe(listId);
    expect(await operator.approve(right)).toMatchObject({ ok: false, error: { kind: 'already-done' } });

    expect(must(await health.client.sync(ignore)).warnings).toEqual([]);
    expect(await health.client.profile()).toMatchObject({ enrolment: { kind: 'enrolled' }, nameEn: 'Health Office' });
    expect((await operator.organisations()).find((one) => one.listId === listId)?.state).toBe('enrolled');
  });

  test('an invitation works once', async () => {
    const water = (await operator.organisations()).find(({ nameEn }) => nameEn === 'Water Office');
    const [invitation] = must(await operator.invite([String(water?.listId)], 14, APP_ORIGIN));
    const first = await joinWith(String(invitation?.link), 'Water Office', 'water.example');
    must(await first.client.sync(ignore));
    const second = await joinWith(String(invitation?.link), 'Water Thief', 'water.example');
    expect(await second.client.sync(ignore)).toMatchObject({ ok: false, error: { kind: 'server', code: 'forbidden' } });

    must(await operator.sync(ignore));
    const { id } = await digitsOf(first);
    must(await operator.decline(id, 'Please write from the office address.'));
    must(await first.client.sync(ignore));
    expect((await first.client.profile()).enrolment).toMatchObject({
      kind: 'declined',
      reason: 'Please write from the office address.',
    });
    expect(await operator.decline(id, 'again')).toMatchObject({ ok: false, error: { kind: 'already-done' } });
  });

  test('a person without an invitation is listed anew, with proven domains only', async () => {
    const [any] = await operator.organisations();
    const [invitation] = must(await operator.invite([String(any?.listId)], 14, APP_ORIGIN));
    // The stranger strips the token's place on the list by using another office's invitation: the operator decides who it is.
    const device = await joinWith(String(invitation?.link), 'New Office', 'new.example');
    must(await device.client.sync(ignore));
    must(await operator.sync(ignore));
    const { id, digits } = await digitsOf(device);
    const approval = approvalOf({ id, digits, listing: { listId: '', name: '', domain: 'new.example' } });
    const { listId } = must(await operator.approve({ ...approval, listId: null }));
    const listed = (await operator.organisations()).find((one) => one.listId === listId);
    expect(listed).toMatchObject({ nameEn: 'New Office', domains: ['new.example'], state: 'enrolled' });
  });

  let bundleId = '';

  test('the review says what goes out and what is held back', async () => {
    must(await load(operator, 'combo.txt', CONTEXTLESS, 'combo'));
    const review = (await operator.reviews()).find(({ listId }) => listId === healthListing.listId);
    expect(review).toMatchObject({
      findings: 7,
      byExposure: { employee: 3, customer: 1, third_party: 2, unclassified: 1 },
      withheld: { contextless: 1, unproven: 0, unconfirmed: 0 },
    });
    expect(await operator.draftRows(healthListing.listId, 0, 200)).toHaveLength(7);
  });

  test('a published bundle arrives once, with no clear secret', async () => {
    const [outcome] = await operator.publish([healthListing.listId], MASKED, ignore);
    expect(outcome).toMatchObject({ kind: 'published', findings: 6, withheld: 1 });
    bundleId = outcome?.kind === 'published' ? outcome.bundleId : '';
    expect(must(await health.client.sync(ignore))).toMatchObject({ bundles: 1, added: 6, merged: 0 });
    expect(must(await health.client.sync(ignore))).toMatchObject({ bundles: 0, added: 0, merged: 0, auditSent: 0 });
    expect(await health.client.query(EVERYTHING)).toMatchObject({ total: 6 });
    expect((await health.client.bundles())[0]).toMatchObject({ bundleId, withheld: { contextless: 1 } });
    const { token } = await health.client.query({ ...EVERYTHING, text: 'nida' });
    const [row] = await health.client.window(token, 0, 10);
    expect(row).toMatchObject({ identity: 'nida@health.example', exposure: 'third_party' });
    expect(must(await health.client.detail(row?.id as never))).toMatchObject({ hasSecret: false, bundleId });
  });

  test('the operator learns who fetched what', async () => {
    must(await operator.sync(ignore));
    const [published] = await operator.published();
    expect(published).toMatchObject({ bundleId, state: 'published' });
    expect(published?.fetchedAtMs).toBeTypeOf('number');
  });

  test.each(['none', 'fingerprint', 'sealed'] as const)('policy %s releases what it says', async (policy) => {
    const login = `by-${policy}@health.example`;
    must(await load(operator, `${policy}.txt`, [`https://vpn.health.example/x:${login}:Secret-${policy}-77`]));
    const [outcome] = await operator.publish([healthListing.listId], { ...MASKED, policy }, ignore);
    expect(outcome).toMatchObject({ kind: 'published', findings: 1 });
    expect(must(await health.client.sync(ignore))).toMatchObject({ bundles: 1, added: 1 });
    const { token } = await health.client.query({ ...EVERYTHING, text: login });
    const [row] = await health.client.window(token, 0, 10);
    const id = row?.id as never;
    const detail = must(await health.client.detail(id));
    expect(detail.finding.secret.mask === null).toBe(policy === 'none');
    expect(detail.hasSecret).toBe(policy === 'sealed');
    const revealed = await health.client.reveal(id, 'check');
    expect(revealed).toMatchObject(
      policy === 'sealed' ? { ok: true, value: { secret: `Secret-${policy}-77` } } : { error: { kind: 'not-found' } },
    );
  });

  test('a bundle that does not fit is refused before it is fetched, and comes when there is room', async () => {
    must(await load(operator, 'roomy.txt', ['https://vpn.health.example/x:roomy@health.example:Wide-Room-12']));
    await operator.publish([healthListing.listId], MASKED, ignore);
    const { total } = await health.client.query(EVERYTHING);
    health.room = { freeBytes: 10, memoryBytes: null };
    health.network.forget();
    expect(await health.client.sync(ignore)).toMatchObject({
      error: { kind: 'storage-full', room: { freeBytes: 10 } },
    });
    expect(health.network.calls.filter(({ url }) => url.includes('/blobs/'))).toEqual([]);
    health.room = { freeBytes: null, memoryBytes: total * 150 };
    expect(await health.client.sync(ignore)).toMatchObject({
      error: { kind: 'memory-full', room: { findings: total + 1, fitting: total } },
    });
    expect(await health.client.query(EVERYTHING)).toMatchObject({ total });
    health.room = { freeBytes: null, memoryBytes: null };
    expect(must(await health.client.sync(ignore))).toMatchObject({ bundles: 1, added: 1 });
  });

  test('held-back pairs go out when a reason is given', async () => {
    const [outcome] = await operator.publish(
      [healthListing.listId],
      { ...MASKED, includeContextless: 'Asked for by the office in writing' },
      ignore,
    );
    expect(outcome).toMatchObject({ kind: 'published', findings: 1, withheld: 0 });
    expect(must(await health.client.sync(ignore))).toMatchObject({ added: 1 });
    expect(await identitiesOf(health.client)).toContain('somsak@health.example');
  });

  test('a re-leak of what was published merges into the known finding', async () => {
    const line = String(HEALTH_LINES[1]);
    expect(must(await load(operator, 'releak.txt', [line]))).toMatchObject({ added: 0, sightings: 1 });
    const [outcome] = await operator.publish([healthListing.listId], MASKED, ignore);
    expect(outcome).toMatchObject({ kind: 'published', findings: 1 });
    expect(must(await health.client.sync(ignore))).toMatchObject({ bundles: 1, added: 0, merged: 1 });
  });

  test('triage is kept, undone as a whole, and survives reopening', async () => {
    const { token } = await health.client.query({ ...EVERYTHING, text: 'somchai' });
    const ids = await health.client.ids(token, 0, 10);
    expect(ids.length).toBeGreaterThan(1);
    const { group, applied } = must(await health.client.triage(ids, [{ field: 'state', state: 'triaged' }]));
    expect(applied).toBe(ids.length);
    expect(must(await health.client.undo(group)).applied).toBe(ids.length);
    must(await health.client.triage([ids[0] as never], [{ field: 'owner', owner: 'Malee' }]));
    const overview = await health.client.overview();
    const before = await identitiesOf(health.client);

    await health.open();
    expect(await health.client.overview()).toEqual(overview);
    expect(await identitiesOf(health.client)).toEqual(before);
    expect(must(await health.client.detail(ids[0] as never)).status.owner).toBe('Malee');
    expect(must(await health.client.sync(ignore))).toMatchObject({ bundles: 0, added: 0, merged: 0 });
  });

  test('a withdrawn bundle disappears, and its deletion is confirmed', async () => {
    must(await load(operator, 'wrong.txt', ['https://vpn.health.example/y:not-theirs@health.example:Wrong-Place-1']));
    const [outcome] = await operator.publish([healthListing.listId], MASKED, ignore);
    const wrong = outcome?.kind === 'published' ? outcome.bundleId : '';
    must(await health.client.sync(ignore));
    must(await operator.sync(ignore));
    expect(await identitiesOf(health.client)).toContain('not-theirs@health.example');

    expect(must(await operator.withdraw(wrong, 'wrong_recipient'))).toEqual({ fetched: true });
    expect(await operator.withdraw(wrong, 'wrong_recipient')).toMatchObject({ error: { kind: 'already-done' } });
    expect(must(await health.client.sync(ignore))).toMatchObject({ withdrawn: 1 });
    expect(await identitiesOf(health.client)).not.toContain('not-theirs@health.example');
    expect((await health.client.bundles()).find((row) => row.bundleId === wrong)?.withdrawn).toBe('wrong_recipient');
    must(await health.client.confirmDeletion(wrong));
    await health.open();
    expect(await identitiesOf(health.client)).not.toContain('not-theirs@health.example');
    expect(must(await health.client.sync(ignore))).toMatchObject({ bundles: 0, withdrawn: 0 });
  });

  test('a suspended organisation is sent nothing until it is resumed', async () => {
    must(await load(operator, 'later.txt', ['https://vpn.health.example/z:later@health.example:After-Pause-1']));
    must(await operator.suspendOrganisation(healthListing.listId, true));
    const [held] = await operator.publish([healthListing.listId], MASKED, ignore);
    expect(held).toMatchObject({ kind: 'held', reason: 'suspended' });
    must(await operator.suspendOrganisation(healthListing.listId, false));
    const [sent] = await operator.publish([healthListing.listId], MASKED, ignore);
    expect(sent).toMatchObject({ kind: 'published', findings: 1 });
    expect(must(await health.client.sync(ignore))).toMatchObject({ added: 1 });
  });

  test('a backup opens as the same operator in an empty vault', async () => {
    const backup = must(await operator.makeBackup(PASSPHRASE));
    must(await operator.proveBackup(backup.bytes, PASSPHRASE));
    must(await operator.sync(ignore));

    const backend = createMemoryBackend();
    const store = must(await createVault(backend, PASSPHRASE, random));
    must(await restoreBackup(store, 'cert-2', backup.bytes, PASSPHRASE));
    const restored = must(await openClient(store, createPorts())).client;
    expect((await restored.profile()).device).toBe((await operator.profile()).device);
    must(await restored.sync(ignore));
    expect(await restored.organisations()).toEqual(await operator.organisations());
    expect(await restored.published()).toEqual(await operator.published());
    const damaged = backup.bytes.slice();
    damaged[damaged.length - 9] = (damaged.at(-9) ?? 0) ^ 1;
    expect(await operator.proveBackup(damaged, PASSPHRASE)).toMatchObject({ ok: false, error: { kind: 'forged' } });
  });

  test('a backup older than the work since goes on where the work stopped', async () => {
    const backup = must(await operator.makeBackup(PASSPHRASE));
    must(await load(operator, 'after.txt', ['https://vpn.health.example/z:after@health.example:After-Backup-1']));
    expect((await operator.publish([healthListing.listId], MASKED, ignore))[0]).toMatchObject({ kind: 'published' });
    must(await operator.sync(ignore));
    const store = must(await createVault(createMemoryBackend(), PASSPHRASE, random));
    must(await restoreBackup(store, 'cert-3', backup.bytes, PASSPHRASE));
    const restored = must(await openClient(store, createPorts())).client;
    must(await restored.sync(ignore));
    must(await load(restored, 'again.txt', ['https://vpn.health.example/z:again@health.example:Again-Backup-1']));
    const [outcome] = await restored.publish([healthListing.listId], MASKED, ignore);
    expect(outcome).toMatchObject({ kind: 'published', findings: 1 });
    must(await restored.sync(ignore));
    const synced = must(await health.client.sync(ignore));
    expect(synced).toMatchObject({ bundles: 2, added: 2 });
    const report = must(await restored.audit({ device: null, kind: null, limit: 10 }));
    expect(report.devices.filter(({ gaps, forks }) => gaps > 0 || forks > 0)).toEqual([]);
  });

  test('the record has every device, without a gap or a fork', async () => {
    must(await health.client.sync(ignore));
    must(await operator.sync(ignore));
    const report = must(await operator.audit({ device: null, kind: null, limit: 1000 }));
    expect(report.devices.filter(({ gaps, forks }) => gaps > 0 || forks > 0)).toEqual([]);
    const kinds = report.kinds.map(({ kind }) => kind);
    for (const kind of ['published', 'withdrawn', 'bundle_opened', 'triage', 'secret_revealed', 'wipe', 'export']) {
      expect(kinds).toContain(kind);
    }
    expect(kinds).toContain('envelope_delivered');
    const own = await health.client.ownAudit(500);
    const inLog = report.devices.find(({ device }) => device === health.opened.session.signer.kid);
    expect(own).toHaveLength(inLog?.entries ?? -1);
    expect(own.every(({ index }) => index >= 0)).toBe(true);
  });
});

describe('vaults on disk', () => {
  let server: TestServer;
  let folder: string;
  beforeAll(async () => {
    server = await startTestServer();
    folder = await mkdtemp(join(tmpdir(), 'sealpost-story-'));
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('an organisation in SQLite gives the same answers after reopening, and a wrong passphrase opens nothing', async () => {
    const cert = await makeCert(server.origin);
    const { listing } = await makeMember(cert, 'First Office', 'first.example');
    const applicant = await makeApplicant(cert, 'Disk Office', 'disk.example');
    expect(listing.listId).not.toBe(applicant.listing.listId);

    const path = join(folder, 'org.sqlite');
    const backend = openSqliteBackend(path);
    const store = must(await createVault(backend, PASSPHRASE, random));
    const [invitation] = must(await cert.client.invite([applicant.listing.listId], 7, APP_ORIGIN));
    const { contacts, nameTh, nameEn, type, sector } = formFor('Disk Office', 'disk.example');
    const ports = createPorts();
    must(
      await createOrganisation(store, ports, 'disk-1', {
        invitation: String(invitation?.link),
        nameTh,
        nameEn,
        type,
        sector,
        domains: ['disk.example'],
        contact: contacts[0] as never,
        secondContact: null,
        channel: 'phone',
        scope: 'own accounts',
        notice: { version: '1', signedName: 'A', signedPosition: 'B' },
        passphrase: PASSPHRASE,
        appOrigin: APP_ORIGIN,
      }),
    );
    const { client } = must(await openClient(store, ports));
    must(await client.sync(ignore));
    must(await cert.client.sync(ignore));
    const { enrolment } = await client.profile();
    const { requestId: id, digits } = enrolment as never as { requestId: string; digits: string[] };
    must(await cert.client.approve(approvalOf({ id, digits: digits.join(''), listing: applicant.listing })));
    must(await load(cert.client, 'd.txt', ['https://mail.disk.example/owa:one@disk.example:On-The-Disk-1']));
    await cert.client.publish([], MASKED, ignore);
    expect(must(await client.sync(ignore))).toMatchObject({ added: 1 });
    await store.close();

    const again = openSqliteBackend(path);
    expect(await openVault(again, 'some other phrase altogether', random)).toMatchObject({
      error: { kind: 'wrong-passphrase' },
    });
    const reopened = must(await openVault(again, PASSPHRASE, random));
    const opened = must(await openClient(reopened, ports));
    expect(await identitiesOf(opened.client)).toEqual(['one@disk.example']);
    await reopened.close();
    const bytes = (await readFile(path)).toString('latin1');
    expect(bytes).not.toContain('disk.example');
  });
});

function createPorts() {
  return { network: createNodeNetwork(), nowMs: () => Date.now(), random };
}
