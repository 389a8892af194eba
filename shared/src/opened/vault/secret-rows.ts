/**
 * Clear secrets at rest (policy `sealed`): sealed in chunks beside an index of finding ids, never in memory but for the one that
 * is revealed. Rows `secrets/<bundle>/index` (16 bytes an id, in chunk order) and `secrets/<bundle>/<chunk>` in `envelopes`.
 */
import { parseBase64url, toBase64url } from '../../base/base64url.ts';
import type { Result } from '../../base/result.ts';
import { ok } from '../../base/result.ts';
import type { FindingId } from '../finding/finding.ts';
import type { SealedStore, StoreError, StoreTransaction } from './store.ts';

const CHUNK_SECRETS = 256;

export interface ClearSecret {
  readonly id: FindingId;
  readonly secret: string;
}

/** Where each finding's secret lies. */
export class SecretRows {
  readonly #chunkById = new Map<FindingId, string>();

  static async read(store: SealedStore): Promise<Result<SecretRows, StoreError>> {
    const rows = new SecretRows();
    const names = store.ids('envelopes', 'secrets/').filter((id) => id.endsWith('/index'));
    const indexes = await store.getMany('envelopes', names);
    if (!indexes.ok) return indexes;
    indexes.value.forEach((bytes, i) => {
      if (bytes instanceof Uint8Array) rows.#remember((names[i] as string).split('/')[1] ?? '', idsOf(bytes));
    });
    return ok(rows);
  }

  has(id: FindingId): boolean {
    return this.#chunkById.has(id);
  }

  /** Writes all secrets of a bundle. Call the answer after the commit held. */
  put(tx: StoreTransaction, bundleId: string, secrets: readonly ClearSecret[]): () => void {
    const index = new Uint8Array(secrets.length * 16);
    secrets.forEach(({ id }, i) => index.set(parseBase64url(id, 16) ?? [], i * 16));
    tx.put('envelopes', `secrets/${bundleId}/index`, index);
    for (let from = 0; from < secrets.length; from += CHUNK_SECRETS) {
      const chunk = secrets.slice(from, from + CHUNK_SECRETS).map(({ id, secret }) => [id, secret]);
      tx.put('envelopes', chunkName(bundleId, from / CHUNK_SECRETS), chunk);
    }
    return () =>
      this.#remember(
        bundleId,
        secrets.map(({ id }) => id),
      );
  }

  /** Opens one chunk and returns one secret of it; `null` if there is none. */
  async open(store: SealedStore, id: FindingId): Promise<Result<string | null, StoreError>> {
    const name = this.#chunkById.get(id);
    if (name === undefined) return ok(null);
    const chunk = await store.get('envelopes', name);
    if (!chunk.ok) return chunk;
    const pairs = chunk.value as unknown as readonly (readonly [FindingId, string])[];
    return ok(pairs.find(([one]) => one === id)?.[1] ?? null);
  }

  /** Deletes the secrets of a bundle. Call the answer after the commit held. */
  delete(store: SealedStore, tx: StoreTransaction, bundleId: string): () => void {
    const prefix = `secrets/${bundleId}/`;
    for (const id of store.ids('envelopes', prefix)) tx.delete('envelopes', id);
    return () => {
      for (const [id, name] of this.#chunkById) if (name.startsWith(prefix)) this.#chunkById.delete(id);
    };
  }

  #remember(bundleId: string, ids: readonly FindingId[]): void {
    ids.forEach((id, i) => this.#chunkById.set(id, chunkName(bundleId, Math.floor(i / CHUNK_SECRETS))));
  }
}

function idsOf(bytes: Uint8Array): FindingId[] {
  return Array.from(
    { length: bytes.length / 16 },
    (_, i) => toBase64url(bytes.subarray(i * 16, i * 16 + 16)) as FindingId,
  );
}

function chunkName(bundleId: string, chunk: number): string {
  return `secrets/${bundleId}/${String(chunk).padStart(6, '0')}`;
}
