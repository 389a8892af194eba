/** Watch terms of a CERT: versions and the way back, domains that nobody watches, and the files of a load known again. */
import { toBase64url } from '@sealpost/shared/base/base64url';
import { utf8 } from '@sealpost/shared/base/bytes';
import { restoreBackup } from '@sealpost/shared/opened/client/backup';
import { hashSource } from '@sealpost/shared/opened/ingest/hash-source';
import { bytesToSource } from '@sealpost/shared/opened/ingest/source-file';
import { DomainCensus } from '@sealpost/shared/opened/scan/domain-census';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formFor, ignore, load, makeCert, makeDevice, must, PASSPHRASE } from './people.ts';
import { startTestServer } from './test-server.ts';
import type { TestServer } from './test-server.ts';

const NO_TERMS = { exclude: [], keywords: [], patterns: [] };
const NO_TERMS_AT_ALL = { ...NO_TERMS, domains: [] };

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

test('every change of terms is a version, whichever way it was made, and can be taken back', async () => {
  const cert = await makeCert(server.origin);
  const { client } = cert;
  const { listId } = must(await client.saveOrganisation(null, formFor('Health', 'health.example')));
  must(
    await client.saveOrganisation(listId, formFor('Health', 'health.example', { exclude: ['shop.health.example'] })),
  );
  const terms = { ...NO_TERMS, domains: ['health.example', 'Clinic.Example'] };
  const saved = must(await client.saveWatchTerms(listId, terms, null));
  expect(saved).toMatchObject({ version: 3, terms: { domains: ['clinic.example', 'health.example'], exclude: [] } });
  expect((await client.watchList()).organisations[0]?.domains).toEqual(['clinic.example', 'health.example']);
  expect(await client.saveWatchTerms(listId, terms, null)).toMatchObject({
    ok: false,
    error: { kind: 'already-done' },
  });
  const refused = await client.saveWatchTerms(listId, { ...NO_TERMS, domains: ['go.th'] }, null);
  expect(refused).toMatchObject({ ok: false, error: { kind: 'invalid', issues: [{ code: 'public-suffix' }] } });

  const [, , first] = must(await client.watchHistory(listId));
  if (first === undefined) throw new Error('no first version');
  must(await client.saveWatchTerms(listId, first.terms, 1));
  await cert.open();
  const history = must(await cert.client.watchHistory(listId));
  expect(history.map(({ version, undoes }) => [version, undoes])).toEqual([
    [4, 1],
    [3, null],
    [2, null],
    [1, null],
  ]);
  expect(history[0]?.terms).toEqual(history[3]?.terms);
  const { device } = await cert.client.profile();
  expect(new Set(history.map(({ by }) => by))).toEqual(new Set([device]));
  expect((await cert.client.organisations())[0]).toMatchObject({ domains: ['health.example'], exclude: [] });
});

test('domains that a load named often are suggested until they are watched or ignored, and go with the load', async () => {
  const { client } = await makeCert(server.origin);
  const { listId } = must(await client.saveOrganisation(null, formFor('Health', 'health.example')));
  const census = new DomainCensus();
  const lines = utf8('x@health.example:1\nx@tax.example:1\nx@tax.example:2\nx@water.example:1\n');
  census.observe(lines, 0, lines.length);
  const { loadId } = must(await load(client, 'list.txt', ['https://health.example/:a:Pass-Word-1'], 'ulp', census));
  const names = async () =>
    (await client.domainSuggestions()).suggestions.map(({ domain, seen }) => `${domain} ${seen}`);
  expect(await names()).toEqual(['tax.example 2', 'water.example 1']);
  must(await client.ignoreDomain('water.example', true));
  expect(await names()).toEqual(['tax.example 2']);
  expect((await client.domainSuggestions()).ignored).toEqual(['water.example']);
  must(await client.ignoreDomain('water.example', false));
  must(await client.saveWatchTerms(listId, { ...NO_TERMS, domains: ['health.example', 'tax.example'] }, null));
  expect(await names()).toEqual(['water.example 1']);
  must(await client.discardLoad(loadId));
  expect(await names()).toEqual([]);
});

