/** Where a bundle goes while it unpacks: identities first, then batch by batch, each taken before the next is made. */
import type { BundleColumns, BundleMetadata, TextDictionary } from './columns.ts';

export interface BundleSink {
  /** Called once, before any batch. */
  begin(metadata: BundleMetadata): Promise<void>;
  /**
   * The identities that all batches name, the very object they have: most of a bundle's text, so that it is worth beginning with while
   * the other dictionaries come. Called at most once, before any batch; whoever has batches alone leaves it out.
   */
  identities(dictionary: TextDictionary): Promise<void>;
  /**
   * At most 65,536 rows, checked. All batches share the same `TextDictionary` objects, which stand whole from the first batch on.
   * The other arrays belong to the reader, which uses them again once the promise settles.
   * Nothing of it may be shown before the envelope is known to hold.
   */
  batch(columns: BundleColumns): Promise<void>;
}
