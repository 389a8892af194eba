/**
 * The header of a vault (its id and the salts of each table's key generations, which are no secrets) and the keys made from it.
 * Stored in clear as `meta/header`: a changed salt makes rows that do not open.
 */
import { parseBase64url, toBase64url } from '../../base/base64url.ts';
import type { Bytes } from '../../base/bytes.ts';
import { fromUtf8, utf8 } from '../../base/bytes.ts';
import type { VaultTable } from './backend.ts';
import { deriveTableKey, SALT_BYTES } from './keyring.ts';
import { perTable } from './manifest.ts';

export interface VaultHeader {
  /** base64url of 16 random bytes. */
  readonly vault: string;
  /** Counts re-keys (row-space.ts). */
  readonly life: number;
  /** One salt a generation, base64url, the newest last. */
  readonly salts: Readonly<Record<VaultTable, readonly string[]>>;
}

/** A header with one generation for each table. */
export function makeHeader(random: (length: number) => Bytes): VaultHeader {
  return { vault: toBase64url(random(16)), life: 0, salts: newSalts(random) };
}

/** The header of a vault's next life: new salts, since a new vault key is behind them. */
export function nextLife(header: VaultHeader, random: (length: number) => Bytes): VaultHeader {
  return { vault: header.vault, life: header.life + 1, salts: newSalts(random) };
}

/** UTF-8 JSON. */
export function encodeHeader(header: VaultHeader): Bytes {
  return utf8(JSON.stringify({ v: 1, ...header }));
}

/** `null` for anything that is no header: these bytes come from disk, unauthenticated. */
export function decodeHeader(bytes: Bytes): VaultHeader | null {
  try {
    const value = JSON.parse(fromUtf8(bytes) ?? '') as {
      v?: unknown;
      vault?: unknown;
      life?: unknown;
      salts?: Record<string, unknown>;
    };
    if (value.v !== 1 || typeof value.vault !== 'string' || parseBase64url(value.vault, 16) === null) return null;
    const { life } = value;
    if (typeof life !== 'number' || !Number.isSafeInteger(life) || life < 0) return null;
    const salts = perTable((table) => {
      const list: unknown = value.salts?.[table];
      if (!Array.isArray(list) || list.length === 0) throw new TypeError('no salt');
      return list.map((salt: unknown) => {
        if (typeof salt !== 'string' || parseBase64url(salt, SALT_BYTES) === null) throw new TypeError('bad salt');
        return salt;
      });
    });
    return { vault: value.vault, life, salts };
  } catch {
    return null;
  }
}

/** The header with one more generation for `table`. */
export function addGeneration(header: VaultHeader, table: VaultTable, random: (length: number) => Bytes): VaultHeader {
  return { ...header, salts: { ...header.salts, [table]: [...header.salts[table], toBase64url(random(SALT_BYTES))] } };
}

function newSalts(random: (length: number) => Bytes): VaultHeader['salts'] {
  return perTable(() => [toBase64url(random(SALT_BYTES))]);
}

/** Derives each table key once. */
export class TableKeys {
  readonly #vaultKey: CryptoKey;
  readonly #keys = new Map<string, Promise<CryptoKey>>();

  constructor(vaultKey: CryptoKey) {
    this.#vaultKey = vaultKey;
  }

  /** `null` for a generation that the header does not have. */
  async key(header: VaultHeader, table: VaultTable, generation: number): Promise<CryptoKey | null> {
    const salt = parseBase64url(header.salts[table][generation] ?? '', SALT_BYTES);
    if (salt === null) return null;
    const name = `${table} ${header.salts[table][generation]}`;
    const known = this.#keys.get(name) ?? deriveTableKey(this.#vaultKey, salt, table);
    this.#keys.set(name, known);
    return known;
  }
}
