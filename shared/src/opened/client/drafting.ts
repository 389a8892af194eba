/**
 * Records of a load to drafts of every organisation they concern: exact match, then one builder an organisation. Used by the
 * vault's load and by the CLI's, which differ only in where drafts go.
 */
import type { DraftBuilder, DraftResult } from '../finding/draft.ts';
import type { LoadedRecord, SourceDescription } from '../ingest/record.ts';
import { compileWatch } from '../match/match.ts';
import type { Matcher } from '../match/match.ts';
import type { WatchList } from '../match/watch.ts';

export class Drafting {
  readonly #matcher: Matcher;
  readonly #open: (listId: string) => Promise<DraftBuilder>;
  readonly #builders = new Map<string, DraftBuilder>();
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

  /** One call at a time. */
  async write(records: readonly LoadedRecord[], source: SourceDescription): Promise<void> {
    for (const record of records) {
      this.#records++;
      for (const match of this.#matcher.match(record)) {
        let builder = this.#builders.get(match.organisationId);
        if (builder === undefined) {
          builder = await this.#open(match.organisationId);
          this.#builders.set(match.organisationId, builder);
        }
        builder.add(record, match, source);
      }
    }
  }

  /** Closes the load; rows are made while they are read. */
  *finish(): Generator<readonly [listId: string, result: DraftResult], void, undefined> {
    for (const [listId, builder] of this.#builders) yield [listId, builder.finish()];
  }

  /** Drops everything. */
  clear(): void {
    this.#builders.clear();
  }
}
