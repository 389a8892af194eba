/**
 * Which findings a bundle may hold (DOMAIN rules 2 to 4): pairs without context, domains without proof and unconfirmed keyword hits
 * go out as counts only; clear secrets of customers never go out.
 */
import type { DomainName } from '../../base/domain-name.ts';
import { isWithinDomain, parseDomainName } from '../../base/domain-name.ts';
import type { Finding, PublishPolicy } from '../finding/finding.ts';
import type { WithheldCounts } from './columns.ts';
import type { SecretOf } from './pack.ts';

export interface ReleaseRules {
  readonly provenDomains: readonly string[];
  /** A reason was given: DOMAIN rule 3 is overridden. */
  readonly includeContextless: boolean;
  readonly confirmKeywordOnly: boolean;
}

export type Withheld = keyof WithheldCounts;

export interface Release {
  readonly released: readonly Finding[];
  readonly withheld: WithheldCounts;
}

/** Splits `findings`; a withheld one counts under the first reason that hits: unproven, unconfirmed, contextless. */
export function selectRelease(findings: Iterable<Finding>, rules: ReleaseRules): Release {
  const reasonOf = releaseGate(rules);
  const released: Finding[] = [];
  const withheld = { contextless: 0, unproven: 0, unconfirmed: 0 };
  for (const finding of findings) {
    const reason = reasonOf(finding);
    if (reason === null) released.push(finding);
    else withheld[reason]++;
  }
  return { released, withheld };
}

/** Why a finding may not be released, `null` if it may; for callers that stream. */
function releaseGate(rules: ReleaseRules): (finding: Finding) => Withheld | null {
  const proven = rules.provenDomains.map(parseDomainName).filter((name) => name !== null);
  return (finding) => {
    const isKeyword = finding.tags.includes('keyword_only');
    if (isKeyword) {
      if (proven.length === 0) return 'unproven';
      if (!rules.confirmKeywordOnly) return 'unconfirmed';
    } else if (!isProven(finding, proven)) return 'unproven';
    return finding.context === 'none' && !rules.includeContextless ? 'contextless' : null;
  };
}

/** Secrets that may go out: policy `sealed`, findings among `released`, none of customers. */
export function selectSecrets(
  released: readonly Finding[],
  secrets: Iterable<SecretOf>,
  policy: PublishPolicy,
): readonly SecretOf[] {
  if (policy !== 'sealed') return [];
  const allowed = new Set<string>();
  for (const finding of released) if (finding.exposure !== 'customer') allowed.add(finding.id);
  return [...secrets].filter(({ id }) => allowed.has(id));
}

/** The host or the mail domain lies under a proven domain. */
function isProven(finding: Finding, proven: readonly DomainName[]): boolean {
  const at = finding.identity.lastIndexOf('@');
  const names = [finding.host, at < 0 ? '' : finding.identity.slice(at + 1)] as DomainName[];
  return names.some((name) => name !== '' && proven.some((domain) => isWithinDomain(name, domain)));
}
