/**
 * Records of a load to drafts of every organisation they concern: exact match, then one builder an organisation. Used by the
 * vault's load and by the CLI's, which differ only in where drafts go.
 */
import type { DraftBuilder, DraftResult } from '../finding/draft.ts';
import type { Sketch } from '../finding/pair-sketch.ts';
import type { Ledger, LoadedRecord, MachineSummary, SourceDescription } from '../ingest/record.ts';
import { compileWatch } from '../match/match.ts';
import type { Matcher } from '../match/match.ts';
import type { WatchList } from '../match/watch.ts';
import type { MachineAccount, SourceQuality } from './api/loading.ts';
import type { KnownSource, TallyCounts } from './source-quality.ts';
import { doubtfulFor, SourceTally } from './source-quality.ts';

/** A source once it was read. */
export interface ReadSource {
  readonly source: SourceDescription;
  /** `null`: not to its end. */
  readonly ledger: Ledger | null;
}

/** What a load amounts to. */
export interface Drafted {
  /** Rows are made while they are read. */
  readonly results: ReadonlyMap<string, DraftResult>;
  /** In the order of the sources given. */
  readonly sources: readonly { readonly quality: SourceQuality; readonly sketch: Sketch }[];
}

export class Drafting {
  readonly #matcher: Matcher;
  readonly #open: (listId: string) => Promise<DraftBuilder>;
  readonly #builders = new Map<string, DraftBuilder>();
  readonly #tallies = new Map<SourceDescription, SourceTally>();
  /** Organisations that records of a machine concern. */
  readonly #listIdsByMachine = new Map<string, Set<string>>();
  #records = 0;

  /** `open` makes the builder of an organisation when its first record comes. */
  constructor(watch: WatchList, open: (listId: string) => Promise<DraftBuilder>) {
    this.#matcher = compileWatch(watch).matcher;
    this.#open = open;
  }

  /** Records given to `write`. */
  get records(): number {
    return this.#records;
  }

  /**
   * One call at a time, the same `source` object for all of a source's records.
   *
   * @returns those that concern anybody: writing them alone, and `restore`, gives the same drafts.
   */
  async write(records: readonly LoadedRecord[], source: SourceDescription): Promise<readonly LoadedRecord[]> {
    const tally = this.#tallyOf(source);
    const matched: LoadedRecord[] = [];
    for (const record of records) {
      this.#records++;
      const matches = this.#matcher.match(record);
      tally.note(record, matches);
      if (matches.length > 0) matched.push(record);
      for (const match of matches) {
        let builder = this.#builders.get(match.organisationId);
        if (builder === undefined) {
          builder = await this.#open(match.organisationId);
          this.#builders.set(match.organisationId, builder);
        }
        const pairFp = builder.add(record, match, source);
        if (pairFp !== null) tally.addPair(pairFp);
        if (record.machine !== null && !match.countsOnly) this.#noteMachine(record.machine.key, match.organisationId);
      }
    }
    return matched;
  }

  /** What was counted of a source so far. */
  counts(source: SourceDescription): TallyCounts {
    return this.#tallyOf(source).counts();
  }

  /** Takes over the counts of an earlier run, whose matched records were written. */
  restore(source: SourceDescription, counts: TallyCounts): void {
    const tally = this.#tallyOf(source);
    this.#records += counts.records - tally.counts().records;
    tally.restore(counts);
  }

  /** Closes the load. `sources` in the order in which they were read; each is compared with `known` ones and with those before it. */
  finish(loadId: string, sources: readonly ReadSource[], known: readonly KnownSource[]): Drafted {
    const compared = [...known];
    const qualities = new Map<SourceDescription, SourceQuality>();
    const told = sources.map(({ source, ledger }) => {
      const tally = this.#tallyOf(source);
      const quality = tally.quality(ledger, compared);
      const sketch = tally.sketch();
      qualities.set(source, quality);
      compared.push({ loadId, name: source.name, sketch });
      return { quality, sketch };
    });
    const results = new Map<string, DraftResult>();
    for (const [listId, builder] of this.#builders) results.set(listId, builder.finish(doubtfulFor(listId, qualities)));
    return { results, sources: told };
  }

  /** Accounts that a machine gave, over all organisations; `null` if it concerns none of them and nobody's cookies were on it. */
  accountsOf(machine: MachineSummary, results: ReadonlyMap<string, DraftResult>): readonly MachineAccount[] | null {
    const listIds = this.#listIdsByMachine.get(machine.key);
    if (listIds === undefined) return machine.sessionCookies.length > 0 ? [] : null;
    return [...listIds].flatMap((listId) =>
      (results.get(listId)?.ofMachine(machine.key) ?? []).map(
        ({ id, identity, host, application, exposure, level, cookieState }) => ({
          ...{ listId, id, identity, host, application, exposure, level, cookieState },
        }),
      ),
    );
  }

  /** Drops everything. */
  clear(): void {
    this.#builders.clear();
    this.#tallies.clear();
    this.#listIdsByMachine.clear();
  }

  #tallyOf(source: SourceDescription): SourceTally {
    let tally = this.#tallies.get(source);
    if (tally === undefined) {
      tally = new SourceTally();
      this.#tallies.set(source, tally);
    }
    return tally;
  }

  #noteMachine(key: string, listId: string): void {
    const known = this.#listIdsByMachine.get(key);
    if (known === undefined) this.#listIdsByMachine.set(key, new Set([listId]));
    else known.add(listId);
  }
}
