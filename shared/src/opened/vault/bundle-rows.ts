/**
 * Received bundles at rest: one row in `imports` with its facts, one `deltas` row with its dictionaries, one `segments` row per
 * 65,536 findings. Written as a stage, taken over in one commit.
 */
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { BundleColumns } from '../bundle/columns.ts';
import type { WithdrawCode } from '../client/api.ts';
import type { Engine } from '../query/engine.ts';
import { IdIndex } from '../query/id-index.ts';
import { decodeDelta, decodeSegment, encodeDelta, encodeSegment, splitSegments } from '../query/segment.ts';
import type { BundleFacts } from './findings-vault.ts';
import type { SealedStore, Stage, StorageDamaged, StoreError } from './store.ts';

/** A row of `imports`. */
export interface ImportRow extends BundleFacts {
  /** Order of arrival: later bundles win where findings meet. */
  readonly number: number;
  readonly findings: number;
  readonly added: number;
  readonly merged: number;
  readonly withdrawn: WithdrawCode | null;
  /** The findings are gone; the row stays, so that the bundle's id counts once. */
  readonly deleted: boolean;
}

/** All bundles by arrival. */
export async function readImports(store: SealedStore): Promise<Result<readonly ImportRow[], StoreError>> {
  const rows = await store.getMany('imports', store.ids('imports'));
  if (!rows.ok) return rows;
  const imports = rows.value as unknown as readonly ImportRow[];
  return ok([...imports].sort((a, b) => a.number - b.number));
}

/** Stages a bundle's rows. On a failure the caller discards the stage. */
export async function stageBundle(
  stage: Stage,
  columns: BundleColumns,
  onProgress: (rows: number) => void,
): Promise<Result<void, StoreError>> {
  const delta = await stage.put('deltas', `${stage.prefix}delta`, encodeDelta(columns));
  if (!delta.ok) return delta;
  let number = 0;
  let rows = 0;
  for (const segment of splitSegments(columns)) {
    const written = await stage.put('segments', segmentId(stage.prefix, number++), encodeSegment(segment));
    if (!written.ok) return written;
    rows += segment.rows;
    onProgress(rows);
  }
  return ok(undefined);
}

/** Loads a bundle's segments into `engine`. Cost: one read and decryption per segment. */
export async function loadBundle(
  store: SealedStore,
  engine: Engine,
  row: ImportRow,
): Promise<Result<void, StoreError>> {
  const prefix = stagePrefix(row.bundleId);
  const delta = await store.get('deltas', `${prefix}delta`);
  if (!delta.ok) return delta;
  const dictionaries = delta.value instanceof Uint8Array ? decodeDelta(delta.value) : null;
  if (!dictionaries?.ok) return err(unreadable('deltas', `${prefix}delta`));
  const ids = store.ids('segments', prefix);
  const segments = await store.getMany('segments', ids);
  if (!segments.ok) return segments;
  for (const [i, bytes] of segments.value.entries()) {
    const columns = bytes instanceof Uint8Array ? decodeSegment(bytes, dictionaries.value) : null;
    if (!columns?.ok) return err(unreadable('segments', ids[i] as string));
    engine.loadSegment(columns.value, row);
  }
  return ok(undefined);
}

/** How many of a bundle's distinct ids are new to `engine`. */
export function countAdded(engine: Engine, columns: BundleColumns): number {
  const distinct = new IdIndex();
  const fresh = new Uint8Array(columns.id.length);
  for (let at = 0; at < columns.id.length; at += 16) {
    if (distinct.find(columns.id, at) >= 0) continue;
    fresh.set(columns.id.subarray(at, at + 16), distinct.add(columns.id, at) * 16);
  }
  return distinct.rows - engine.countKnown(fresh.subarray(0, distinct.rows * 16));
}

/** Ids of a bundle's staged rows begin with this. */
export function stagePrefix(bundleId: string): string {
  return `${bundleId}/`;
}

function segmentId(prefix: string, number: number): string {
  return `${prefix}${String(number).padStart(6, '0')}`;
}

function unreadable(table: 'segments' | 'deltas', id: string): StorageDamaged {
  return { kind: 'storage-damaged', table, id, how: 'altered' };
}
