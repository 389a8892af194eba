import * as v from 'valibot';
import type { Ms } from '../../base/brand.ts';
import type { JsonObject } from '../../base/strict-json.ts';
import type { Head } from '../envelope/heads.ts';
import type { ClaimsByType, StatementType } from './claims.ts';
import type { ChainName } from './fields.ts';
import type { Directory } from './model.ts';
import { toBase64url } from '../../base/base64url.ts';
import { HEAD_LIFE_SECONDS } from '../wire/limits.ts';
import { msToSeconds } from '../wire/times.ts';
import { CLAIMS_SCHEMAS } from './claims.ts';
import { chainOf, headOf } from './model.ts';

/** Makes the claims of each statement, ready for `signStatement(type, claims, key)`. Throws on claims no reader would take. */

/** Where the new statement will stand, and when it is made. */
export interface ChainPlace {
  readonly chain: ChainName;
  /** Newest statement of that chain; null for the first. */
  readonly previous: Head | null;
  /** The CERT chain as the signer knows it; null for root statement 1. */
  readonly cert: Head | null;
  readonly nowMs: Ms;
}

/** The next place of a chain. An organisation that is not enrolled yet begins at version 1. */
export function nextPlace(directory: Directory, chain: ChainName, nowMs: Ms): ChainPlace {
  return { chain, previous: headOf(chainOf(directory, chain)), cert: headOf(directory.cert), nowMs };
}

/** The place after `place`, once the statement there has its `sid`: for several statements signed in one go. */
export function placeAfter(place: ChainPlace, sid: Head[1]): ChainPlace {
  const head: Head = [(place.previous?.[0] ?? 0) + 1, sid];
  return { ...place, previous: head, cert: place.chain === 'cert' ? head : place.cert };
}

type Own<T extends StatementType> = Omit<
  ClaimsByType[T],
  'v' | 'chain' | 'ver' | 'prev' | 'cert' | 'iss' | 'iat' | 'exp' | 'crit'
>;

/** Root statement 1; its sid names the deployment. */
export function makeRootClaims(root: {
  readonly publicKey: Uint8Array;
  readonly demo: boolean;
  readonly nowMs: Ms;
}): JsonObject {
  const at: ChainPlace = { chain: 'cert', previous: null, cert: null, nowMs: root.nowMs };
  const key = toBase64url(root.publicKey);
  return make('root', at, root.demo ? { key, demo: true } : { key });
}

/** A further root key, signed by the present one. */
export function makeNextRootClaims(at: ChainPlace, publicKey: Uint8Array): JsonObject {
  return make('root', at, { key: toBase64url(publicKey) });
}

/** Names an operator's device; signed by the root. */
export function makeOperatorClaims(at: ChainPlace, publicKey: Uint8Array, recipient: string): JsonObject {
  return make('operator', at, { key: toBase64url(publicKey), recipient });
}

/** Names an organisation, its admins and where its chain begins; signed by an operator. */
export function makeOrganisationClaims(at: ChainPlace, own: Own<'organisation'>): JsonObject {
  return make('organisation', at, own);
}

/** Names the server's log keys; signed by an operator. */
export function makeLogClaims(at: ChainPlace, own: Own<'log'>): JsonObject {
  return make('log', at, own);
}

/** A version of the data-handling notice; signed by an operator. */
export function makeNoticeClaims(at: ChainPlace, own: Own<'notice'>): JsonObject {
  return make('notice', at, own);
}

/** The hash of a policy document; signed by an operator. */
export function makePolicyClaims(at: ChainPlace, own: Own<'policy'>): JsonObject {
  return make('policy', at, own);
}

/** A new epoch: signed by an operator (CERT, with `intake`) or an admin; number 1 of an organisation by its first device. */
export function makeEpochClaims(at: ChainPlace, own: Own<'epoch'>): JsonObject {
  return make('epoch', at, own);
}

/** Says for seven days that the CERT chain is up to date; signed by an operator. */
export function makeHeadClaims(at: ChainPlace): JsonObject {
  return make('head', at, { exp: msToSeconds(at.nowMs) + HEAD_LIFE_SECONDS });
}

/** Makes a key void: an operator's by the root, a device's by an admin, each also by itself. */
export function makeRevocationClaims(at: ChainPlace, own: Own<'revocation'>): JsonObject {
  return make('revocation', at, own);
}

/** Names a device; the first of an organisation signs its own, later ones an admin. */
export function makeDeviceClaims(
  at: ChainPlace,
  device: { readonly publicKey: Uint8Array } & Omit<Own<'device'>, 'key'>,
): JsonObject {
  const { publicKey, ...own } = device;
  return make('device', at, { ...own, key: toBase64url(publicKey) });
}

/** An admin's consent to new admins or another recovery recipient. */
export function makeConsentClaims(at: ChainPlace, own: Own<'consent'>): JsonObject {
  return make('consent', at, own);
}

function make(type: StatementType, at: ChainPlace, own: object): JsonObject {
  const claims = {
    v: 1,
    chain: at.chain,
    ver: (at.previous?.[0] ?? 0) + 1,
    prev: at.previous?.[1] ?? null,
    cert: at.cert,
    iss: at.chain,
    iat: msToSeconds(at.nowMs),
    ...own,
  };
  return v.parse(CLAIMS_SCHEMAS[type], claims) as unknown as JsonObject;
}
