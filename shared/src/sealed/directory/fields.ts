/** Fields that statements and wire bodies share: identifiers, keys, times. Each schema yields a type that cannot be wrong. */
import * as v from 'valibot';
import { parseBase64url } from '../../base/base64url.ts';
import { isAgeRecipient } from '../crypto/age.ts';
import { parsePublicKey } from '../crypto/ed25519.ts';
import type { Kid } from '../crypto/keys.ts';
import { CERT_ORG } from '../envelope/heads.ts';
import type { OrgId } from '../envelope/heads.ts';

export type { OrgId };

/** A chain, and a mailbox: the CERT's or one organisation's. */
export type ChainName = 'cert' | OrgId;

/** The organisation whose chain it is. */
export function chainToOrg(chain: ChainName): OrgId {
  return chain === 'cert' ? CERT_ORG : chain;
}

/** Base64url of exactly `size` bytes, canonical. */
function binary(size: number) {
  const chars = Math.ceil((size * 4) / 3);
  return v.pipe(
    v.string(),
    v.length(chars),
    v.check((text) => parseBase64url(text, size) !== null, 'base64url'),
  );
}

/** 16 bytes: a random id, or the first half of a hash. */
export const Id16Schema = binary(16);

/** 32 bytes: hashes, tokens' hashes. */
export const Bytes32Schema = binary(32);

/** Thumbprint of a signing key. */
export const KidSchema = v.pipe(
  Bytes32Schema,
  v.transform((text) => text as Kid),
);

/** Random id of an organisation; never `cert`. */
export const OrganisationIdSchema = v.pipe(
  Id16Schema,
  v.transform((text) => text as OrgId),
);

/** `cert` or an organisation. */
export const ChainNameSchema = v.union([v.literal('cert'), OrganisationIdSchema]);

/** A raw Ed25519 public key; small-order and non-canonical points are refused here already. */
export const PublicKeySchema = v.pipe(
  v.string(),
  v.length(43),
  v.check((text) => parsePublicKey(text) !== null, 'public key'),
);

/** An age X25519 recipient: Bech32, lower case (C2SP age, "The X25519 recipient type"). */
export const RecipientSchema = v.pipe(v.string(), v.length(62), v.check(isAgeRecipient, 'age recipient'));

/** Seconds since 1970: from 2001 to 2255, so that milliseconds given by mistake are refused. */
export const SecondsSchema = v.pipe(v.number(), v.integer(), v.minValue(1_000_000_000), v.maxValue(9_000_000_000));

/** Small counters: generations, epochs, log epochs. */
export const CounterSchema = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff_ffff));

/** Parses the id of an organisation; `null` if it is none, or `cert`. */
function parseOrganisationId(text: string): OrgId | null {
  return parseBase64url(text, 16) === null ? null : (text as OrgId);
}

/** Parses a chain's or mailbox's name, `null` if it is none. */
export function parseChainName(text: string): ChainName | null {
  return text === 'cert' ? 'cert' : parseOrganisationId(text);
}
