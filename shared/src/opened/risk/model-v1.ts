/**
 * Risk model, version 1: the weights, as data (DOMAIN, Risk model v1). Base rates of breach, keylogger and phishing are from
 * Thomas et al., "Data Breaches, Phishing, or Malware?", CCS 2017; everything marked `judgement` has no published source.
 */

/** Priors of the likelihood that the secret opens a door now, by what leaked and where. */
export const PRIORS = [
  'stealer_own',
  'stealer_other',
  'phishing_own',
  'phishing_other',
  'breach_plain',
  'breach_reversible',
  'breach_fast',
  'breach_fast_salted',
  'breach_slow',
  'ulp_own',
  'ulp_other',
  'paste',
  'no_context',
  'address_only',
] as const;
export type Prior = (typeof PRIORS)[number];

export const SERVICE_KINDS = [
  'sso',
  'remote',
  'admin',
  'mail',
  'internal',
  'customer_portal',
  'other_site',
  'unknown',
] as const;
export type ServiceKind = (typeof SERVICE_KINDS)[number];

export const IDENTITY_ROLES = ['admin', 'service', 'executive', 'staff', 'customer', 'unknown'] as const;
export type IdentityRole = (typeof IDENTITY_ROLES)[number];

export interface RiskModel {
  readonly version: number;
  readonly prior: Readonly<Record<Prior, { readonly value: number; readonly basis: 'published' | 'judgement' }>>;
  readonly decay: {
    readonly stealerDays: number;
    readonly otherDays: number;
    readonly floor: number;
    /** Assumed where no date is known. */
    readonly unknownDays: number;
  };
  /** Log-odds. */
  readonly evidence: {
    readonly twoSources: number;
    readonly policyFit: number;
    readonly policyMisfit: number;
    readonly liveCookie: number;
    readonly otp: number;
    readonly phishingResistantMfa: number;
    readonly reLeakOfClosed: number;
  };
  /** Least likelihood with a live cookie on an own host. */
  readonly liveCookieOwnHost: number;
  readonly verdict: {
    readonly match: number;
    readonly variant: number;
    readonly absentAtMost: number;
    readonly noMatchAtMost: number;
    readonly changedAtMost: number;
  };
  readonly weight: {
    readonly service: number;
    readonly identity: number;
    readonly asset: number;
    readonly blast: number;
  };
  readonly service: Readonly<Record<ServiceKind, number>>;
  readonly identity: Readonly<Record<IdentityRole, number>>;
  readonly asset: Readonly<Record<'high' | 'medium' | 'low' | 'unknown', number>>;
  readonly blast: {
    readonly corporateDevice: number;
    readonly fiveOrMore: number;
    readonly twoToFour: number;
    readonly one: number;
  };
  /** Least scores of the levels. */
  readonly bands: { readonly critical: number; readonly high: number; readonly medium: number; readonly low: number };
  readonly corporateDeviceDays: number;
}

const published = (value: number) => ({ value, basis: 'published' }) as const;
const judgement = (value: number) => ({ value, basis: 'judgement' }) as const;

export const MODEL_V1: RiskModel = {
  version: 1,
  prior: {
    stealer_own: judgement(0.55),
    stealer_other: published(0.119),
    phishing_own: judgement(0.5),
    phishing_other: published(0.248),
    breach_plain: published(0.069),
    breach_reversible: judgement(0.06),
    breach_fast: judgement(0.035),
    breach_fast_salted: judgement(0.02),
    breach_slow: judgement(0.007),
    ulp_own: judgement(0.3),
    ulp_other: judgement(0.08),
    paste: judgement(0.05),
    no_context: judgement(0.03),
    address_only: judgement(0.005),
  },
  decay: { stealerDays: 730, otherDays: 1825, floor: 0.1, unknownDays: 365 },
  evidence: {
    twoSources: 0.7,
    policyFit: 0.4,
    policyMisfit: -1.2,
    liveCookie: 1.8,
    otp: -0.6,
    phishingResistantMfa: -1.5,
    reLeakOfClosed: -1.0,
  },
  liveCookieOwnHost: 0.85,
  verdict: { match: 0.99, variant: 0.95, absentAtMost: 0.01, noMatchAtMost: 0.03, changedAtMost: 0.05 },
  weight: { service: 0.35, identity: 0.3, asset: 0.2, blast: 0.15 },
  service: {
    sso: 1,
    remote: 1,
    admin: 1,
    mail: 0.8,
    internal: 0.6,
    customer_portal: 0.35,
    other_site: 0.2,
    unknown: 0.4,
  },
  identity: { admin: 1, service: 0.8, executive: 0.7, staff: 0.4, customer: 0.2, unknown: 0.4 },
  asset: { high: 1, medium: 0.6, low: 0.3, unknown: 0.5 },
  blast: { corporateDevice: 1, fiveOrMore: 0.8, twoToFour: 0.5, one: 0.2 },
  bands: { critical: 80, high: 60, medium: 35, low: 15 },
  corporateDeviceDays: 180,
};
