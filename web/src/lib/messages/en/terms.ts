/** Names of every closed vocabulary of the domain, once for all pages. */
import type {
  Exposure,
  IdentityKind,
  Level,
  PathClass,
  PublishPolicy,
  SourceClass,
} from '@sealpost/shared/opened/finding/finding';
import type { Confidence, CookieState, LengthBand, StrengthBand } from '@sealpost/shared/opened/finding/finding';
import type { OrganisationState, OrganisationType, Sector } from '@sealpost/shared/opened/client/api/organisations';
import type { WithdrawCode } from '@sealpost/shared/opened/client/api/publishing';
import type { Resolution, TriageState } from '@sealpost/shared/opened/triage/triage';

export const terms = {
  level: { info: 'Info', low: 'Low', medium: 'Medium', high: 'High', critical: 'Critical' } as Record<Level, string>,
  state: {
    new: 'New',
    triaged: 'Triaged',
    assigned: 'Assigned',
    in_progress: 'In progress',
    contained: 'Contained',
    closed: 'Closed',
    pending: 'Pending',
    merged: 'Merged',
    reopened: 'Reopened',
  } as Record<TriageState, string>,
  resolution: {
    valid_reset: 'Valid, password reset',
    valid_disabled: 'Valid, account disabled',
    not_valid: 'Not valid',
    already_changed: 'Already changed',
    account_absent: 'No such account',
    left_organisation: 'Person has left',
    not_ours: 'Not ours',
    duplicate: 'Duplicate',
    false_positive: 'False positive',
    risk_accepted: 'Risk accepted',
  } as Record<Resolution, string>,
  exposure: {
    employee: 'Employee',
    customer: 'Customer',
    third_party: 'Third party',
    unclassified: 'Unclassified',
  } as Record<Exposure, string>,
  sourceClass: {
    stealer: 'Stealer log',
    phishing: 'Phishing',
    breach_plain: 'Breach, clear text',
    ulp: 'ULP list',
    paste: 'Paste',
    combo: 'Combo list',
    breach_hash: 'Breach, hashed',
    address_only: 'Address only',
  } as Record<SourceClass, string>,
  pathClass: {
    other: 'Other page',
    login: 'Login page',
    vpn: 'VPN',
    mail: 'Mail',
    sso: 'Single sign-on',
    admin: 'Administration',
  } as Record<PathClass, string>,
  identityKind: {
    email: 'E-mail address',
    upn: 'Directory name',
    phone: 'Phone number',
    user: 'User name',
    appid: 'Application id',
    national_id: 'National id, masked',
  } as Record<IdentityKind, string>,
  confidence: { low: 'low', medium: 'medium', high: 'high' } as Record<Confidence, string>,
  lengthBand: {
    '<8': 'under 8 characters',
    '8-11': '8 to 11 characters',
    '12-15': '12 to 15 characters',
    '16+': '16 characters or more',
  } as Record<LengthBand, string>,
  strengthBand: { very_weak: 'very weak', weak: 'weak', fair: 'fair', strong: 'strong' } as Record<
    StrengthBand,
    string
  >,
  cookieState: { none: 'none', expired: 'expired', live: 'may still be valid' } as Record<CookieState, string>,
  policy: {
    none: 'No passwords',
    masked: 'Masked',
    fingerprint: 'Masked, with fingerprints',
    sealed: 'With sealed passwords',
  } as Record<PublishPolicy, string>,
  withdrawCode: {
    wrong_recipient: 'It was meant for another organisation',
    wrong_content: 'Its content was wrong',
    superseded: 'A newer bundle replaces it',
    source_request: 'The source asked for it',
  } as Record<WithdrawCode, string>,
  organisationType: {
    state_agency: 'State agency',
    regulator: 'Regulator',
    cii_body: 'CII body',
    sectoral_cert: 'Sectoral CERT',
    local_government: 'Local government',
    university: 'University',
    private: 'Private',
  } as Record<OrganisationType, string>,
  sector: {
    national_security: 'National security',
    public_service: 'Material public service',
    banking_finance: 'Banking and finance',
    it_telecom: 'IT and telecommunications',
    transport_logistics: 'Transport and logistics',
    energy_utilities: 'Energy and public utilities',
    public_health: 'Public health',
    others: 'Others',
  } as Record<Sector, string>,
  organisationState: {
    listed: 'Listed',
    invited: 'Invited',
    requested: 'Requested',
    enrolled: 'Enrolled',
    suspended: 'Suspended',
  } as Record<OrganisationState, string>,
};
