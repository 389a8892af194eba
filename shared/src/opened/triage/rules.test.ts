import { describe, expect, test } from 'vitest';
import type { SourceClass } from '../finding/finding.ts';
import { checkChanges } from './rules.ts';
import { NEW_STATUS } from './status.ts';
import type { TriageChange, TriageStatus } from './triage.ts';

const NOW_MS = 1_772_000_000_000;
const closed: TriageStatus = { ...NEW_STATUS, state: 'closed', resolution: 'not_ours' };

describe('triage rules', () => {
  test('closing needs a resolution, and nothing else takes one', () => {
    expect(broken([{ field: 'state', state: 'closed' }])).toBe('resolution_missing');
    expect(broken([{ field: 'state', state: 'closed', resolution: 'not_ours' }])).toBeNull();
    expect(broken([{ field: 'state', state: 'pending', resolution: 'not_ours' }])).toBe('resolution_unexpected');
  });

  test('an accepted risk needs an end date that is to come', () => {
    const accept = { field: 'state', state: 'closed', resolution: 'risk_accepted' } as const;
    expect(broken([accept])).toBe('end_date_missing');
    expect(broken([{ ...accept, untilMs: NOW_MS }])).toBe('end_date_past');
    expect(broken([{ ...accept, untilMs: NOW_MS + 1 }])).toBeNull();
  });

  test('contained needs reset and sessions, and the device first where a stealer was at work', () => {
    const contained: TriageChange = { field: 'state', state: 'contained' };
    const done = (reset: boolean, sessions: boolean, device: boolean): TriageChange => {
      return { field: 'done', reset, sessions, device };
    };
    expect(broken([contained])).toBe('contained_needs_reset');
    expect(broken([done(true, false, false), contained])).toBe('contained_needs_sessions');
    expect(broken([done(true, true, false), contained])).toBeNull();
    expect(broken([done(true, true, false), contained], NEW_STATUS, 'stealer')).toBe('contained_needs_device');
    expect(broken([done(true, true, true), contained], NEW_STATUS, 'stealer')).toBeNull();
    expect(broken([contained, done(true, true, true)])).toBe('contained_needs_reset');
  });

  test('a closed finding is reopened first, and only an ended one is', () => {
    expect(broken([{ field: 'state', state: 'triaged' }], closed)).toBe('closed_needs_reopen');
    expect(broken([{ field: 'state', state: 'reopened' }], closed)).toBeNull();
    expect(broken([{ field: 'state', state: 'reopened' }])).toBe('reopen_needs_closed');
    expect(broken([{ field: 'state', state: 'closed', resolution: 'duplicate' }], closed)).toBeNull();
  });

  test('reopening forgets the resolution', () => {
    const after = checkChanges(closed, [{ field: 'state', state: 'reopened' }], 'ulp', NOW_MS);
    expect(after).toEqual({ ...NEW_STATUS, state: 'reopened' });
  });

  test('a comment says something, but no novel', () => {
    expect(broken([{ field: 'comment', text: ' \n' }])).toBe('comment_empty');
    expect(broken([{ field: 'comment', text: 'x'.repeat(4001) }])).toBe('comment_too_long');
    expect(broken([{ field: 'comment', text: 'โทรแล้ว' }])).toBeNull();
  });
});

function broken(changes: TriageChange[], status = NEW_STATUS, sourceClass: SourceClass = 'ulp'): string | null {
  const answer = checkChanges(status, changes, sourceClass, NOW_MS);
  return 'rule' in answer ? answer.rule : null;
}
