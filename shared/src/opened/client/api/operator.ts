/** Calls of a CERT's operator. */
import type { Result } from '../../../base/result.ts';
import type { Finding, FindingId } from '../../finding/finding.ts';
import type { QuarantinedLine } from '../../ingest/record.ts';
import type { DomainSuggestions } from '../../match/domain-suggestions.ts';
import type { WatchTerms, WatchVersion } from '../../match/watch-history.ts';
import type { WatchList } from '../../match/watch.ts';
import type { WitnessKeyReading } from '../read-witness-key.ts';
import type { ClientError } from './client-error.ts';
import type { AccessRequest, Approval } from './joining.ts';
import type { FindingOrigin, LoadSummary, LoadWriter, LoadedSource, MachineRow, UnfinishedLoad } from './loading.ts';
import type {
  DraftsElsewhere,
  ImportedOrganisations,
  Invitation,
  Organisation,
  OrganisationForm,
  TermOverlap,
  ToldVersion,
} from './organisations.ts';
import type {
  DraftReview,
  LetterFacts,
  PublishOptions,
  PublishOutcome,
  PublishedBundle,
  WithdrawCode,
} from './publishing.ts';
import type { AuditReport } from './record.ts';
import type { SavedFile } from './saved-file.ts';

/** Operator's calls (`Profile.kind` is `cert`). */
export interface OperatorClient {
  proveRootFile(bytes: Uint8Array<ArrayBuffer>, passphrase: string): Promise<Result<void, ClientError>>;
  makeBackup(passphrase: string): Promise<Result<SavedFile, ClientError>>;
  proveBackup(bytes: Uint8Array<ArrayBuffer>, passphrase: string): Promise<Result<void, ClientError>>;

  organisations(): Promise<readonly Organisation[]>;
  overlaps(): Promise<readonly TermOverlap[]>;
  saveOrganisation(listId: string | null, form: OrganisationForm): Promise<Result<Organisation, ClientError>>;
  importOrganisations(csv: Uint8Array<ArrayBuffer>): Promise<Result<ImportedOrganisations, ClientError>>;
  suspendOrganisation(listId: string, suspended: boolean): Promise<Result<void, ClientError>>;
  invite(
    listIds: readonly string[],
    days: number,
    appOrigin: string,
  ): Promise<Result<readonly Invitation[], ClientError>>;

  requests(): Promise<readonly AccessRequest[]>;
  approve(approval: Approval): Promise<Result<{ readonly listId: string; readonly drafts: number }, ClientError>>;
  decline(requestId: string, reason: string): Promise<Result<void, ClientError>>;

  /** Terms of all listed organisations as they are in force. */
  watchList(): Promise<WatchList>;
  /** Versions of an organisation's terms, newest first. */
  watchHistory(listId: string): Promise<Result<readonly ToldVersion[], ClientError>>;
  /** Puts terms in force as a new version; `undoes` names the version that it goes back to. */
  saveWatchTerms(listId: string, terms: WatchTerms, undoes: number | null): Promise<Result<WatchVersion, ClientError>>;
  /** Drafts of other organisations that `terms` would hit, which those in force do not: they would have to be loaded again. */
  draftsElsewhere(listId: string, terms: WatchTerms): Promise<Result<readonly DraftsElsewhere[], ClientError>>;
  /** Domains that the newest loads saw often and nobody watches. */
  domainSuggestions(): Promise<DomainSuggestions>;
  ignoreDomain(domain: string, isIgnored: boolean): Promise<Result<void, ClientError>>;

  beginLoad(): Promise<LoadWriter>;
  /** Goes on with an unfinished load; a writer of it that is still open is closed. */
  resumeLoad(loadId: string): Promise<Result<LoadWriter, ClientError>>;
  unfinishedLoads(): Promise<readonly UnfinishedLoad[]>;
  loads(): Promise<readonly LoadSummary[]>;
  quarantine(loadId: string): Promise<readonly QuarantinedLine[]>;
  /** Machines of stealer logs with their accounts, the latest captured first. */
  machines(): Promise<readonly MachineRow[]>;
  /** By which the files of a load are known again: names and base64url of SHA-256 (of a folder, over its files' hashes). */
  sourcesOf(loadId: string): Promise<readonly LoadedSource[]>;
  /** Another alias for all sources of a load that go out as `from`; what was published keeps the old one. */
  renameAlias(loadId: string, from: string, to: string): Promise<Result<void, ClientError>>;
  /** Also an unfinished one. */
  discardLoad(loadId: string): Promise<Result<void, ClientError>>;

  /** Where a finding stood, in every source of it. */
  origins(id: FindingId): Promise<readonly FindingOrigin[]>;

  reviews(): Promise<readonly DraftReview[]>;
  draftRows(listId: string, offset: number, limit: number): Promise<readonly Finding[]>;
  publish(
    listIds: readonly string[],
    options: PublishOptions,
    onProgress: (done: number, total: number) => void,
  ): Promise<readonly PublishOutcome[]>;
  published(): Promise<readonly PublishedBundle[]>;
  /** What was sent in a bundle, by source alias, as anybody can check it who knows the operator's key. */
  countsProof(bundleId: string): Promise<Result<SavedFile, ClientError>>;
  withdraw(bundleId: string, code: WithdrawCode): Promise<Result<{ readonly fetched: boolean }, ClientError>>;
  letter(listId: string): Promise<Result<LetterFacts, ClientError>>;

  /** Reads and verifies the whole log; `onProgress` gets entries done and in all. */
  audit(
    filter: { readonly device: string | null; readonly kind: string | null; readonly limit: number },
    onProgress?: (done: number, total: number) => void,
  ): Promise<Result<AuditReport, ClientError>>;
  /** The server was restored from a backup, and this operator stands for it: its log begins anew, and all devices send again what it lost. */
  declareRestore(): Promise<Result<void, ClientError>>;
  /** Names who must cosign the log from now on, by keys `name+hash+key`, and how many of them. */
  nameWitnesses(keys: readonly string[], quorum: number): Promise<Result<void, ClientError>>;
  /** Judges a witness's key while it is typed; see `readWitnessKey`. */
  readWitnessKey(typed: string): Promise<WitnessKeyReading>;
  /** Demo deployments only: removes the deployment from the server and every local identity of it. */
  removeDemo(): Promise<Result<void, ClientError>>;
}
