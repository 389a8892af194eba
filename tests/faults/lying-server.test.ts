/** A server, or somebody on the line, that alters, swaps, withholds and replays: each is told, and nothing here changes. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromUtf8, utf8 } from '@sealpost/shared/base/bytes';
import { createCert } from '@sealpost/shared/opened/client/create-cert';
import { openClient } from '@sealpost/shared/opened/client/client';
import type { NetworkRequest, NetworkResponse } from '@sealpost/shared/opened/client/ports';
import { makeHeadClaims } from '@sealpost/shared/sealed/directory/builders';
import { signStatement } from '@sealpost/shared/sealed/envelope/statement';
import type { Statement } from '@sealpost/shared/sealed/envelope/statement';
import { headOfManifest, parseManifest, signManifest } from '@sealpost/shared/sealed/mailbox/manifest';
import { DEFAULT_RATES } from '../../server/src/guard/rate-limit.ts';
import { startTestServer } from '../integration/test-server.ts';
import type { TestServer } from '../integration/test-server.ts';
import type { Device, Listing } from '../integration/people.ts';
import {
  APP_ORIGIN,
  approvalOf,
  digitsOf,
  formFor,
  identitiesOf,
  ignore,
  joinWith,
  load,
  makeApplicant,
  makeCert,
  makeDevice,
  makeMember,
  MASKED,
  must,
  PASSPHRASE,
} from '../integration/people.ts';

const GENEROUS = { ...DEFAULT_RATES, byAddress: { burst: 100_000, perHour: 1_000_000 } };
const DECADE_MS = 10 * 365 * 86_400_000;

const isBlob = ({ method, url }: NetworkRequest) => method === 'GET' && url.includes('/blobs/');
const isManifest = ({ method, url }: NetworkRequest) => method === 'GET' && url.endsWith('/manifest');
const isChains = ({ method, url }: NetworkRequest) => method === 'GET' && url.includes('/chains');

/** A copy with one bit of the body flipped; negative positions count from its end. */
function flip(answer: NetworkResponse, at: number): NetworkResponse {
  const body = answer.body.slice();
  const index = at < 0 ? body.length + at : at;
  body[index] = (body[index] ?? 0) ^ 1;
  return { ...answer, body };
}

const withJson = (answer: NetworkResponse, change: (json: never) => unknown): NetworkResponse => ({
  ...answer,
  body: utf8(JSON.stringify(change(JSON.parse(fromUtf8(answer.body) ?? '') as never))),
});

interface Page {
  readonly statements: readonly string[];
  readonly position: number;
  readonly more: boolean;
}