test('the files of a load are known again by their hash', async () => {
  const { client } = await makeCert(server.origin);
  const lines = ['https://health.example/:a:Pass-Word-1'];
  const { loadId } = must(await load(client, 'list.txt', lines));
  const hash = await hashSource(bytesToSource('renamed.txt', utf8(`${lines[0]}\n`)));
  if (!hash.ok) throw new Error(hash.error.kind);
  expect(await client.sourcesOf(loadId)).toEqual([{ name: 'list.txt', sha256: toBase64url(hash.value) }]);
  expect(await client.sourcesOf('00000000000000-AAAAAAAA')).toEqual([]);
});

test('drafts that only terms out of force hit stay behind, and come back with the terms', async () => {
  const cert = await makeCert(server.origin);
  const { client } = cert;
  const { listId } = must(await client.saveOrganisation(null, formFor('Health', 'health.example')));
  must(
    await load(client, 'list.txt', [
      'https://vpn.health.example/:anna@health.example:Pass-Word-1',
      'https://shop.health.example/:guest@freemail.example:Pass-Word-2',
    ]),
  );
  const counts = async () => (await client.reviews()).map(({ findings, unwatched }) => [findings, unwatched]);
  expect(await counts()).toEqual([[2, 0]]);
  cert.clockOffsetMs += 1_000;
  const exclude = ['shop.health.example'];
  must(await client.saveWatchTerms(listId, { ...NO_TERMS, domains: ['health.example'], exclude }, null));
  expect(await counts()).toEqual([[1, 1]]);
  expect((await client.draftRows(listId, 0, 10)).map(({ identity }) => identity)).toEqual(['anna@health.example']);
  cert.clockOffsetMs += 1_000;
  must(await client.saveWatchTerms(listId, { ...NO_TERMS, domains: ['health.example'] }, 1));
  expect(await counts()).toEqual([[2, 0]]);
});

test('rules are versions too: drafts are whose they say, back again with undo, and in a restored vault', async () => {
  const cert = await makeCert(server.origin);
  const { client } = cert;
  const form = formFor('Health', 'health.example');
  const { listId } = must(await client.saveOrganisation(null, form));
  must(
    await load(client, 'list.txt', [
      'https://portal.health.example/:b6401234@health.example:Pass-Word-1',
      'https://portal.health.example/staff:anna@health.example:Pass-Word-2',
    ]),
  );
  must(await client.sync(ignore));
  const backup = must(await client.makeBackup(PASSPHRASE));
  const told = async (of: typeof client) =>
    (await of.draftRows(listId, 0, 10))
      .map(({ identity, exposure, ledger }) => {
        const service = ledger.find(({ code }) => code === 'impact.service');
        return `${identity} ${exposure} ${service?.note ?? ''}`;
      })
      .sort();
  const before = ['anna@health.example employee internal', 'b6401234@health.example employee internal'];
  expect(await told(client)).toEqual(before);

  cert.clockOffsetMs += 1_000;
  const students = { host: '', path: '', login: { pattern: 'b6[0-9]{6}' }, exposure: 'customer' as const };
  must(await client.saveOrganisation(listId, { ...form, exposureRules: [students] }));
  const after = ['anna@health.example employee internal', 'b6401234@health.example customer customer_portal'];
  expect(await told(client)).toEqual(after);
  const history = must(await client.watchHistory(listId));
  expect(history.map(({ version, terms }) => [version, terms.rules])).toEqual([
    [2, [students]],
    [1, []],
  ]);
  expect(history[0]?.changes).toEqual([{ kind: 'rules', term: JSON.stringify(students), change: 'added' }]);
  must(await client.sync(ignore));

  const { device, store } = await makeDevice();
  must(await restoreBackup(store, 'cert-2', backup.bytes, PASSPHRASE));
  device.clockOffsetMs = cert.clockOffsetMs;
  const restored = await device.open();
  expect(await told(restored)).toEqual(before);
  must(await restored.sync(ignore));
  expect((await restored.organisations())[0]?.exposureRules).toEqual([students]);
  expect(await told(restored)).toEqual(after);

  // Terms that say nothing about rules leave them alone.
  device.clockOffsetMs += 1_000;
  must(await restored.saveWatchTerms(listId, { ...NO_TERMS, domains: ['health.example', 'clinic.example'] }, null));
  expect(await told(restored)).toEqual(after);
  const [, , first] = must(await restored.watchHistory(listId));
  device.clockOffsetMs += 1_000;
  must(await restored.saveWatchTerms(listId, first?.terms ?? NO_TERMS_AT_ALL, 1));
  expect(await told(restored)).toEqual(before);
  expect((await restored.organisations())[0]).toMatchObject({ domains: ['health.example'], exposureRules: [] });
});

