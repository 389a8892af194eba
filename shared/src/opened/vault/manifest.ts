/**
 * The vault's manifest: which rows there are, each with its revision and tag, which stages are open, and the highest versions
 * seen. It is itself a sealed row (`meta/manifest`), rewritten in every commit. With every row named in it a removed, swapped or
 * rolled-back row is not only noticed but known by name.
 */
import type { Bytes } from '../../base/bytes.ts';
import { fromUtf8, utf8 } from '../../base/bytes.ts';
import type { JsonObject, JsonValue } from '../../base/strict-json.ts';
import { isJsonObject } from '../../base/strict-json.ts';
import type { RowHead, VaultTable } from './backend.ts';
import { VAULT_TABLES } from './backend.ts';
import type { StorageDamaged } from './store.ts';

export interface ManifestRow {
  readonly rev: number;
  readonly generation: number;
  /** base64url of the row's GCM tag. */
  readonly tag: string;
}

export interface Manifest {
  readonly rows: Readonly<Record<VaultTable, ReadonlyMap<string, ManifestRow>>>;
  /** Writes under the newest key of each table. */
  readonly writes: Readonly<Record<VaultTable, number>>;
  readonly stages: readonly string[];
  readonly seen: JsonObject;
  readonly auditSeq: number;
}

/** A manifest of nothing. */
export function emptyManifest(): Manifest {
  return {
    rows: perTable(() => new Map<string, ManifestRow>()),
    writes: perTable(() => 0),
    stages: [],
    seen: {},
    auditSeq: 0,
  };
}

/** UTF-8 JSON. */
export function encodeManifest(manifest: Manifest): Bytes {
  const rows = perTable((table) =>
    [...manifest.rows[table]].map(([id, row]) => [id, row.rev, row.generation, row.tag]),
  );
  return utf8(JSON.stringify({ v: 1, ...manifest, rows }));
}

/** Reads what `encodeManifest` wrote; `null` for any other bytes (they were authentic, so that is a bug or a newer version). */
export function decodeManifest(bytes: Bytes): Manifest | null {
  const value = parse(bytes);
  if (!isJsonObject(value) || value['v'] !== 1) return null;
  const { rows, writes, stages, seen, auditSeq } = value;
  if (!isJsonObject(rows) || !isJsonObject(writes) || !Array.isArray(stages) || !isJsonObject(seen)) return null;
  if (typeof auditSeq !== 'number') return null;
  return {
    rows: perTable((table) => {
      const list = (rows[table] ?? []) as readonly (readonly [string, number, number, string])[];
      return new Map(list.map(([id, rev, generation, tag]) => [id, { rev, generation, tag }]));
    }),
    writes: perTable((table) => Number(writes[table] ?? 0)),
    stages: stages as readonly string[],
    seen,
    auditSeq,
  };
}

/**
 * Compares a table's listing with the manifest. Rows of an open stage are not part of the vault yet and are no damage.
 * A row that is newer than the manifest says means that the manifest is the old one: then that is named.
 */
export function findDamage(manifest: Manifest, table: VaultTable, heads: readonly RowHead[]): StorageDamaged | null {
  const expected = manifest.rows[table];
  const present = new Set<string>();
  for (const { id, rev } of heads) {
    if (isOutside(table, id)) continue;
    const row = expected.get(id);
    if (row === undefined && !isStaged(manifest, id)) return { kind: 'storage-damaged', table, id, how: 'added' };
    if (row !== undefined && rev > row.rev) {
      return { kind: 'storage-damaged', table: 'meta', id: MANIFEST_ID, how: 'rolled-back' };
    }
    if (row !== undefined && rev < row.rev) return { kind: 'storage-damaged', table, id, how: 'rolled-back' };
    present.add(id);
  }
  for (const id of expected.keys()) {
    if (!present.has(id)) return { kind: 'storage-damaged', table, id, how: 'removed' };
  }
  return null;
}

export const MANIFEST_ID = 'manifest';
export const HEADER_ID = 'header';

/** Rows of `meta` that the manifest does not list: itself, the header with the salts, and the slots. */
export function isOutside(table: VaultTable, id: string): boolean {
  return table === 'meta' && (id === MANIFEST_ID || id === HEADER_ID || id.startsWith('slot/'));
}

/** True for rows of a stage that was announced and not adopted. */
function isStaged(manifest: Manifest, id: string): boolean {
  return manifest.stages.some((prefix) => id.startsWith(prefix));
}

/** One value per table. */
export function perTable<T>(make: (table: VaultTable) => T): Record<VaultTable, T> {
  return Object.fromEntries(VAULT_TABLES.map((table) => [table, make(table)])) as Record<VaultTable, T>;
}

function parse(bytes: Bytes): JsonValue | undefined {
  try {
    return JSON.parse(fromUtf8(bytes) ?? '') as JsonValue;
  } catch {
    return undefined;
  }
}
