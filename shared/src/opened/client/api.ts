/**
 * What a device with keys can do, for whoever drives it: the web pages (through the vault worker) and the CLI.
 * Pages see only these types. Everything here is structured-clone safe; failures are values with a `kind`.
 */
import type { Ms } from '../../base/brand.ts';
import type { Result } from '../../base/result.ts';
import type { ColumnMapping } from '../ingest/providers/column-mapping.ts';
import type { ExposureRule } from '../finding/exposure-rules.ts';
import type { Exposure, Finding, FindingId, Level, PublishPolicy, SourceClass, Tlp } from '../finding/finding.ts';
import type {
  Detail,
  GroupField,
  GroupPage,
  Histogram,
  Overview,
  Query,
  QueryResult,
  Row,
  Suggestion,
  TimeField,
} from '../query/query.ts';
import type { TriageChange } from '../triage/triage.ts';
import type { WitnessKeyReading } from './read-witness-key.ts';
import type { DomainSuggestions } from '../match/domain-suggestions.ts';
import type { IngestCheckpoint } from '../ingest/checkpoint.ts';
import type { WatchList } from '../match/watch.ts';
import type { LoadedRecord, Ledger, MachineSummary, QuarantinedLine, SourceDescription } from '../ingest/record.ts';
import type { TermChange, WatchTerms, WatchVersion } from '../match/watch-history.ts';
import type { DomainCounts } from '../scan/domain-census.ts';

/* ---------- failures ---------- */

/** One union for every call: `kind` picks the sentence in the message catalogue, the rest fills it. No plaintext, ever. */
export type ClientError =
  | { readonly kind: 'locked' }
  | { readonly kind: 'wrong-passphrase' }
  | { readonly kind: 'weak-passphrase' }
  | { readonly kind: 'offline' }
  /** The server answered, but not as it should; `code` is its problem type, e.g. `conflict`, `quota`, `storage-full`. */
  | { readonly kind: 'server'; readonly status: number; readonly code: string }
  /** Signature, hash, chain, audience, replay: somebody lied or bytes are damaged. `what` names the object kind, `code` the rule. */
  | { readonly kind: 'forged'; readonly what: string; readonly code: string }
  | { readonly kind: 'update-needed' }
  | { readonly kind: 'not-allowed'; readonly code: string }
  | { readonly kind: 'not-found'; readonly what: string }
  /** Input that a person can mend: `field` names it, `code` the rule, `row` the CSV row (1-based, header is 1). */
  | { readonly kind: 'invalid'; readonly issues: readonly InputIssue[] }
  | { readonly kind: 'wrong-digits' }
  /** Same file, same content: nothing changed. */
  | { readonly kind: 'already-done'; readonly what: string }
  /** `room`: said before anything was fetched. */
  | { readonly kind: 'storage-full'; readonly room?: { readonly neededBytes: number; readonly freeBytes: number } }
  | { readonly kind: 'storage-damaged'; readonly code: string }
  /**
   * The findings do not fit the memory of this device or browser; what is stored is whole. `room`: said beforehand, with how many
   * findings there would be and about how many fit.
   */
  | { readonly kind: 'memory-full'; readonly room?: { readonly findings: number; readonly fitting: number } }
  | { readonly kind: 'cancelled' }
  /** A bug, or a worker that is gone: made by the shell that caught it, never by the core. `code` has no data in it. */
  | { readonly kind: 'unexpected'; readonly code: string };

export interface InputIssue {
  readonly field: string;
  readonly code: string;
  readonly row?: number;
  readonly value?: string;
}

/* ---------- who I am ---------- */

export type IdentityKindOfUser = 'cert' | 'organisation';

/** What is known once unlocked. */
export interface Profile {
  readonly identityId: string;
  readonly kind: IdentityKindOfUser;
  readonly nameTh: string;
  readonly nameEn: string;
  /** `operator` for a CERT, `admin` for an organisation's first device. */
  readonly role: 'operator' | 'admin' | 'analyst' | 'on_call' | 'auditor';
  /** Thumbprint of this device's signing key. */
  readonly device: string;
  readonly deployment: string;
  readonly origin: string;
  readonly demo: boolean;
  /** Organisation: where enrolment stands. A CERT is always `enrolled`. */
  readonly enrolment: Enrolment;
  /** CERT: six groups of five digits of the root. */
  readonly rootDigits: readonly string[] | null;
  /** CERT: the backup file was made / restored once. */
  readonly backup: { readonly madeAtMs: Ms | null; readonly provedAtMs: Ms | null } | null;
  readonly createdAtMs: Ms;
}

