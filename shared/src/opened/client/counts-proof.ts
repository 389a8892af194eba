/** The proof of what an operator sent: numbers by source of one bundle, opened from the commitment in the own signed list. */
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { encodeCountsProof } from '../../sealed/mailbox/counts-proof.ts';
import { parseManifest } from '../../sealed/mailbox/manifest.ts';
import { isListed } from '../../sealed/mailbox/manifest-claims.ts';
import type { ClientError } from './api/client-error.ts';
import type { SavedFile } from './api/saved-file.ts';
import { readSignedFeed } from './outbox.ts';
import { readPublished } from './published.ts';
import type { Session } from './session.ts';

/** See `OperatorClient.countsProof`. */
export async function saveCountsProof(session: Session, bundleId: string): Promise<Result<SavedFile, ClientError>> {
  const bundles = await readPublished(session.store);
  if (!bundles.ok) return bundles;
  const bundle = bundles.value.find((one) => one.bundleId === bundleId);
  if (bundle === undefined) return err({ kind: 'not-found', what: 'bundle' });
  const signed = await readSignedFeed(session.store, bundle.org);
  if (!signed.ok) return signed;
  const manifest = signed.value === null ? null : parseManifest(signed.value);
  const item = manifest?.ok === true ? manifest.value.claims.items.find(({ id }) => id === bundleId) : undefined;
  // withdrawn, not sent yet, or published by a version that kept no numbers
  if (signed.value === null || item === undefined || !isListed(item) || bundle.counts === undefined) {
    return err({ kind: 'not-found', what: 'counts' });
  }
  const bytes = encodeCountsProof({ manifest: signed.value, bundle: item.id, counts: bundle.counts });
  return ok({ name: `sealpost-counts-${bundleId}.json`, mediaType: 'application/json', bytes });
}
