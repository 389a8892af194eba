import { toBase64url } from '../../base/base64url.ts';
import type { Bytes } from '../../base/bytes.ts';

/**
 * Verification for engines without native Ed25519, by webcrypto-liner (elliptic inside, which has open advisories about signing:
 * so verify only, never with a private key). Loaded only when the probe in `ed25519-native.ts` says so.
 */

/** What is used of webcrypto-liner; its own types describe an entry that replaces the global crypto, which we never load. */
interface LinerModule {
  readonly Crypto: new () => { readonly subtle: LinerSubtle };
}
interface LinerSubtle {
  importKey(
    format: 'jwk',
    key: JsonWebKey,
    algorithm: { name: 'EdDSA'; namedCurve: 'Ed25519' },
    extractable: boolean,
    usages: readonly ['verify'],
  ): Promise<unknown>;
  verify(algorithm: { name: 'EdDSA' }, key: unknown, signature: Bytes, message: Bytes): Promise<boolean>;
}

let loading: Promise<LinerSubtle> | null = null;

/** As `verifyNative`; the strict checks of `verifyEd25519` stand in front. The liner throws on some bad signatures: that is a false. */
export async function verifyWithLiner(
  publicKey: Uint8Array,
  signature: Uint8Array,
  message: Uint8Array,
): Promise<boolean> {
  loading ??= load();
  const subtle = await loading;
  try {
    const algorithm = { name: 'EdDSA', namedCurve: 'Ed25519' } as const;
    const key = await subtle.importKey(
      'jwk',
      { kty: 'OKP', crv: 'Ed25519', x: toBase64url(publicKey) },
      algorithm,
      true,
      ['verify'],
    );
    return await subtle.verify({ name: 'EdDSA' }, key, signature.slice() as Bytes, message.slice() as Bytes);
  } catch {
    return false;
  }
}

async function load(): Promise<LinerSubtle> {
  // @ts-expect-error: this entry (the one that leaves globals alone) has no types
  const liner = (await import('webcrypto-liner/build/index.es.js')) as LinerModule;
  return new liner.Crypto().subtle;
}
