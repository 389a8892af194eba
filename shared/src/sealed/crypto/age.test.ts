import * as vectors from 'cctv-age';
import fc from 'fast-check';
import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { sourceOfBytes, sourceOfStream } from '../../base/byte-source.ts';
import { concatBytes, toHex, utf8 } from '../../base/bytes.ts';
import { openPayload } from './age-payload.ts';
import type { AgeIdentity } from './age.ts';
import {
  generateAgeSecret,
  importAgeIdentity,
  isAgeRecipient,
  openAgeBytes,
  openAgeHeader,
  parseAgeSecret,
  prepareAge,
  sealAge,
  sealAgeStream,
  streamOf,
} from './age.ts';
import { sha256 } from './hash.ts';
import { openWithPassphrase, sealWithPassphrase } from './passphrase.ts';

/** WebCrypto's ChaCha20-Poly1305, which the engine that runs this has, and the library's. */
const PATHS = ['native', 'portable'] as const;

async function identity(): Promise<AgeIdentity> {
  return importAgeIdentity((await generateAgeSecret()).secret);
}

describe('age', () => {
  it('takes the payload key to where it cannot be read', async () => {
    const own = await identity();
    const sealed = await sealAge(utf8('x'), [own.recipient]);
    const opened = await openAgeHeader(sourceOfBytes(sealed), [own]);
    expect(opened).toMatchObject({ value: { key: { extractable: false, algorithm: { name: 'ChaCha20-Poly1305' } } } });
  });

  it.each(PATHS)('is read in pieces of any size, and never whole before its end (%s)', async (path) => {
    const own = await identity();
    const plain = crypto.getRandomValues(new Uint8Array(30_000));
    const long = concatBytes(...Array.from({ length: 10 }, () => plain));
    const sealed = await sealAge(long, [own.recipient]);
    for (const size of [1, 7, 200, 65_551, 65_552, 65_553, 300_000]) {
      const isCut = size % 2 === 0;
      const stream = new ReadableStream<Uint8Array>({
        start(controller) {
          const end = isCut ? sealed.length - 1 : sealed.length;
          for (let at = 0; at < end; at += size) controller.enqueue(sealed.subarray(at, Math.min(end, at + size)));
          controller.close();
        },
      });
      const source = sourceOfStream(stream);
      const opened = await openAgeHeader(source, [own], path === 'portable');
      if (!opened.ok) throw new Error(opened.error.kind);
      const payload = await openPayload(opened.value, source);
      const pieces: Uint8Array[] = [];
      const readAll = async () => {
        for (let piece = await payload.next(); piece !== null; piece = await payload.next()) pieces.push(piece.slice());
      };
      if (isCut) await expect(readAll()).rejects.toThrow();
      else await readAll();
      expect(concatBytes(...pieces)).toEqual(isCut ? long.subarray(0, 262_144) : long);
    }
  });

  it('a file that was prepared holds what came later, once', async () => {
    const [one, other] = [await identity(), await identity()];
    const recipients = [one.recipient, other.recipient];
    const [first, second] = [await prepareAge(recipients), await prepareAge(recipients)];
    const [sealed, again] = [await first(utf8('first')), await second(utf8('first'))];
    for (const own of [one, other])
      expect(await openAgeBytes(sealed, [own])).toEqual({ ok: true, value: utf8('first') });
    // Not a byte of key or nonce in common: header and payload are others.
    expect(toHex(sealed.subarray(-21))).not.toBe(toHex(again.subarray(-21)));
    expect(sealed).toHaveLength((await sealAge(utf8('first'), recipients)).length);
    await expect(first(utf8('second'))).rejects.toThrow(TypeError);
  });

  it.each(PATHS)('every recipient opens what was sealed, at any size around the 64 KiB pieces (%s)', async (path) => {
    const isPortable = path === 'portable';
    const [one, other] = [await identity(), await identity()];
    for (const size of [0, 1, 65_535, 65_536, 65_537, 200_000]) {
      const plain = new Uint8Array(size).fill(7);
      const sealed = await sealAge(plain, [one.recipient, other.recipient]);
      expect(await openAgeBytes(sealed, [one], isPortable)).toEqual({ ok: true, value: plain });
      expect(await openAgeBytes(sealed, [await identity(), other], isPortable)).toEqual({ ok: true, value: plain });
      const streamed = await new Response(await sealAgeStream(streamOf(plain), [one.recipient])).bytes();
      expect(await openAgeBytes(streamed, [one], isPortable)).toEqual({ ok: true, value: plain });
    }
  });

  it('a file for others is not for us, not damaged', async () => {
    const sealed = await sealAge(utf8('x'), [(await identity()).recipient]);
    expect(await openAgeBytes(sealed, [await identity()])).toEqual({ ok: false, error: { kind: 'not-for-us' } });
  });

  it.each(PATHS)('no changed bit and no cut file opens (%s)', async (path) => {
    const isPortable = path === 'portable';
    const own = await identity();
    const sealed = await sealAge(new Uint8Array(70_000), [own.recipient]);
    await fc.assert(
      fc.asyncProperty(fc.nat(sealed.length - 1), fc.nat(7), async (at, bit) => {
        const changed = sealed.slice();
        changed[at] = (changed[at] as number) ^ (1 << bit);
        expect((await openAgeBytes(changed, [own], isPortable)).ok).toBe(false);
        expect((await openAgeBytes(sealed.subarray(0, at), [own], isPortable)).ok).toBe(false);
      }),
      { numRuns: 60 },
    );
    expect((await openAgeBytes(new Uint8Array([...sealed, 0]), [own], isPortable)).ok).toBe(false);
  });

  it('keys in use cannot be exported', async () => {
    const own = await identity();
    expect(own.key.extractable).toBe(false);
    await expect(crypto.subtle.exportKey('pkcs8', own.key)).rejects.toThrow();
  });

  it('refuses malformed secrets and recipients', async () => {
    const { secret, recipient } = await generateAgeSecret();
    expect(await parseAgeSecret(secret)).toEqual({ secret, recipient });
    for (const text of [
      '',
      secret.toLowerCase(),
      `${secret}q`,
      secret.slice(0, -1),
      secret.replace(/.$/, (last) => (last === 'Q' ? 'P' : 'Q')),
      recipient,
    ])
      expect(await parseAgeSecret(text), text).toBeNull();
    expect(isAgeRecipient(recipient)).toBe(true);
    for (const text of ['', recipient.toUpperCase(), `${recipient}q`, 'age1pq1xyz', secret]) {
      expect(isAgeRecipient(text), text).toBe(false);
      await expect(sealAge(utf8('x'), [text])).rejects.toThrow(TypeError);
    }
    await expect(sealAge(utf8('x'), [])).rejects.toThrow(RangeError);
  });
});