export type Enrolment =
  | { readonly kind: 'draft' }
  | {
      readonly kind: 'pending';
      readonly requestId: string;
      readonly sentAtMs: Ms;
      readonly digits: readonly string[];
      readonly checkedAtMs: Ms | null;
    }
  | { readonly kind: 'declined'; readonly reason: string; readonly atMs: Ms }
  | { readonly kind: 'enrolled'; readonly atMs: Ms };

export interface PassphraseStrength {
  /** Estimated guesses as log10. */
  readonly guessesLog10: number;
  readonly verdict: 'too_weak' | 'fair' | 'good' | 'strong';
}

/* ---------- CERT: set-up ---------- */

export interface CertSetup {
  readonly nameTh: string;
  readonly nameEn: string;
  readonly origin: string;
  /** Printed by the server at its first start; not needed from loopback. */
  readonly setupToken: string | null;
  readonly passphrase: string;
  readonly rootPassphrase: string;
  readonly demo: boolean;
}

/** A file to hand to the user. `bytes` is ciphertext or public. */
export interface SavedFile {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/* ---------- CERT: constituency ---------- */

export const ORGANISATION_TYPES = [
  'state_agency',
  'regulator',
  'cii_body',
  'sectoral_cert',
  'local_government',
  'university',
  'private',
] as const;
export type OrganisationType = (typeof ORGANISATION_TYPES)[number];

export const SECTORS = [
  'national_security',
  'public_service',
  'banking_finance',
  'it_telecom',
  'transport_logistics',
  'energy_utilities',
  'public_health',
  'others',
] as const;
export type Sector = (typeof SECTORS)[number];

export const ORGANISATION_STATES = ['listed', 'invited', 'requested', 'enrolled', 'suspended'] as const;
export type OrganisationState = (typeof ORGANISATION_STATES)[number];

export interface Contact {
  readonly name: string;
  readonly position: string;
  readonly email: string;
  readonly phone: string;
  readonly language: 'th' | 'en';
}

export interface OrganisationForm {
  readonly nameTh: string;
  readonly nameEn: string;
  readonly type: OrganisationType;
  readonly sector: Sector;
  readonly parent: string | null;
  readonly province: string | null;
  readonly domains: readonly string[];
  readonly exclude: readonly string[];
  readonly keywords: readonly { readonly term: string; readonly scope: 'anywhere' | 'login' | 'host' }[];
  /** Forms of logins as watch terms (match/login-pattern.ts). */
  readonly patterns?: readonly string[];
  /** Whose account a login is, by host, path and form; before the rules that hold for everybody. */
  readonly exposureRules?: readonly ExposureRule[];
  /** Registered address ranges (CIDR): they annotate machines only. */
  readonly networks?: readonly string[];
  readonly contacts: readonly Contact[];
}

export interface DomainProof {
  readonly domain: string;
  readonly method: 'operator' | 'dns';
  readonly atMs: Ms;
  readonly by: string;
  readonly note: string;
}

export interface Organisation extends OrganisationForm {
  /** base64url of 16 random bytes, kept for ever (FORMATS, list id). */
  readonly listId: string;
  readonly state: OrganisationState;
  readonly org: string | null;
  readonly proofs: readonly DomainProof[];
  readonly addedAtMs: Ms;
  readonly changedAtMs: Ms;
  readonly invitedAtMs: Ms | null;
  readonly drafts: number;
  readonly published: number;
  readonly lastFetchedAtMs: Ms | null;
}

/** Two organisations watch terms of which one contains the other. */
export interface TermOverlap {
  readonly term: string;
  readonly listId: string;
  readonly otherTerm: string;
  readonly otherListId: string;
}

export interface ImportedOrganisations {
  readonly added: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly overlaps: readonly TermOverlap[];
}

export interface Invitation {
  readonly listId: string;
  readonly link: string;
  readonly expiresAtMs: Ms;
}

/* ---------- joining ---------- */

export interface JoinForm {
  /** The fragment `i=1.…` or the whole invitation link. */
  readonly invitation: string;
  readonly nameTh: string;
  readonly nameEn: string;
  readonly type: OrganisationType;
  readonly sector: Sector;
  readonly domains: readonly string[];
  readonly contact: Contact;
  readonly secondContact: Contact | null;
  readonly channel: string;
  readonly scope: string;
  readonly notice: { readonly version: string; readonly signedName: string; readonly signedPosition: string };
  readonly passphrase: string;
  readonly appOrigin: string;
}

export interface InvitationSummary {
  readonly deployment: string;
  readonly origin: string;
  readonly expiresAtMs: Ms;
  readonly rootDigits: readonly string[];
  readonly demo: boolean;
}

/** An access request as the operator sees it: never with its digits. */
export interface AccessRequest {
  readonly id: string;
  readonly receivedAtMs: Ms;
  readonly form: Omit<JoinForm, 'invitation' | 'passphrase' | 'appOrigin'>;
  readonly withInvitation: boolean;
  readonly state: 'open' | 'approved' | 'declined';
  /** List entries whose names or domains fit, best first. */
  readonly candidates: readonly { readonly listId: string; readonly reason: 'invitation' | 'domain' | 'name' }[];
}

export interface Approval {
  readonly requestId: string;
  /** The organisation on the list that this request is; `null` lists it anew from the request. */
  readonly listId: string | null;
  /** 30 decimal digits, spaces ignored. */
  readonly digits: string;
  readonly method: 'letter' | 'known_phone' | 'meeting' | 'printed_sheet';
  readonly note: string;
  readonly provenDomains: readonly string[];
}

/* ---------- loading ---------- */

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

/** A version of an organisation's terms with what it changed; of the oldest that is kept that is not known, unless it is the first. */
export interface ToldVersion extends WatchVersion {
  readonly changes: readonly TermChange[];
}

/** Drafts that wait for one organisation and that another's terms would hit, too. */
export interface DraftsElsewhere {
  readonly listId: string;
  readonly findings: number;
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

/* ---------- review and publish ---------- */

/** What a person should know of a source before findings of it are published. Real source names: they stay with the operator. */
export type Concern =
  /** All mailboxes of the source are of this organisation: lists made from a staff directory look like this. */
  | { readonly kind: 'one-organisation'; readonly source: string; readonly records: number }
  /** So many mailboxes of one domain as no ordinary leak holds: students, customers, or made up. */
  | { readonly kind: 'many-mailboxes'; readonly source: string; readonly domain: string; readonly records: number }
  /** Most of its pairs stood in a source that was loaded before. */
  | { readonly kind: 'recycled'; readonly source: string; readonly known: string; readonly share: number }
  /** Much of it could not be read. */
  | { readonly kind: 'quarantined'; readonly source: string; readonly share: number };

export interface DraftReview {
  readonly listId: string;
  readonly nameTh: string;
  readonly nameEn: string;
  readonly state: OrganisationState;
  readonly findings: number;
  readonly byExposure: Readonly<Record<Exposure, number>>;
  readonly byLevel: Readonly<Record<Level, number>>;
  readonly bySource: readonly { readonly alias: string; readonly sourceClass: SourceClass; readonly count: number }[];
  /** Not released: pairs without context (rule 3), domains without proof (rule 4), keyword-only without confirmation. */
  readonly withheld: { readonly contextless: number; readonly unproven: number; readonly unconfirmed: number };
  /** New sightings of findings that were published before; they go out with the next bundle. */
  readonly sightingsOnly: number;
  /** Drafts beside these that only terms out of force hit: they stay, and come back with the terms. */
  readonly unwatched: number;
  /** What is odd about the sources that its drafts came from. */
  readonly concerns: readonly Concern[];
  readonly policies: readonly PublishPolicy[];
}

export interface PublishOptions {
  readonly policy: PublishPolicy;
  readonly tlp: Tlp;
  readonly caveat: string | null;
  /** A reason overrides DOMAIN rule 3. */
  readonly includeContextless: string | null;
  readonly confirmKeywordOnly: boolean;
}

export type PublishOutcome =
  | {
      readonly kind: 'published';
      readonly listId: string;
      readonly bundleId: string;
      readonly findings: number;
      readonly withheld: number;
      readonly sizeBytes: number;
    }
  | {
      readonly kind: 'held';
      readonly listId: string;
      readonly reason: 'not_enrolled' | 'suspended' | 'nothing_to_release' | 'frozen';
      readonly findings: number;
    }
  | {
      readonly kind: 'failed';
      readonly listId: string;
      readonly error: ClientError;
      /** The sealed file waits in the outbox and goes out by itself. */ readonly queued: boolean;
    };

export interface PublishedBundle {
  readonly bundleId: string;
  readonly listId: string;
  readonly publishedAtMs: Ms;
  readonly findings: number;
  readonly policy: PublishPolicy;
  readonly tlp: Tlp;
  readonly sizeBytes: number;
  readonly state: 'queued' | 'published' | 'withdrawn';
  readonly fetchedAtMs: Ms | null;
  readonly withdrawnAtMs: Ms | null;
  /** When the server deleted it by policy, every device having fetched it: nobody can fetch it any more. */
  readonly expiredAtMs: Ms | null;
}

export const WITHDRAW_CODES = ['wrong_recipient', 'wrong_content', 'superseded', 'source_request'] as const;
export type WithdrawCode = (typeof WITHDRAW_CODES)[number];

/** What a letter or notice needs; the page makes the text in the organisation's language (opened/respond/letters). */
export interface LetterFacts {
  readonly kind: 'notice' | 'counts_letter';
  readonly listId: string;
  readonly organisationTh: string;
  readonly organisationEn: string;
  readonly certTh: string;
  readonly certEn: string;
  readonly language: 'th' | 'en';
  readonly to: readonly Contact[];
  readonly domains: readonly string[];
  readonly byExposure: Readonly<Record<Exposure, number>>;
  readonly atMs: Ms;
}

/* ---------- organisation: bundles ---------- */

export interface SyncProgress {
  readonly stage: 'directory' | 'manifest' | 'download' | 'open' | 'store' | 'audit' | 'done';
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly rows: number;
}

export interface SyncSummary {
  readonly atMs: Ms;
  readonly bundles: number;
  readonly added: number;
  readonly merged: number;
  readonly withdrawn: number;
  readonly requests: number;
  readonly auditSent: number;
  /** Banners: expired manifest, missing feed, clock off, frozen chain. Codes of the message catalogue. */
  readonly warnings: readonly string[];
  /** Ids of listed bundles that this device never had and that nobody can fetch any more. */
  readonly expired: readonly string[];
}

export interface BundleRow {
  readonly bundleId: string;
  readonly receivedAtMs: Ms;
  readonly publishedAtMs: Ms;
  readonly findings: number;
  readonly added: number;
  readonly merged: number;
  readonly tlp: Tlp;
  readonly caveat: string | null;
  readonly policy: PublishPolicy;
  readonly withheld: { readonly contextless: number; readonly unproven: number; readonly unconfirmed: number };
  readonly withdrawn: WithdrawCode | null;
  /** What the CERT committed to and this vault counted; left out: it stated nothing (own material, older versions). */
  readonly completeness?: Completeness;
}

/** All that was released arrived: what the sender's signed list committed to before, opened and counted again from the rows. */
export interface Completeness {
  /** base64url of 32 bytes, as it stands in the list. */
  readonly commitment: string;
  /** Findings that matched the organisation when the bundle was made: those in it, and those that its sender told it held back. */
  readonly matched: number;
  /** Findings in it, by source alias. */
  readonly sources: readonly { readonly alias: string; readonly count: number }[];
}

export interface SyncState {
  readonly lastSyncMs: Ms | null;
  readonly onlyHere: { readonly operations: number; readonly auditEvents: number; readonly outbox: number };
  readonly running: boolean;
}

/** A question that somebody kept under a name, sealed in the vault. */
export interface SavedView {
  /** base64url of 16 random bytes. */
  readonly id: string;
  readonly name: string;
  readonly query: Query;
  readonly groupBy: GroupField | null;
}

/* ---------- audit ---------- */

/** One event as the auditor reads it. */
export interface AuditRow {
  readonly index: number;
  readonly receivedAtMs: Ms;
  readonly device: string;
  readonly deviceLabel: string | null;
  readonly org: string | null;
  readonly seq: number;
  readonly kind: string;
  readonly atMs: Ms | null;
  /** Integers and ids only. */
  readonly details: Readonly<Record<string, string | number>>;
}

export interface AuditDevice {
  readonly device: string;
  readonly label: string | null;
  readonly org: string | null;
  readonly entries: number;
  readonly firstAtMs: Ms;
  readonly lastAtMs: Ms;
  readonly lastSeq: number;
  /** Missing sequence numbers, broken links, forks. */
  readonly gaps: number;
  readonly forks: number;
}

export interface AuditReport {
  readonly devices: readonly AuditDevice[];
  readonly kinds: readonly { readonly kind: string; readonly count: number }[];
  readonly rows: readonly AuditRow[];
  /** Entries that were read and verified: all that the checkpoint covers. */
  readonly total: number;
  readonly provedAtMs: Ms;
}

/** Something that should not be: a check that failed against what somebody signed. `what` and `code` as in `forged`. */
export interface Alarm {
  readonly id: string;
  readonly what: string;
  readonly code: string;
  readonly firstAtMs: Ms;
  readonly lastAtMs: Ms;
  readonly times: number;
  /** A person has read it. */
  readonly seen: boolean;
}

/** How the record stands as far as this device knows. */
export interface RecordState {
  /** When the log last proved that it only grew; null before the first contact. */
  readonly provedAtMs: Ms | null;
  /** Entries that it had then. */
  readonly size: number;
  /** The checkpoint over them, signed by the server's log key. */
  readonly checkpoint: string | null;
  /** Who must have cosigned, by an operator's statement; `quorum` 0: nobody has to. */
  readonly witnesses: {
    readonly names: readonly string[];
    /** In the same order, `name+hash+key`. */
    readonly keys: readonly string[];
    readonly quorum: number;
  };
  /** `name+hash+key` of the log, by which witnesses know it. */
  readonly logKey: string | null;
  /** The newest checkpoint that enough of them did, and when. */
  readonly cosigned: { readonly size: number; readonly atMs: Ms } | null;
  readonly alarms: readonly Alarm[];
}

/** All of a device's own entries, proved to stand in the log. */
export interface OwnProof {
  /** Kept on this device and proved. */
  readonly entries: number;
  /** Proved before, in others' hands for 14 days, and deleted here since. */
  readonly released: number;
  /** Not uploaded yet. */
  readonly waiting: number;
  readonly provedAtMs: Ms;
  /** Entries of the whole log. */
  readonly size: number;
}

/* ---------- counts for badges ---------- */

export interface Badges {
  readonly requests: number;
  readonly drafts: number;
  readonly outbox: number;
  readonly bundles: number;
  readonly newFindings: number;
}

/* ---------- the whole ---------- */

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

/** Why somebody needs to see a secret: a closed list, because the audit log has no place for text. */
export const REVEAL_REASONS = ['check', 'user', 'incident', 'reset', 'other'] as const;
export type RevealReason = (typeof REVEAL_REASONS)[number];

/** Organisation's calls (`Profile.kind` is `organisation`). */
export interface OrganisationClient {
  /** Loads material that the organisation brought itself, e.g. its own provider's export, into its own vault. */
  beginLoad(): Promise<LoadWriter>;
  /** Domains that own material is matched against; `null` before the CERT said which are this organisation's. */
  ownDomains(): Promise<readonly string[] | null>;
  /** Own loads, newest first; `loadId` is also the id under which `bundles` shows what came. */
  loads(): Promise<readonly LoadSummary[]>;
  /** Removes an own load with its findings, on record. Bundles of the CERT are not touched. */
  discardLoad(loadId: string): Promise<Result<void, ClientError>>;
  query(query: Query): Promise<QueryResult>;
  window(token: number, offset: number, limit: number): Promise<readonly Row[]>;
  /** Ids behind a token from `from` to `to` (exclusive), for selecting a range; at most 100,000. */
  ids(token: number, from: number, to: number): Promise<readonly FindingId[]>;
  /** Position of a finding in a pinned answer, -1 if it is not there. */
  position(token: number, id: FindingId): Promise<number>;
  groups(token: number, by: GroupField, offset: number, limit: number): Promise<GroupPage>;
  histogram(token: number, field: TimeField, bars: number): Promise<Histogram>;
  suggest(text: string, limit: number): Promise<readonly Suggestion[]>;
  savedViews(): Promise<readonly SavedView[]>;
  saveView(view: SavedView): Promise<Result<void, ClientError>>;
  deleteView(id: string): Promise<Result<void, ClientError>>;
  detail(id: FindingId): Promise<Result<Detail, ClientError>>;
  overview(): Promise<Overview>;
  bundles(): Promise<readonly BundleRow[]>;
  /** Durable when it resolves. `group` undoes it as a whole. */
  triage(
    ids: readonly FindingId[],
    changes: readonly TriageChange[],
  ): Promise<Result<{ readonly group: string; readonly applied: number }, ClientError>>;
  undo(group: string): Promise<Result<{ readonly applied: number }, ClientError>>;
  reveal(id: FindingId, reason: RevealReason): Promise<Result<{ readonly secret: string }, ClientError>>;
  /** The withdrawn bundle's findings are deleted from this vault and the deletion is audited. */
  confirmDeletion(bundleId: string): Promise<Result<void, ClientError>>;
  /** Own record: what this device signed. */
  ownAudit(limit: number): Promise<readonly AuditRow[]>;
}

/** What the columns of a table hold, kept by its header. */
export interface SavedColumns {
  /** Names as written, in their order. */
  readonly header: readonly string[];
  readonly mapping: ColumnMapping;
}

/** Calls of both kinds. */
export interface CommonClient {
  /** What the columns of a table with this header hold, as somebody said before; `null`: nobody did. */
  columnsOf(header: readonly string[]): Promise<ColumnMapping | null>;
  saveColumnMapping(saved: SavedColumns): Promise<Result<void, ClientError>>;
  profile(): Promise<Profile>;
  badges(): Promise<Badges>;
  syncState(): Promise<SyncState>;
  /** Directory, feeds, requests, decisions, outbox, audit: whatever this identity has to exchange. Safe to call at any time. */
  sync(onProgress: (progress: SyncProgress) => void): Promise<Result<SyncSummary, ClientError>>;
  /** When the record was last proved, and what alarms there are. */
  record(): Promise<RecordState>;
  /** Asks the server now for the proof that its record only grew. A failure that is an alarm is kept as one. */
  proveRecord(): Promise<Result<RecordState, ClientError>>;
  /** Proves that every entry that this device uploaded stands in the log. */
  proveOwnEntries(onProgress: (done: number, total: number) => void): Promise<Result<OwnProof, ClientError>>;
  /** One entry with its proof as a `.tlog-proof` file, which anybody checks without a server. */
  entryProof(index: number): Promise<Result<SavedFile, ClientError>>;
  /** The signed evidence of an alarm, for whoever looks into it. */
  alarmEvidence(id: string): Promise<Result<SavedFile, ClientError>>;
  /** A person has read the alarm. */
  alarmSeen(id: string): Promise<Result<void, ClientError>>;
  /** Ends a running sync: it answers `cancelled`, and what it had not committed is gone. */
  cancelSync(): Promise<void>;
  /** A new vault key for everything at rest, under a new passphrase: for a device that was lost or a profile that was copied. */
  rekey(
    passphrase: string,
    newPassphrase: string,
    onProgress: (doneBytes: number, totalBytes: number) => void,
  ): Promise<Result<void, ClientError>>;
}

export type Client = CommonClient & OperatorClient & OrganisationClient;
