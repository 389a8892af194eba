/** Envelopes that are listed and sealed as they should be, and lie in what only the reader can see: each is told and left aside. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toBase64url } from '@sealpost/shared/base/base64url';
import { utf8 } from '@sealpost/shared/base/bytes';
import { flushOutbox, enqueue } from '@sealpost/shared/opened/client/outbox';
import { BUNDLE_MEDIA } from '@sealpost/shared/opened/bundle/schema';
import { packBundle, packSecrets } from '@sealpost/shared/opened/bundle/pack';
import { unpackBundle } from '@sealpost/shared/opened/bundle/unpack';
import type { Finding, FindingId } from '@sealpost/shared/opened/finding/finding';
import { newestEpoch } from '@sealpost/shared/sealed/directory/roles';
import type { Counts } from '@sealpost/shared/sealed/envelope/claims';
import { packGzip } from '@sealpost/shared/sealed/envelope/gzip';
import { sealEnvelope } from '@sealpost/shared/sealed/envelope/seal';
import type { SealInput } from '@sealpost/shared/sealed/envelope/seal';
import { commitToCounts } from '@sealpost/shared/sealed/mailbox/counts';
import { parseManifest } from '@sealpost/shared/sealed/mailbox/manifest';
import { DEFAULT_RATES } from '../../server/src/guard/rate-limit.ts';
import { startTestServer } from '../integration/test-server.ts';
import type { TestServer } from '../integration/test-server.ts';
import type { Device, Listing } from '../integration/people.ts';
import { identitiesOf, ignore, load, makeCert, makeMember, MASKED, must, random } from '../integration/people.ts';

const GENEROUS = { ...DEFAULT_RATES, byAddress: { burst: 100_000, perHour: 1_000_000 } };
const META = { tlp: 'TLP:AMBER', caveat: null, withheld: { contextless: 0, unproven: 0, unconfirmed: 0 } } as const;

/** `input` less what other kinds of envelope do not carry. */
function without(input: SealInput, ...names: readonly (keyof SealInput)[]): SealInput {
  const kept = Object.entries(input).filter(([name]) => !names.includes(name as keyof SealInput));
  return Object.fromEntries(kept) as unknown as SealInput;
}