describe('passphrase', () => {
  it('opens with the same passphrase only, in Thai too', async () => {
    const sealed = await sealWithPassphrase(utf8('root'), 'ช้าง ม้า วัว 42');
    expect(new TextDecoder().decode(sealed)).toMatch(/^age-encryption\.org\/v1\n-> scrypt [^ ]+ 17\n/);
    expect(await openWithPassphrase(sealed, 'ช้าง ม้า วัว 42')).toEqual({ ok: true, value: utf8('root') });
    expect(await openWithPassphrase(sealed, 'ช้าง ม้า วัว 43')).toEqual({
      ok: false,
      error: { kind: 'wrong-passphrase' },
    });
    sealed[sealed.length - 1] = (sealed[sealed.length - 1] as number) ^ 1;
    expect(await openWithPassphrase(sealed, 'ช้าง ม้า วัว 42')).toEqual({ ok: false, error: { kind: 'damaged' } });
  });

  it.each(['1', '14', '21', '22', '30', '017', '99'])(
    'a work factor of %s is refused before any work',
    async (factor) => {
      const header = `age-encryption.org/v1\n-> scrypt ${'A'.repeat(22)} ${factor}\n${'A'.repeat(43)}\n--- ${'A'.repeat(43)}\n`;
      expect(await openWithPassphrase(utf8(header), 'x')).toEqual({ ok: false, error: { kind: 'damaged' } });
    },
  );
});

