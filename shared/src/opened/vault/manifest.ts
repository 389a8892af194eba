/**
 * The vault's manifest: which rows there are, each with its revision and tag, and the highest versions seen. With every row named in
 * it a removed, swapped or rolled-back row is not only noticed but known by name. It lies in pages of up to 128 rows
 * (`meta/manifest/<table>/<number>`) and a root that names the pages (`meta/manifest`): a commit rewrites the root and the pages of
 * the rows it changes, so that its cost does not grow with the vault.
 */
import type { Bytes } from '../../base/bytes.ts';
import { fromUtf8, utf8 } from '../../base/bytes.ts';
import type { JsonObject, JsonValue } from '../../base/strict-json.ts';
import { isJsonObject } from '../../base/strict-json.ts';
import type { VaultTable } from './backend.ts';
import { VAULT_TABLES } from './backend.ts';

/** What is known of a sealed row, or of a page of the manifest, before it is read. */
export interface RowMark {
  readonly rev: number;
  readonly generation: number;
  /** base64url of the row's GCM tag. */
  readonly tag: string;
}

/** One page in the root. */
export interface PageMark extends RowMark {
  readonly page: number;
}

export interface ManifestRoot {
  readonly pages: Readonly<Record<VaultTable, readonly PageMark[]>>;
  /** Writes under the newest key of each table. */
  readonly writes: Readonly<Record<VaultTable, number>>;
  readonly seen: JsonObject;
  readonly auditSeq: number;
}

/** The root of a manifest of nothing. */
export function emptyRoot(): ManifestRoot {
  return { pages: perTable(() => []), writes: perTable(() => 0), seen: {}, auditSeq: 0 };
}

/** UTF-8 JSON. */
export function encodeRoot(root: ManifestRoot): Bytes {
  const pages = perTable((table) =>
    root.pages[table].map(({ page, rev, generation, tag }) => [page, rev, generation, tag]),
  );
  return utf8(JSON.stringify({ v: 1, ...root, pages }));
}

/** Reads what `encodeRoot` wrote; `null` for any other bytes (they were authentic, so that is a bug or a newer version). */
export function decodeRoot(bytes: Bytes): ManifestRoot | null {
  const value = parse(bytes);
  if (!isJsonObject(value) || value['v'] !== 1) return null;
  const { pages, writes, seen, auditSeq } = value;
  if (!isJsonObject(pages) || !isJsonObject(writes) || !isJsonObject(seen) || typeof auditSeq !== 'number') return null;
  return {
    pages: perTable((table) => {
      const list = (pages[table] ?? []) as readonly (readonly [number, number, number, string])[];
      return list.map(([page, rev, generation, tag]) => ({ page, rev, generation, tag }));
    }),
    writes: perTable((table) => Number(writes[table] ?? 0)),
    seen,
    auditSeq,
  };
}

/** UTF-8 JSON. */
export function encodePage(rows: Iterable<readonly [id: string, mark: RowMark]>): Bytes {
  return utf8(JSON.stringify(Array.from(rows, ([id, { rev, generation, tag }]) => [id, rev, generation, tag])));
}

/** Reads what `encodePage` wrote; `null` as in `decodeRoot`. */
export function decodePage(bytes: Bytes): readonly (readonly [id: string, mark: RowMark])[] | null {
  const value = parse(bytes);
  if (!Array.isArray(value)) return null;
  const list = value as readonly (readonly [string, number, number, string])[];
  return list.map(([id, rev, generation, tag]) => [id, { rev, generation, tag }]);
}

export const MANIFEST_ID = 'manifest';
export const HEADER_ID = 'header';
const PAGE_PREFIX = `${MANIFEST_ID}/`;

/** Row of `meta` in which a page lies. */
export function pageId(table: VaultTable, page: number): string {
  return `${PAGE_PREFIX}${table}/${page}`;
}

/** Rows of `meta` that no page lists: the manifest itself, the header with the salts, and the slots. */
export function isOutside(table: VaultTable, id: string): boolean {
  return table === 'meta' && (id === MANIFEST_ID || id === HEADER_ID || isPage(id) || id.startsWith('slot/'));
}

/** True for the id of a page. */
export function isPage(id: string): boolean {
  return id.startsWith(PAGE_PREFIX);
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
