/** Content of a `profile` envelope: who an organisation is. The server sees only its salted digest (FORMATS, `organisation`). */
import * as v from 'valibot';
import { toBase64url } from '../../base/base64url.ts';
import { concatBytes, utf8 } from '../../base/bytes.ts';
import { canonicalJsonBytes } from '../../base/canonical-json.ts';
import { sha256 } from '../../sealed/crypto/hash.ts';

const text = (max: number) => v.pipe(v.string(), v.maxLength(max));

export const ProfileSchema = v.strictObject({
  v: v.literal(1),
  org: text(32),
  /** base64url of 16 bytes; joins the organisation to the ids of drafts made before enrolment. */
  listId: text(32),
  /** base64url of 16 random bytes, so that the digest in the public statement cannot be guessed from a name. */
  salt: text(32),
  nameTh: text(200),
  nameEn: text(200),
  type: text(40),
  sector: text(40),
  domains: v.pipe(v.array(text(253)), v.maxLength(200)),
  proofs: v.pipe(
    v.array(
      v.strictObject({
        domain: text(253),
        method: v.picklist(['operator', 'dns']),
        at: v.pipe(v.number(), v.safeInteger()),
        by: text(64),
        note: text(1000),
      }),
    ),
    v.maxLength(200),
  ),
  certTh: text(200),
  certEn: text(200),
});
export type ProfileContent = v.InferOutput<typeof ProfileSchema>;

/** The digest in the public statement: SHA-256(salt || canonical JSON of the profile), base64url. */
export function profileDigest(profile: ProfileContent): string {
  return toBase64url(sha256(concatBytes(utf8(profile.salt), canonicalJsonBytes(profile))));
}
