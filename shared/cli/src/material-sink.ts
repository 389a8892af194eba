/** Where a load's records go: into a home's vault with a journal, or, with a watch file alone, into drafts and nothing else. */
import { toBase64url } from '@sealpost/shared/base/base64url';
import type { ClientError } from '@sealpost/shared/opened/client/api/client-error';
import type { BegunSource } from '@sealpost/shared/opened/client/api/loading';
import type { Drafting, ReadSource } from '@sealpost/shared/opened/client/drafting';
import type { DraftedSource } from '@sealpost/shared/opened/client/draft-file';
import type { Loading } from '@sealpost/shared/opened/client/loading';
import type { IngestCheckpoint } from '@sealpost/shared/opened/ingest/checkpoint';
import { addTotals } from '@sealpost/shared/opened/ingest/ledger';
import type {
  Ledger,
  LoadedRecord,
  MachineSummary,
  QuarantinedLine,
  SourceDescription,
} from '@sealpost/shared/opened/ingest/record';
import type { WatchList } from '@sealpost/shared/opened/match/watch';
import { err, ok } from '@sealpost/shared/base/result';
import type { Result } from '@sealpost/shared/base/result';

/** What a load has come to. */
export interface LoadedMaterial {
  /** In the order in which they were begun, those of earlier runs first. */
  readonly sources: readonly DraftedSource[];
  readonly ledger: Ledger;
  readonly read: readonly ReadSource[];
  readonly machines: readonly MachineSummary[];
  readonly quarantine: readonly QuarantinedLine[];
}

export interface MaterialSink {
  readonly watch: WatchList;
  readonly nowMs: number;
  /** `already-done` for what was loaded before. */
  begin(source: SourceDescription): Result<BegunSource, ClientError>;
  write(sourceNumber: number, records: readonly LoadedRecord[]): Promise<void>;
  machine(sourceNumber: number, machine: MachineSummary): void;
  /** `null`: there is no key to seal one with. */
  readonly checkpoint:
    | ((sourceNumber: number, checkpoint: IngestCheckpoint) => Promise<Result<void, ClientError>>)
    | null;
  end(sourceNumber: number, ledger: Ledger, quarantine: readonly QuarantinedLine[]): Promise<void>;
  material(): LoadedMaterial;
}

/** Into a home. `isKnown`: base64url of a hash that an earlier load had. */
export function loadingSink(loading: Loading, isKnown: (sha256: string) => boolean): MaterialSink {
  return {
    watch: loading.watch,
    nowMs: loading.nowMs,
    begin: (source) => loading.beginSource(source, isKnown(toBase64url(source.sha256))),
    write: (sourceNumber, records) => loading.write(sourceNumber, records),
    machine: (sourceNumber, machine) => loading.writeMachines(sourceNumber, [machine]),
    checkpoint: (sourceNumber, checkpoint) => loading.checkpoint(sourceNumber, checkpoint),
    end: async (sourceNumber, ledger, quarantine) => {
      // Where the journal has no room, the commit that follows says so.
      await loading.endSource(sourceNumber, ledger, quarantine);
    },
    material: () => materialOf(loading.read, loading.machines, loading.quarantine),
  };
}

/** Into drafts that nobody can publish. */
export function watchedSink(watch: WatchList, drafting: Drafting, nowMs: number): MaterialSink {
  const read: { readonly source: SourceDescription; ledger: Ledger | null }[] = [];
  const machines: MachineSummary[] = [];
  const quarantine: QuarantinedLine[] = [];
  return {
    watch,
    nowMs,
    begin: (source) => {
      const hash = toBase64url(source.sha256);
      if (read.some((other) => toBase64url(other.source.sha256) === hash)) {
        return err({ kind: 'already-done', what: 'source' });
      }
      read.push({ source, ledger: null });
      return ok({ sourceNumber: read.length - 1, source, resume: null });
    },
    write: async (sourceNumber, records) => {
      await drafting.write(records, (read[sourceNumber] as ReadSource).source);
    },
    machine: (_, machine) => void machines.push(machine),
    checkpoint: null,
    end: async (sourceNumber, ledger, lines) => {
      const source = read[sourceNumber];
      if (source !== undefined) source.ledger = ledger;
      for (const line of lines) quarantine.push(line);
    },
    material: () => materialOf(read, machines, quarantine),
  };
}

function materialOf(
  read: readonly ReadSource[],
  machines: readonly MachineSummary[],
  quarantine: readonly QuarantinedLine[],
): LoadedMaterial {
  const ledgers = read.flatMap(({ ledger }) => (ledger === null ? [] : [ledger]));
  return {
    sources: read.map(({ source }) => ({
      name: source.name,
      alias: source.alias,
      sha256: toBase64url(source.sha256),
      sizeBytes: source.sizeBytes,
      sourceClass: source.isRecognised === true ? null : source.sourceClass,
      capturedAtMs: source.capturedAtMs,
    })),
    ledger: { total: addTotals(ledgers.map(({ total }) => total)), sources: ledgers.flatMap(({ sources }) => sources) },
    ...{ read, machines, quarantine },
  };
}
