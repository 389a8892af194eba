/** Why a source was not loaded. What is wrong inside a source is in its ledger instead. */
export type IngestError =
  | { readonly kind: 'cancelled' }
  /** By `IngestOptions.stop`: a last checkpoint was made. */
  | { readonly kind: 'stopped' };