/** One C2SP CCTV file: `key: value` lines, an empty line, the age file. */
interface Vector {
  readonly expect: string;
  readonly payload: string | undefined;
  readonly identities: readonly string[];
  readonly passphrases: readonly string[];
  readonly isArmored: boolean;
  readonly file: Uint8Array;
}

function parseVector(bytes: Uint8Array): Vector {
  const border = Buffer.from(bytes).indexOf('\n\n');
  const lines = Buffer.from(bytes.subarray(0, border)).toString().split('\n');
  const all = (key: string): string[] =>
    lines.filter((line) => line.startsWith(`${key}: `)).map((line) => line.slice(key.length + 2));
  const body = bytes.subarray(border + 2);
  return {
    expect: all('expect')[0] ?? '',
    payload: all('payload')[0],
    identities: all('identity'),
    passphrases: all('passphrase'),
    isArmored: all('armored')[0] === 'yes',
    file: all('compressed')[0] === 'zlib' ? inflateSync(body) : body,
  };
}

/** Sealpost reads binary files with one X25519 or scrypt key: armor and hybrid keys must not open either. */
async function openVector(vector: Vector, isPortable: boolean): Promise<'success' | 'failure'> {
  const classic = vector.identities.filter((secret) => secret.startsWith('AGE-SECRET-KEY-1'));
  const identities = await Promise.all(classic.map((secret) => importAgeIdentity(secret)));
  const [passphrase] = vector.passphrases;
  const opened =
    passphrase === undefined
      ? await openAgeBytes(vector.file, identities, isPortable)
      : await openWithPassphrase(vector.file, passphrase);
  if (!opened.ok) return 'failure';
  expect(toHex(sha256(opened.value))).toBe(vector.payload);
  return 'success';
}

describe('C2SP CCTV age vectors', () => {
  const entries = Object.entries(vectors as unknown as Record<string, unknown>).filter(
    (entry): entry is [string, Uint8Array] => entry[1] instanceof Uint8Array,
  );

  it('are all there', () => {
    expect(entries.length).toBeGreaterThan(100);
  });

  it.each(entries)('%s', async (_name, bytes) => {
    const vector = parseVector(bytes);
    const isForeign = vector.isArmored || vector.identities.some((secret) => secret.startsWith('AGE-SECRET-KEY-PQ'));
    const isWorkAllowed =
      vector.passphrases.length === 0 ||
      /-> scrypt [^ ]+ (1[5-9]|20)\n/.test(Buffer.from(vector.file.subarray(0, 200)).toString('latin1'));
    const wanted = vector.expect === 'success' && !isForeign && isWorkAllowed ? 'success' : 'failure';
    for (const isPortable of [false, true]) expect(await openVector(vector, isPortable)).toBe(wanted);
  });

  it('never comes to the end of a file that must fail in its payload', async () => {
    for (const [name, bytes] of entries) {
      const vector = parseVector(bytes);
      if (vector.expect !== 'payload failure' || vector.identities.length === 0 || vector.isArmored) continue;
      const identities = await Promise.all(vector.identities.map((secret) => importAgeIdentity(secret)));
      for (const isPortable of [false, true]) {
        const source = sourceOfBytes(vector.file);
        const opened = await openAgeHeader(source, identities, isPortable);
        if (!opened.ok) continue;
        const readAll = async () => {
          const payload = await openPayload(opened.value, source);
          while ((await payload.next()) !== null);
        };
        await expect(readAll(), name).rejects.toThrow();
      }
    }
  });
});
