import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { toBase64url } from '@sealpost/shared/base/base64url';
import type { Sealed } from '@sealpost/shared/base/brand';
import type { Bytes } from '@sealpost/shared/base/bytes';
import { utf8 } from '@sealpost/shared/base/bytes';
import { NO_PREVIOUS, signAuditEntry } from '@sealpost/shared/sealed/audit/entry';
import type { MadeAuditEntry } from '@sealpost/shared/sealed/audit/entry';
import { generateSigningSecret, importSigningKey } from '@sealpost/shared/sealed/crypto/ed25519';
import type { SigningKey } from '@sealpost/shared/sealed/crypto/ed25519';
import { checkPosted } from './check-posted.ts';
import { parsePosted, unpackPosted } from './posted.ts';

const deployment = bytesOf(32);
let signer: SigningKey;
let made: MadeAuditEntry[];

beforeAll(async () => {
  signer = await importSigningKey(await generateSigningSecret());
  made = [];
  for (let seq = 1; seq <= 3; seq++) {
    const place = { deployment, signer, seq, prev: made.at(-1)?.leaf ?? NO_PREVIOUS };
    made.push(await signAuditEntry(place, bytesOf(32), bytesOf(512) as unknown as Sealed));
  }
});

function bytesOf(size: number): Bytes {
  return new Uint8Array(randomBytes(size));
}

interface PostedText {
  readonly entry: string;
  readonly salt: string;
  readonly payload: string;
}

/** The body of all three, the second one changed. */
function bodyOf(change: (text: PostedText) => Partial<PostedText> = () => ({})): Bytes {
  const entries = made.map(({ entry, salt, payload }, at) => {
    const text = { entry: toBase64url(entry), salt: toBase64url(salt), payload: toBase64url(payload) };
    return at === 1 ? { ...text, ...change(text) } : text;
  });
  return utf8(JSON.stringify({ entries, from: 7 }));
}

describe('a posted body', () => {
  it('is taken apart into entries that are what was signed', () => {
    const posted = checkPosted(bodyOf(), { kid: signer.kid, deployment, publicKey: signer.publicKey });
    const { entries, from } = unpackPosted(posted ?? { from: null, bytes: new Uint8Array(0) });
    expect(from).toBe(7);
    expect(entries).toHaveLength(3);
    for (const [at, { seq, leaf, bytes, salt, sealed, prev, signature }] of entries.entries()) {
      const one = made[at] as MadeAuditEntry;
      expect([seq, bytes, leaf, salt, sealed]).toEqual([at + 1, one.entry, one.leaf, one.salt, one.payload]);
      expect([prev, signature]).toEqual([made[at - 1]?.leaf ?? NO_PREVIOUS, one.entry.subarray(108)]);
    }
  });

  it.each(['entry', 'salt', 'payload'] as const)('whose %s is written in another form of base64 is refused', (name) => {
    const last = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const sloppy: ((text: string) => string)[] = [
      (text) => text.slice(0, -1) + String(last[last.indexOf(text.at(-1) ?? '') + 1]), // stray bits behind the last byte
      (text) => `${text}=`,
      (text) => text.slice(0, -1),
      (text) => `${text}A`,
      (text) => `${text.slice(0, 5)} ${text.slice(6)}`,
      (text) => `+/${text.slice(2)}`,
      (text) => `\u0141${text.slice(1)}`,
    ];
    for (const change of sloppy)
      expect(
        parsePosted(
          bodyOf((text) => ({ [name]: change(text[name]) })),
          signer.kid,
        ),
      ).toBeNull();
    expect(parsePosted(bodyOf(), signer.kid)).not.toBeNull();
  });

  it('with the payload of another entry, by another key, or signed elsewhere is refused', () => {
    const payload = toBase64url((made[0] as MadeAuditEntry).payload);
    expect(
      parsePosted(
        bodyOf(() => ({ payload })),
        signer.kid,
      ),
    ).toBeNull();
    expect(parsePosted(bodyOf(), toBase64url(bytesOf(32)))).toBeNull();
    const elsewhere = { kid: signer.kid, deployment: bytesOf(32), publicKey: signer.publicKey };
    expect(checkPosted(bodyOf(), elsewhere)).toBeNull();
  });
});
