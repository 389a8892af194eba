/** Failures of every call. */

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
