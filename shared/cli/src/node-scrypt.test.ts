import { afterEach, describe, expect, test } from 'vitest';
import { utf8 } from '@sealpost/shared/base/bytes';
import { openWithPassphrase, sealWithPassphrase, setScryptEngine } from '@sealpost/shared/sealed/crypto/passphrase';
import { nodeScrypt } from './node-scrypt.ts';

const PASSPHRASE = 'seven quiet herons วลี';
const plain = utf8('a vault key');

afterEach(() => setScryptEngine(null));

describe('passphrase files with the scrypt of Node', { timeout: 120_000 }, () => {
  test('what one engine seals, the other opens, and a wrong passphrase is told', async () => {
    const bySoftware = await sealWithPassphrase(plain, PASSPHRASE);
    setScryptEngine(nodeScrypt);
    const byNode = await sealWithPassphrase(plain, PASSPHRASE);
    expect(new TextDecoder('latin1').decode(byNode)).toMatch(
      /^age-encryption\.org\/v1\n-> scrypt [A-Za-z0-9+/]{22} 17\n[A-Za-z0-9+/]{43}\n--- /,
    );
    expect(await openWithPassphrase(bySoftware, PASSPHRASE)).toEqual({ ok: true, value: plain });
    expect(await openWithPassphrase(byNode, PASSPHRASE)).toEqual({ ok: true, value: plain });
    expect(await openWithPassphrase(bySoftware, 'seven quiet heron วลี')).toEqual({
      ok: false,
      error: { kind: 'wrong-passphrase' },
    });
    setScryptEngine(null);
    expect(await openWithPassphrase(byNode, PASSPHRASE)).toEqual({ ok: true, value: plain });
  });

  test('a changed or cut file is damaged, never opened', async () => {
    setScryptEngine(nodeScrypt);
    const sealed = await sealWithPassphrase(plain, PASSPHRASE);
    for (const at of [30, sealed.length - 1, sealed.length - 40]) {
      const changed = sealed.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect((await openWithPassphrase(changed, PASSPHRASE)).ok).toBe(false);
    }
    expect(await openWithPassphrase(sealed.subarray(0, sealed.length - 5), PASSPHRASE)).toEqual({
      ok: false,
      error: { kind: 'damaged' },
    });
    const text = Buffer.from(sealed).toString('latin1');
    const twice = text.replace(/(-> scrypt [^-]*)---/, '$1$1---');
    expect(await openWithPassphrase(Buffer.from(twice, 'latin1'), PASSPHRASE)).toEqual({
      ok: false,
      error: { kind: 'damaged' },
    });
  });
});
