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
import { OpfsFiles } from '../../../web/src/workers/store/opfs-files.ts';

const DATABASE = 'sealpost-bench';
/** Accounts per finding in the made-up bundle: about a third of them repeat. */
const ACCOUNTS_SHARE = 0.7;

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const query = (text: string): Query => ({ text, filters: {}, sort: { by: 'priority', descending: true } });
let vault: FindingsVault | null = null;
let bundle: Awaited<ReturnType<typeof sealedBundle>> | null = null;

/** What the page may ask for. */
const calls = { create, seal, importSealed, unlock, rows, triage, states };
export type BenchCalls = typeof calls;

/** Makes an empty vault; its key, for `unlock`. */
async function create(): Promise<readonly number[]> {
  const vaultKey = random(32);
  const backend = await openDexieBackend(DATABASE, OpfsFiles.here(DATABASE));
  const store = value(await createStore({ backend, vaultKey, random }));
  vault = value(await openFindingsVault({ store, device: 'bench', nowMs: Date.now, random }));
  return [...vaultKey];
}

/** Seals `count` findings for `importSealed`; the size of the file. */
async function seal(count: number): Promise<number> {
  bundle = await sealedBundle(count);
  return bundle.sealed.length;
}

/** Seconds from the sealed bytes to durable and queryable. */
async function importSealed(): Promise<number> {
  if (vault === null || bundle === null) throw new Error('nothing to import');
  const startMs = performance.now();
  const opened = value(await openEnvelope({ ...bundle, nowMs: Date.now() }));
  const { columns, metadata } = value(unpackBundle(opened.content));
  const { tlp, caveat, policy, withheld } = metadata;
  const facts = { bundleId: opened.claims.id, receivedAtMs: Date.now(), publishedAtMs: Date.now() };
  value(await vault.importBundle(columns, { ...facts, tlp, caveat, policy, withheld }));
  const { total } = vault.query(query(''));
  if (total < columns.rows) throw new Error(`imported ${total} of ${columns.rows}`);
  return (performance.now() - startMs) / 1000;
}

/** From the vault key in hand (the KDF apart) to the first 50 rows, in a worker that has just started. */
async function unlock(vaultKey: readonly number[]): Promise<{ readonly ms: number; readonly total: number }> {
  const startMs = performance.now();
  const backend = await openDexieBackend(DATABASE, OpfsFiles.here(DATABASE));
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

/** How many findings are in each state. */
async function states(): Promise<Readonly<Record<string, number>>> {
  if (vault === null) throw new Error('locked');
  return vault.overview().byState;
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
  return {
    sealed: bytes,
    expected: { sha256, size },
    identities: [await importAgeIdentity(reader.secret)],
    expect: { kinds: ['bundle' as const], org, generation: 1 },
    maySign: async () => signing.publicKey,
  };
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
