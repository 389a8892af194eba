/**
 * What a person should know of the sources before findings of them are published: each is said in words, none decides anything.
 * From what the loads told of themselves; no finding is read.
 */
import type { LoadSummary } from './api/loading.ts';
import type { Concern } from './api/publishing.ts';

/** From this number on it is said that one domain has very many. */
export const MANY_MAILBOXES = 10_000;
/** INGEST, Ledger. */
const MUCH_QUARANTINED = 0.05;

/** Concerns of `loads` for one organisation, in the order of the sources; real source names, which stay with the operator. */
export function concernsOf(loads: readonly LoadSummary[], listId: string): readonly Concern[] {
  return loads.flatMap(({ sources }) =>
    sources.flatMap(({ name: source, quality }) => {
      if (quality === null) return [];
      const own = quality.mailDomains.filter((domain) => domain.listId === listId);
      const concerns: Concern[] = [];
      if (quality.selfDomainOnly === listId) {
        concerns.push({ kind: 'one-organisation', source, records: quality.records });
      }
      for (const { domain, records } of own) {
        if (records >= MANY_MAILBOXES) concerns.push({ kind: 'many-mailboxes', source, domain, records });
      }
      if (quality.recycled !== null) {
        const { name: known, share } = quality.recycled;
        concerns.push({ kind: 'recycled', source, known, share });
      }
      if (quality.quarantinedShare > MUCH_QUARANTINED) {
        concerns.push({ kind: 'quarantined', source, share: quality.quarantinedShare });
      }
      return concerns;
    }),
  );
}
