/** An entry taken apart without copies, for who reads thousands: `parseAuditEntry` of the shared core takes the same ones. */
import { AUDIT_ENTRY_BYTES } from '@sealpost/shared/sealed/audit/entry';

/** Views of the entry's bytes (FORMATS, Audit log). */
export interface EntryView {
  readonly kid: string;
  readonly seq: number;
  readonly prev: Uint8Array;
  readonly commit: Uint8Array;
  readonly signature: Uint8Array;
}

const MAGIC = 0x53504131; // "SPA1"

/** `null` if it is no entry. Its signature is not checked. */
export function readEntry(bytes: Uint8Array): EntryView | null {
  if (bytes.length !== AUDIT_ENTRY_BYTES) return null;
  const entry = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (entry.readUInt32BE(0) !== MAGIC) return null;
  const seq = entry.readUInt32BE(36) * 2 ** 32 + entry.readUInt32BE(40);
  if (seq < 1 || !Number.isSafeInteger(seq)) return null;
  return {
    kid: entry.toString('base64url', 4, 36),
    seq,
    prev: entry.subarray(44, 76),
    commit: entry.subarray(76, 108),
    signature: entry.subarray(108),
  };
}
