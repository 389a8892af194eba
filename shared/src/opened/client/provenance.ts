/**
 * Where each finding stood in the material, sealed in the operator's vault with its load, so that it can be derived again as evidence.
 * It outlives the drafts, is never published, and goes with its load when that is discarded.
 */
import { toBase64url } from '../../base/base64url.ts';
import type { Bytes } from '../../base/bytes.ts';
import { concatBytes, fromUtf8, utf8 } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { DraftResult } from '../finding/draft.ts';
import type { FindingId } from '../finding/finding.ts';
import type { SealedStore, StoreTransaction } from '../vault/store.ts';
import type { ClientError } from './api/client-error.ts';
import type { FindingOrigin } from './api/loading.ts';
import { gunzipText, gzipLines } from './drafts.ts';
import { toClientError } from './failures.ts';

const PROVENANCE = 'provenance/';

/** One organisation's share of a load. */
export interface PackedProvenance {
  readonly listId: string;
  readonly places: Bytes;
}

type Line = readonly [id: string, sha256: string, entry: string, offset: number, length: number];

/** Packs where an organisation's findings stood. Cost: about 40 bytes a finding once compressed. */
export async function packProvenance(listId: string, result: DraftResult): Promise<PackedProvenance> {
  const lines: string[] = [];
  for (const { id, source, entry, offset, length } of result.places()) {
    lines.push(JSON.stringify([id, toBase64url(source.sha256), entry, offset, length] satisfies Line));
  }
  return { listId, places: await gzipLines(lines) };
}

/** Keeps it with the transaction's other changes. */
export function putProvenance(tx: StoreTransaction, loadId: string, { listId, places }: PackedProvenance): void {
  tx.put('imports', `${PROVENANCE}${loadId}/${listId}`, places);
}

/** Forgets a load's. */
export function deleteProvenance(tx: StoreTransaction, store: SealedStore, loadId: string): void {
  for (const id of store.ids('imports', `${PROVENANCE}${loadId}/`)) tx.delete('imports', id);
}

/** Several organisations' as one byte string. */
export function packProvenanceSet(set: readonly PackedProvenance[]): Bytes {
  const head = utf8(`${JSON.stringify(set.map(({ listId, places }) => [listId, places.length]))}\n`);
  return concatBytes(head, ...set.map(({ places }) => places));
}

/** The set again. */
export function readPackedProvenance(bytes: Bytes): readonly PackedProvenance[] {
  const end = bytes.indexOf(10);
  const head = JSON.parse(fromUtf8(bytes.subarray(0, end)) ?? '[]') as readonly (readonly [string, number])[];
  let at = end + 1;
  return head.map(([listId, length]) => {
    at += length;
    return { listId, places: bytes.slice(at - length, at) };
  });
}

/** All places of a finding over all loads. Cost: reads every load's rows; a few milliseconds for 100,000 findings. */
export async function readOrigins(
  store: SealedStore,
  id: FindingId,
): Promise<Result<readonly FindingOrigin[], ClientError>> {
  const origins: FindingOrigin[] = [];
  for (const row of store.ids('imports', PROVENANCE)) {
    const [loadId = '', listId = ''] = row.slice(PROVENANCE.length).split('/');
    const packed = await store.get('imports', row);
    if (!packed.ok) return err(toClientError(packed.error));
    if (!(packed.value instanceof Uint8Array)) return err({ kind: 'storage-damaged', code: 'provenance' });
    for (const text of (await gunzipText(packed.value as Bytes)).split('\n')) {
      if (!text.startsWith(`["${id}"`)) continue;
      const [, sha256, entry, offset, length] = JSON.parse(text) as Line;
      origins.push({ loadId, listId, sha256, entry, offset, length });
    }
  }
  return ok(origins);
}
