import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import golden from '../../../vectors/v1/audit-entries.json' with { type: 'json' };
import type { Bytes } from '../../base/bytes.ts';
import type { AuditEvent } from './payload.ts';
import { parseBase64url, toBase64url } from '../../base/base64url.ts';
import { fromUtf8, utf8 } from '../../base/bytes.ts';
import { generateAgeSecret, importAgeIdentity } from '../crypto/age.ts';
import { sha256 } from '../crypto/hash.ts';
import { keyFor, NOW_MS } from '../directory/deployment.fixture.ts';
import { checkContinues } from './continuity.ts';
import {
  auditCommit,
  isAuditPayloadOf,
  leafHash,
  makeAuditEntry,
  NO_PREVIOUS,
  parseAuditEntry,
  verifyAuditEntry,
} from './entry.ts';
import { openAuditPayload } from './payload.ts';

const deployment = sha256(utf8('deployment'));
const random = (size: number): Bytes => crypto.getRandomValues(new Uint8Array(size));
const bytesOf = (text: string): Bytes => parseBase64url(text) as Bytes;

async function makeChain(length: number, label = 'device') {
  const signer = await keyFor(label);
  const { recipient } = await generateAgeSecret();
  const made = [];
  let prev = NO_PREVIOUS;
  for (let seq = 1; seq <= length; seq++) {
    const event: AuditEvent = { v: 1, kind: 'triage', at: NOW_MS / 1000, operations: seq, findings: 1 };
    const next = await makeAuditEntry({ deployment, signer, seq, prev, event, recipients: [recipient], random });
    made.push(next);
    prev = next.leaf;
  }
  return { signer, made };
}

function parsed(bytes: Uint8Array) {
  const entry = parseAuditEntry(bytes);
  if (!entry.ok) throw new Error('malformed');
  return entry.value;
}

describe('audit entries', () => {
  it('have 172 bytes, name their key, and are signed for one deployment', async () => {
    const { signer, made } = await makeChain(1);
    const first = made[0] as (typeof made)[0];
    expect(first.entry).toHaveLength(172);
    const entry = parsed(first.entry);
    expect(entry).toMatchObject({ kid: signer.kid, seq: 1, prev: NO_PREVIOUS, leaf: first.leaf });
    expect(await verifyAuditEntry(entry, deployment, signer.publicKey)).toBe(true);
    expect(await verifyAuditEntry(entry, sha256(utf8('another')), signer.publicKey)).toBe(false);
    expect(await verifyAuditEntry(entry, deployment, (await keyFor('other')).publicKey)).toBe(false);
  });

  it('every flipped bit is noticed', async () => {
    const { signer, made } = await makeChain(1);
    const good = (made[0] as (typeof made)[0]).entry;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 172 * 8 - 1 }), async (bit) => {
        const bad = new Uint8Array(good);
        bad[bit >>> 3] = (bad[bit >>> 3] as number) ^ (1 << (bit & 7));
        const entry = parseAuditEntry(bad);
        const holds = entry.ok && (await verifyAuditEntry(entry.value, deployment, signer.publicKey));
        expect(holds).toBe(false);
      }),
      { numRuns: 150 },
    );
  });

  it('of another length, another magic, or with seq 0 are malformed', async () => {
    const { made } = await makeChain(1);
    const good = (made[0] as (typeof made)[0]).entry;
    const zero = new Uint8Array(good).fill(0, 36, 44);
    const huge = new Uint8Array(good).fill(0xff, 36, 44);
    for (const bad of [good.subarray(1), new Uint8Array(173), new Uint8Array(172), zero, huge])
      expect(parseAuditEntry(bad)).toEqual({ ok: false, error: { kind: 'malformed' } });
  });

  it('bind salt and payload', async () => {
    const { made } = await makeChain(1);
    const { entry, salt, payload } = made[0] as (typeof made)[0];
    expect(isAuditPayloadOf(parsed(entry), salt, payload)).toBe(true);
    expect(isAuditPayloadOf(parsed(entry), new Uint8Array(32), payload)).toBe(false);
    expect(isAuditPayloadOf(parsed(entry), salt, new Uint8Array(payload).reverse())).toBe(false);
  });
});

describe('the chain of a device', () => {
  it('goes on with the next entry, takes a repeat, and shows gaps and forks', async () => {
    const { made } = await makeChain(4);
    const fork = await makeChain(4);
    const entries = made.map(({ entry }) => parsed(entry));
    const forked = fork.made.map(({ entry }) => parsed(entry));
    const [one, two, three, four] = entries as [
      (typeof entries)[0],
      (typeof entries)[0],
      (typeof entries)[0],
      (typeof entries)[0],
    ];
    expect(checkContinues(null, one, null)).toBe('next');
    expect(checkContinues(null, two, null)).toBe('gap');
    expect(checkContinues(one, two, null)).toBe('next');
    expect(checkContinues(one, three, null)).toBe('gap');
    expect(checkContinues(two, two, null)).toBe('repeat');
    expect(checkContinues(four, two, two.leaf)).toBe('repeat');
    expect(checkContinues(four, forked[1] as typeof two, two.leaf)).toBe('fork');
    expect(checkContinues(two, forked[1] as typeof two, null)).toBe('fork');
    expect(checkContinues(two, forked[2] as typeof two, null)).toBe('fork');
    expect(checkContinues(four, two, null)).toBe('fork');
  });
});

describe('golden entries of version 1', () => {
  it('are still read, verified and opened', async () => {
    const identity = await importAgeIdentity(golden.ageSecret);
    let tip = null;
    for (const { event, entry: text, leaf, salt, payload } of golden.entries) {
      const entry = parsed(bytesOf(text));
      expect(await verifyAuditEntry(entry, bytesOf(golden.deployment), bytesOf(golden.publicKey))).toBe(true);
      expect(checkContinues(tip, entry, null)).toBe('next');
      expect(toBase64url(leafHash(bytesOf(text)))).toBe(leaf);
      expect(auditCommit(bytesOf(salt), bytesOf(payload))).toEqual(entry.commit);
      expect(await openAuditPayload(bytesOf(payload), [identity])).toEqual({ ok: true, value: event });
      tip = entry;
    }
  });
});

describe('contexts never meet', () => {
  it('a statement begins with eyJ, a request base with a quote, an audit signature with its prefix', async () => {
    const messages: string[] = [];
    const key = await keyFor('device');
    const spy = {
      ...key,
      sign: (message: Uint8Array) => {
        messages.push(fromUtf8(message.subarray(0, 24)) ?? '');
        return key.sign(message);
      },
    };
    const { signStatement } = await import('../envelope/statement.ts');
    const { signRequest } = await import('../wire/request-signature.ts');
    await signStatement('head', {}, spy);
    await signRequest({
      method: 'GET',
      url: 'http://localhost/x',
      body: null,
      signer: spy,
      nowMs: NOW_MS,
      nonce: 'AAECAwQFBgcICQoLDA0ODw',
    });
    const { recipient } = await generateAgeSecret();
    const event: AuditEvent = { v: 1, kind: 'unlock', at: NOW_MS / 1000 };
    await makeAuditEntry({
      deployment,
      signer: spy,
      seq: 1,
      prev: NO_PREVIOUS,
      event,
      recipients: [recipient],
      random,
    });
    expect(messages[0]?.startsWith('eyJ')).toBe(true);
    expect(messages[1]?.startsWith('"@method": ')).toBe(true);
    expect(messages[2]).toBe('sealpost/audit-entry/v1\0');
  });
});
