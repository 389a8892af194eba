/**
 * In which form a secret was found: clear, a hash, or hashcat's `$HEX[…]` around a clear one. Decided per file where the form alone
 * does not say: sixteen hexadecimal digits are a password in one list and a hash in another.
 */
import { fromHex, fromUtf8 } from '../../base/bytes.ts';
import { identifyHash, namesItsHash } from '../finding/hash-type.ts';
import type { HashContext } from '../finding/hash-type.ts';
import { passwordFields } from './record-fields.ts';
import type { LoadedRecord } from './record.ts';

/** What a file's sample says about its secrets. */
export interface SecretContext extends HashContext {
  /** Nearly all secrets of the sample look like hashes. */
  readonly isHashList: boolean;
}

export const CLEAR_SECRETS: SecretContext = { isHashList: false };

/** From this share of hashes on, a file is a list of hashes. */
const HASH_LIST_SHARE = 0.8;
const HEX_FORM = /^\$HEX\[((?:[0-9a-fA-F]{2})*)\]$/;
/** Bare hexadecimal that is a hash wherever it stands: nobody chooses such a password by hand. */
const SURE_LENGTHS = new Set([32, 40, 56, 64, 96, 128]);
const ONE_CASE_HEX = /^(?:[0-9a-f]+|[0-9A-F]+)$/;

export type SecretFields = Pick<LoadedRecord, 'password' | 'rawPassword' | 'hashTypes' | 'salt'>;

/** Reads what stands in the place of the secret. `salt`: where the file has it in a column of its own. */
export function secretFields(found: string, context: SecretContext, salt = ''): SecretFields {
  const hex = HEX_FORM.exec(found.trim())?.[1];
  if (hex !== undefined) return { ...passwordFields(textOfHex(hex)), hashTypes: [] };
  const trimmed = found.trim();
  // Formats that name themselves are hashes in any file, and hold their own salt.
  if (namesItsHash(trimmed)) return withSalt(trimmed, salt, namesOf(trimmed, context));
  const colon = trimmed.indexOf(':');
  const hash = colon < 0 ? trimmed : trimmed.slice(0, colon);
  const behind = colon < 0 ? salt : trimmed.slice(colon + 1);
  if (!context.isHashList && !(SURE_LENGTHS.has(hash.length) && ONE_CASE_HEX.test(hash))) {
    return { ...passwordFields(found), hashTypes: [] };
  }
  const types = namesOf(hash, { ...context, salted: context.salted === true || behind !== '' });
  return types.length === 0 ? { ...passwordFields(found), hashTypes: [] } : withSalt(hash, behind, types);
}

/** What the secrets of a sample have in common. */
export function secretContext(secrets: readonly string[], column?: string): SecretContext {
  const told = secrets.filter((secret) => secret.trim() !== '');
  const hashes = told.filter((secret) => identifyHash(secret.trim()).length > 0).length;
  const isHashList = told.length > 0 && hashes >= told.length * HASH_LIST_SHARE;
  return { isHashList, ...(column === undefined ? {} : { column }) };
}

function namesOf(text: string, context: HashContext): readonly string[] {
  return identifyHash(text, context).map(({ name }) => name);
}

function withSalt(password: string, salt: string, hashTypes: readonly string[]): SecretFields {
  return { password, hashTypes, ...(salt === '' ? {} : { salt }) };
}

/** hashcat writes bytes; passwords of old lists are not always UTF-8. */
function textOfHex(hex: string): string {
  const bytes = fromHex(hex) ?? new Uint8Array(0);
  return fromUtf8(bytes) ?? new TextDecoder('windows-1252').decode(bytes);
}
