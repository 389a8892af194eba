/**
 * Rules by which an organisation's accounts are told apart, as data that operator and organisation edit: host, path and form of the
 * login say whose account it is. They go before the rules that hold for everybody (exposure.ts). The most specific one wins: longer
 * host, then longer path, then a form of login before none, then the order of the list.
 */
import type { DomainName } from '../../base/domain-name.ts';
import { isWithinDomain, parseDomainName } from '../../base/domain-name.ts';
import type { LoginPattern } from '../match/login-pattern.ts';
import { parseLoginPattern } from '../match/login-pattern.ts';
import type { Exposure, LoginForm } from './finding.ts';
import type { Identity } from './identity.ts';
import { isPublicMail } from './public-mail.ts';
import type { Service } from './service.ts';

/** One rule. It never makes a host the organisation's own: that is what its domains are for. */
export interface ExposureRule {
  /** Suffix at label borders; '' for every own host. */
  readonly host: string;
  /** Beginning of the path, up to a slash; '' for every path. */
  readonly path: string;
  /** A form of login, or a pattern of it (login-pattern.ts). */
  readonly login: LoginForm | { readonly pattern: string };
  readonly exposure: Exposure;
}

/** Why a rule is left out. */
export type RuleError = 'bad-domain' | 'bad-path' | 'bad-pattern';

export interface CompiledRule {
  readonly host: DomainName | null;
  /** Without its last slash. */
  readonly path: string;
  readonly login: LoginForm | LoginPattern;
  readonly exposure: Exposure;
}

/** Compiles `rules`, the most specific first; what cannot be one is told by its place and left out. */
export function compileRules(rules: readonly ExposureRule[]): {
  readonly compiled: readonly CompiledRule[];
  readonly refused: readonly { readonly at: number; readonly reason: RuleError }[];
} {
  const compiled: CompiledRule[] = [];
  const refused: { at: number; reason: RuleError }[] = [];
  rules.forEach((rule, at) => {
    const one = compileRule(rule);
    if (typeof one === 'string') refused.push({ at, reason: one });
    else compiled.push(one);
  });
  // Sorting is stable: of equals the one listed first stays first.
  return { compiled: compiled.sort((a, b) => compareRules(b, a)), refused };
}

/** The first of `rules` (as compiled) that holds at an own host, `null` if none does. */
export function ruleAt(
  rules: readonly CompiledRule[],
  service: Service,
  identity: Identity,
  isOwnMail: boolean,
): CompiledRule | null {
  return (
    rules.find(
      (rule) =>
        (rule.host === null || isWithinDomain(service.host as DomainName, rule.host)) &&
        isUnderPath(service.path, rule.path) &&
        hasForm(identity, rule.login, isOwnMail),
    ) ?? null
  );
}

/** True if it depends on the path which of `rules` holds at an own host: of a finding only the host is kept. */
export function dependsOnPath(
  rules: readonly CompiledRule[],
  service: Service,
  identity: Identity,
  isOwnMail: boolean,
): boolean {
  const first = rules.find(
    (rule) =>
      (rule.host === null || isWithinDomain(service.host as DomainName, rule.host)) &&
      hasForm(identity, rule.login, isOwnMail),
  );
  return first !== undefined && first.path !== '';
}

/** The first of `rules` for a whole host that a mail domain lies in: student and alumni subdomains have mail, too. */
export function ruleOfMailDomain(rules: readonly CompiledRule[], mailDomain: string): CompiledRule | null {
  return (
    rules.find(
      ({ host, path, login }) =>
        host !== null && path === '' && login === 'any' && isWithinDomain(mailDomain as DomainName, host),
    ) ?? null
  );
}

function compileRule({ host, path, login, exposure }: ExposureRule): CompiledRule | RuleError {
  const name = host.trim() === '' ? null : parseDomainName(host);
  if (name === null && host.trim() !== '') return 'bad-domain';
  if (path !== '' && !path.startsWith('/')) return 'bad-path';
  const plainPath = path.toLowerCase().replace(/\/+$/, '');
  if (typeof login === 'string') return { host: name, path: plainPath, login, exposure };
  const pattern = parseLoginPattern(login.pattern);
  return pattern.ok ? { host: name, path: plainPath, login: pattern.value, exposure } : 'bad-pattern';
}

/** Above zero if `a` says more than `b`. */
function compareRules(a: CompiledRule, b: CompiledRule): number {
  const byHost = (a.host?.length ?? 0) - (b.host?.length ?? 0);
  if (byHost !== 0) return byHost;
  const byPath = a.path.length - b.path.length;
  return byPath !== 0 ? byPath : Number(a.login !== 'any') - Number(b.login !== 'any');
}

function isUnderPath(path: string, prefix: string): boolean {
  return prefix === '' || path === prefix || path.startsWith(`${prefix}/`);
}

function hasForm(identity: Identity, form: LoginForm | LoginPattern, isOwnMail: boolean): boolean {
  if (typeof form !== 'string') return form.matches(identity.canonical) || form.matches(localPart(identity, isOwnMail));
  switch (form) {
    case 'any':
      return true;
    case 'own_mail':
      return isOwnMail;
    case 'public_mail':
      return isPublicMail(identity.domain);
    case 'other_mail':
      return identity.domain !== '' && !isOwnMail && !isPublicMail(identity.domain);
    case 'phone':
    case 'national_id':
      return identity.kind === form;
    case 'user':
      return identity.domain === '' && identity.kind === 'user';
  }
}

/** `6401234@moe.example` is the student of that number; at somebody else's mail it is not. */
function localPart({ canonical }: Identity, isOwnMail: boolean): string {
  return isOwnMail ? canonical.slice(0, canonical.lastIndexOf('@')) : '';
}
