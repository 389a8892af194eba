import { beforeAll, describe, expect, it } from 'vitest';
import { toBase64url } from '../../base/base64url.ts';
import type { SigningKey } from '../crypto/ed25519.ts';
import { generateSigningSecret, importSigningKey } from '../crypto/ed25519.ts';
import type { EnvelopeId } from '../envelope/claims.ts';
import type { Head, Heads, OrgId } from '../envelope/heads.ts';
import { CERT_ORG } from '../envelope/heads.ts';
import type { Sid } from '../envelope/statement.ts';
import { signStatement } from '../envelope/statement.ts';
import { checkManifest, walkManifests } from './check-manifest.ts';
import { commitToCounts } from './counts.ts';
import type { ListedItem, ManifestItem } from './manifest-claims.ts';
import { isListed } from './manifest-claims.ts';
import type { Manifest, ManifestInput } from './manifest.ts';
import {
  headOfManifest,
  parseManifest,
  parseManifestPage,
  signManifest,
  signManifestPage,
  splitPage,
  verifyManifest,
} from './manifest.ts';

const ORG = 'AAAAAAAAAAAAAAAAAAAAAQ' as OrgId;
const SID = toBase64url(new Uint8Array(32)) as Sid;
const HEADS: Heads = { cert: [3, SID], [ORG]: [2, SID] };
const NOW_MS = 1_795_000_000_000;
const DAY_MS = 86_400_000;

let signer: SigningKey;
let stranger: SigningKey;
beforeAll(async () => {
  signer = await importSigningKey(await generateSigningSecret());
  stranger = await importSigningKey(await generateSigningSecret());
});

function item(number: number): ListedItem {
  const id = toBase64url(new Uint8Array(16).fill(number & 0xff).fill(number >>> 8, 0, 1)) as EnvelopeId;
  return { id, size: 600 + number, sha256: toBase64url(new Uint8Array(32).fill(number & 0xff)), epoch: 1 };
}

function sign(changes: Partial<ManifestInput> = {}): Promise<Manifest> {
  return signManifest({
    signer,
    previous: null,
    heads: HEADS,
    items: [],
    pages: [],
    seen: {},
    nowMs: NOW_MS,
    ...changes,
  });
}

async function feed(length: number): Promise<readonly Manifest[]> {
  const manifests: Manifest[] = [];
  for (let i = 0; i < length; i++) {
    const last = manifests.at(-1);
    manifests.push(await sign({ previous: last === undefined ? null : headOfManifest(last), items: [item(i)] }));
  }
  return manifests;
}

function check(known: Head | null, incoming: Manifest | undefined, isFloor = false): unknown {
  if (incoming === undefined) throw new Error('no manifest');
  const checked = checkManifest({ known, incoming, mailbox: ORG, nowMs: NOW_MS, isFloor });
  return checked.ok ? checked.value : checked.error.kind;
}

describe('a manifest', () => {
  it('reads back what was signed, withdrawn items, pages, counts and other feeds included', async () => {
    const items: ManifestItem[] = [
      item(1),
      { ...item(2), counts: SID },
      { id: item(3).id, withdrawn: 'wrong_recipient' },
    ];
    const signed = await sign({ items, pages: [SID], seen: { [stranger.kid]: [7, SID] } });
    const parsed = parseManifest(signed.statement.compact);
    expect(parsed).toEqual({ ok: true, value: signed });
    expect(signed.claims).toMatchObject({ feed: signer.kid, ver: 1, prev: null, seen: { [stranger.kid]: [7, SID] } });
    expect(signed.claims.exp - signed.claims.iat).toBe(14 * 86_400);
    expect(signed.claims.items.filter(isListed)).toHaveLength(2);
    expect(await verifyManifest(signed, signer.publicKey)).toBe(true);
    expect(await verifyManifest(signed, stranger.publicKey)).toBe(false);
  });

  it('for the feed of another key, of another type, or out of form is refused', async () => {
    const { claims } = await sign({ items: [item(1)] });
    const refused = async (changes: object, type = 'manifest', key = signer): Promise<unknown> => {
      const parsed = parseManifest(
        (await signStatement(type, { ...JSON.parse(JSON.stringify(claims)), ...changes }, key)).compact,
      );
      return parsed.ok ? 'read' : parsed.error.kind;
    };
    expect(await refused({})).toBe('read');
    expect(await refused({ colour: 'blue' })).toBe('read');
    expect(await refused({}, 'manifest', stranger)).toBe('forged');
    expect(await refused({}, 'bundle')).toBe('malformed');
    expect(await refused({ v: 2 })).toBe('update-needed');
    expect(await refused({ crit: ['quorum'] })).toBe('update-needed');
    for (const changes of [
      { ver: 0 },
      { ver: 2 },
      { prev: SID },
      { heads: {} },
      { exp: null },
      { items: [item(1), item(1)] },
      { items: [{ ...item(1), size: 300_000_000 }] },
      { items: [{ id: item(1).id, withdrawn: 'Free text, with names' }] },
      { items: Array.from({ length: 1001 }, (_, i) => item(i)) },
      { pages: ['x'] },
      { seen: { x: [1, SID] } },
    ])
      expect(await refused(changes), JSON.stringify(changes).slice(0, 60)).toBe('malformed');
    expect(parseManifest('eyJ').ok).toBe(false);
  });
});

