/** What a storage answers when a write does not hold. */

/**
 * `storage-full`: nothing was written; free space and try again. `conflict`: another writer was here first. `storage-failed`:
 * the connection or disk failed; nothing of the batch holds after reopening, or all of it.
 */
export type BackendError =
  | { readonly kind: 'storage-full' }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'storage-failed' };
