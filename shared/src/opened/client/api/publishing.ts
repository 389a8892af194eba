/** Review of drafts, publishing, withdrawal. */
import type { Ms } from '../../../base/brand.ts';
import type { Exposure, Level, PublishPolicy, SourceClass, Tlp } from '../../finding/finding.ts';
import type { ClientError } from './client-error.ts';
import type { Contact, OrganisationState } from './organisations.ts';

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
