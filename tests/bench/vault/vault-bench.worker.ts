/** The worker's side of the vault bench: the app's own parts, real IndexedDB, made-up findings. */
import { toBase64url } from '@sealpost/shared/base/base64url';
import type { Result } from '@sealpost/shared/base/result';
import { packBundle } from '@sealpost/shared/opened/bundle/pack';
import { BUNDLE_MEDIA } from '@sealpost/shared/opened/bundle/schema';
import { unpackBundle } from '@sealpost/shared/opened/bundle/unpack';
import { madeUpFindings } from '@sealpost/shared/opened/query/made-up-findings';
import type { Query, Row } from '@sealpost/shared/opened/query/query';
import type { FindingsVault } from '@sealpost/shared/opened/vault/findings-vault';
import { openFindingsVault } from '@sealpost/shared/opened/vault/open-findings-vault';
import { createStore, openStore } from '@sealpost/shared/opened/vault/open-store';
import { generateAgeSecret, importAgeIdentity } from '@sealpost/shared/sealed/crypto/age';
import { generateSigningSecret, importSigningKey } from '@sealpost/shared/sealed/crypto/ed25519';
import type { OrgId } from '@sealpost/shared/sealed/envelope/heads';
import { openEnvelope } from '@sealpost/shared/sealed/envelope/open';
import { sealEnvelope } from '@sealpost/shared/sealed/envelope/seal';
import type { Sid } from '@sealpost/shared/sealed/envelope/statement';
import { openDexieBackend } from '../../../web/src/workers/store/dexie-backend.ts';

const DATABASE = 'sealpost-bench';
/** Accounts per finding in the made-up bundle: about a third of them repeat. */
const ACCOUNTS_SHARE = 0.7;

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const query = (text: string): Query => ({ text, filters: {}, sort: { by: 'priority', descending: true } });
let vault: FindingsVault | null = null;

/** What the page may ask for. */
const calls = { importBundle, unlock, rows, triage };
export type BenchCalls = typeof calls;

interface Imported {
  readonly seconds: number;
  readonly sealedBytes: number;
  readonly vaultKey: readonly number[];
}

/** Seals `count` findings, then measures from the sealed bytes to durable and queryable. */
async function importBundle(count: number): Promise<Imported> {
  const sealed = await sealedBundle(count);
  const vaultKey = random(32);
  const backend = await openDexieBackend(DATABASE);
  const store = value(await createStore({ backend, vaultKey, random }));
  vault = value(await openFindingsVault({ store, device: 'bench', nowMs: Date.now, random }));

  const startMs = performance.now();
  const opened = value(await openEnvelope({ ...sealed.open, nowMs: Date.now() }));
  const { columns, metadata } = value(unpackBundle(opened.content));
  const facts = { bundleId: opened.claims.id, receivedAtMs: Date.now(), publishedAtMs: Date.now(), ...metadata };
  const { bundleId, receivedAtMs, publishedAtMs, tlp, caveat, policy, withheld } = facts;
  value(await vault.importBundle(columns, { bundleId, receivedAtMs, publishedAtMs, tlp, caveat, policy, withheld }));
  const { total } = vault.query(query(''));
  const seconds = (performance.now() - startMs) / 1000;
  if (total !== count) throw new Error(`imported ${total} of ${count}`);
  return { seconds, sealedBytes: sealed.open.sealed.length, vaultKey: [...vaultKey] };
}

/** From the vault key in hand (the KDF apart) to the first 50 rows, in a worker that has just started. */
async function unlock(vaultKey: readonly number[]): Promise<{ readonly ms: number; readonly total: number }> {
  const startMs = performance.now();
  const backend = await openDexieBackend(DATABASE);
  const store = value(await openStore({ backend, vaultKey: new Uint8Array(vaultKey), random }));
  vault = value(await openFindingsVault({ store, device: 'bench', nowMs: Date.now, random }));
  const { token, total } = vault.query(query(''));
  vault.window(token, 0, 50);
  return { ms: performance.now() - startMs, total };
}

async function rows(text: string): Promise<readonly Row[]> {
  if (vault === null) throw new Error('locked');
  return vault.window(vault.query(query(text)).token, 0, 50);
}

/** Milliseconds until `count` findings are triaged durably. */
async function triage(count: number): Promise<number> {
  if (vault === null) throw new Error('locked');
  const ids = vault.ids(vault.query(query('')).token, 0, count);
  const startMs = performance.now();
  value(await vault.triage(ids, [{ field: 'state', state: 'triaged' }]));
  return performance.now() - startMs;
}

async function sealedBundle(count: number) {
  const findings = madeUpFindings(count, 7, Math.ceil(count * ACCOUNTS_SHARE));
  const packed = await packBundle(findings, {
    policy: 'masked',
    tlp: 'TLP:AMBER+STRICT',
    caveat: null,
    withheld: { contextless: 0, unproven: 0, unconfirmed: 0 },
  });
  const signing = await generateSigningSecret();
  const signer = await importSigningKey(signing);
  const reader = await generateAgeSecret();
  const org = toBase64url(random(16)) as OrgId;
  const head = [1, toBase64url(random(32)) as Sid] as const;
  const { bytes, sha256, size } = await sealEnvelope({
    kind: 'bundle',
    iss: 'cert' as OrgId,
    aud: { org, generation: 1 },
    epoch: 1,
    seq: 1,
    heads: { cert: head, [org]: head },
    media: BUNDLE_MEDIA,
    content: packed.content,
    inflated: packed.inflated,
    signer,
    recipients: [reader.recipient],
    nowMs: Date.now(),
    random,
  });
  const open = {
    sealed: bytes,
    expected: { sha256, size },
    identities: [await importAgeIdentity(reader.secret)],
    expect: { kinds: ['bundle' as const], org, generation: 1 },
    maySign: async () => signing.publicKey,
  };
  return { open };
}

function value<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

self.onmessage = async ({ data }: MessageEvent<{ readonly name: keyof BenchCalls; readonly argument: never }>) => {
  try {
    self.postMessage({ value: await calls[data.name](data.argument) });
  } catch (error) {
    self.postMessage({ error: String(error) });
  }
};
