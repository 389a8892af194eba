/** Where a bundle goes while it unpacks: dictionaries first, then batch by batch, each taken before the next is made. */
import type { BundleColumns, BundleMetadata } from './columns.ts';

export interface BundleSink {
  /** Called once, before any batch. */
  begin(metadata: BundleMetadata): Promise<void>;
  /**
   * At most 65,536 rows, checked. All batches share the same `TextDictionary` objects, which stand whole from the first batch on.
   * The other arrays belong to the reader, which uses them again once the promise settles.
   * Nothing of it may be shown before the envelope is known to hold.
   */
  batch(columns: BundleColumns): Promise<void>;
}
