/** Vaults for tests: made-up bundles driven into a sink as the client does, on a backend in memory that can be damaged or fail. */
import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { ok } from '../../base/result.ts';
import type { BundleColumns, BundleMetadata } from '../bundle/columns.ts';
import { columnsOf } from '../bundle/columns-of.ts';
import { splitBatches } from '../bundle/split-batches.ts';
import type { Finding, PublishPolicy } from '../finding/finding.ts';
import type { Query } from '../query/query.ts';
import type { Backend } from './backend.ts';
import type { ColdBlocks, ColdEncoder } from './cold-encoder.ts';
import { createFailingBackend } from './failing-backend.ts';
import type { FindingsVault, FindingsVaultOptions, UnpackBundle } from './findings-vault.ts';
import { createMemoryBackend } from './memory-backend.ts';
import { openFindingsVault } from './open-findings-vault.ts';
import { createStore, openStore } from './open-store.ts';

export const NOW_MS = 1_772_000_000_000;
export const ALL: Query = { text: '', filters: {}, sort: { by: 'priority', descending: true } };

export const random = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));
export const vaultKey = random(32);

/** The value, or a thrown failure. */
export function value<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** All steps of a batch at once. */
export function coldBlocksOf(encoder: ColdEncoder, c: BundleColumns): ColdBlocks {
  const steps = encoder.begin(c);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Drives `findings` into a sink; `isAhead`: with its identities first. */
export function bundleOf(
  findings: readonly Finding[],
  {
    policy = 'masked',
    batchRows = 65_536,
    isAhead = true,
  }: { readonly policy?: PublishPolicy; readonly batchRows?: number; readonly isAhead?: boolean } = {},
): UnpackBundle {
  return async (sink) => {
    const withheld = { contextless: 1, unproven: 0, unconfirmed: 0 };
    const facts = { tlp: 'TLP:AMBER+STRICT', caveat: null, policy, withheld } as const;
    const metadata: BundleMetadata = { ...facts, schemaVersion: 1, modelVersion: 1, keyVersion: 1, sources: [] };
    await sink.begin(metadata);
    const columns = columnsOf(findings, policy);
    if (isAhead) await sink.identities(columns.identity.dictionary);
    for (const batch of splitBatches(columns, batchRows)) await sink.batch(batch);
    return ok({ ...facts, publishedAtMs: NOW_MS - 7_200_000 });
  };
}

const OPTIONS = { device: 'device-1', nowMs: () => NOW_MS, random };

/** An empty vault, over a backend that fails when told to. */
export async function emptyVault(options: Partial<FindingsVaultOptions> = {}) {
  const backend = createMemoryBackend();
  const failing = createFailingBackend(backend);
  const store = value(await createStore({ backend: failing, vaultKey, random }));
  const vault = value(await openFindingsVault({ ...OPTIONS, ...options, store }));
  return { backend, failing, store, vault };
}

/** Opens what lies in `backend` anew. */
export async function reopen(backend: Backend, options: Partial<FindingsVaultOptions> = {}): Promise<FindingsVault> {
  const store = value(await openStore({ backend, vaultKey, random }));
  return value(await openFindingsVault({ ...OPTIONS, ...options, store }));
}

/** Everything that a page can see. */
export async function picture(vault: FindingsVault) {
  const { total, accounts, facets, token } = vault.query(ALL);
  const rows = vault.window(token, 0, total);
  const details = [];
  for (const { id } of rows.filter((_, i) => i % 25 === 0)) details.push(await vault.detail(id));
  return {
    total,
    accounts,
    facets,
    rows,
    details,
    states: states(vault),
    bundles: vault.bundles(),
    overview: vault.overview(),
  };
}

/** State and owner of each finding, in priority order. */
export function states(vault: FindingsVault): readonly string[] {
  const { token, total } = vault.query(ALL);
  return vault.window(token, 0, total).map(({ state, owner }) => (owner === null ? state : `${state} ${owner}`));
}
