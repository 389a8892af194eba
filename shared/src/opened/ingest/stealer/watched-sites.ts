/** Which watch term the host of a cookie lies in. Counts only: who may see them is the exact match's to say. */
import { domainSuffixes, parseDomainName } from '../../../base/domain-name.ts';
import type { WatchList } from '../../match/watch.ts';

/** The longest watched domain that a host lies in, in normal form; always `null` without a watch list. */
export function watchedSites(watch: WatchList | null): (host: string) => string | null {
  const names = new Set<string>();
  for (const { domains } of watch?.organisations ?? []) {
    for (const domain of domains) {
      const name = parseDomainName(domain);
      if (name !== null) names.add(name);
    }
  }
  if (names.size === 0) return () => null;
  return (host) => {
    const name = parseDomainName(host);
    return name === null ? null : (domainSuffixes(name).find((suffix) => names.has(suffix)) ?? null);
  };
}