describe('a lying server', () => {
  let server: TestServer;
  let cert: Device;
  let device: Device;
  let listing: Listing;
  let count = 0;

  beforeAll(async () => {
    server = await startTestServer({ rates: GENEROUS });
    cert = await makeCert(server.origin);
    ({ device, listing } = await makeMember(cert, 'Watched Office', 'watched.example'));
    await publish();
    must(await device.client.sync(ignore));
  });
  afterAll(() => server.stop());

  /** One more bundle of one finding waits; answers its login. */
  async function publish(): Promise<string> {
    const login = `w${++count}@watched.example`;
    must(await load(cert.client, `f${count}`, [`https://vpn.watched.example/:${login}:Waiting-${count}-x`]));
    const [outcome] = await cert.client.publish([listing.listId], { ...MASKED, policy: 'sealed' }, ignore);
    expect(outcome).toMatchObject({ kind: 'published' });
    return login;
  }

  /** A sync under `lie` fails as said and changes nothing that a person sees; the next honest one succeeds. */
  async function expectAlarm(
    lie: (request: NetworkRequest, answer: NetworkResponse) => NetworkResponse,
    error: object,
  ): Promise<void> {
    const before = [await identitiesOf(device.client), await device.client.overview(), await device.client.bundles()];
    device.network.trouble = (request) => (answer) => lie(request, answer);
    const synced = await device.client.sync(ignore);
    device.network.trouble = () => 'none';
    expect(synced).toMatchObject({ ok: false, error });
    expect([await identitiesOf(device.client), await device.client.overview(), await device.client.bundles()]).toEqual(
      before,
    );
    await device.open();
    expect(await identitiesOf(device.client)).toEqual(before[0]);
  }

  async function expectHonestSync(login: string): Promise<void> {
    must(await device.client.sync(ignore));
    expect((await identitiesOf(device.client)).filter((identity) => identity === login)).toHaveLength(1);
  }

  test('flipped bits anywhere in a sealed file are noticed', async () => {
    const login = await publish();
    for (const at of [0, 30, 100, 170, 260, 700, -1, -17, -100]) {
      await expectAlarm((request, answer) => (isBlob(request) ? flip(answer, at) : answer), {
        kind: 'forged',
        what: 'envelope',
      });
    }
    await expectHonestSync(login);
  });

  test('a file that is cut short, lengthened or replaced is noticed', async () => {
    const login = await publish();
    const lies: readonly (readonly [(answer: NetworkResponse) => NetworkResponse, object])[] = [
      [(answer) => ({ ...answer, body: answer.body.slice(0, -1) }), { kind: 'forged', what: 'blob' }],
      [(answer) => ({ ...answer, body: new Uint8Array(0) }), { kind: 'forged', what: 'blob' }],
      [(answer) => ({ ...answer, body: new Uint8Array([...answer.body, 0]) }), { kind: 'forged', what: 'blob' }],
      [(answer) => ({ ...answer, body: new Uint8Array(answer.body.length) }), { kind: 'forged', what: 'envelope' }],
      [(answer) => ({ ...answer, status: 404, body: new Uint8Array(0) }), { kind: 'server', status: 404 }],
    ];
    for (const [lie, error] of lies) {
      await expectAlarm((request, answer) => (isBlob(request) ? lie(answer) : answer), error);
    }
    await expectHonestSync(login);
  });

  test('a file that is said to have expired was withheld, as this device was there; to one that came later it is told', async () => {
    const gone = (request: NetworkRequest, answer: NetworkResponse) =>
      isBlob(request) ? { ...answer, status: 410, body: utf8('{}') } : answer;
    const login = await publish();
    await expectAlarm(gone, { kind: 'forged', what: 'blob', code: 'withheld' });
    expect((await device.client.record()).alarms.some(({ code }) => code === 'withheld')).toBe(true);
    // told once; from then on it does not keep anything else from being fetched
    device.network.trouble = (request) => (answer) => gone(request, answer);
    const next = must(await device.client.sync(ignore));
    expect(next).toMatchObject({ bundles: 0, warnings: ['bundle-expired'] });
    expect(next.expired).toHaveLength(2); // the bundle and its secrets
    device.network.trouble = () => 'none';
    await expectHonestSync(login);
    expect(must(await device.client.sync(ignore))).toMatchObject({ warnings: [], expired: [] });

    // it came whole, and was not taken over: then it can be true, and is told without an alarm
    const withheld = async () => (await device.client.record()).alarms.filter(({ code }) => code === 'withheld');
    const before = await withheld();
    await publish();
    const came = new Set<string>();
    device.network.trouble = (request) => {
      if (isBlob(request)) came.add(request.url);
      return 'none';
    };
    const cut = await device.client.sync(({ stage }) => {
      if (stage === 'store') void device.client.cancelSync();
    });
    expect(cut).toMatchObject({ ok: false, error: { kind: 'cancelled' } });
    expect(came.size).toBe(1);
    device.network.trouble = (request) => (answer) => (came.has(request.url) ? gone(request, answer) : answer);
    for (let turn = 0; turn < 2; turn++)
      expect(must(await device.client.sync(ignore))).toMatchObject({ bundles: 0, warnings: ['bundle-missed'] });
    device.network.trouble = () => 'none';
    expect(await withheld()).toEqual(before);

    const late = await makeApplicant(cert, 'Late Office', 'late.example');
    must(await cert.client.sync(ignore));
    must(await cert.client.approve(approvalOf(late)));
    must(await load(cert.client, 'late', ['https://vpn.late.example/:l1@late.example:Waiting-l-x']));
    await cert.client.publish([late.listing.listId], MASKED, ignore);
    late.device.network.trouble = (request) => (answer) => gone(request, answer);
    const synced = must(await late.device.client.sync(ignore));
    late.device.network.trouble = () => 'none';
    expect(synced).toMatchObject({ bundles: 0, warnings: ['bundle-expired'] });
    expect(synced.expired.length).toBeGreaterThan(0);
    const again = must(await late.device.client.sync(ignore));
    expect(again).toMatchObject({ warnings: ['bundle-expired'], expired: synced.expired });
  });

  test('two files that change places are noticed', async () => {
    cert.network.forget();
    const logins = [await publish(), await publish()];
    const uploads = cert.network.calls.filter(({ method, url }) => method === 'PUT' && url.includes('/blobs/'));
    const nameOf = (url: string) => /\/blobs\/([\w-]{43})/.exec(url)?.[1];
    expect(new Set(uploads.map(({ url }) => nameOf(url))).size).toBe(4);
    await expectAlarm(
      (request, answer) => {
        if (!isBlob(request)) return answer;
        const at = uploads.findIndex(({ url }) => nameOf(url) === nameOf(request.url));
        const other = uploads[(at + 2) % 4]?.body ?? new Uint8Array(0);
        const body = new Uint8Array(answer.body.length);
        body.set(other.subarray(0, body.length));
        return { ...answer, body };
      },
      { kind: 'forged', what: 'envelope' },
    );
    for (const login of logins) await expectHonestSync(login);
  });

  /** The manifest as the server has it. */
  async function manifestNow(): Promise<string | null> {
    let found: string | null = null;
    device.network.trouble = (request) => (answer) => {
      if (isManifest(request)) found = fromUtf8(answer.body);
      return answer;
    };
    await device.client.sync(ignore);
    device.network.trouble = () => 'none';
    return found;
  }

  test('an older manifest, another one of the same version, and a vanished feed are noticed', async () => {
    const old = (await manifestNow()) ?? '';
    const login = await publish();
    await expectHonestSync(login);
    const current = parseManifest((await manifestNow()) ?? '');
    if (!current.ok) throw new Error('no manifest');
    await expectAlarm((request, answer) => (isManifest(request) ? { ...answer, body: utf8(old) } : answer), {
      kind: 'forged',
      what: 'feed',
      code: 'rolled-back',
    });
    const before = parseManifest(old);
    const { session } = cert.opened;
    const twin = await signManifest({
      signer: session.signer,
      previous: before.ok ? headOfManifest(before.value) : null,
      heads: current.value.claims.heads as never,
      items: [],
      pages: [],
      seen: {},
      nowMs: Date.now(),
    });
    expect(twin.claims.ver).toBe(current.value.claims.ver);
    await expectAlarm(
      (request, answer) => (isManifest(request) ? { ...answer, body: utf8(twin.statement.compact) } : answer),
      { kind: 'forged', what: 'feed', code: 'split' },
    );
    await expectAlarm(
      (request, answer) => (isManifest(request) ? { ...answer, status: 404, body: new Uint8Array(0) } : answer),
      { kind: 'forged', what: 'feed', code: 'vanished' },
    );
    await expectAlarm((request, answer) => (isManifest(request) ? flip(answer, -3) : answer), { kind: 'forged' });
    await expectHonestSync(login);
  });

  test('a manifest that somebody else signed is noticed', async () => {
    const login = await publish();
    const { session } = device.opened;
    const forged = await signManifest({
      signer: session.signer,
      previous: null,
      heads: session.directory.heads(session.identity.org),
      items: [],
      pages: [],
      seen: {},
      nowMs: Date.now(),
    });
    await expectAlarm(
      (request, answer) => (isManifest(request) ? { ...answer, body: utf8(forged.statement.compact) } : answer),
      { kind: 'forged', what: 'feed', code: 'signature' },
    );
    await expectHonestSync(login);
  });

  test('withheld statements and an older page of the chains are noticed', async () => {
    const login = await publish();
    const empty = (answer: NetworkResponse): NetworkResponse =>
      withJson(answer, (page: Page) => ({
        ...page,
        statements: [],
        position: page.position - page.statements.length,
        more: false,
      }));
    await expectAlarm((request, answer) => (isChains(request) ? empty(answer) : answer), {
      kind: 'forged',
      what: 'directory',
      code: 'withheld',
    });
    await expectHonestSync(login);
    await expectAlarm(
      (request, answer) =>
        isChains(request) ? withJson(answer, (page: Page) => ({ ...page, statements: [], position: 1 })) : answer,
      { kind: 'forged', what: 'directory', code: 'rolled-back' },
    );
    await expectAlarm(
      (request, answer) => (isChains(request) ? withJson(answer, (page: Page) => ({ ...page, more: true })) : answer),
      { kind: 'server', code: 'bad-answer' },
    );
  });

  test('every answer replaced by rubbish is a failure in words, and changes nothing', async () => {
    const login = await publish();
    const rubbish: readonly ((answer: NetworkResponse) => NetworkResponse)[] = [
      (answer) => ({ ...answer, status: 200, body: new Uint8Array(0) }),
      (answer) => ({ ...answer, status: 200, body: utf8('<html>Sign in to the wireless network</html>') }),
      (answer) => ({ ...answer, status: 200, body: utf8(`{"__proto__":{"a":1},"statements":[],"position":-1}`) }),
      (answer) => ({ ...answer, status: 200, body: utf8('['.repeat(100_000)) }),
      (answer) => ({ ...answer, status: 206, body: new Uint8Array(300_000).fill(0xff) }),
      (answer) => ({ ...answer, status: 302, headers: { location: 'https://elsewhere.example/' } }),
      (answer) => ({ ...answer, status: 500, body: utf8('{"type":"urn:sealpost:problem:nonsense","status":500}') }),
      (answer) => ({
        ...answer,
        status: 401,
        headers: { date: 'Mon, 01 Jan 2001 00:00:00 GMT' },
        body: new Uint8Array(0),
      }),
    ];
    const before = await identitiesOf(device.client);
    let alarms = 0;
    for (const [kind, lie] of rubbish.entries()) {
      for (let index = 0; index < 4; index++) {
        device.network.forget();
        device.network.trouble = (_request, at) => (at === index ? lie : 'none');
        const synced = await device.client.sync(ignore);
        if (!synced.ok) {
          alarms++;
          expect(['server', 'forged', 'offline'], `${kind}/${index}`).toContain(synced.error.kind);
          // What was taken over before the lie stays; nothing is lost.
          expect(await identitiesOf(device.client)).toEqual(expect.arrayContaining(before));
        } else if ((await identitiesOf(device.client)).length !== before.length) {
          // The lie met nothing that mattered, and the bundle is in: the next needs a new one.
          before.splice(0, before.length, ...(await identitiesOf(device.client)));
          await publish();
        }
      }
    }
    device.network.trouble = () => 'none';
    expect(alarms).toBeGreaterThan(20);
    await expectHonestSync(login);
    must(await device.client.sync(ignore));
    expect((await device.client.profile()).enrolment.kind).toBe('enrolled');
  });

  test('access requests that change places are noticed, and neither is lost', async () => {
    const one = await makeApplicant(cert, 'First Office', 'first.example');
    const two = await makeApplicant(cert, 'Second Office', 'second.example');
    const swap = (url: string): string =>
      url.endsWith(one.id) ? url.replace(one.id, two.id) : url.replace(two.id, one.id);
    const bodies = new Map<string, NetworkResponse>();
    const isRequest = ({ method, url }: NetworkRequest) => method === 'GET' && /\/requests\/[\w-]{43}$/.test(url);
    cert.network.trouble = (request) => (answer) => {
      if (!isRequest(request)) return answer;
      bodies.set(request.url, answer);
      return bodies.get(swap(request.url)) ?? { ...answer, body: utf8('age-encryption.org/v1\n') };
    };
    const alarm = { ok: false, error: { kind: 'forged', what: 'request' } };
    expect(await cert.client.sync(ignore)).toMatchObject(alarm);
    expect(await cert.client.sync(ignore)).toMatchObject(alarm);
    cert.network.trouble = () => 'none';
    must(await cert.client.sync(ignore));
    const names = (await cert.client.requests()).map(({ id, form }) => [id, form.nameEn]);
    expect(names).toContainEqual([one.id, 'First Office']);
    expect(names).toContainEqual([two.id, 'Second Office']);
  });

  test('the operator, too, is not led astray by rubbish', async () => {
    const login = `op${++count}@watched.example`;
    must(await load(cert.client, `op${count}`, [`https://vpn.watched.example/:${login}:Astray-${count}-x`]));
    const reviews = await cert.client.reviews();
    const empty = (answer: NetworkResponse): NetworkResponse => ({ ...answer, status: 200, body: utf8('{}') });
    for (let index = 0; index < 3; index++) {
      cert.network.forget();
      cert.network.trouble = (_request, at) => (at === index ? empty : 'none');
      const synced = await cert.client.sync(ignore);
      // Rubbish in the place of a signed feed is a lie like any other.
      if (!synced.ok) expect(synced.error.kind).toMatch(/^(?:server|forged)$/);
      expect(await cert.client.reviews()).toEqual(reviews);
    }
    // A server that says it has all of the file, or never any of it, and one that says another wrote this feed.
    const lies: readonly ((request: NetworkRequest, answer: NetworkResponse) => NetworkResponse)[] = [
      (request, answer) =>
        request.method === 'PUT' && request.url.includes('/blobs/')
          ? { ...answer, status: 202, headers: { 'upload-offset': '0' } }
          : answer,
      (request, answer) =>
        request.method === 'PUT' && request.url.includes('/manifest') ? { ...answer, status: 412 } : answer,
    ];
    const errors = [
      { kind: 'server', code: 'conflict' },
      { kind: 'forged', what: 'feed' },
    ];
    for (const [at, lie] of lies.entries()) {
      cert.network.trouble = (request) => (answer) => lie(request, answer);
      const [outcome] = await cert.client.publish([listing.listId], MASKED, ignore);
      if (at === 0) expect(outcome).toMatchObject({ kind: 'failed', queued: true, error: errors[at] as never });
      else expect(await cert.client.sync(ignore)).toMatchObject({ ok: false, error: errors[at] as never });
    }
    cert.network.trouble = () => 'none';
    must(await cert.client.sync(ignore));
    await expectHonestSync(login);
  });

  test('a log with an altered, removed or repeated entry is noticed', async () => {
    must(await cert.client.sync(ignore));
    const audit = (lie: (entries: { entry: string; index: number }[]) => unknown) => {
      cert.network.trouble = ({ method, url }) =>
        method === 'GET' && url.includes('/audit')
          ? (answer) => withJson(answer, (page: { entries: never }) => ({ ...page, entries: lie(page.entries) }))
          : 'none';
      return cert.client.audit({ device: null, kind: null, limit: 1000 });
    };
    const altered = await audit((entries) =>
      entries.map((one, at) =>
        at === 3 ? { ...one, entry: `${one.entry.slice(0, 100)}AAAA${one.entry.slice(104)}` } : one,
      ),
    );
    expect(altered).toMatchObject({ ok: false, error: { kind: 'forged', what: 'audit' } });
    const missing = { ok: false, error: { kind: 'forged', what: 'log', code: 'missing-entry' } };
    expect(await audit((entries) => entries.filter((_one, at) => at !== 4))).toMatchObject(missing);
    expect(await audit((entries) => [...entries.slice(0, 5), ...entries.slice(4)])).toMatchObject(missing);
    cert.network.trouble = () => 'none';
    const honest = must(await cert.client.audit({ device: null, kind: null, limit: 1000 }));
    expect(honest.devices.filter(({ gaps, forks }) => gaps + forks > 0)).toEqual([]);
  });

  test('writes that somebody recorded and sends again change nothing', async () => {
    cert.network.forget();
    const login = await publish();
    const writes = cert.network.calls.filter(({ method }) => method !== 'GET' && method !== 'HEAD');
    expect(writes.length).toBeGreaterThan(2);
    await expectHonestSync(login);
    const manifest = await manifestNow();
    for (const { method, url, headers, body } of writes) {
      const again = await fetch(url, { method, headers, body });
      expect(again.status === 401 || again.ok, `${method} ${again.status}`).toBe(true);
    }
    expect(await manifestNow()).toBe(manifest);
    expect(must(await device.client.sync(ignore))).toMatchObject({ bundles: 0, added: 0, merged: 0 });
  });

  test('two statements with one version freeze the chain: nothing is sealed', async () => {
    const { session } = cert.opened;
    const held = session.directory.current.cert.links;
    const [previous, last] = held.slice(-2).map(({ statement }) => statement) as [Statement, Statement];
    const place = {
      chain: 'cert' as const,
      previous: [held.length - 1, previous.sid] as const,
      nowMs: Date.now() - 60_000,
    };
    const twin = await signStatement('head', makeHeadClaims({ ...place, cert: place.previous }), session.signer);
    expect(twin.sid).not.toBe(last.sid);
    must(await load(cert.client, 'frozen', ['https://vpn.watched.example/:frozen@watched.example:Never-Sealed-1']));
    const inject = (answer: NetworkResponse): NetworkResponse =>
      withJson(answer, (page: Page) => ({ ...page, statements: [twin.compact, ...page.statements] }));

    // Under another person's hands: the vault of the test's CERT stays whole for the tests after this one.
    const rows = structuredClone(cert.memory.tables);
    cert.network.forget();
    cert.network.trouble = (request) => (isChains(request) ? inject : 'none');
    const [outcome] = await cert.client.publish([listing.listId], MASKED, ignore);
    cert.network.trouble = () => 'none';
    expect(outcome?.kind === 'published').toBe(false);
    expect(cert.network.calls.filter(({ url }) => url.includes('/blobs/'))).toEqual([]);
    await cert.open();
    const [again] = await cert.client.publish([listing.listId], MASKED, ignore);
    expect(again).not.toMatchObject({ kind: 'published' });
    expect((await cert.client.reviews()).some(({ findings }) => findings === 1)).toBe(true);
    for (const [table, map] of Object.entries(rows)) {
      const live = cert.memory.tables[table as keyof typeof rows];
      live.clear();
      for (const [id, row] of map) live.set(id, row);
    }
    await cert.open();
    await cert.client.publish([listing.listId], MASKED, ignore);
    await expectHonestSync('frozen@watched.example');
  });

  /** Another `head` statement at the place of the newest one: what an operator's key in other hands can sign. */
  async function twinOfNewest(): Promise<{ readonly last: Statement; readonly twin: Statement }> {
    const { session } = cert.opened;
    const held = session.directory.current.cert.links;
    const [previous, last] = held.slice(-2).map(({ statement }) => statement) as [Statement, Statement];
    const at = [held.length - 1, previous.sid] as const;
    const claims = makeHeadClaims({ chain: 'cert', previous: at, nowMs: Date.now() - 60_000, cert: at });
    return { last, twin: await signStatement('head', claims, session.signer) };
  }

  test('somebody invited who was shown another directory is noticed before he is approved, with evidence', async () => {
    const { last, twin } = await twinOfNewest();
    const { listId } = must(await cert.client.saveOrganisation(null, formFor('Misled Office', 'misled.example')));
    const [invitation] = must(await cert.client.invite([listId], 14, APP_ORIGIN));
    const elsewhere = (answer: NetworkResponse): NetworkResponse =>
      withJson(answer, (page: Page) => ({
        ...page,
        statements: page.statements.map((compact) => (compact === last.compact ? twin.compact : compact)),
      }));
    const misled = await joinWith(invitation?.link ?? '', 'Misled Office', 'misled.example', (request) =>
      isChains(request) ? elsewhere : 'none',
    );
    must(await misled.client.sync(ignore));
    misled.network.trouble = () => 'none';

    const splits = async (): Promise<readonly string[]> =>
      (await cert.client.record()).alarms.filter(({ code }) => code === 'split-view').map(({ id }) => id);
    expect(await splits()).toEqual([]);
    expect(must(await cert.client.sync(ignore))).toMatchObject({ requests: 1, warnings: ['request-elsewhere'] });
    const [alarm] = await splits();
    const evidence = fromUtf8(must(await cert.client.alarmEvidence(alarm ?? '')).bytes) ?? '';
    for (const signed of [twin.sid, last.sid, last.compact]) expect(evidence).toContain(signed);
    const listing = { listId, name: 'Misled Office', domain: 'misled.example' };
    const approved = await cert.client.approve(approvalOf({ ...(await digitsOf(misled)), listing }));
    expect(approved).toMatchObject({ ok: false, error: { kind: 'forged', what: 'directory', code: 'split-view' } });
  });

  test('a decision by somebody who was shown another directory is noticed by whoever asked', async () => {
    const { device: asked, id } = await makeApplicant(cert, 'Asking Office', 'asking.example');
    must(await cert.client.sync(ignore));
    await cert.client.publish([], MASKED, ignore); // nothing goes out, but a new head is signed
    const { last, twin } = await twinOfNewest();
    must(await cert.client.decline(id, 'Not in our constituency'));
    asked.network.trouble = (request) => (answer) =>
      isChains(request)
        ? withJson(answer, (page: Page) => ({
            ...page,
            statements: page.statements.map((compact) => (compact === last.compact ? twin.compact : compact)),
          }))
        : answer;
    const synced = await asked.client.sync(ignore);
    asked.network.trouble = () => 'none';
    expect(synced).toMatchObject({ ok: false, error: { kind: 'forged', what: 'directory', code: 'split-view' } });
    expect((await asked.client.record()).alarms).toMatchObject([{ what: 'directory', code: 'split-view' }]);
  });

  test('a CERT is not made with log keys that are not the server’s', async () => {
    const { device: other, store } = await makeDevice();
    const { session } = cert.opened;
    other.network.trouble = ({ url }) =>
      url.endsWith('/log-keys')
        ? (answer) =>
            withJson(answer, (keys: object) => ({
              ...keys,
              entry: Buffer.from(session.signer.publicKey).toString('base64url'),
            }))
        : 'none';
    const setup = { nameTh: 'ก', nameEn: 'Another', origin: server.origin, setupToken: null, demo: false };
    const made = await createCert(store, other.ports, 'x', {
      ...setup,
      passphrase: PASSPHRASE,
      rootPassphrase: PASSPHRASE,
    });
    expect(made).toMatchObject({ ok: false, error: { kind: 'server' } });
    expect(await openClient(store, other.ports)).toMatchObject({ ok: false, error: { kind: 'not-found' } });
  });

  test.each([DECADE_MS, -DECADE_MS])('a clock that is %d ms off is told, and does not harm', async (offsetMs) => {
    const login = await publish();
    device.clockOffsetMs = offsetMs;
    const synced = must(await device.client.sync(ignore));
    expect(synced.warnings).toContain('clock-off');
    expect(await identitiesOf(device.client)).toContain(login);
    device.clockOffsetMs = 0;
    must(await device.client.sync(ignore));

    cert.clockOffsetMs = offsetMs;
    const line = `https://vpn.watched.example/:c${offsetMs}@watched.example:Clock-${offsetMs}`;
    must(await load(cert.client, `clock${offsetMs}`, [line]));
    const [outcome] = await cert.client.publish([listing.listId], MASKED, ignore);
    if (offsetMs > 0) expect(outcome).toMatchObject({ kind: 'failed', error: { kind: 'server', code: 'clock' } });
    cert.clockOffsetMs = 0;
    await cert.client.publish([listing.listId], MASKED, ignore);
    must(await cert.client.sync(ignore));
    await expectHonestSync(`c${offsetMs}@watched.example`);
  });
});
