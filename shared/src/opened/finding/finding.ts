/**
 * The finding: one exposure of one organisation, normalised, scored, with a stable id (DOMAIN, Words).
 * Closed vocabularies are `as const` lists, so that wire codes, columns and messages share one order; append only.
 */
import type { Brand, Ms } from '../../base/brand.ts';

/** 16 bytes as 22 base64url characters (FORMATS, Fingerprints and ids). */
export type FindingId = Brand<string, 'FindingId'>;

export const IDENTITY_KINDS = ['email', 'upn', 'phone', 'user', 'appid', 'national_id'] as const;
export type IdentityKind = (typeof IDENTITY_KINDS)[number];

export const EXPOSURES = ['employee', 'customer', 'third_party', 'unclassified'] as const;
export type Exposure = (typeof EXPOSURES)[number];

/** Forms of a login that an exposure rule may ask for (exposure-rules.ts). */
export const LOGIN_FORMS = ['any', 'own_mail', 'public_mail', 'other_mail', 'phone', 'national_id', 'user'] as const;
export type LoginForm = (typeof LOGIN_FORMS)[number];

/** Worst first: a finding shows the worst class among its sightings. */
export const SOURCE_CLASSES = [
  'stealer',
  'phishing',
  'breach_plain',
  'ulp',
  'paste',
  'combo',
  'breach_hash',
  'address_only',
] as const;
export type SourceClass = (typeof SOURCE_CLASSES)[number];

export const PATH_CLASSES = ['other', 'login', 'vpn', 'mail', 'sso', 'admin'] as const;
export type PathClass = (typeof PATH_CLASSES)[number];

/** Lowest first, so that a higher index is a higher level. */
export const LEVELS = ['info', 'low', 'medium', 'high', 'critical'] as const;
export type Level = (typeof LEVELS)[number];

export const CONFIDENCES = ['low', 'medium', 'high'] as const;
export type Confidence = (typeof CONFIDENCES)[number];

export const LENGTH_BANDS = ['<8', '8-11', '12-15', '16+'] as const;
export type LengthBand = (typeof LENGTH_BANDS)[number];

export const STRENGTH_BANDS = ['very_weak', 'weak', 'fair', 'strong'] as const;
export type StrengthBand = (typeof STRENGTH_BANDS)[number];

/** Character classes present in the secret, as bits. */
export const CLASS_LOWER = 1;
export const CLASS_UPPER = 2;
export const CLASS_DIGIT = 4;
export const CLASS_SYMBOL = 8;
export const CLASS_OTHER = 16;

export const COOKIE_STATES = ['none', 'expired', 'live'] as const;
export type CookieState = (typeof COOKIE_STATES)[number];

/** What a publish policy releases: DOMAIN rule 2. */
export const PUBLISH_POLICIES = ['none', 'masked', 'fingerprint', 'sealed'] as const;
export type PublishPolicy = (typeof PUBLISH_POLICIES)[number];

export const TLPS = ['TLP:CLEAR', 'TLP:GREEN', 'TLP:AMBER', 'TLP:AMBER+STRICT', 'TLP:RED'] as const;
export type Tlp = (typeof TLPS)[number];

/** One appearance in one source. A set keyed by `sourceId`; merging is union (FORMATS). */
export interface Sighting {
  /** base64url of 8 bytes, keyed by organisation. */
  readonly sourceId: string;
  readonly sourceClass: SourceClass;
  readonly alias: string;
  readonly family: string | null;
  readonly capturedAtMs: Ms | null;
  readonly publishedAtMs: Ms | null;
  /** When it was loaded. */
  readonly seenAtMs: Ms;
}

/** One line of the score's explanation: `code` names it in the message catalogue, `value` is its effect, `note` a code or number shown with it. */
export interface Factor {
  readonly code: string;
  readonly value: number;
  readonly note?: string;
}

/** What is known of the secret without having it; which parts are `null` follows the publish policy. */
export interface SecretFeatures {
  readonly fitsPolicy: boolean;
  readonly common: boolean;
  readonly reused: boolean;
  readonly mask: string | null;
  readonly lengthBand: LengthBand | null;
  /** CLASS_* bits. */
  readonly classes: number | null;
  readonly strengthBand: StrengthBand | null;
  /** `null` for a clear secret, else the likeliest hash type. */
  readonly hashType: string | null;
  /** base64url of 16 bytes. */
  readonly pairFp: string | null;
  readonly secretFp: string | null;
}

export interface Finding {
  readonly id: FindingId;
  readonly identityKind: IdentityKind;
  /** Canonical form; a national id is masked before it leaves the operator. */
  readonly identity: string;
  /** Groups a person's mailbox (gmail dots and tags folded); never part of the id. */
  readonly mailboxKey: string | null;
  /** Registrable domain of the service, else of the identity's own mail domain, else ''. */
  readonly registrable: string;
  /** Service host, '' if none. */
  readonly host: string;
  readonly pathClass: PathClass;
  readonly application: string | null;
  readonly exposure: Exposure;
  /** `none`: a pair without host or service (DOMAIN rule 3). */
  readonly context: 'service' | 'none';
  readonly sourceClass: SourceClass;
  readonly sourceAlias: string;
  readonly family: string | null;
  /** Keyed machine id, base64url of 16 bytes. */
  readonly machine: string | null;
  readonly machineName: string | null;
  readonly machineOs: string | null;
  readonly machineCountry: string | null;
  readonly capturedAtMs: Ms | null;
  readonly publishedAtMs: Ms | null;
  readonly ingestedAtMs: Ms;
  readonly firstSeenAtMs: Ms;
  readonly lastSeenAtMs: Ms;
  readonly sightings: readonly Sighting[];
  readonly secret: SecretFeatures;
  readonly cookieState: CookieState;
  readonly tags: readonly string[];
  /** 0 to 100. */
  readonly score: number;
  readonly level: Level;
  readonly confidence: Confidence;
  readonly ledger: readonly Factor[];
}
