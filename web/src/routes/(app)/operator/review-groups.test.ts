import { describe, expect, test } from 'vitest';
import type { DraftReview } from '@sealpost/shared/opened/client/api/publishing';
import { groupReviews, releasable } from './review-groups.ts';

function review(state: DraftReview['state'], findings: number, contextless: number, sightingsOnly = 0): DraftReview {
  return {
    listId: `${state}-${findings}-${contextless}-${sightingsOnly}`,
    nameTh: '',
    nameEn: '',
    state,
    findings,
    byExposure: { employee: findings, customer: 0, third_party: 0, unclassified: 0 },
    byLevel: { critical: 0, high: 0, medium: 0, low: findings, info: 0 },
    bySource: [],
    withheld: { contextless, unproven: 0, unconfirmed: 0 },
    sightingsOnly,
    unwatched: 0,
    concerns: [],
    policies: ['none', 'masked'],
  };
}

describe('grouping drafts', () => {
  test('an enrolled organisation with something to release is ready, without what is withheld', () => {
    const entry = review('enrolled', 10, 4);
    expect(releasable(entry)).toBe(6);
    expect(groupReviews([entry])).toEqual({ ready: [entry], held: [] });
  });

  test('one whose findings are all withheld is held, unless known findings were seen again', () => {
    const withheld = review('enrolled', 4, 4);
    const seenAgain = review('enrolled', 4, 4, 2);
    expect(groupReviews([withheld, seenAgain])).toEqual({ ready: [seenAgain], held: [withheld] });
  });

  test('one that has not joined or is suspended is held', () => {
    const listed = review('listed', 3, 0);
    const suspended = review('suspended', 3, 0);
    expect(groupReviews([listed, suspended]).held).toEqual([listed, suspended]);
  });
});
