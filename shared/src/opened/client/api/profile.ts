/** Who a vault belongs to, and how it is set up. */
import type { Ms } from '../../../base/brand.ts';

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

export interface Badges {
  readonly requests: number;
  readonly drafts: number;
  readonly outbox: number;
  readonly bundles: number;
  readonly newFindings: number;
}
