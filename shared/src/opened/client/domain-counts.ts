/** Which domains loads named and how often, sealed with each load, and those that operators do not want suggested again. */
import * as v from 'valibot';
import type { Bytes } from '../../base/bytes.ts';
import { parseDomainName } from '../../base/domain-name.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { suggestDomains } from '../match/domain-suggestions.ts';
import type { DomainSuggestions } from '../match/domain-suggestions.ts';
import type { DomainCounts } from '../scan/domain-census.ts';
import { StoreFailure } from '../vault/store.ts';
import type { SealedStore, StoreTransaction } from '../vault/store.ts';
import type { ClientError } from './api/client-error.ts';
import { readConstituency, toWatchList } from './constituency.ts';
import { gunzipText, gzipLines } from './drafts.ts';
import { toClientError } from './failures.ts';

const COUNTS = 'domains/';
const IGNORED_ROW = 'domains-ignored';
/** Suggestions look at this many loads back. */
const NEWEST_LOADS = 10;
const IgnoredSchema = v.array(v.string());

/** Packs what the sources of a load named. Cost: about 12 bytes a domain. */
export function packDomainCounts(counts: readonly DomainCounts[]): Promise<Bytes> {
  return gzipLines(counts.map((one) => JSON.stringify(one)));
}

/** Writes a load's counts with the transaction's other changes. */
export function putDomainCounts(tx: StoreTransaction, loadId: string, packed: Bytes): void {
  tx.put('imports', COUNTS + loadId, packed);
}

/** Forgets a load's counts. */
export function deleteDomainCounts(tx: StoreTransaction, loadId: string): void {
  tx.delete('imports', COUNTS + loadId);
}

/** What the newest loads saw and nobody watches. Rows we wrote ourselves: their form is not checked again. */
export async function readSuggestions(store: SealedStore): Promise<Result<DomainSuggestions, ClientError>> {
  const constituency = await readConstituency(store);
  if (!constituency.ok) return constituency;
  // Ids of loads sort by time.
  const ids = store.ids('imports', COUNTS).slice(-NEWEST_LOADS);
  const rows = await store.getMany('imports', ids);
  if (!rows.ok) return err(toClientError(rows.error));
  const ignored = await store.get('imports', IGNORED_ROW);
  if (!ignored.ok) return err(toClientError(ignored.error));
  const loads: DomainCounts[] = [];
  for (const row of rows.value) {
    if (!(row instanceof Uint8Array)) continue;
    const lines = (await gunzipText(row)).split('\n').filter((line) => line !== '');
    const sources = lines.map((line) => JSON.parse(line) as DomainCounts);
    if (sources.length > 0) loads.push(sumOf(sources));
  }
  const names = ignored.value === null ? [] : v.parse(IgnoredSchema, ignored.value);
  return ok(suggestDomains(loads, toWatchList(constituency.value), names));
}

function sumOf(sources: readonly DomainCounts[]): DomainCounts {
  const byDomain = new Map<string, number>();
  for (const { domains } of sources) {
    for (const { domain, seen } of domains) byDomain.set(domain, (byDomain.get(domain) ?? 0) + seen);
  }
  return {
    domains: [...byDomain].map(([domain, seen]) => ({ domain, seen })),
    isEstimate: sources.some(({ isEstimate }) => isEstimate),
  };
}

/** Takes a domain out of the suggestions, or back in. */
export async function ignoreDomain(
  store: SealedStore,
  domain: string,
  isIgnored: boolean,
): Promise<Result<void, ClientError>> {
  const name = parseDomainName(domain);
  if (name === null) return err({ kind: 'invalid', issues: [{ field: 'domain', code: 'bad-domain' }] });
  const done = await store.transaction(async (tx) => {
    const row = await tx.get('imports', IGNORED_ROW);
    if (!row.ok) throw new StoreFailure(row.error);
    const others = (row.value === null ? [] : v.parse(IgnoredSchema, row.value)).filter((other) => other !== name);
    tx.put('imports', IGNORED_ROW, isIgnored ? [...others, name] : others);
  });
  return done.ok ? ok(undefined) : err(toClientError(done.error));
}
