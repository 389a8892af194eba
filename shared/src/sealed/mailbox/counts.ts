import { parseBase64url, toBase64url } from '../../base/base64url.ts';
import { concatBytes, utf8 } from '../../base/bytes.ts';
import { canonicalJsonBytes } from '../../base/canonical-json.ts';
import { sha256 } from '../crypto/hash.ts';
import type { Counts } from '../envelope/claims.ts';

/** Commitment to the findings per source of a bundle: in the manifest from the start, opened later by the bundle itself. */

/**
 * SHA-256("sealpost/counts/v1\0" || salt || canonical JSON of the sources), base64url. Source: FORMATS, Mailbox manifest.
 */
export function commitToCounts(counts: Counts): string {
  const salt = parseBase64url(counts.salt, 32);
  if (salt === null) throw new TypeError('commitToCounts: salt of 32 bytes');
  return toBase64url(sha256(concatBytes(utf8('sealpost/counts/v1\0'), salt, canonicalJsonBytes(counts.sources))));
}
