/** What findings are judged against: an organisation as far as matching, exposure, features and scoring need to know it. */
import type { Bytes } from '../../base/bytes.ts';
import type { ExposureRule } from './exposure-rules.ts';

/** Security category of what the organisation's accounts open (DOMAIN, Risk model, asset). */
export const ASSETS = ['high', 'medium', 'low', 'unknown'] as const;
export type Asset = (typeof ASSETS)[number];

/** A password that misses one of these cannot be a current one. */
export interface PasswordPolicy {
  readonly minLength: number;
  /** How many of lower, upper, digit, symbol, other must occur. */
  readonly minClasses: number;
}

export const DEFAULT_PASSWORD_POLICY: PasswordPolicy = { minLength: 8, minClasses: 2 };

export interface OrganisationProfile {
  /** 16 bytes (FORMATS, list id). */
  readonly listId: Bytes;
  /** Names in Thai and English, for "password contains the organisation's name". */
  readonly names: readonly string[];
  readonly domains: readonly string[];
  readonly exclude: readonly string[];
  /** Whose accounts stand at which hosts, paths and logins, as operator and organisation say. */
  readonly exposureRules?: readonly ExposureRule[];
  /** Registered address ranges (CIDR): they annotate machines, and never make a finding (DOMAIN rule 5). */
  readonly networks?: readonly string[];
  readonly asset?: Asset;
  readonly passwordPolicy?: PasswordPolicy;
  /** Beginnings of names that the organisation gives its own computers. */
  readonly deviceNamePrefixes?: readonly string[];
}
