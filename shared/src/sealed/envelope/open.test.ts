import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { toBase64url } from '../../base/base64url.ts';
import type { Bytes } from '../../base/bytes.ts';
import { concatBytes, fromUtf8, utf8 } from '../../base/bytes.ts';
import { padmeLength } from '../../base/padme.ts';
import type { JsonObject } from '../../base/strict-json.ts';
import type { AgeIdentity, AgeSecret } from '../crypto/age.ts';
import { generateAgeSecret, importAgeIdentity, openAgeBytes, sealAge, streamOf } from '../crypto/age.ts';
import type { SigningKey } from '../crypto/ed25519.ts';
import { generateSigningSecret, importSigningKey } from '../crypto/ed25519.ts';
import { sha256 } from '../crypto/hash.ts';
import { packGzip } from './gzip.ts';
import type { OrgId, Heads } from './heads.ts';
import { CERT_ORG } from './heads.ts';
import type { EnvelopeKind } from './kinds.ts';
import { ENVELOPE_KINDS, maySignKind, parseEnvelopeKind } from './kinds.ts';
import type { OpenInput } from './open.ts';
import { openEnvelope, openEnvelopeTo } from './open.ts';
import type { SealInput } from './seal.ts';
import { layOut, sealEnvelope } from './seal.ts';
import type { Sid } from './statement.ts';
import { signStatement } from './statement.ts';

const ORG = 'AAAAAAAAAAAAAAAAAAAAAQ' as OrgId;
const SID = toBase64url(new Uint8Array(32)) as Sid;
const HEADS: Heads = { cert: [3, SID], [ORG]: [2, SID] };
const NOW_MS = 1_795_000_000_000;
const random = (length: number): Bytes => new Uint8Array(randomBytes(length));

let operator: SigningKey;
let stranger: SigningKey;
let secret: AgeSecret;
let reader: AgeIdentity;
beforeAll(async () => {
  operator = await importSigningKey(await generateSigningSecret());
  stranger = await importSigningKey(await generateSigningSecret());
  secret = await generateAgeSecret();
  reader = await importAgeIdentity(secret.secret);
});

function sealInput(changes: Partial<SealInput>): SealInput {
  const content = utf8('{"made":"up"}');
  const base = {
    kind: 'withdrawal',
    iss: CERT_ORG,
    aud: { org: ORG, generation: 1 },
    epoch: 1,
    seq: 1,
    heads: HEADS,
  } as const;
  return {
    ...base,
    media: 'application/json',
    content,
    signer: operator,
    recipients: [secret.recipient],
    nowMs: NOW_MS,
    random,
    ...changes,
  };
}

function openInput(sealed: OpenInput['sealed'], changes: Partial<OpenInput> = {}): OpenInput {
  return {
    sealed,
    expected: sealed instanceof Uint8Array ? { sha256: sha256(sealed), size: sealed.length } : null,
    identities: [reader],
    expect: { kinds: ['withdrawal', 'bundle'], org: ORG, generation: 1 },
    maySign: async (_kind, kid) => (kid === operator.kid ? operator.publicKey : null),
    nowMs: NOW_MS,
    ...changes,
  };
}

/** Good claims for `content`, and then any plaintext at all, signed by the operator: what a broken or hostile writer could send. */
async function claimsFor(content: Uint8Array, changes: JsonObject = {}): Promise<JsonObject> {
  const good = (await sealEnvelope(sealInput({ content, media: 'text/plain' }))).statement.claims;
  return { ...good, ...changes };
}
async function sealRaw(
  claims: JsonObject,
  content: Uint8Array,
  edit = (plain: Bytes): Bytes => plain,
  type = 'withdrawal',
): Promise<Uint8Array> {
  const { compact } = await signStatement(type, claims, operator);
  return sealAge(edit(layOut(compact, content)), [secret.recipient]);
}
async function gzipClaims(content: Uint8Array, inflated: number): Promise<JsonObject> {
  return claimsFor(content, { media: 'application/x-made-up+gzip', inflated });
}

const GZIP_MEDIA = 'application/vnd.apache.arrow.stream+gzip';

