/** Makes and opens the sealed store of a backend. */
import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { Backend } from './backend.ts';
import { VAULT_TABLES } from './backend.ts';
import { generationOf, importVaultKey, openRow } from './keyring.ts';
import { decodeManifest, emptyManifest, findDamage, HEADER_ID, MANIFEST_ID } from './manifest.ts';
import { ManifestStore } from './sealed-store.ts';
import type { SealedStore, StorageDamaged, StoreError } from './store.ts';
import { decodeStoredValue } from './stored-value.ts';
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
  const store = new ManifestStore({
    ...options,
    keys,
    header,
    headerRev: 1,
    manifest: emptyManifest(),
    manifestRev: 0,
  });
  const written = await store.transaction((tx) => tx.setSeen('made', 1));
  return written.ok ? ok(store) : written;
}

/**
 * Opens it: reads the manifest, compares it with every table's listing, sweeps abandoned stages.
 *
 * @returns `storage-damaged` with the row; `meta/header` or `meta/manifest` also where the vault key is not the right one.
 */
export async function openStore(options: StoreOptions): Promise<Result<SealedStore, StoreError>> {
  const { backend } = options;
  const headerRow = await backend.get('meta', HEADER_ID);
  if (headerRow === null) return err(damagedMeta(HEADER_ID, 'removed'));
  const header = decodeHeader(headerRow.bytes);
  if (header === null) return err(damagedMeta(HEADER_ID, 'altered'));
  const keys = new TableKeys(await importVaultKey(options.vaultKey));

  const row = await backend.get('meta', MANIFEST_ID);
  if (row === null) return err(damagedMeta(MANIFEST_ID, 'removed'));
  const generation = generationOf(row.bytes) ?? 0;
  const key = await keys.key(header, 'meta', generation);
  const place = { vault: header.vault, table: 'meta' as const, generation, id: MANIFEST_ID, rev: row.rev };
  const plain = key && (await openRow(key, place, row.bytes));
  const value = plain && decodeStoredValue(plain);
  const manifest = value instanceof Uint8Array ? decodeManifest(value) : null;
  if (manifest === null) return err(damagedMeta(MANIFEST_ID, 'altered'));

  for (const table of VAULT_TABLES) {
    const damage = findDamage(manifest, table, await backend.list(table));
    if (damage) return err(damage);
  }
  const store = new ManifestStore({
    ...options,
    keys,
    header,
    headerRev: headerRow.rev,
    manifest,
    manifestRev: row.rev,
  });
  const swept = await store.sweepStages();
  return swept.ok ? ok(store) : swept;
}

function damagedMeta(id: string, how: StorageDamaged['how']): StorageDamaged {
  return { kind: 'storage-damaged', table: 'meta', id, how };
}