describe('an envelope of the own mailbox', () => {
  let server: TestServer;
  let cert: Device;
  let member: { readonly device: Device; readonly listing: Listing };
  let other: { readonly device: Device; readonly listing: Listing };
  let drafts: readonly Finding[];

  beforeAll(async () => {
    server = await startTestServer({ rates: GENEROUS });
    cert = await makeCert(server.origin);
    member = await makeMember(cert, 'Own Office', 'own.example');
    other = await makeMember(cert, 'Other Office', 'other.example');
    must(
      await load(cert.client, 'drafts', [
        'https://vpn.own.example/:one@own.example:Only-A-Draft-1',
        'https://portal.own.example/:two@freemail.example:Only-A-Draft-2',
      ]),
    );
    drafts = await cert.client.draftRows(member.listing.listId, 0, 10);
  });
  afterAll(() => server.stop());

  const orgOf = (device: Device) => device.opened.session.identity.org as never;

  /** What an honest bundle of `findings` for the own office is sealed with. */
  async function honest(findings: readonly Finding[]): Promise<SealInput & { readonly counts: Counts }> {
    const { session } = cert.opened;
    const org = orgOf(member.device);
    const epoch = newestEpoch(session.directory.current, org);
    const packed = await packBundle(findings, { ...META, policy: 'sealed' });
    const sources: Record<string, number> = {};
    for (const { alias, count } of packed.sources) sources[alias] = (sources[alias] ?? 0) + count;
    return {
      kind: 'bundle',
      iss: 'cert' as never,
      aud: { org, generation: 1 },
      epoch: 1,
      seq: 1,
      heads: session.directory.heads(org),
      counts: { salt: toBase64url(random(32)), sources },
      media: BUNDLE_MEDIA,
      content: packed.content,
      inflated: packed.inflated,
      signer: session.signer,
      recipients: [String(epoch?.recipients.read)],
      nowMs: Date.now(),
      random,
    };
  }

  /** Lists the envelope, lets the organisation sync, takes it off the list again. Answers the sync's outcome. */
  async function slip(input: SealInput, listed: Counts | undefined = input.counts): Promise<unknown> {
    const { session } = cert.opened;
    const { store } = session;
    const envelope = await sealEnvelope(input);
    const org = orgOf(member.device) as string;
    const job = { org, purpose: { kind: 'profile', ref: '' } } as const;
    const counts = listed === undefined ? null : commitToCounts(listed);
    await store.transaction((tx) =>
      enqueue(tx, { ...job, id: `slip-${envelope.id}`, withdraw: [] }, [{ envelope, epoch: 1, counts }]),
    );
    must(await flushOutbox(session, ignore));
    const before = [
      await identitiesOf(member.device.client),
      await member.device.client.bundles(),
      await member.device.client.profile(),
    ];
    const synced = await member.device.client.sync(ignore);
    const after = [
      await identitiesOf(member.device.client),
      await member.device.client.bundles(),
      await member.device.client.profile(),
    ];
    if (!synced.ok) expect(after).toEqual(before);
    const withdraw = [{ id: envelope.id, code: 'wrong_content' }];
    await store.transaction((tx) => enqueue(tx, { ...job, id: `take-${envelope.id}`, withdraw }, []));
    must(await flushOutbox(session, ignore));
    must(await member.device.client.sync(ignore));
    return synced;
  }

  const forged = (what: string, code?: string) => ({
    ok: false,
    error: { kind: 'forged', what, ...(code === undefined ? {} : { code }) },
  });

  test('for another organisation, or another generation, is refused', async () => {
    const input = await honest(drafts);
    const org = orgOf(other.device);
    const heads = cert.opened.session.directory.heads(org);
    expect(await slip({ ...input, heads, aud: { org, generation: 1 } })).toMatchObject(
      forged('envelope', 'wrong-audience'),
    );
    const later = { ...input.aud, generation: 2 };
    expect(await slip({ ...input, aud: later })).toMatchObject(forged('envelope', 'wrong-audience'));
  });

  test('that no operator signed is refused, whoever listed it', async () => {
    const input = await honest(drafts);
    for (const { device } of [member, other]) {
      const { signer } = device.opened.session;
      expect(await slip({ ...input, signer })).toMatchObject(forged('envelope', 'not-allowed'));
    }
  });

  test('sealed to somebody else is refused', async () => {
    const input = await honest(drafts);
    const epoch = newestEpoch(cert.opened.session.directory.current, orgOf(other.device));
    expect(await slip({ ...input, recipients: [String(epoch?.recipients.read)] })).toMatchObject(
      forged('envelope', 'not-for-us'),
    );
  });

  test('of a kind that has no business here is refused', async () => {
    const input = without(await honest(drafts), 'counts', 'inflated');
    const json = { ...input, media: 'application/json', content: utf8('{}') };
    expect(await slip({ ...json, kind: 'triage' })).toMatchObject(forged('envelope', 'wrong-kind'));
    expect(await slip({ ...json, kind: 'purpose-key' })).toMatchObject(forged('envelope', 'wrong-kind'));
  });

  test('that unpacks to more or less than it says is refused', async () => {
    const input = await honest(drafts);
    for (const inflated of [1, (input.inflated ?? 0) - 1, (input.inflated ?? 0) + 1]) {
      expect(await slip({ ...input, inflated })).toMatchObject(forged('envelope', 'malformed'));
    }
    const zeros = await packGzip(new Uint8Array(50_000));
    // Read as it unpacks: that zeros are no bundle shows before their number does.
    expect(await slip({ ...input, content: zeros.content, inflated: 60_000 })).toMatchObject(forged('bundle'));
    const twice = new Uint8Array([...input.content, ...input.content]);
    expect(await slip({ ...input, content: twice, inflated: (input.inflated ?? 0) * 2 })).toMatchObject(
      forged('envelope', 'malformed'),
    );
  });

  test('whose counts are not those it was listed with, or not its rows, is refused', async () => {
    const input = await honest(drafts);
    const wrong = { ...input.counts, sources: { 'SRC-1': 5 } };
    expect(await slip({ ...input, counts: wrong })).toMatchObject(forged('bundle', 'counts'));
    // as many rows, of another source
    const [count] = Object.values(input.counts.sources);
    const moved = { ...input.counts, sources: { 'SRC-1': (count ?? 0) - 1, 'SRC-2': 1 } };
    expect(await slip({ ...input, counts: moved })).toMatchObject(forged('bundle', 'counts'));
    expect(await slip(input, moved)).toMatchObject(forged('bundle', 'counts'));
    expect(await slip(without(input, 'counts'), input.counts)).toMatchObject(forged('bundle', 'counts'));
  });

  test('of whose numbers the list and the bundle say different things leaves an alarm that opens the commitment', async () => {
    const input = await honest(drafts);
    const listed = { ...input.counts, sources: { 'SRC-1': 7 } };
    await slip(input, listed);
    const { alarms } = await member.device.client.record();
    const alarm = alarms.find(({ what, code }) => what === 'bundle' && code === 'counts');
    const file = must(await member.device.client.alarmEvidence(alarm?.id ?? ''));
    const { evidence } = JSON.parse(new TextDecoder().decode(file.bytes)) as {
      readonly evidence: { readonly list: string; readonly committed: string; readonly counts: Counts };
    };
    expect(evidence).toMatchObject({ committed: commitToCounts(listed), counts: input.counts });
    expect(parseManifest(evidence.list)).toMatchObject({ ok: true });
  });

  test('with codes out of range is refused, wherever they stand', async () => {
    const input = await honest(drafts);
    const stream = new Uint8Array(
      await new Response(
        new Blob([input.content as never]).stream().pipeThrough(new DecompressionStream('gzip')),
      ).arrayBuffer(),
    );
    expect(unpackBundle(stream).ok).toBe(true);
    // Bytes that make the stream unreadable once they are as large as can be: indices, offsets, lengths.
    const spots: number[] = [];
    for (let at = stream.length - 16; at > 0 && spots.length < 3; at -= 8) {
      const altered = stream.slice();
      altered.fill(0x7f, at, at + 4);
      if (!unpackBundle(altered).ok) spots.push(at);
    }
    expect(spots).toHaveLength(3);
    for (const at of spots) {
      const altered = stream.slice();
      altered.fill(0x7f, at, at + 4);
      expect(await slip({ ...input, ...(await packGzip(altered)) })).toMatchObject(forged('bundle'));
    }
    const junk = await packGzip(random(5000));
    expect(await slip({ ...input, ...junk })).toMatchObject(forged('bundle'));
  });

  test('a profile of another organisation, or not the one that was signed for, is refused', async () => {
    const input = without(await honest(drafts), 'counts', 'inflated');
    const own = member.device.opened.session.identity.profile as { readonly nameEn: string };
    const foreign = other.device.opened.session.identity.profile as object;
    const profile = (content: object) =>
      slip({ ...input, kind: 'profile', media: 'application/json', content: utf8(JSON.stringify(content)) });
    expect(await profile(foreign)).toMatchObject(forged('profile', 'malformed'));
    expect(await profile({ ...own, nameEn: 'Renamed Office' })).toMatchObject(forged('profile', 'digest'));
    expect(await profile({ ...own, extra: 1 })).toMatchObject(forged('profile', 'malformed'));
    expect((await member.device.client.profile()).nameEn).toBe('Own Office');
  });

  test('secrets of a bundle that is not here, or that allows none, are refused', async () => {
    const [outcome] = await cert.client.publish([member.listing.listId], MASKED, ignore);
    expect(outcome).toMatchObject({ kind: 'published' });
    must(await member.device.client.sync(ignore));
    const input = without(await honest(drafts), 'counts');
    const { content, inflated } = await packSecrets(drafts.map(({ id }) => ({ id, secret: 'Slipped-In-Secret-1' })));
    const { session } = cert.opened;
    const recipients = [String(newestEpoch(session.directory.current, orgOf(member.device))?.recipients.secrets)];
    const secrets = { ...input, kind: 'secrets', content, inflated, recipients } as const;
    expect(await slip(secrets)).toMatchObject(forged('secrets', 'other-bundle'));
    expect(await slip({ ...secrets, refs: [toBase64url(random(32)) as never] })).toMatchObject(
      forged('secrets', 'other-bundle'),
    );
    const { store } = member.device.opened.session;
    const [masked] = store.ids('envelopes', 'bundle-of/').map((id) => id.slice('bundle-of/'.length));
    expect(await slip({ ...secrets, refs: [masked as never] })).toMatchObject(forged('secrets', 'policy'));
    expect(await member.device.client.reveal(drafts[0]?.id as FindingId, 'check')).toMatchObject({
      error: { kind: 'not-found' },
    });
  });

  test('a withdrawal of what never came, and one in other words, harm nothing', async () => {
    const input = without(await honest(drafts), 'counts', 'inflated');
    const withdrawal = (content: object) =>
      slip({ ...input, kind: 'withdrawal', media: 'application/json', content: utf8(JSON.stringify(content)) });
    const unknown = { v: 1, bundle: toBase64url(random(16)), code: 'wrong_recipient' };
    const before = await identitiesOf(member.device.client);
    expect(await withdrawal(unknown)).toMatchObject({ ok: true, value: { withdrawn: 0 } });
    expect(await withdrawal({ ...unknown, code: 'rm -rf' })).toMatchObject(forged('withdrawal', 'malformed'));
    expect(await identitiesOf(member.device.client)).toEqual(before);
  });

  test('a file once taken over counts once, under whatever name it is listed again', async () => {
    const extra = (await packBundle(drafts, { ...META, policy: 'sealed' })).rows;
    const before = await identitiesOf(member.device.client);
    expect(before).toHaveLength(extra);
    const input = await honest(drafts);
    expect(await slip(input)).toMatchObject({ ok: true, value: { bundles: 1, added: 0, merged: extra } });
    expect(await identitiesOf(member.device.client)).toEqual(before);
  });

  test('that states no numbers, in neither place, is readable, and says so', async () => {
    expect(await slip(without(await honest(drafts), 'counts'))).toMatchObject({ ok: true, value: { bundles: 1 } });
    const [bundle] = await member.device.client.bundles();
    expect(bundle?.findings).toBe(drafts.length);
    expect(bundle?.completeness).toBeUndefined();
  });
});
