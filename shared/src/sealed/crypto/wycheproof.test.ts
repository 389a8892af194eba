import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Bytes } from '../../base/bytes.ts';
import { concatBytes, fromHex, toHex } from '../../base/bytes.ts';
import { verifyEd25519 } from './ed25519.ts';

/** Wycheproof (github.com/C2SP/wycheproof) on the providers that Sealpost really uses. The vectors are not part of this repository. */

const REPOSITORY = fileURLToPath(new URL('../../../../', import.meta.url));
const FOLDER = resolve(REPOSITORY, '..', 'shared', 'vectors', 'wycheproof');

interface Case {
  readonly tcId: number;
  readonly result: 'valid' | 'invalid' | 'acceptable';
  readonly [field: string]: unknown;
}
interface Group {
  readonly tests: readonly Case[];
  readonly ivSize?: number;
  readonly publicKey?: { readonly pk: string };
}

afterEach(() => {
  vi.restoreAllMocks();
});

const bytesOf = (text: unknown): Bytes => fromHex(text as string) as Bytes;

/** Runs every case of a file through `answer`, which gives what the provider computed, or `null` for a refusal. */
async function check(
  name: string,
  answer: (test: Case, group: Group) => Promise<string | null>,
  wanted: (test: Case) => string,
): Promise<number> {
  const { testGroups } = JSON.parse(readFileSync(resolve(FOLDER, `${name}.json`), 'utf8')) as {
    readonly testGroups: readonly Group[];
  };
  let count = 0;
  for (const group of testGroups) {
    if (group.ivSize !== undefined && group.ivSize !== 96) continue; // ours are 96 bits, and engines differ on others
    for (const test of group.tests) {
      const found = await answer(test, group).catch(() => null);
      if (test.result === 'valid') expect(found, `case ${String(test.tcId)}`).toBe(wanted(test));
      if (test.result === 'invalid') expect(found, `case ${String(test.tcId)}`).toBeNull();
      if (test.result === 'acceptable') expect([null, wanted(test)], `case ${String(test.tcId)}`).toContain(found);
      count++;
    }
  }
  return count;
}

describe.skipIf(!existsSync(FOLDER))('Wycheproof (skipped where ../shared/vectors/wycheproof is not there)', () => {
  const good = (): string => 'good';

  it('Ed25519 verification, native behind the strict checks', async () => {
    const answer = async (test: Case, group: Group): Promise<string | null> =>
      (await verifyEd25519(bytesOf(group.publicKey?.pk), bytesOf(test['sig']), bytesOf(test['msg']))) ? 'good' : null;
    expect(await check('ed25519', answer, good)).toBeGreaterThan(100);
  });

  it('Ed25519 verification, where the platform has none', async () => {
    vi.resetModules();
    vi.spyOn(crypto.subtle, 'importKey').mockRejectedValue(new DOMException('Unrecognized name.', 'NotSupportedError'));
    const fresh = await import('./ed25519.ts');
    const answer = async (test: Case, group: Group): Promise<string | null> =>
      (await fresh.verifyEd25519(bytesOf(group.publicKey?.pk), bytesOf(test['sig']), bytesOf(test['msg'])))
        ? 'good'
        : null;
    expect(await check('ed25519', answer, good)).toBeGreaterThan(100);
  });

  it('X25519 of WebCrypto, as age uses it', async () => {
    const prefix = bytesOf('302e020100300506032b656e04220420');
    const answer = async (test: Case): Promise<string> => {
      const key = await crypto.subtle.importKey(
        'pkcs8',
        concatBytes(prefix, bytesOf(test['private'])),
        'X25519',
        false,
        ['deriveBits'],
      );
      const peer = await crypto.subtle.importKey('raw', bytesOf(test['public']), 'X25519', false, []);
      return toHex(new Uint8Array(await crypto.subtle.deriveBits({ name: 'X25519', public: peer }, key, 256)));
    };
    expect(await check('x25519', answer, (test) => test['shared'] as string)).toBeGreaterThan(500);
  });

  it('AES-GCM of WebCrypto, as the vault uses it', async () => {
    const answer = async (test: Case): Promise<string> => {
      const key = await crypto.subtle.importKey('raw', bytesOf(test['key']), 'AES-GCM', false, ['decrypt']);
      const parameters = {
        name: 'AES-GCM',
        iv: bytesOf(test['iv']),
        additionalData: bytesOf(test['aad']),
        tagLength: 128,
      };
      return toHex(
        new Uint8Array(
          await crypto.subtle.decrypt(parameters, key, concatBytes(bytesOf(test['ct']), bytesOf(test['tag']))),
        ),
      );
    };
    expect(await check('aes_gcm', answer, (test) => test['msg'] as string)).toBeGreaterThan(190);
  });

  it('ChaCha20-Poly1305 of the copy that the age library loads', async () => {
    const { chacha20poly1305 } = (await import(
      createRequire(import.meta.resolve('age-encryption')).resolve('@noble/ciphers/chacha.js')
    )) as {
      readonly chacha20poly1305: (key: Bytes, nonce: Bytes, aad: Bytes) => { decrypt(sealed: Bytes): Uint8Array };
    };
    const answer = async (test: Case): Promise<string> => {
      const cipher = chacha20poly1305(bytesOf(test['key']), bytesOf(test['iv']), bytesOf(test['aad']));
      return toHex(cipher.decrypt(concatBytes(bytesOf(test['ct']), bytesOf(test['tag']))));
    };
    expect(await check('chacha20_poly1305', answer, (test) => test['msg'] as string)).toBeGreaterThan(300);
  });
});
