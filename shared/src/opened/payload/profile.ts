/** Content of a `profile` envelope: who an organisation is. The server sees only its salted digest (FORMATS, `organisation`). */
import * as v from 'valibot';

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
