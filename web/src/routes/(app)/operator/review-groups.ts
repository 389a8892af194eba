/** Which drafts can go out now, and which wait: for an organisation to join, for proof, for a reason. */
import type { DraftReview } from '@sealpost/shared/opened/client/api/publishing';

/** Findings that a bundle would hold if it were published as things stand. */
export function releasable(review: DraftReview): number {
  const { contextless, unproven, unconfirmed } = review.withheld;
  return Math.max(0, review.findings - contextless - unproven - unconfirmed);
}

export interface ReviewGroups {
  readonly ready: readonly DraftReview[];
  readonly held: readonly DraftReview[];
}

/** `ready`: enrolled and with something to release, or known findings that were seen again. */
export function groupReviews(reviews: readonly DraftReview[]): ReviewGroups {
  const isReady = (review: DraftReview) =>
    review.state === 'enrolled' && (releasable(review) > 0 || review.sightingsOnly > 0);
  return { ready: reviews.filter(isReady), held: reviews.filter((review) => !isReady(review)) };
}
