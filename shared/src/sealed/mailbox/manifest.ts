import * as v from 'valibot';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { JsonObject } from '../../base/strict-json.ts';
import type { SigningKey } from '../crypto/ed25519.ts';
import type { Kid } from '../crypto/keys.ts';
import type { Head, Heads } from '../envelope/heads.ts';
import type { Sid, Statement } from '../envelope/statement.ts';
import { needsUpdate, parseStatement, signStatement, verifyStatement } from '../envelope/statement.ts';
import type { ManifestClaims, ManifestItem, ManifestPageClaims } from './manifest-claims.ts';
import {
  MANIFEST_LIFETIME_SECONDS,
  ManifestClaimsSchema,
  ManifestPageClaimsSchema,
  MAX_MANIFEST_ITEMS,
} from './manifest-claims.ts';

/**
 * The signed list of what waits in a mailbox: one feed per writer and mailbox, versions 1, 2, 3… linked by `prev`. How a reader
 * compares versions: `check-manifest.ts`.
 */

/** `typ` of manifests and pages, in short form. */
const MANIFEST_TYPE = 'manifest';
const MANIFEST_PAGE_TYPE = 'manifest-page';

export interface Manifest {
  readonly statement: Statement;
  readonly claims: ManifestClaims;
}

export interface ManifestPage {
  readonly statement: Statement;
  readonly claims: ManifestPageClaims;
}

/** `malformed`: not a manifest. `forged`: not signed by `feed`'s key. `update-needed`: written by a newer version. */
export type ManifestError = { readonly kind: 'malformed' | 'forged' | 'update-needed' };

export interface ManifestInput {
  readonly signer: SigningKey;
  /** The version before this one, as [ver, sid]; `null` for version 1. */
  readonly previous: Head | null;
  /** `cert`, and the organisation of the mailbox. */
  readonly heads: Heads;
  readonly items: readonly ManifestItem[];
  readonly pages: readonly Sid[];
  /** Newest versions of this mailbox's other feeds that the writer knows, by feed. */
  readonly seen: Readonly<Record<Kid, Head>>;
  readonly nowMs: number;
}

/** Signs the next version of the signer's feed. Throws over 1,000 items: move the oldest to a page first (`splitPage`). */
export async function signManifest(input: ManifestInput): Promise<Manifest> {
  const iat = Math.floor(input.nowMs / 1000);
  const claims = {
    v: 1,
    feed: input.signer.kid,
    ver: (input.previous?.[0] ?? 0) + 1,
    prev: input.previous?.[1] ?? null,
    heads: input.heads,
    iat,
    exp: iat + MANIFEST_LIFETIME_SECONDS,
    items: itemsToJson(input.items),
    pages: input.pages,
    seen: input.seen,
  };
  const parsed = v.parse(ManifestClaimsSchema, claims);
  return { statement: await signStatement(MANIFEST_TYPE, claims, input.signer), claims: parsed };
}

/** Signs a page of at most 1,000 older items. */
export async function signManifestPage(items: readonly ManifestItem[], signer: SigningKey): Promise<ManifestPage> {
  const claims = { v: 1, feed: signer.kid, items: itemsToJson(items) };
  const parsed = v.parse(ManifestPageClaimsSchema, claims);
  return { statement: await signStatement(MANIFEST_PAGE_TYPE, claims, signer), claims: parsed };
}

/** Takes the oldest items away where `items` (oldest first) leaves no room for one more: `page` is `null` or holds 1,000 of them. */
export function splitPage(items: readonly ManifestItem[]): {
  readonly page: readonly ManifestItem[] | null;
  readonly items: readonly ManifestItem[];
} {
  if (items.length < MAX_MANIFEST_ITEMS) return { page: null, items };
  return { page: items.slice(0, MAX_MANIFEST_ITEMS), items: items.slice(MAX_MANIFEST_ITEMS) };
}

/** Reads a manifest: form and claims, and that its feed is its signer's. The signature is `verifyManifest`'s. */
export function parseManifest(compact: string): Result<Manifest, ManifestError> {
  const statement = parseStatement(compact);
  if (!statement.ok || statement.value.type !== MANIFEST_TYPE) return err({ kind: 'malformed' });
  if (needsUpdate(statement.value.claims, [])) return err({ kind: 'update-needed' });
  const claims = v.safeParse(ManifestClaimsSchema, statement.value.claims);
  if (!claims.success) return err({ kind: 'malformed' });
  if (claims.output.feed !== statement.value.kid) return err({ kind: 'forged' });
  return ok({ statement: statement.value, claims: claims.output });
}

/** True if the key of the feed signed it. Whether that key may write to this mailbox is the chains' to say. */
export function verifyManifest(manifest: Manifest, publicKey: Uint8Array): Promise<boolean> {
  return verifyStatement(manifest.statement, publicKey);
}

/** Reads a page and checks that it is the one that `sid` names in `manifest`, which is verified: so its signature need not be. */
export function parseManifestPage(compact: string, sid: Sid, manifest: Manifest): Result<ManifestPage, ManifestError> {
  const statement = parseStatement(compact);
  if (!statement.ok || statement.value.type !== MANIFEST_PAGE_TYPE) return err({ kind: 'malformed' });
  if (statement.value.sid !== sid || !manifest.claims.pages.includes(sid)) return err({ kind: 'forged' });
  if (needsUpdate(statement.value.claims, [])) return err({ kind: 'update-needed' });
  const claims = v.safeParse(ManifestPageClaimsSchema, statement.value.claims);
  if (!claims.success) return err({ kind: 'malformed' });
  if (claims.output.feed !== manifest.claims.feed) return err({ kind: 'forged' });
  return ok({ statement: statement.value, claims: claims.output });
}

/** A manifest's place in its feed. */
export function headOfManifest(manifest: Manifest): Head {
  return [manifest.claims.ver, manifest.statement.sid];
}

function itemsToJson(items: readonly ManifestItem[]): readonly JsonObject[] {
  return items.map((item) => {
    if ('withdrawn' in item) return { id: item.id, withdrawn: item.withdrawn };
    const { id, size, sha256, epoch, counts } = item;
    return { id, size, sha256, epoch, ...(counts === undefined ? {} : { counts }) };
  });
}