test('a rule about a path leaves drafts as they are: their paths are not kept', async () => {
  const cert = await makeCert(server.origin);
  const { client } = cert;
  const form = formFor('Health', 'health.example');
  const { listId } = must(await client.saveOrganisation(null, form));
  must(await load(client, 'list.txt', ['https://portal.health.example/staff:anna@health.example:Pass-Word-2']));
  cert.clockOffsetMs += 1_000;
  const byPath = { host: '', path: '/staff', login: 'any' as const, exposure: 'customer' as const };
  must(await client.saveOrganisation(listId, { ...form, exposureRules: [byPath] }));
  expect((await client.draftRows(listId, 0, 10)).map(({ exposure }) => exposure)).toEqual(['employee']);
});

test('drafts of others that new terms would hit are told before the terms are in force', async () => {
  const { client } = await makeCert(server.origin);
  const [health, tax] = [
    must(await client.saveOrganisation(null, formFor('Health', 'health.example'))).listId,
    must(await client.saveOrganisation(null, formFor('Tax', 'tax.example'))).listId,
  ];
  must(
    await load(client, 'list.txt', [
      'https://vpn.health.example/:anna@clinic.example:Pass-Word-1',
      'https://vpn.health.example/:kai@tax.example:Pass-Word-2',
      'https://vpn.health.example/:lek@health.example:Pass-Word-3',
    ]),
  );
  const terms = { ...NO_TERMS, domains: ['tax.example', 'clinic.example'] };
  expect(must(await client.draftsElsewhere(tax, terms))).toEqual([{ listId: health, findings: 1 }]);
  expect(must(await client.draftsElsewhere(tax, { ...NO_TERMS, domains: ['tax.example'] }))).toEqual([]);
});

test('the alias of a source is changed after its load, for what has not gone out', async () => {
  const { client } = await makeCert(server.origin);
  const { listId } = must(await client.saveOrganisation(null, formFor('Health', 'health.example')));
  const { loadId } = must(await load(client, 'list.txt', ['https://vpn.health.example/:anna:Pass-Word-1']));
  const [source] = (await client.loads())[0]?.sources ?? [];
  const from = source?.alias ?? '';
  must(await client.renameAlias(loadId, from, ' Another name '));
  expect((await client.loads())[0]?.sources[0]).toEqual({ ...source, alias: 'Another name' });
  const [row] = await client.draftRows(listId, 0, 10);
  expect(row).toMatchObject({ sourceAlias: 'Another name', sightings: [{ alias: 'Another name' }] });
  expect(await client.renameAlias(loadId, from, 'x')).toMatchObject({ ok: false, error: { kind: 'not-found' } });
  expect(await client.renameAlias(loadId, 'Another name', ' ')).toMatchObject({
    ok: false,
    error: { kind: 'invalid' },
  });
});

test('terms go to the CERT mailbox sealed, and a restored operator gets back what its backup was too old for', async () => {
  const cert = await makeCert(server.origin);
  const { client } = cert;
  const { listId } = must(await client.saveOrganisation(null, formFor('Health', 'health.example')));
  must(await client.sync(ignore));
  const backup = must(await client.makeBackup(PASSPHRASE));
  for (const domain of ['clinic.example', 'ward.example']) {
    const [newest] = must(await client.watchHistory(listId));
    must(
      await client.saveWatchTerms(listId, { ...NO_TERMS, domains: ['health.example', domain] }, newest?.undoes ?? null),
    );
    must(await client.sync(ignore));
  }
  expect((await client.syncState()).onlyHere.outbox).toBe(0);

  const { device, store } = await makeDevice();
  must(await restoreBackup(store, 'cert-2', backup.bytes, PASSPHRASE));
  const restored = await device.open();
  expect((await restored.watchList()).organisations[0]?.domains).toEqual(['health.example']);
  must(await restored.sync(ignore));
  expect((await restored.watchList()).organisations[0]?.domains).toEqual(['health.example', 'ward.example']);
  const history = must(await restored.watchHistory(listId));
  expect(history.map(({ version }) => version)).toEqual([3, 2, 1]);

  must(await restored.saveWatchTerms(listId, { ...NO_TERMS, domains: ['health.example'] }, 1));
  must(await restored.sync(ignore));
  expect((await restored.syncState()).onlyHere.outbox).toBe(0);
});
