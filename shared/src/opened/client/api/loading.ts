/** Loading material: what a load reads, what it found, how it goes on. */
import type { Ms } from '../../../base/brand.ts';
import type { Result } from '../../../base/result.ts';
import type { Finding, SourceClass } from '../../finding/finding.ts';
import type { IngestCheckpoint } from '../../ingest/checkpoint.ts';
import type { Ledger, LoadedRecord, MachineSummary, QuarantinedLine, SourceDescription } from '../../ingest/record.ts';
import type { WatchList } from '../../match/watch.ts';
import type { DomainCounts } from '../../scan/domain-census.ts';
import type { ClientError } from './client-error.ts';

/** What a source is worth: shown before anything of it is published. Lowers confidence, never a score. */
export interface SourceQuality {
  /** Parsed records, and those that concern a listed organisation. */
  readonly records: number;
  readonly matched: number;
  /** Mean over the records of how sure the parser was, 0 to 1; and the number of those it was not sure of. */
  readonly parseConfidence: number;
  readonly doubtful: number;
  /** Of the bytes that looked like records. */
  readonly quarantinedShare: number;
  /** List id of the organisation whose mailboxes are all there is in it, as in fabricated lists; `null` otherwise. */
  readonly selfDomainOnly: string | null;
  /** Mail domains of organisations by number of records, most first; at most 10. */
  readonly mailDomains: readonly { readonly domain: string; readonly listId: string; readonly records: number }[];
  /** The known source that holds most of its pairs, if that is over 80 %. */
  readonly recycled: { readonly loadId: string; readonly name: string; readonly share: number } | null;
}

/** One account that a machine gave: the finding it became. */
export interface MachineAccount extends Pick<
  Finding,
  'id' | 'identity' | 'host' | 'application' | 'exposure' | 'level' | 'cookieState'
> {
  readonly listId: string;
}

/** One machine with all its accounts of listed organisations, as it was drafted. */
export interface MachineRow extends MachineSummary {
  readonly loadId: string;
  readonly accounts: readonly MachineAccount[];
}

export interface LoadSummary {
  readonly loadId: string;
  readonly sources: readonly {
    readonly name: string;
    readonly alias: string;
    readonly sourceClass: SourceClass;
    readonly sizeBytes: number;
    /** `null` for loads of a release that did not tell it. */
    readonly quality: SourceQuality | null;
  }[];
  readonly loadedAtMs: Ms;
  readonly ledger: Ledger;
  readonly records: number;
  readonly findings: number;
  readonly added: number;
  readonly sightings: number;
  readonly organisations: number;
}

/** What a source of a load was, to know it again when its files are chosen once more. */
export interface LoadedSource {
  readonly name: string;
  readonly sha256: string;
}

/** Where a finding stood in one source. The operator's alone: none of it is published. */
export interface FindingOrigin {
  readonly loadId: string;
  readonly listId: string;
  /** Of the source, base64url; its name is in the load's row. */
  readonly sha256: string;
  /** Path inside folder or archive. */
  readonly entry: string;
  /** In the entry's own bytes. */
  readonly offset: number;
  readonly length: number;
}

/** A load that was paused, or whose tab or process died: it goes on from its last checkpoint when its files are chosen again. */
export interface UnfinishedLoad {
  readonly loadId: string;
  readonly begunAtMs: Ms;
  readonly savedAtMs: Ms;
  /** Records written so far, over all sources. */
  readonly records: number;
  /** In the order in which they were begun; those that nobody came to yet are not known here. */
  readonly sources: readonly UnfinishedSource[];
  /** CLI: the folder that its drafts go to. */
  readonly folder: string | null;
}

export interface UnfinishedSource {
  readonly source: SourceDescription;
  /** At the last checkpoint; grows past `sizeBytes` in archives. */
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly isRead: boolean;
}

/** How a source begins, or goes on. */
export interface BegunSource {
  readonly sourceNumber: number;
  /** As it was told first: a load that goes on is read with the same options. */
  readonly source: SourceDescription;
  /** For `ingestSource`; `null` from the start. */
  readonly resume: IngestCheckpoint | null;
}

export interface CommitOptions {
  /** A person saw that more than `MUCH_QUARANTINED` could not be read, and wants the rest; it is audited. */
  readonly acceptQuarantined?: boolean;
}

/** The writer's side of a load. One load may hold several sources, read one after the other. */
export interface LoadWriter {
  /** Terms of all listed organisations: parser workers skip lines that no term hits. Of a load that goes on: those it began with. */
  watch(): Promise<WatchList>;
  /** When the load began: what `ingestSource` is told as now. */
  nowMs(): Promise<Ms>;
  /** Registers a source, or finds it again; `already-done` if the same bytes were loaded before, or were read in this load. */
  beginSource(source: SourceDescription): Promise<Result<BegunSource, ClientError>>;
  /** Matches, fingerprints, classifies, scores and stages. Resolves when it may be called again (back-pressure). */
  write(sourceNumber: number, records: readonly LoadedRecord[]): Promise<void>;
  /** Machines as a whole, once their records are written; those that concern nobody are dropped. */
  writeMachines(sourceNumber: number, machines: readonly MachineSummary[]): Promise<void>;
  /** Domains that the source named, watched or not: counts only, for suggestions. */
  noteDomains(sourceNumber: number, counts: DomainCounts): Promise<void>;
  /** Durable, sealed, when it resolves with ok: whatever was written before it and the place to go on from. */
  checkpoint(sourceNumber: number, checkpoint: IngestCheckpoint): Promise<Result<void, ClientError>>;
  endSource(sourceNumber: number, ledger: Ledger, quarantine: readonly QuarantinedLine[]): Promise<void>;
  /** One commit: drafts become visible, or nothing does. `not-allowed` with code `quarantined` asks for a yes first. */
  commit(options?: CommitOptions): Promise<Result<LoadSummary, ClientError>>;
  /** Closes the load and keeps its last checkpoint. */
  suspend(): Promise<void>;
  /** Drops the load with its checkpoints. */
  discard(): Promise<void>;
}
