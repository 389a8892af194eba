/** Entries of a POST, taken apart: everything but the signatures, which cost the most, is checked here. */
import { parseBase64url } from '@sealpost/shared/base/base64url';
import type { Bytes } from '@sealpost/shared/base/bytes';
import { auditCommitMessage } from '@sealpost/shared/sealed/audit/entry';
import { AuditBodySchema } from '@sealpost/shared/sealed/wire/bodies';
import { parseJsonBody } from '../guard/json.ts';
import { isCommitOf, leafHashNatively } from './native-hash.ts';
import { readEntry } from './entry-view.ts';

/** One entry with its payload, both well formed and belonging together. */
export interface PostedEntry {
  readonly seq: number;
  readonly prev: Uint8Array;
  readonly leaf: Bytes;
  readonly bytes: Bytes;
  readonly signature: Uint8Array;
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
    const entry = readEntry(bytes);
    if (entry === null || entry.kid !== kid || !isCommitOf(entry.commit, auditCommitMessage(salt, sealed))) return null;
    const { seq, prev, signature } = entry;
    entries.push({ seq, prev, leaf: leafHashNatively(bytes), bytes, signature, salt, sealed });
  }
  return { entries, from: parsed.from ?? null };
}
