/**
 * Keys of the vault at rest and the form of one sealed row (FORMATS, Vault at rest). Keys are non-extractable from here on.
 * Row = version u8 (1) | generation u32be | IV[12] | AES-256-GCM ciphertext with its tag[16].
 */
import type { Bytes } from '../../base/bytes.ts';
import { canonicalJsonBytes } from '../../base/canonical-json.ts';
import { freeBuffer, utf8 } from '../../base/bytes.ts';
import type { VaultTable } from './backend.ts';

export const VAULT_KEY_BYTES = 32;
export const SALT_BYTES = 32;
/** FORMATS, Vault at rest: random 96-bit IVs stay far from collision below this many writes under one key. */
export const MAX_WRITES_PER_GENERATION = 2 ** 28;

const ROW_VERSION = 1;
export const IV_BYTES = 12;
export const TAG_BYTES = 16;
const HEADER_BYTES = 5;
/** From here on giving memory back is worth a message. */
const LARGE_BYTES = 16 * 1024;

/** What a row is bound to: it opens nowhere else and as nothing else. */
export interface RowPlace {
  readonly vault: string;
  readonly table: VaultTable;
  readonly generation: number;
  readonly id: string;
  readonly rev: number;
}

/** The vault key inside the engine: derives table keys, cannot be read. `vaultKey` is 32 bytes and may be wiped afterwards. */
export async function importVaultKey(vaultKey: Bytes): Promise<CryptoKey> {
  if (vaultKey.length !== VAULT_KEY_BYTES) throw new RangeError('importVaultKey: 32 bytes');
  return crypto.subtle.importKey('raw', vaultKey, 'HKDF', false, ['deriveKey']);
}

/** K = HKDF-SHA-256(vault key, salt of the table's generation, "sealpost/vault/v1\0" || table). */
export async function deriveTableKey(vaultKey: CryptoKey, salt: Bytes, table: VaultTable): Promise<CryptoKey> {
  return crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt, info: utf8(`sealpost/vault/v1\0${table}`) },
    vaultKey,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  );
}

/** Seals `plain` for `place`, in what `take` gives. `iv` is 12 random bytes, new for every write. */
export async function sealRow(
  key: CryptoKey,
  place: RowPlace,
  plain: Bytes,
  iv: Bytes,
  take: (length: number) => Bytes = (length) => new Uint8Array(length),
): Promise<Bytes> {
  if (iv.length !== IV_BYTES) throw new RangeError('sealRow: IV of 12 bytes');
  const sealed = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv, additionalData: additionalData(place) },
    key,
    plain,
  );
  const row = take(HEADER_BYTES + IV_BYTES + sealed.byteLength);
  row[0] = ROW_VERSION;
  new DataView(row.buffer, row.byteOffset).setUint32(1, place.generation);
  row.set(iv, HEADER_BYTES);
  row.set(new Uint8Array(sealed), HEADER_BYTES + IV_BYTES);
  if (sealed.byteLength >= LARGE_BYTES) freeBuffer(sealed);
  return row;
}

/** Plaintext of a row, or `null` if it is not the row of `place`. */
export async function openRow(key: CryptoKey, place: RowPlace, row: Bytes): Promise<Bytes | null> {
  if (generationOf(row) !== place.generation) return null;
  const iv = row.subarray(HEADER_BYTES, HEADER_BYTES + IV_BYTES);
  const sealed = row.subarray(HEADER_BYTES + IV_BYTES);
  try {
    const aad = additionalData(place);
    return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: aad }, key, sealed));
  } catch {
    return null;
  }
}

/** The generation a row claims, or `null` if it has no row's form. */
export function generationOf(row: Bytes): number | null {
  if (row.length < HEADER_BYTES + IV_BYTES + TAG_BYTES || row[0] !== ROW_VERSION) return null;
  return new DataView(row.buffer, row.byteOffset).getUint32(1);
}

/** The GCM tag: with the key it names one content, so the manifest keeps it per row. */
export function tagOf(row: Bytes): Bytes {
  return row.slice(-TAG_BYTES);
}

/** Canonical JSON of a place (FORMATS, Vault at rest): what a ciphertext is bound to. */
export function additionalData(place: RowPlace): Bytes {
  return canonicalJsonBytes([place.vault, place.table, place.generation, place.id, place.rev]);
}
