/** What ingest hands on: records with their provenance, the ledger that accounts for every byte, quarantined lines. */
import type { Ms } from '../../base/brand.ts';
import type { SourceClass } from '../finding/finding.ts';
import type { DialectName } from './dialects/dialect.ts';

/** One source as the operator loaded it. The real name stays with the operator; `alias` goes out (DOMAIN rule 9). */
export interface SourceDescription {
  readonly name: string;
  readonly alias: string;
  /** 32 bytes. */
  readonly sha256: Uint8Array<ArrayBuffer>;
  readonly sizeBytes: number;
  readonly sourceClass: SourceClass;
  /** Nobody said the class: each record's is recognised, and `sourceClass` stands for them in lists of sources. */
  readonly isRecognised?: boolean;
  /** How its lines are written, where a person said so. */
  readonly dialect?: DialectName;
  readonly capturedAtMs: Ms | null;
  readonly publishedAtMs: Ms | null;
}

/** The machine a stealer log came from, as far as its system file told. */
export interface Machine {
  /** Whatever identifies it in the log (HWID, machine id, else folder name); keyed before it is stored. */
  readonly key: string;
  readonly name: string | null;
  readonly user: string | null;
  readonly os: string | null;
  readonly country: string | null;
  readonly ip: string | null;
  readonly capturedAtMs: Ms | null;
  readonly family: string | null;
  readonly familyConfidence: number;
}

/** Session cookies that a machine had for one watched site. */
export interface SiteCookies {
  /** The watch term that the cookies' hosts lie in. */
  readonly site: string;
  readonly live: number;
  readonly expired: number;
  readonly newestExpiryMs: Ms;
}

/**
 * One machine of a source as a whole: what it was and how much it gave. For operators only; the address never leaves them. No
 * password, cookie, form entry or name of one is in it.
 */
export interface MachineSummary extends Machine {
  /** Path of the machine's folder in the source, or of the provider's export that names it. */
  readonly entry: string;
  /** Its date as written, which stays where `capturedAtMs` could not be told. */
  readonly capturedText: string | null;
  /** Credentials, copies not counted. */
  readonly passwords: number;
  readonly cookies: number;
  readonly autofillEntries: number;
  /** Watched sites alone. */
  readonly sessionCookies: readonly SiteCookies[];
}

/** Where a record stood: enough to find its bytes again. */
export interface Provenance {
  /** Path inside folder or archive, '' for a plain file. */
  readonly entry: string;
  /** Byte offset and length in the entry as stored (before transcoding). */
  readonly offset: number;
  readonly length: number;
}

/** One parsed credential exposure, before matching. Texts are as found. */
export interface LoadedRecord {
  readonly provenance: Provenance;
  /** '' if none. */
  readonly url: string;
  /** '' if blank in the source: kept, flagged. */
  readonly login: string;
  readonly password: string;
  /** Set where trimming would change the password: the text before trimming. */
  readonly rawPassword?: string;
  readonly application: string | null;
  readonly sourceClass: SourceClass;
  readonly machine: Machine | null;
  /** Hash types, likeliest first, where `password` is a hash; empty for a clear secret. */
  readonly hashTypes: readonly string[];
  readonly salt?: string;
  /** 0 to 1: how sure the parser is of the split. */
  readonly confidence: number;
  /** Live or expired session cookie known for this host on this machine. */
  readonly cookieState: 'none' | 'expired' | 'live';
  /** When it leaked, and since when strangers could have it, where the material tells that by record; else the source's. */
  readonly capturedAtMs?: Ms | null;
  readonly publishedAtMs?: Ms | null;
  /** A stable name of what a provider took it from: two exports that hold it are one source, not two. */
  readonly origin?: string;
}

/** Closed list (INGEST, Errors). */
export const QUARANTINE_REASONS = [
  'encoding',
  'no-separator',
  'ambiguous-split',
  'line-too-long',
  'field-too-long',
  'truncated',
  'bad-escape',
  'unknown-block',
  'archive-password',
  'archive-corrupt',
  'archive-unsupported',
  'limit-ratio',
  'limit-total',
  'limit-entries',
  'limit-depth',
  'limit-overlap',
] as const;
export type QuarantineReason = (typeof QUARANTINE_REASONS)[number];

/** What a column of a table may hold (providers/column-mapping.ts). */
export const MAPPED_ROLES = [
  'email',
  'login',
  'password',
  'salt',
  'url',
  'application',
  'hashType',
  'captured',
  'published',
] as const;
export type MappedRole = (typeof MAPPED_ROLES)[number];

export const IGNORE_RULES = [
  'bom',
  'empty-line',
  'banner',
  'separator',
  'placeholder',
  'masked-secret',
  'empty-secret',
  'not-text',
  'copy',
  'no-credential',
] as const;
export type IgnoreRule = (typeof IGNORE_RULES)[number];

/** A line or entry that could not be read. No text is kept; bytes are found again by offset. */
export interface QuarantinedLine {
  readonly entry: string;
  readonly offset: number;
  readonly length: number;
  readonly reason: QuarantineReason;
}

/** bytesIn = bytesRecord + bytesIgnored + bytesQuarantined + bytesNotCandidate, to the byte (INGEST). */
export interface LedgerTotals {
  readonly bytesIn: number;
  readonly bytesRecord: number;
  readonly bytesIgnored: number;
  readonly bytesQuarantined: number;
  readonly bytesNotCandidate: number;
  readonly records: number;
  readonly ignored: Readonly<Partial<Record<IgnoreRule, number>>>;
  readonly quarantined: Readonly<Partial<Record<QuarantineReason, number>>>;
}

export interface LedgerSource extends LedgerTotals {
  /** Path of the leaf (file or innermost archive entry), or of a container. */
  readonly path: string;
  readonly sha256: string;
  /** Containers only: outside the sum. */
  readonly containerBytes?: number;
  readonly status: 'complete' | 'partial' | 'failed';
  readonly dialect: string | null;
  readonly encoding: string | null;
}

export interface Ledger {
  readonly total: LedgerTotals;
  readonly sources: readonly LedgerSource[];
}
