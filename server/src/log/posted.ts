/** Entries of a POST, taken apart: everything but the signatures, which cost the most, is checked here. */
import { parseBase64url } from '@sealpost/shared/base/base64url';
import type { Bytes } from '@sealpost/shared/base/bytes';
import { isAuditPayloadOf, parseAuditEntry } from '@sealpost/shared/sealed/audit/entry';
import { AuditBodySchema } from '@sealpost/shared/sealed/wire/bodies';
import { parseJsonBody } from '../guard/json.ts';

/** One entry with its payload, both well formed and belonging together. */
export interface PostedEntry {
  readonly seq: number;
  readonly prev: Bytes;
  readonly leaf: Bytes;
  readonly bytes: Bytes;
  readonly signature: Bytes;
  readonly salt: Bytes;
  readonly sealed: Bytes;
}

export interface PostedBody {
  readonly entries: readonly PostedEntry[];
  /** Size of the last checkpoint that the caller holds. */
  readonly from: number | null;
}

/** What a body holds, if every entry is by `kid` and has the payload it was signed for; else `null`. Signatures are not checked yet. */
export function parsePosted(body: Uint8Array, kid: string): PostedBody | null {
  const parsed = parseJsonBody(AuditBodySchema, body);
  if (parsed === null) return null;
  const entries: PostedEntry[] = [];
  for (const posted of parsed.entries) {
    const bytes = parseBase64url(posted.entry, 172);
    const salt = parseBase64url(posted.salt, 32);
    const sealed = parseBase64url(posted.payload, 512);
    if (bytes === null || salt === null || sealed === null) return null;
    const entry = parseAuditEntry(bytes);
    if (!entry.ok || entry.value.kid !== kid || !isAuditPayloadOf(entry.value, salt, sealed)) return null;
    const { seq, prev, leaf, signature } = entry.value;
    entries.push({ seq, prev, leaf, bytes: entry.value.bytes, signature, salt, sealed });
  }
  return { entries, from: parsed.from ?? null };
}