describe('a reader who remembers the feed', () => {
  it('follows it step by step, and takes a repeat for what it is', async () => {
    const [first, second] = await feed(2);
    expect(check(null, first)).toEqual({ kind: 'next', isExpired: false });
    expect(check(headOfManifest(first as Manifest), second)).toEqual({ kind: 'next', isExpired: false });
    expect(check(headOfManifest(second as Manifest), second)).toEqual({ kind: 'unchanged', isExpired: false });
  });

  it('alarms when the feed is rolled back, split or its chain is broken', async () => {
    const [first, second, third] = await feed(3);
    const known = headOfManifest(second as Manifest);
    expect(check(known, first)).toBe('rolled-back');
    expect(check(known, await sign({ previous: headOfManifest(first as Manifest), items: [item(9)] }))).toBe('split');
    expect(check(known, await sign({ previous: [2, SID] }))).toBe('broken-chain');
    expect(check(known, third)).toMatchObject({ kind: 'next' });
  });

  it('walks a gap, and finds a version that does not belong there', async () => {
    const manifests = await feed(5);
    const [first, second, third, fourth, fifth] = manifests as [Manifest, Manifest, Manifest, Manifest, Manifest];
    const known = headOfManifest(first);
    expect(check(known, fifth)).toEqual({ kind: 'gap', from: 2, to: 4, isExpired: false });
    expect(walkManifests(known, [second, third, fourth, fifth])).toEqual({ ok: true, value: headOfManifest(fifth) });
    const swapped = await sign({ previous: headOfManifest(second), items: [item(9)] });
    for (const wrong of [[second, swapped, fourth, fifth], [second, fourth, fifth], [third], [fifth, fourth]])
      expect(walkManifests(known, wrong)).toMatchObject({ ok: false, error: { kind: 'broken-chain' } });
  });

  it('refuses a manifest that was signed for another mailbox', async () => {
    const other = 'AAAAAAAAAAAAAAAAAAAAAg' as OrgId;
    expect(check(null, await sign({ heads: { cert: [3, SID], [other]: [2, SID] } }))).toBe('wrong-mailbox');
    expect(check(null, await sign({ heads: { cert: [3, SID] } }))).toBe('wrong-mailbox');
    const forCert = checkManifest({ known: null, incoming: await sign(), mailbox: CERT_ORG, nowMs: NOW_MS });
    expect(forCert).toMatchObject({ error: { kind: 'wrong-mailbox' } });
  });

  it('goes on reading an expired one, with a banner', async () => {
    const [first] = await feed(1);
    const late = checkManifest({ known: null, incoming: first as Manifest, mailbox: ORG, nowMs: NOW_MS + 14 * DAY_MS });
    expect(late).toEqual({ ok: true, value: { kind: 'next', isExpired: true } });
  });

  it('with a fresh vault takes nothing older than an operator has seen', async () => {
    const [first, second, third, fourth] = (await feed(4)) as [Manifest, Manifest, Manifest, Manifest];
    const floor = headOfManifest(second);
    expect(check(floor, first, true)).toBe('rolled-back');
    expect(check(floor, await sign({ previous: headOfManifest(first), items: [item(9)] }), true)).toBe('split');
    for (const incoming of [second, third, fourth])
      expect(check(floor, incoming, true)).toMatchObject({ kind: 'next' });
  });
});

describe('pages', () => {
  it('take the oldest items away before there are more than 1,000', async () => {
    const items = Array.from({ length: 1000 }, (_, i) => item(i));
    expect(splitPage(items.slice(1))).toEqual({ page: null, items: items.slice(1) });
    const split = splitPage(items);
    const page = await signManifestPage(split.page ?? [], signer);
    const manifest = await sign({ items: [...split.items, item(1000)], pages: [page.statement.sid] });
    const read = parseManifestPage(page.statement.compact, page.statement.sid, manifest);
    expect(read).toEqual({ ok: true, value: page });
    expect(read.ok && read.value.claims.items).toHaveLength(1000);
    await expect(sign({ items: [...items, item(1000)] })).rejects.toThrow();
  });

  it('that the manifest does not name, or of another feed, are refused', async () => {
    const page = await signManifestPage([item(1)], signer);
    const foreign = await signManifestPage([item(1)], stranger);
    const manifest = await sign({ pages: [page.statement.sid, foreign.statement.sid] });
    const other = await signManifestPage([item(2)], signer);
    expect(parseManifestPage(other.statement.compact, page.statement.sid, manifest)).toMatchObject({
      error: { kind: 'forged' },
    });
    expect(parseManifestPage(other.statement.compact, other.statement.sid, manifest)).toMatchObject({
      error: { kind: 'forged' },
    });
    expect(parseManifestPage(foreign.statement.compact, foreign.statement.sid, manifest)).toMatchObject({
      error: { kind: 'forged' },
    });
  });
});

it('a commitment to counts opens to one set of counts only', () => {
  const salt = toBase64url(new Uint8Array(32).fill(5));
  const commitment = commitToCounts({ salt, sources: { b: 2, a: 1 } });
  expect(commitToCounts({ salt, sources: { a: 1, b: 2 } })).toBe(commitment);
  expect(commitToCounts({ salt, sources: { a: 2, b: 1 } })).not.toBe(commitment);
  expect(commitToCounts({ salt: SID, sources: { a: 1, b: 2 } })).not.toBe(commitment);
  expect(() => commitToCounts({ salt: 'short', sources: {} })).toThrow(TypeError);
});
