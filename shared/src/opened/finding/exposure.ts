/**
 * Whose account a finding is about, as seen from one organisation (DOMAIN, Words, exposure): its own rules, then those for
 * everybody, the first that hits. A staff portal is an own host of path class vpn, sso, admin or mail, or one that a rule names; a
 * plain `/login` is none, since that is where customers log in, too.
 */
import type { DomainName } from '../../base/domain-name.ts';
import { domainSuffixes, parseDomainName } from '../../base/domain-name.ts';
import type { CompiledRule } from './exposure-rules.ts';
import { compileRules, dependsOnPath, ruleAt, ruleOfMailDomain } from './exposure-rules.ts';
import type { Exposure, PathClass } from './finding.ts';
import type { Identity } from './identity.ts';
import type { OrganisationProfile } from './profile.ts';
import { isPublicMail } from './public-mail.ts';
import type { Service } from './service.ts';

/** The suffixes of a profile in normal form; made once per organisation and load. */
export interface ExposureRules {
  readonly own: ReadonlySet<DomainName>;
  readonly excluded: ReadonlySet<DomainName>;
  readonly rules: readonly CompiledRule[];
}

export interface Classified {
  readonly exposure: Exposure;
  readonly ownHost: boolean;
  readonly ownMail: boolean;
}

const STAFF_CLASSES: ReadonlySet<PathClass> = new Set(['vpn', 'sso', 'admin', 'mail']);

/** Compiles the suffixes and rules of `profile`; what cannot be one is left out (whoever edits them is told). */
export function compileExposure(profile: OrganisationProfile): ExposureRules {
  return {
    own: names(profile.domains),
    excluded: names(profile.exclude),
    rules: compileRules(profile.exposureRules ?? []).compiled,
  };
}

/** Exposure of (`identity`, `service`) for the organisation of `rules`. Neither host nor mail its own: a keyword hit, `unclassified`. */
export function classifyExposure(identity: Identity, service: Service, rules: ExposureRules): Classified {
  const ownHost = service.registrable !== '' && isOwn(service.host as DomainName, rules);
  const ownMail = identity.domain !== '' && isOwn(identity.domain as DomainName, rules);
  return { exposure: exposureOf(identity, service, rules, ownHost, ownMail), ownHost, ownMail };
}

/** The same where the path of `service` is not known; `null` if it would matter. */
export function classifyWithoutPath(identity: Identity, service: Service, rules: ExposureRules): Exposure | null {
  const { exposure, ownHost, ownMail } = classifyExposure(identity, service, rules);
  return ownHost && dependsOnPath(rules.rules, service, identity, ownMail) ? null : exposure;
}

/** True if `name` is under a domain of the organisation and not under a longer exclusion. */
function isOwn(name: DomainName, rules: ExposureRules): boolean {
  const own = longest(name, rules.own);
  return own > 0 && own > longest(name, rules.excluded);
}

function exposureOf(
  identity: Identity,
  service: Service,
  rules: ExposureRules,
  ownHost: boolean,
  ownMail: boolean,
): Exposure {
  const ofMail = ownMail ? ruleOfMailDomain(rules.rules, identity.domain) : null;
  if (ownHost) {
    const rule = ruleAt(rules.rules, service, identity, ownMail);
    // A student's mail stays a student's at a staff host, unless a rule speaks of the login itself.
    if (ofMail?.exposure === 'customer' && (rule === null || rule.login === 'any')) return 'customer';
    if (rule !== null) return rule.exposure;
    if (ownMail || STAFF_CLASSES.has(service.pathClass)) return 'employee';
    if (identity.kind === 'phone' || identity.kind === 'national_id' || isPublicMail(identity.domain))
      return 'customer';
    return 'unclassified';
  }
  if (!ownMail) return 'unclassified';
  if (ofMail?.exposure === 'customer') return 'customer';
  return service.host !== '' || service.appId !== null ? 'third_party' : 'employee';
}

/** Length of the longest of `domains` that `name` lies in, 0 if none. However many there are, only the parents of `name` are looked up. */
function longest(name: DomainName, domains: ReadonlySet<DomainName>): number {
  return domainSuffixes(name).find((suffix) => domains.has(suffix))?.length ?? 0;
}

function names(texts: readonly string[]): ReadonlySet<DomainName> {
  return new Set(texts.map(parseDomainName).filter((name) => name !== null));
}
