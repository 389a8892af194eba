/** The constituency: organisations on the operator's list, and their terms. */
import type { Ms } from '../../../base/brand.ts';
import type { ExposureRule } from '../../finding/exposure-rules.ts';
import type { TermChange, WatchVersion } from '../../match/watch-history.ts';

export const ORGANISATION_TYPES = [
  'state_agency',
  'regulator',
  'cii_body',
  'sectoral_cert',
  'local_government',
  'university',
  'private',
] as const;
export type OrganisationType = (typeof ORGANISATION_TYPES)[number];

export const SECTORS = [
  'national_security',
  'public_service',
  'banking_finance',
  'it_telecom',
  'transport_logistics',
  'energy_utilities',
  'public_health',
  'others',
] as const;
export type Sector = (typeof SECTORS)[number];

export const ORGANISATION_STATES = ['listed', 'invited', 'requested', 'enrolled', 'suspended'] as const;
export type OrganisationState = (typeof ORGANISATION_STATES)[number];

export interface Contact {
  readonly name: string;
  readonly position: string;
  readonly email: string;
  readonly phone: string;
  readonly language: 'th' | 'en';
}

export interface OrganisationForm {
  readonly nameTh: string;
  readonly nameEn: string;
  readonly type: OrganisationType;
  readonly sector: Sector;
  readonly parent: string | null;
  readonly province: string | null;
  readonly domains: readonly string[];
  readonly exclude: readonly string[];
  readonly keywords: readonly { readonly term: string; readonly scope: 'anywhere' | 'login' | 'host' }[];
  /** Forms of logins as watch terms (match/login-pattern.ts). */
  readonly patterns?: readonly string[];
  /** Whose account a login is, by host, path and form; before the rules that hold for everybody. */
  readonly exposureRules?: readonly ExposureRule[];
  /** Registered address ranges (CIDR): they annotate machines only. */
  readonly networks?: readonly string[];
  readonly contacts: readonly Contact[];
}

export interface DomainProof {
  readonly domain: string;
  readonly method: 'operator' | 'dns';
  readonly atMs: Ms;
  readonly by: string;
  readonly note: string;
}

export interface Organisation extends OrganisationForm {
  /** base64url of 16 random bytes, kept for ever (FORMATS, list id). */
  readonly listId: string;
  readonly state: OrganisationState;
  readonly org: string | null;
  readonly proofs: readonly DomainProof[];
  readonly addedAtMs: Ms;
  readonly changedAtMs: Ms;
  readonly invitedAtMs: Ms | null;
  readonly drafts: number;
  readonly published: number;
  readonly lastFetchedAtMs: Ms | null;
}

/** Two organisations watch terms of which one contains the other. */
export interface TermOverlap {
  readonly term: string;
  readonly listId: string;
  readonly otherTerm: string;
  readonly otherListId: string;
}

export interface ImportedOrganisations {
  readonly added: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly overlaps: readonly TermOverlap[];
}

export interface Invitation {
  readonly listId: string;
  readonly link: string;
  readonly expiresAtMs: Ms;
}

/** A version of an organisation's terms with what it changed; of the oldest that is kept that is not known, unless it is the first. */
export interface ToldVersion extends WatchVersion {
  readonly changes: readonly TermChange[];
}

/** Drafts that wait for one organisation and that another's terms would hit, too. */
export interface DraftsElsewhere {
  readonly listId: string;
  readonly findings: number;
}
