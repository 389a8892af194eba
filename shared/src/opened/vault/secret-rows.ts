/**
 * Clear secrets at rest (policy `sealed`): sealed in chunks beside an index of finding ids, never in memory but for the one that
 * is revealed. Rows of `envelopes`: `secrets/<bundle>/index` (sorted, 16 bytes an id) and `secrets/<bundle>/<chunk>`, whose secrets
 * stand in the order of the index.
 */
import { parseBase64url } from '../../base/base64url.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { FindingId } from '../finding/finding.ts';
import { ID_BYTES } from '../triage/journal-entry.ts';
import { idOrder, placeOfId } from './sorted-ids.ts';
import type { SealedStore, StoreError, StoreTransaction } from './store.ts';
import { idBytes } from './triage-log.ts';

const CHUNK_SECRETS = 256;

export interface ClearSecret {
  readonly id: FindingId;
  readonly secret: string;
}

/** Where each finding's secret lies. */
export class SecretRows {
  /** Sorted ids by bundle. */
  readonly #ids = new Map<string, Bytes>();

  static async read(store: SealedStore): Promise<Result<SecretRows, StoreError>> {
    const rows = new SecretRows();
    const names = store.ids('envelopes', 'secrets/').filter((id) => id.endsWith('/index'));
    const indexes = await store.getMany('envelopes', names);
    if (!indexes.ok) return indexes;
    indexes.value.forEach((bytes, i) => {
      if (bytes instanceof Uint8Array) rows.#ids.set((names[i] as string).split('/')[1] ?? '', bytes as Bytes);
    });
    return ok(rows);
  }

  has(id: FindingId): boolean {
    return this.#find(id) !== null;
  }

  /** Writes all secrets of a bundle in the place of those before. Call the answer after the commit held. Throws on what is no id: a bug. */
  put(store: SealedStore, tx: StoreTransaction, bundleId: string, secrets: readonly ClearSecret[]): () => void {
    for (const id of store.ids('envelopes', prefixOf(bundleId))) tx.delete('envelopes', id);
    const ids = idBytes(secrets.map(({ id }) => id));
    if (ids === null) throw new TypeError('putSecrets: not an id');
    const order = idOrder(ids);
    const sorted = new Uint8Array(ids.length);
    order.forEach((number, i) => {
      sorted.set(ids.subarray(number * ID_BYTES, (number + 1) * ID_BYTES), i * ID_BYTES);
    });
    tx.put('envelopes', `${prefixOf(bundleId)}index`, sorted);
    for (let from = 0; from < order.length; from += CHUNK_SECRETS) {
      const numbers = [...order.subarray(from, from + CHUNK_SECRETS)];
      const chunk = numbers.map((number) => (secrets[number] as ClearSecret).secret);
      tx.put('envelopes', chunkName(bundleId, from / CHUNK_SECRETS), chunk);
    }
    return () => {
      this.#ids.set(bundleId, sorted);
    };
  }

  /** Opens one chunk and returns one secret of it; `null` if there is none. */
  async open(store: SealedStore, id: FindingId): Promise<Result<string | null, StoreError>> {
    const found = this.#find(id);
    if (found === null) return ok(null);
    const name = chunkName(found.bundleId, Math.floor(found.place / CHUNK_SECRETS));
    const chunk = await store.get('envelopes', name);
    if (!chunk.ok) return chunk;
    const secret = (chunk.value as readonly unknown[] | null)?.[found.place % CHUNK_SECRETS];
    if (typeof secret === 'string') return ok(secret);
    return err({ kind: 'storage-damaged', table: 'envelopes', id: name, how: 'altered' });
  }

  /** Deletes the secrets of a bundle. Call the answer after the commit held. */
  delete(store: SealedStore, tx: StoreTransaction, bundleId: string): () => void {
    for (const id of store.ids('envelopes', prefixOf(bundleId))) tx.delete('envelopes', id);
    return () => {
      this.#ids.delete(bundleId);
    };
  }

  #find(id: FindingId): { readonly bundleId: string; readonly place: number } | null {
    const bytes = parseBase64url(id, ID_BYTES);
    if (bytes === null) return null;
    for (const [bundleId, sorted] of this.#ids) {
      const place = placeOfId(sorted, bytes);
      if (place >= 0) return { bundleId, place };
    }
    return null;
  }
}

function prefixOf(bundleId: string): string {
  return `secrets/${bundleId}/`;
}

function chunkName(bundleId: string, chunk: number): string {
  return `${prefixOf(bundleId)}${String(chunk).padStart(6, '0')}`;
}