describe('an envelope', () => {
  it('gives back its content and claims, packed or not, from bytes or a stream', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 3000 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 70_000 }),
        async (content, isPacked, piece) => {
          const packed =
            isPacked && content.length > 0 ? { ...(await packGzip(content)), media: GZIP_MEDIA } : { content };
          const sealed = await sealEnvelope(
            sealInput({ kind: 'bundle', refs: [SID], expMs: NOW_MS + 5000, ...packed }),
          );
          const pieces = new ReadableStream<Uint8Array>({
            start(controller) {
              for (let at = 0; at < sealed.bytes.length; at += piece)
                controller.enqueue(sealed.bytes.subarray(at, at + piece));
              controller.close();
            },
          });
          const opened = await openEnvelope(openInput(pieces, { expected: sealed }));
          expect(opened).toMatchObject({
            ok: true,
            value: { content, isExpired: false, claims: { id: sealed.id, refs: [SID], aud: [ORG, 1] } },
          });
          expect(opened.ok && opened.value.statement.sid).toBe(sealed.sid);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('names no sender, and its length tells a Padmé class only', async () => {
    const lengths = new Set<number>();
    for (let size = 4000; size < 4060; size++) {
      const { bytes } = await sealEnvelope(sealInput({ content: new Uint8Array(size) }));
      lengths.add(bytes.length);
      expect(Buffer.from(bytes).includes(operator.kid)).toBe(false);
    }
    expect(lengths.size).toBeLessThanOrEqual(2);
  });

  it('stays shut when any bit changes or any byte is missing, and nothing is left in the stage', async () => {
    const { bytes } = await sealEnvelope(
      sealInput({ kind: 'bundle', ...(await packGzip(random(70_000))), media: GZIP_MEDIA }),
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(7), async (at, bit) => {
        const changed = bytes.slice();
        changed[at] = (changed[at] as number) ^ (1 << bit);
        for (const file of [changed, bytes.slice(0, at)]) {
          let staged = 0;
          let discarded = 0;
          const stage = {
            write: (chunk: Uint8Array) => void (staged += chunk.length),
            discard: () => void (staged = 0 * ++discarded),
          };
          const opened = await openEnvelopeTo(stage, openInput(file));
          expect(opened.ok).toBe(false);
          expect([staged, discarded]).toEqual([0, 1]);
          expect((await openEnvelopeTo(stage, openInput(file, { expected: null }))).ok).toBe(false);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('another file than the manifest lists is refused, even if it opens', async () => {
    const [one, other] = [await sealEnvelope(sealInput({})), await sealEnvelope(sealInput({}))];
    expect(await openEnvelope(openInput(other.bytes, { expected: one }))).toEqual({
      ok: false,
      error: { kind: 'not-as-listed' },
    });
    const shorter = { sha256: one.sha256, size: one.size - 1 };
    expect(await openEnvelope(openInput(one.bytes, { expected: shorter }))).toEqual({
      ok: false,
      error: { kind: 'not-as-listed' },
    });
    const longer = { sha256: one.sha256, size: one.size + 1 };
    expect(await openEnvelope(openInput(one.bytes, { expected: longer }))).toEqual({
      ok: false,
      error: { kind: 'not-as-listed' },
    });
  });

  it('for others is skipped, not reported as forged', async () => {
    const { bytes } = await sealEnvelope(sealInput({}));
    const other = await importAgeIdentity((await generateAgeSecret()).secret);
    expect(await openEnvelope(openInput(bytes, { identities: [other] }))).toEqual({
      ok: false,
      error: { kind: 'not-for-us' },
    });
    expect((await openEnvelope(openInput(bytes, { identities: [other, reader] }))).ok).toBe(true);
  });

  it('that was redirected is noticed: wrong organisation, generation or kind', async () => {
    const { bytes } = await sealEnvelope(sealInput({}));
    const expectation = { kinds: ['withdrawal'], org: ORG, generation: 1 } as const;
    const opened = (changes: object): Promise<unknown> =>
      openEnvelope(openInput(bytes, { expect: { ...expectation, ...changes } }));
    expect(await opened({ org: CERT_ORG })).toMatchObject({ error: { kind: 'wrong-audience' } });
    expect(await opened({ generation: 2 })).toMatchObject({ error: { kind: 'wrong-audience' } });
    expect(await opened({ kinds: ['bundle'] })).toMatchObject({ error: { kind: 'wrong-kind', found: 'withdrawal' } });
    expect(await opened({})).toMatchObject({ ok: true });
  });

  it('by a key that may not sign it, or signed by another than it names, is an alarm', async () => {
    const { bytes } = await sealEnvelope(sealInput({ signer: stranger }));
    expect(await openEnvelope(openInput(bytes))).toEqual({
      ok: false,
      error: { kind: 'not-allowed', kid: stranger.kid },
    });
    const lied = openInput(bytes, { maySign: async () => operator.publicKey });
    expect(await openEnvelope(lied)).toEqual({ ok: false, error: { kind: 'forged', kid: stranger.kid } });
  });

  it('is checked before content is unpacked: a forged one stages nothing', async () => {
    const { bytes } = await sealEnvelope(sealInput({ signer: stranger, content: new Uint8Array(200_000) }));
    const written: number[] = [];
    await openEnvelopeTo(
      { write: (chunk) => void written.push(chunk.length), discard: () => undefined },
      openInput(bytes),
    );
    expect(written).toEqual([]);
  });

  it('past its expiry is read, and says so', async () => {
    const { bytes } = await sealEnvelope(sealInput({ expMs: NOW_MS - 1000 }));
    expect(await openEnvelope(openInput(bytes))).toMatchObject({ ok: true, value: { isExpired: true } });
  });

  it('of a kind whose key is in its content is checked last, with the content', async () => {
    const heads: Heads = { cert: [3, SID], [ORG]: [2, SID] };
    const input = sealInput({
      kind: 'access-request',
      iss: ORG,
      aud: { org: CERT_ORG, generation: 0 },
      heads,
      signer: stranger,
    });
    const { bytes } = await sealEnvelope(input);
    const asked: (string | null)[] = [];
    const maySign: OpenInput['maySign'] = async (_kind, _kid, _claims, content) => {
      asked.push(content === null ? null : fromUtf8(content));
      return stranger.publicKey;
    };
    const expectation = { kinds: ['access-request'], org: CERT_ORG, generation: 0 } as const;
    expect(await openEnvelope(openInput(bytes, { expected: null, expect: expectation, maySign }))).toMatchObject({
      ok: true,
    });
    expect(asked).toEqual(['{"made":"up"}']);
    const forged = openInput(bytes, { expect: expectation, maySign: async () => operator.publicKey });
    expect(await openEnvelope(forged)).toMatchObject({ error: { kind: 'forged' } });
  });

  it('whose source breaks off is to be tried again; a full stage is the caller’s exception', async () => {
    const { bytes } = await sealEnvelope(sealInput({ content: random(200_000) }));
    let sent = 0;
    const broken = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent > 100_000) controller.error(new TypeError('network'));
        else controller.enqueue(bytes.subarray(sent, (sent += 10_000)));
      },
    });
    expect(await openEnvelope(openInput(broken))).toEqual({ ok: false, error: { kind: 'interrupted' } });
    let discarded = false;
    const full = { write: () => Promise.reject(new Error('disk full')), discard: () => void (discarded = true) };
    await expect(openEnvelopeTo(full, openInput(bytes))).rejects.toThrow('disk full');
    const packed = await sealEnvelope(sealInput({ ...(await packGzip(random(50_000))), media: GZIP_MEDIA }));
    await expect(openEnvelopeTo(full, openInput(packed.bytes))).rejects.toThrow('disk full');
    expect(discarded).toBe(true);
  });
});

describe('a signed envelope that is wrong inside', () => {
  const content = utf8('made up '.repeat(50));
  const errorOf = async (sealed: Uint8Array): Promise<unknown> => {
    const opened = await openEnvelope(openInput(sealed));
    return opened.ok ? 'opened' : opened.error;
  };

  it('opens if nothing is wrong (so the cases below can fail)', async () => {
    expect(await errorOf(await sealRaw(await claimsFor(content), content))).toBe('opened');
  });

  it.each<[string, JsonObject, string]>([
    ['another hash', { sha256: toBase64url(new Uint8Array(32)) }, 'content'],
    ['a size too small', { size: 399 }, 'content'],
    ['a size too large', { size: 401 }, 'content'],
    ['no size', { size: null }, 'claims'],
    ['another kind inside', { kind: 'bundle' }, 'claims'],
    ['heads of a third chain', { heads: { cert: [1, SID], AAAAAAAAAAAAAAAAAAAAAg: [1, SID] } }, 'claims'],
    ['no CERT head', { heads: { [ORG]: [1, SID] } }, 'claims'],
    ['inflated without gzip', { inflated: 400 }, 'claims'],
    ['gzip without inflated', { media: 'text/plain+gzip' }, 'claims'],
    ['a negative epoch', { epoch: -1 }, 'claims'],
    ['an id of 15 bytes', { id: 'AAAAAAAAAAAAAAAAAAAA' }, 'claims'],
  ])('%s is refused', async (_name, changes, part) => {
    expect(await errorOf(await sealRaw(await claimsFor(content, changes), content))).toEqual({
      kind: 'malformed',
      part,
    });
  });

  it('unknown claims are ignored, a newer version asks for an update', async () => {
    expect(await errorOf(await sealRaw(await claimsFor(content, { colour: 'blue' }), content))).toBe('opened');
    expect(await errorOf(await sealRaw(await claimsFor(content, { v: 2 }), content))).toEqual({
      kind: 'update-needed',
    });
    const newer = (plain: Bytes): Bytes => (plain.set(utf8('2'), 9), plain);
    expect(await errorOf(await sealRaw(await claimsFor(content), content, newer))).toEqual({ kind: 'update-needed' });
  });

  it('padding that is not zero, too short, too long, or absent is refused', async () => {
    const claims = await claimsFor(content);
    const edits: ((plain: Bytes) => Bytes)[] = [
      (plain) => (plain.set([1], plain.length - 1), plain),
      (plain) => plain.slice(0, -1),
      (plain) => concatBytes(plain, new Uint8Array(1)),
      (plain) => concatBytes(plain, new Uint8Array(padmeLength(plain.length + 1) - plain.length)),
    ];
    for (const edit of edits) {
      const { length } = layOut((await signStatement('withdrawal', claims, operator)).compact, content);
      expect(padmeLength(length)).toBe(length);
      expect(await errorOf(await sealRaw(claims, content, edit))).toEqual({ kind: 'malformed', part: 'padding' });
    }
  });

  it('plaintext that is no envelope is refused', async () => {
    for (const plain of [
      utf8(''),
      utf8('sealpost/1'),
      utf8('hello\nworld\n'),
      utf8(`sealpost/1\n${'x'.repeat(70_000)}`),
      new Uint8Array(100),
    ])
      expect(await errorOf(await sealAge(plain, [secret.recipient]))).toMatchObject({ kind: 'malformed' });
    const foreign = await sealRaw(await claimsFor(content), content, undefined, 'head');
    expect(await errorOf(foreign)).toEqual({ kind: 'wrong-kind', found: 'head' });
  });

  it('gzip must be one member of exactly the claimed size', async () => {
    const plain = utf8('a made-up table '.repeat(40));
    const member = new Uint8Array(gzipSync(plain));
    expect(await errorOf(await sealRaw(await gzipClaims(member, plain.length), member))).toBe('opened');
    const wrong: [string, Uint8Array, number][] = [
      ['one byte less claimed', member, plain.length - 1],
      ['one byte more claimed', member, plain.length + 1],
      ['a second member', concatBytes(member, member), plain.length * 2],
      ['a second member that is not counted', concatBytes(member, member), plain.length],
      ['an empty second member', concatBytes(member, new Uint8Array(gzipSync(new Uint8Array(0)))), plain.length],
      ['a trailing byte', concatBytes(member, new Uint8Array([0])), plain.length],
      ['a cut member', member.slice(0, -1), plain.length],
      ['a wrong checksum', concatBytes(member.slice(0, -5), new Uint8Array(5)), plain.length],
      ['no gzip at all', plain, plain.length],
    ];
    for (const [name, packed, inflated] of wrong)
      expect(await errorOf(await sealRaw(await gzipClaims(packed, inflated), packed)), name).toEqual({
        kind: 'malformed',
        part: 'content',
      });
  });

  it('a bomb is refused by its claim, and stopped where it lies', async () => {
    const bomb = new Uint8Array(gzipSync(new Uint8Array(50_000_000)));
    expect(await errorOf(await sealRaw(await gzipClaims(bomb, bomb.length * 50), bomb))).toEqual({
      kind: 'malformed',
      part: 'content',
    });
    const tooMuch = { media: 'application/x-made-up+gzip', inflated: 50_000_000 };
    expect(await errorOf(await sealRaw(await claimsFor(bomb, tooMuch), bomb))).toEqual({ kind: 'too-large' });
    let staged = 0;
    const stage = { write: (chunk: Uint8Array) => void (staged += chunk.length), discard: () => undefined };
    await openEnvelopeTo(stage, openInput(await sealRaw(await gzipClaims(bomb, 1000), bomb)));
    expect(staged).toBeLessThanOrEqual(1000);
  });

  it('our own packer never makes what readers refuse', async () => {
    const zeros = new Uint8Array(3_000_000);
    const packed = await packGzip(zeros);
    expect(new Uint8Array(gunzipSync(packed.content))).toEqual(zeros);
    const { bytes } = await sealEnvelope(sealInput({ ...packed, media: GZIP_MEDIA }));
    expect(await openEnvelope(openInput(bytes))).toMatchObject({ ok: true });
    await expect(
      sealEnvelope(sealInput({ content: new Uint8Array(gzipSync(zeros)), inflated: zeros.length, media: GZIP_MEDIA })),
    ).rejects.toThrow(TypeError);
  });
});

describe('kinds', () => {
  it('are a closed list with a signer and a reader each', () => {
    expect(Object.keys(ENVELOPE_KINDS)).toHaveLength(17);
    for (const name of ['root', 'toString', '__proto__', '', 'Bundle']) expect(parseEnvelopeKind(name)).toBeNull();
    expect(parseEnvelopeKind('bundle')).toBe('bundle');
    expect(maySignKind('operator', 'bundle')).toBe(true);
    const forbidden: [Parameters<typeof maySignKind>[0], EnvelopeKind][] = [
      ['admin', 'bundle'],
      ['analyst', 'grant'],
      ['on-call', 'outcome'],
      ['operator', 'triage'],
      ['unlisted', 'triage'],
    ];
    for (const [role, kind] of forbidden) expect(maySignKind(role, kind)).toBe(false);
  });
});

describe('by hand', () => {
  it.skipIf(!existsSync('/usr/bin/age'))(
    '`age -d -i epoch.txt bundle.age | tail -n +3 | gunzip` gives the content',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'sealpost-by-hand-'));
      try {
        const plain = utf8('{"made":"up"}\n'.repeat(20));
        const { bytes } = await sealEnvelope(
          sealInput({ kind: 'bundle', ...(await packGzip(plain)), media: GZIP_MEDIA }),
        );
        writeFileSync(join(folder, 'bundle.age'), bytes);
        writeFileSync(join(folder, 'epoch.txt'), `${secret.secret}\n`);
        // gunzip warns about the zeros behind the member (exit 2) and unpacks it
        const script = 'age -d -i epoch.txt bundle.age | tail -n +3 | gunzip 2>/dev/null || [ $? -eq 2 ]';
        expect(new Uint8Array(execFileSync('sh', ['-c', script], { cwd: folder }))).toEqual(plain);
        execFileSync('sh', ['-c', `age -r ${secret.recipient} -o theirs.age bundle.age`], { cwd: folder });
        const theirs = new Uint8Array(execFileSync('cat', ['theirs.age'], { cwd: folder }));
        expect(await openAgeBytes(theirs, [reader])).toEqual({ ok: true, value: new Uint8Array(bytes) });
        expect(await new Response(streamOf(bytes)).arrayBuffer()).toHaveProperty('byteLength', bytes.length);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});
