import * as v from 'valibot';
import type { Brand } from '../../base/brand.ts';
import { parseSid } from './statement.ts';
import type { Sid } from './statement.ts';

/** Which statements a signer had seen: in every envelope and manifest, so that two clients shown different directories find out. */

/** Chain of an organisation: base64url of its 16 random bytes (22 characters), or `cert`. */
export type OrgId = Brand<string, 'OrgId'>;

/** The CERT as an organisation: its mailbox, its chain; generation 0. */
export const CERT_ORG = 'cert' as OrgId;

/** Newest statement of a chain: its version (from 1) and sid. */
export type Head = readonly [ver: number, sid: Sid];

/** Heads by chain: always `cert`, and the organisation of the mailbox where that is another. */
export type Heads = Readonly<Record<string, Head>>;

const ORG = /^[A-Za-z0-9_-]{21}[AQgw]$/;

/** Reads an organisation id: `cert` or canonical base64url of 16 bytes. */
function parseOrgId(text: string): OrgId | null {
  return text === CERT_ORG || ORG.test(text) ? (text as OrgId) : null;
}

export const SidSchema = v.pipe(
  v.string(),
  v.check((text) => parseSid(text) !== null, 'sid'),
  v.transform((text) => text as Sid),
);

export const OrgIdSchema = v.pipe(
  v.string(),
  v.check((text) => parseOrgId(text) !== null, 'org'),
  v.transform((text) => text as OrgId),
);

/** A safe integer of at least 0; the strict JSON reader made sure of the rest. */
export const CountSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** A version: counts from 1. */
export const VersionSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

export const HeadSchema = v.strictTuple([VersionSchema, SidSchema]);

export const HeadsSchema = v.pipe(
  v.record(OrgIdSchema, HeadSchema),
  v.check((heads) => CERT_ORG in heads && Object.keys(heads).length <= 2, 'heads'),
);
