import { createHmac, hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { toHex } from '../../base/bytes.ts';
import type { IdentityKind } from './finding.ts';
import type { SecretKind } from './fingerprint.ts';
import { FindingKeys } from './fingerprint.ts';

interface Vector {
  readonly identityKind: IdentityKind;
  readonly identity: string;
  readonly registrable: string;
  readonly host: string;
  readonly secretKind: SecretKind;
  readonly secret: string | null;
  readonly secretFp: string | null;
  readonly pairFp: string;
  readonly id: string;
}
interface Vectors {
  readonly master: string;
  readonly listId: string;
  readonly version: number;
  readonly sources: readonly { readonly sha256: string; readonly sourceId: string }[];
  readonly machines: readonly { readonly key: string; readonly machine: string }[];
  readonly findings: readonly Vector[];
}

const file = new URL('../../../vectors/v1/finding-ids.json', import.meta.url);
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vectors;
const master = Buffer.from(vectors.master, 'hex');
const listId = Buffer.from(vectors.listId, 'hex');
const keys = new FindingKeys(master, listId, vectors.version);

/** FORMATS once more, by another implementation of HKDF and HMAC. */
function reference(purpose: string, ...parts: readonly Uint8Array[]): Buffer {
  const key = hkdfSync(
    'sha256',
    master,
    listId,
    Buffer.concat([Buffer.from(`sealpost/fp/v1/${purpose}`), Buffer.from([vectors.version])]),
    32,
  );
  return createHmac('sha256', Buffer.from(key)).update(Buffer.concat(parts)).digest();
}
const lp = (value: string | Buffer | null): Buffer => {
  const bytes = value === null ? Buffer.alloc(0) : Buffer.from(value as string);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

describe('golden ids of version 1', () => {
  test.each(vectors.findings)('$identity at $host', (vector) => {
    const { identityKind, identity, registrable, host, secretKind, secret } = vector;
    const secretFp = secret === null ? null : keys.secretFp(secretKind, secret);
    const key = { identityKind, identity, registrable, host, secretFp };
    expect(secretFp === null ? null : toHex(secretFp)).toBe(vector.secretFp);
    expect(toHex(keys.pairFp(key))).toBe(vector.pairFp);
    expect(keys.id(key)).toBe(vector.id);
    expect(vector.id).toHaveLength(22);
  });
  test.each(vectors.findings)('$identity at $host, by another implementation', (vector) => {
    const { identityKind, identity, registrable, host, secretKind, secret } = vector;
    const secretFp =
      secret === null ? null : reference('secret', Buffer.from([secretKind]), Buffer.from(secret)).subarray(0, 16);
    const pair = [lp(identityKind), lp(identity), lp(registrable)];
    expect(secretFp === null ? null : secretFp.toString('hex')).toBe(vector.secretFp);
    expect(
      reference('id', Buffer.from([2]), ...pair, lp(secretFp))
        .subarray(0, 16)
        .toString('hex'),
    ).toBe(vector.pairFp);
    const digest = reference('id', Buffer.from([1]), ...pair, lp(host), lp(secretFp)).subarray(0, 15);
    expect(Buffer.concat([Buffer.from([vectors.version]), digest]).toString('base64url')).toBe(vector.id);
  });
  test('sources and machines', () => {
    for (const { sha256, sourceId } of vectors.sources) {
      expect(keys.sourceId(Buffer.from(sha256, 'hex'))).toBe(sourceId);
      expect(reference('source', Buffer.from(sha256, 'hex')).subarray(0, 8).toString('base64url')).toBe(sourceId);
    }
    for (const { key, machine } of vectors.machines) expect(keys.machine(key)).toBe(machine);
  });
});

describe('fingerprints', () => {
  const key = {
    identityKind: 'email',
    identity: 'a@moe.example',
    registrable: 'moe.example',
    host: 'x.moe.example',
  } as const;
  test('see the secret as it is: spaces and composition count', () => {
    const texts = ['pass', 'pass ', ' pass', 'caf\u00e9', 'cafe\u0301', 'PASS'];
    expect(new Set(texts.map((text) => toHex(keys.secretFp(1, text)))).size).toBe(texts.length);
    expect(toHex(keys.secretFp(1, 'x'))).not.toBe(toHex(keys.secretFp(2, 'x')));
  });
  test('of two organisations cannot be joined', () => {
    const other = new FindingKeys(master, new Uint8Array(16).fill(9));
    expect(other.id({ ...key, secretFp: null })).not.toBe(keys.id({ ...key, secretFp: null }));
    expect(toHex(other.secretFp(1, 'x'))).not.toBe(toHex(keys.secretFp(1, 'x')));
  });
  test('cannot be made equal by moving text from one part to the next', () => {
    const moved = { ...key, identity: 'a@moe.exampl', registrable: 'emoe.example' };
    expect(keys.id({ ...moved, secretFp: null })).not.toBe(keys.id({ ...key, secretFp: null }));
  });
  test('the pair is the same at every host, the id is not', () => {
    const elsewhere = { ...key, host: 'y.moe.example', secretFp: null };
    expect(toHex(keys.pairFp(elsewhere))).toBe(toHex(keys.pairFp({ ...key, secretFp: null })));
    expect(keys.id(elsewhere)).not.toBe(keys.id({ ...key, secretFp: null }));
  });
  test('long and short messages in turn do not disturb each other', () => {
    const before = toHex(keys.secretFp(1, 'x'));
    keys.secretFp(1, 'y'.repeat(100_000));
    expect(toHex(keys.secretFp(1, 'x'))).toBe(before);
  });
});
