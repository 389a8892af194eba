/** Makes and opens the sealed store of a backend. */
import type { Bytes } from '../../base/bytes.ts';
import { toBase64url } from '../../base/base64url.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { Backend, RowHead, VaultTable } from './backend.ts';
import { VAULT_TABLES } from './backend.ts';
import { findPageDamage, findRowDamage } from './find-damage.ts';
import { generationOf, importVaultKey, openRow, tagOf } from './keyring.ts';
import type { ManifestRoot, RowMark } from './manifest.ts';
import { decodePage, decodeRoot, emptyRoot, HEADER_ID, MANIFEST_ID, pageId, perTable } from './manifest.ts';
import { RowIndex } from './row-index.ts';
import { deleteLives, headsOf, rowSpace } from './row-space.ts';
import { ManifestStore } from './sealed-store.ts';
import type { SealedStore, StoreError } from './store.ts';
import type { StorageDamaged } from './storage-damaged.ts';
import { decodeStoredValue } from './stored-value.ts';
import type { VaultHeader } from './table-keys.ts';
import { decodeHeader, encodeHeader, makeHeader, TableKeys } from './table-keys.ts';

export interface StoreOptions {
  readonly backend: Backend;
  /** 32 bytes (keyring.ts); copied into non-extractable keys, may be wiped afterwards. */
  readonly vaultKey: Bytes;
  readonly random: (length: number) => Bytes;
  /** Writes after which a table gets a new key (keyring.ts); for tests. */
  readonly maxWritesPerGeneration?: number;
}

/** Makes an empty store on an empty backend; `conflict` if one is there. */
export async function createStore(options: StoreOptions): Promise<Result<SealedStore, StoreError>> {
  const { backend, random } = options;
  const header = makeHeader(random);
  const row = { id: HEADER_ID, rev: 1, bytes: encodeHeader(header) };
  const expect = { table: 'meta' as const, id: HEADER_ID, rev: null };
  const made = await backend.commit({ puts: [{ table: 'meta', row }], deletes: [], expect });
  if (!made.ok) return made;
  const keys = new TableKeys(await importVaultKey(options.vaultKey));
  const rows = perTable(() => new RowIndex());
  const opened = { keys, header, headerRev: 1, root: emptyRoot(), rootRev: 0, rows };
  const store = new ManifestStore({ ...options, ...opened });
  const written = await store.transaction((tx) => tx.setSeen('made', 1));
  return written.ok ? ok(store) : written;
}

/**
 * Opens it: reads the manifest and compares it with every table's listing.
 *
 * @returns `storage-damaged` with the row; `meta/header` or `meta/manifest` also where the vault key is not the right one.
 */
export async function openStore(options: StoreOptions): Promise<Result<SealedStore, StoreError>> {
  const headerRow = await options.backend.get('meta', HEADER_ID);
  if (headerRow === null) return err(damagedMeta(HEADER_ID, 'removed'));
  const header = decodeHeader(headerRow.bytes);
  if (header === null) return err(damagedMeta(HEADER_ID, 'altered'));
  const backend = rowSpace(options.backend, header.life);
  const keys = new TableKeys(await importVaultKey(options.vaultKey));

  const row = await backend.get('meta', MANIFEST_ID);
  if (row === null) return err(damagedMeta(MANIFEST_ID, 'removed'));
  const opening = { keys, header };
  const plain = await openMeta(opening, MANIFEST_ID, row.bytes, row.rev, generationOf(row.bytes) ?? 0);
  const root = plain && decodeRoot(plain);
  if (!root) return err(damagedMeta(MANIFEST_ID, 'altered'));

  const lists = await Promise.all(VAULT_TABLES.map((table) => options.backend.list(table)));
  const listed = (table: VaultTable) => lists[VAULT_TABLES.indexOf(table)] as readonly RowHead[];
  const heads = (table: VaultTable) => headsOf(table, listed(table), header.life);
  const pageDamage = findPageDamage(root, heads('meta'));
  if (pageDamage) return err(pageDamage);
  const rows = await readPages(backend, opening, root);
  if (!rows.ok) return rows;
  for (const table of VAULT_TABLES) {
    const damage = findRowDamage(table, rows.value[table], heads(table));
    if (damage) return err(damage);
  }
  // A re-key that was cut off, or whose rubbish could not be cleared.
  if (VAULT_TABLES.some((table) => heads(table).length < listed(table).length)) {
    await deleteLives(options.backend, (life) => life !== header.life);
  }
  const opened = { root, rootRev: row.rev, headerRev: headerRow.rev, rows: rows.value };
  return ok(new ManifestStore({ ...options, ...opening, ...opened }));
}

interface Opening {
  readonly keys: TableKeys;
  readonly header: VaultHeader;
}

/** All pages that the root names, at once. */
async function readPages(
  backend: Backend,
  opening: Opening,
  root: ManifestRoot,
): Promise<Result<Readonly<Record<VaultTable, RowIndex>>, StorageDamaged>> {
  const rows = perTable(() => new RowIndex());
  const marks = VAULT_TABLES.flatMap((table) => root.pages[table].map((mark) => ({ table, mark })));
  const stored = await backend.getMany(
    'meta',
    marks.map(({ table, mark }) => pageId(table, mark.page)),
  );
  const plains = await Promise.all(
    marks.map(({ table, mark }, i) => openPage(opening, pageId(table, mark.page), mark, stored[i]?.bytes ?? null)),
  );
  for (const [i, { table, mark }] of marks.entries()) {
    const plain = plains[i] as (typeof plains)[number];
    if (!plain.ok) return plain;
    const page = decodePage(plain.value);
    if (page === null || !rows[table].load(mark, page)) return err(damagedMeta(pageId(table, mark.page), 'altered'));
  }
  for (const table of VAULT_TABLES) rows[table].sort();
  return ok(rows);
}

async function openPage(
  opening: Opening,
  id: string,
  mark: RowMark,
  bytes: Bytes | null,
): Promise<Result<Bytes, StorageDamaged>> {
  if (bytes === null) return err(damagedMeta(id, 'removed'));
  const plain = await openMeta(opening, id, bytes, mark.rev, mark.generation);
  if (plain === null) return err(damagedMeta(id, 'altered'));
  return toBase64url(tagOf(bytes)) === mark.tag ? ok(plain) : err(damagedMeta(id, 'rolled-back'));
}

/** Content of a sealed row of `meta`, `null` if it is not that row. */
async function openMeta(
  { keys, header }: Opening,
  id: string,
  bytes: Bytes,
  rev: number,
  generation: number,
): Promise<Bytes | null> {
  const key = await keys.key(header, 'meta', generation);
  const place = { vault: header.vault, table: 'meta' as const, generation, id, rev };
  const plain = key && (await openRow(key, place, bytes));
  const value = plain && decodeStoredValue(plain);
  return value instanceof Uint8Array ? value : null;
}

function damagedMeta(id: string, how: StorageDamaged['how']): StorageDamaged {
  return { kind: 'storage-damaged', table: 'meta', id, how };
}
