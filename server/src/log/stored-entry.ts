/** An entry as it stands in the database, taken apart without copies: it was parsed and its signature checked when it came. */
import { AUDIT_ENTRY_BYTES } from '@sealpost/shared/sealed/audit/entry';

/** Views of the stored bytes (FORMATS, Audit log). */
export interface StoredEntry {
  readonly kid: string;
  readonly seq: number;
  readonly prev: Uint8Array;
  readonly commit: Uint8Array;
}

const MAGIC = 0x53504131; // "SPA1"

/** `null` if it is no entry. */
export function readStoredEntry(bytes: Uint8Array): StoredEntry | null {
  if (bytes.length !== AUDIT_ENTRY_BYTES) return null;
  const entry = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (entry.readUInt32BE(0) !== MAGIC) return null;
  return {
    kid: entry.toString('base64url', 4, 36),
    seq: entry.readUInt32BE(36) * 2 ** 32 + entry.readUInt32BE(40),
    prev: entry.subarray(44, 76),
    commit: entry.subarray(76, 108),
  };
}
