import * as v from 'valibot';
import type { Kid } from '../crypto/keys.ts';
import { parseKid } from '../crypto/keys.ts';
import type { EnvelopeId } from '../envelope/claims.ts';
import { EnvelopeIdSchema, Hash256Schema, MAX_SEALED_BYTES } from '../envelope/claims.ts';
import { CountSchema, HeadSchema, HeadsSchema, SidSchema, VersionSchema } from '../envelope/heads.ts';

/** What a manifest and its pages claim (FORMATS, Mailbox manifest). Unknown claims are ignored. */

/** FORMATS: the most items of one manifest or page; older ones move to pages. */
export const MAX_MANIFEST_ITEMS = 1000;

/** FORMATS: a manifest expires after 14 days, so that a server that holds new ones back is noticed. */
export const MANIFEST_LIFETIME_SECONDS = 14 * 24 * 3600;

/** A file that waits. `size` and `sha256` (base64url) are of the ciphertext; `counts` is a commitment (`commitToCounts`). */
export interface ListedItem {
  readonly id: EnvelopeId;
  readonly size: number;
  readonly sha256: string;
  readonly epoch: number;
  readonly counts?: string | undefined;
}

/** A file that was taken back (DOMAIN rule 13). */
export interface WithdrawnItem {
  readonly id: EnvelopeId;
  readonly withdrawn: string;
}

export type ManifestItem = ListedItem | WithdrawnItem;

/** True for a file that can be fetched. */
export function isListed(item: ManifestItem): item is ListedItem {
  return !('withdrawn' in item);
}

const KidSchema = v.pipe(
  v.string(),
  v.check((text) => parseKid(text) !== null, 'kid'),
  v.transform((text) => text as Kid),
);

const ItemSchema = v.union([
  v.object({ id: EnvelopeIdSchema, withdrawn: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9_]{0,31}$/)) }),
  v.object({
    id: EnvelopeIdSchema,
    size: v.pipe(CountSchema, v.minValue(1), v.maxValue(MAX_SEALED_BYTES)),
    sha256: Hash256Schema,
    epoch: CountSchema,
    counts: v.optional(Hash256Schema),
  }),
]);

const ItemsSchema = v.pipe(
  v.array(ItemSchema),
  v.maxLength(MAX_MANIFEST_ITEMS),
  v.check((items) => new Set(items.map((item) => item.id)).size === items.length, 'an id twice'),
);

export const ManifestClaimsSchema = v.pipe(
  v.object({
    v: v.literal(1),
    feed: KidSchema,
    ver: VersionSchema,
    prev: v.nullable(SidSchema),
    heads: HeadsSchema,
    iat: CountSchema,
    exp: CountSchema,
    items: ItemsSchema,
    pages: v.pipe(v.array(SidSchema), v.maxLength(1000)),
    seen: v.record(KidSchema, HeadSchema),
  }),
  v.check((claims) => (claims.ver === 1) === (claims.prev === null), 'prev'),
);
export type ManifestClaims = v.InferOutput<typeof ManifestClaimsSchema>;

/** Older items, immutable, named by sid in `pages` of the manifests after it. */
export const ManifestPageClaimsSchema = v.object({ v: v.literal(1), feed: KidSchema, items: ItemsSchema });
export type ManifestPageClaims = v.InferOutput<typeof ManifestPageClaimsSchema>;
