/** Triage vocabulary (DOMAIN, Triage states) and the one operation the journal is made of. */
import type { Ms } from '../../base/brand.ts';
import type { FindingId } from '../finding/finding.ts';

export const TRIAGE_STATES = [
  'new',
  'triaged',
  'assigned',
  'in_progress',
  'contained',
  'closed',
  'pending',
  'merged',
  'reopened',
] as const;
export type TriageState = (typeof TRIAGE_STATES)[number];

export const RESOLUTIONS = [
  'valid_reset',
  'valid_disabled',
  'not_valid',
  'already_changed',
  'account_absent',
  'left_organisation',
  'not_ours',
  'duplicate',
  'false_positive',
  'risk_accepted',
] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

/** What an analyst changes. `state` closed needs a resolution; `risk_accepted` needs an end date; `contained` says for what. */
export type TriageChange =
  | { readonly field: 'state'; readonly state: TriageState; readonly resolution?: Resolution; readonly untilMs?: Ms }
  | { readonly field: 'owner'; readonly owner: string | null }
  | { readonly field: 'comment'; readonly text: string }
  /** What has been done; `contained` wants reset, sessions and, for stealer findings, device. */
  | { readonly field: 'done'; readonly reset: boolean; readonly sessions: boolean; readonly device: boolean };

/** One journal entry, append-only: who changed what, when, in hybrid logical time (FORMATS, Vault at rest). */
export interface TriageOperation {
  /** base64url of 16 random bytes. */
  readonly id: string;
  readonly findingId: FindingId;
  readonly change: TriageChange;
  /** Thumbprint of the device's signing key. */
  readonly device: string;
  /** Hybrid logical clock: milliseconds * 2^16 is too large for a double, so [ms, counter]. */
  readonly hlc: readonly [number, number];
}

/** The overlay of one finding after all its operations. */
export interface TriageStatus {
  readonly state: TriageState;
  readonly resolution: Resolution | null;
  readonly untilMs: Ms | null;
  readonly owner: string | null;
  readonly done: { readonly reset: boolean; readonly sessions: boolean; readonly device: boolean };
  readonly comments: number;
}
