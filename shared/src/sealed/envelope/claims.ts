import * as v from 'valibot';
import { parseBase64url } from '../../base/base64url.ts';
import type { Brand } from '../../base/brand.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { JsonObject } from '../../base/strict-json.ts';
import { CERT_ORG, CountSchema, HeadsSchema, OrgIdSchema, SidSchema, VersionSchema } from './heads.ts';
import type { EnvelopeKind } from './kinds.ts';
import { parseEnvelopeKind } from './kinds.ts';

/** What the statement of an envelope claims (FORMATS, Envelope). Unknown claims are ignored. */

/** 16 random bytes as base64url (22 characters). Counts once per vault. */
export type EnvelopeId = Brand<string, 'EnvelopeId'>;

/** FORMATS, Requests: the largest sealed file. */
export const MAX_SEALED_BYTES = 256 * 1024 * 1024;

/** FORMATS, Envelope: the largest content once unpacked, and the largest ratio to its packed size. */
const MAX_INFLATED_BYTES = 2 ** 31;
const MAX_INFLATED_RATIO = 100;

/** Media types of gzip content end like this; only they have `inflated`. */
const GZIP_SUFFIX = '+gzip';

export const EnvelopeIdSchema = v.pipe(
  v.string(),
  v.check((text) => parseBase64url(text, 16) !== null, 'id'),
  v.transform((text) => text as EnvelopeId),
);

/** base64url of 32 bytes: a SHA-256 or a salt. */
export const Hash256Schema = v.pipe(
  v.string(),
  v.check((text) => parseBase64url(text, 32) !== null, 'sha256'),
);

/** Opens the commitment of the manifest: salt (32 bytes) and the number of findings per source alias. */
export const CountsSchema = v.object({
  salt: Hash256Schema,
  sources: v.pipe(
    v.record(v.pipe(v.string(), v.maxLength(200)), CountSchema),
    v.check((sources) => Object.keys(sources).length <= 1000, 'sources'),
  ),
});
export type Counts = v.InferOutput<typeof CountsSchema>;

const MEDIA = /^[a-z0-9.-]{1,64}\/[a-z0-9.+-]{1,128}$/;

const EnvelopeClaimsSchema = v.pipe(
  v.object({
    v: v.literal(1),
    id: EnvelopeIdSchema,
    kind: v.pipe(
      v.string(),
      v.check((text) => parseEnvelopeKind(text) !== null, 'kind'),
      v.transform((text) => text as EnvelopeKind),
    ),
    iss: OrgIdSchema,
    aud: v.strictTuple([OrgIdSchema, CountSchema]),
    epoch: CountSchema,
    seq: CountSchema,
    heads: HeadsSchema,
    iat: CountSchema,
    exp: v.optional(CountSchema),
    refs: v.optional(v.pipe(v.array(SidSchema), v.maxLength(100))),
    counts: v.optional(CountsSchema),
    media: v.pipe(v.string(), v.regex(MEDIA)),
    size: v.pipe(CountSchema, v.maxValue(MAX_SEALED_BYTES)),
    inflated: v.optional(VersionSchema),
    sha256: Hash256Schema,
  }),
  v.check((claims) => claims.media.endsWith(GZIP_SUFFIX) === (claims.inflated !== undefined), 'inflated'),
  v.check((claims) => {
    const own = claims.kind === 'access-request' ? claims.iss : claims.aud[0];
    return Object.keys(claims.heads).every((chain) => chain === CERT_ORG || chain === own);
  }, 'heads of another chain'),
);

/** Checked claims. `iat` and `exp` in seconds; `size` and `sha256` are of the content as packed, `inflated` of it unpacked. */
export type EnvelopeClaims = v.InferOutput<typeof EnvelopeClaimsSchema>;

/** `update-needed`: a newer version wrote this. `too-large`: it claims to unpack to more than anyone may. */
export type ClaimsError = { readonly kind: 'update-needed' | 'malformed-claims' | 'too-large' };

/** Reads the claims of an envelope's statement. */
export function parseEnvelopeClaims(claims: JsonObject): Result<EnvelopeClaims, ClaimsError> {
  if (typeof claims['v'] === 'number' && claims['v'] > 1) return err({ kind: 'update-needed' });
  const parsed = v.safeParse(EnvelopeClaimsSchema, claims);
  if (!parsed.success) return err({ kind: 'malformed-claims' });
  if (!isInflationAllowed(parsed.output.size, parsed.output.inflated ?? 0)) return err({ kind: 'too-large' });
  return ok(parsed.output);
}

/** FORMATS, Envelope: at most 2 GiB and 100:1. */
export function isInflationAllowed(size: number, inflated: number): boolean {
  return inflated <= MAX_INFLATED_BYTES && inflated <= size * MAX_INFLATED_RATIO;
}
