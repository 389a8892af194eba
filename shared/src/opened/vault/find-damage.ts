/** Compares what lies in a backend with what the manifest says, by listing alone: what is gone, rolled back or nobody's has a name. */
import type { RowHead, VaultTable } from './backend.ts';
import type { ManifestRoot } from './manifest.ts';
import { isOutside, isPage, MANIFEST_ID, pageId } from './manifest.ts';
import { VAULT_TABLES } from './backend.ts';
import type { RowIndex } from './row-index.ts';
import type { StorageDamaged } from './storage-damaged.ts';

/** The manifest's own pages against the root, from the listing of `meta`. A page that the root does not name was made after it. */
export function findPageDamage(root: ManifestRoot, heads: readonly RowHead[]): StorageDamaged | null {
  const expected = new Map<string, number>();
  for (const table of VAULT_TABLES) {
    for (const { page, rev } of root.pages[table]) expected.set(pageId(table, page), rev);
  }
  const pages = heads.filter(({ id }) => isPage(id));
  if (pages.some(({ id }) => !expected.has(id))) return oldManifest();
  return compare('meta', (id) => expected.get(id), expected.keys(), pages);
}

/** A table's rows. A row that is newer than the manifest says means that the manifest is the old one: then that is named. */
export function findRowDamage(table: VaultTable, index: RowIndex, heads: readonly RowHead[]): StorageDamaged | null {
  const rows = heads.filter(({ id }) => !isOutside(table, id));
  return compare(table, (id) => index.mark(id)?.rev, index.ids(''), rows);
}

function compare(
  table: VaultTable,
  revOf: (id: string) => number | undefined,
  ids: Iterable<string>,
  heads: readonly RowHead[],
): StorageDamaged | null {
  const present = new Set<string>();
  for (const { id, rev } of heads) {
    const expected = revOf(id);
    if (expected === undefined) return { kind: 'storage-damaged', table, id, how: 'added' };
    if (rev > expected) return oldManifest();
    if (rev < expected) return { kind: 'storage-damaged', table, id, how: 'rolled-back' };
    present.add(id);
  }
  for (const id of ids) if (!present.has(id)) return { kind: 'storage-damaged', table, id, how: 'removed' };
  return null;
}

function oldManifest(): StorageDamaged {
  return { kind: 'storage-damaged', table: 'meta', id: MANIFEST_ID, how: 'rolled-back' };
}
