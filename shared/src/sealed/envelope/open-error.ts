import type { Kid } from '../crypto/keys.ts';

/**
 * - `not-for-us`: sealed to others; skip, don't alarm.
 * - `interrupted`: the source of `sealed` failed (network); try again.
 * - `not-as-listed`: another file than the manifest lists. `damaged`: changed or cut off ciphertext.
 * - `malformed`: opened, but not an envelope, or its content is not what its statement says. `too-large`: over FORMATS' limits.
 * - `not-allowed`: this key may not sign this kind. `forged`: its signature does not hold. Alarm on both.
 * - `wrong-kind`, `wrong-audience`: a real envelope that belongs elsewhere: somebody redirected it. Alarm.
 * - `not-wanted`: the caller's `accept` said so.
 * - `update-needed`: written by a newer version.
 */
export type OpenError =
  | ReadError
  | { readonly kind: 'not-for-us' | 'not-wanted' | 'too-large' | 'wrong-audience' | 'update-needed' }
  | { readonly kind: 'malformed'; readonly part: 'statement' | 'claims' }
  | { readonly kind: 'not-allowed' | 'forged'; readonly kid: Kid }
  | { readonly kind: 'wrong-kind'; readonly found: string };

/** What can be told of a file without knowing who may have signed it. */
export type ReadError =
  | { readonly kind: 'interrupted' | 'not-as-listed' | 'damaged' | 'update-needed' }
  | { readonly kind: 'malformed'; readonly part: 'preamble' | 'content' | 'padding' };
