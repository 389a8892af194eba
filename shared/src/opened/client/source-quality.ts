/**
 * What a source is worth, told with its load: how surely it was read, whether it repeats a known one, whether it is about one
 * organisation alone. Numbers for a person who decides; they lower confidence, never a score.
 */
import type { DoubtfulSources } from '../finding/draft.ts';
import type { Sketch } from '../finding/pair-sketch.ts';
import { PairSketch, sharedShare } from '../finding/pair-sketch.ts';
import { quarantinedShare } from '../ingest/ledger.ts';
import type { Ledger, LoadedRecord, SourceDescription } from '../ingest/record.ts';
import type { RecordMatch } from '../match/match.ts';
import type { SourceQuality } from './api/loading.ts';

/** Above this share of its pairs a source repeats a known one (DOMAIN, Risk model). */
const RECYCLED_SHARE = 0.8;
/** From this share of its records on, a source is about one organisation's mailboxes alone; strays are in every list. */
const SELF_DOMAIN_SHARE = 0.99;
/** Fewer records than this are somebody's paste, not a list of a domain. */
const LEAST_RECORDS = 20;
/** Below this the parser says itself that it may be wrong. */
const SURE = 0.5;
const MOST_MAIL_DOMAINS = 10;

/** A source that was loaded before, as far as later ones are compared with it. */
export interface KnownSource {
  readonly loadId: string;
  readonly name: string;
  readonly sketch: Sketch;
}

/** Of all records of a source so far, matched or not. */
export interface TallyCounts {
  readonly records: number;
  /** Sum over the records. */
  readonly confidence: number;
  readonly doubtful: number;
}

/** Counts one source while its records come. */
export class SourceTally {
  readonly #sketch = new PairSketch();
  readonly #recordsByMailDomain = new Map<string, { readonly listId: string; records: number }>();
  readonly #recordsByOrganisation = new Map<string, number>();
  #records = 0;
  #matched = 0;
  #confidence = 0;
  #doubtful = 0;

  note(record: LoadedRecord, matches: readonly RecordMatch[]): void {
    this.#records++;
    this.#confidence += record.confidence;
    if (record.confidence < SURE) this.#doubtful++;
    if (matches.length > 0) this.#matched++;
    for (const { organisationId, ownMail, countsOnly, identity } of matches) {
      if (!ownMail) continue;
      this.#recordsByOrganisation.set(organisationId, (this.#recordsByOrganisation.get(organisationId) ?? 0) + 1);
      if (countsOnly) continue;
      const known = this.#recordsByMailDomain.get(identity.domain);
      if (known !== undefined) known.records++;
      else this.#recordsByMailDomain.set(identity.domain, { listId: organisationId, records: 1 });
    }
  }

  /** What records count for that matched nobody, too: a load that goes on writes the others only. */
  counts(): TallyCounts {
    return { records: this.#records, confidence: this.#confidence, doubtful: this.#doubtful };
  }

  /** In place of what was counted here. */
  restore({ records, confidence, doubtful }: TallyCounts): void {
    this.#records = records;
    this.#confidence = confidence;
    this.#doubtful = doubtful;
  }

  addPair(pairFp: Uint8Array): void {
    this.#sketch.add(pairFp);
  }

  sketch(): Sketch {
    return this.#sketch.sketch();
  }

  /** `ledger`: of this source, `null` if it was not read to its end. `known`: sources loaded before it. */
  quality(ledger: Ledger | null, known: readonly KnownSource[]): SourceQuality {
    return {
      records: this.#records,
      matched: this.#matched,
      parseConfidence: this.#records === 0 ? 1 : Math.round((1_000 * this.#confidence) / this.#records) / 1_000,
      doubtful: this.#doubtful,
      quarantinedShare: ledger === null ? 0 : Math.round(10_000 * quarantinedShare(ledger.total)) / 10_000,
      selfDomainOnly: this.#selfDomainOf(ledger),
      mailDomains: [...this.#recordsByMailDomain]
        .map(([domain, { listId, records }]) => ({ domain, listId, records }))
        .sort((a, b) => b.records - a.records || (a.domain < b.domain ? -1 : 1))
        .slice(0, MOST_MAIL_DOMAINS),
      recycled: this.#recycledFrom(known),
    };
  }

  /**
   * The organisation that everything belongs to: of its records, and of its lines, since lines without a watch term are not parsed.
   * What a provider exports for one domain is about that domain by request.
   */
  #selfDomainOf(ledger: Ledger | null): string | null {
    if (ledger === null || this.#records < LEAST_RECORDS) return null;
    if (ledger.sources.some(({ dialect }) => dialect?.startsWith('provider/') === true)) return null;
    const { bytesRecord, bytesNotCandidate } = ledger.total;
    if (bytesRecord < SELF_DOMAIN_SHARE * (bytesRecord + bytesNotCandidate)) return null;
    for (const [listId, records] of this.#recordsByOrganisation) {
      if (records >= SELF_DOMAIN_SHARE * this.#records) return listId;
    }
    return null;
  }

  #recycledFrom(known: readonly KnownSource[]): SourceQuality['recycled'] {
    const sketch = this.sketch();
    let best: SourceQuality['recycled'] = null;
    for (const { loadId, name, sketch: other } of known) {
      const share = sharedShare(sketch, other);
      if (share === null || share <= RECYCLED_SHARE || share <= (best?.share ?? 0)) continue;
      best = { loadId, name, share: Math.round(1_000 * share) / 1_000 };
    }
    return best;
  }
}

/** What an organisation's findings must know of the sources. */
export function doubtfulFor(listId: string, qualities: ReadonlyMap<SourceDescription, SourceQuality>): DoubtfulSources {
  const sources = [...qualities];
  return {
    selfDomainOnly: sources.filter(([, quality]) => quality.selfDomainOnly === listId).map(([source]) => source),
    recycled: sources.filter(([, { recycled }]) => recycled !== null).map(([source]) => source),
  };
}
