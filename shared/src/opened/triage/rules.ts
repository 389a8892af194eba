/** What an analyst may do when (DOMAIN, Triage states). Checked where an operation is made; operations of others are taken as they are. */
import type { SourceClass } from '../finding/finding.ts';
import type { TriageChange, TriageStatus } from './triage.ts';
import { applyChange } from './status.ts';

/** Names a rule in the message catalogue. */
export type TriageRule =
  | 'resolution_missing'
  | 'resolution_unexpected'
  | 'end_date_missing'
  | 'end_date_past'
  | 'contained_needs_reset'
  | 'contained_needs_sessions'
  | 'contained_needs_device'
  | 'closed_needs_reopen'
  | 'reopen_needs_closed'
  | 'comment_empty'
  | 'comment_too_long';

export interface RuleBroken {
  readonly field: TriageChange['field'];
  readonly rule: TriageRule;
}

const MAX_COMMENT_LENGTH = 4000;

/** States that a finding can be reopened from. */
const ENDED = ['contained', 'closed', 'merged'] as const;

/** The status after all `changes`, or the first rule that one of them breaks. */
export function checkChanges(
  status: TriageStatus,
  changes: readonly TriageChange[],
  sourceClass: SourceClass,
  nowMs: number,
): TriageStatus | RuleBroken {
  let after = status;
  for (const change of changes) {
    const rule = brokenRule(after, change, sourceClass, nowMs);
    if (rule) return { field: change.field, rule };
    after = applyChange(after, change);
  }
  return after;
}

/** Tells the two answers of `checkChanges` apart. */
export function isRuleBroken(answer: TriageStatus | RuleBroken): answer is RuleBroken {
  return 'rule' in answer;
}

function brokenRule(
  status: TriageStatus,
  change: TriageChange,
  sourceClass: SourceClass,
  nowMs: number,
): TriageRule | null {
  if (change.field === 'comment') {
    if (change.text.trim() === '') return 'comment_empty';
    return change.text.length > MAX_COMMENT_LENGTH ? 'comment_too_long' : null;
  }
  if (change.field !== 'state') return null;
  const { state, resolution, untilMs } = change;
  if (status.state === 'closed' && state !== 'closed' && state !== 'reopened') return 'closed_needs_reopen';
  if (state === 'reopened' && !ENDED.some((ended) => ended === status.state)) return 'reopen_needs_closed';
  if (state === 'closed') {
    if (resolution === undefined) return 'resolution_missing';
    if (resolution === 'risk_accepted' && untilMs === undefined) return 'end_date_missing';
    if (resolution === 'risk_accepted' && (untilMs ?? 0) <= nowMs) return 'end_date_past';
    return null;
  }
  if (resolution !== undefined) return 'resolution_unexpected';
  if (state === 'contained') {
    // DOMAIN rule 8: the device first, then reset, then sessions; anything less is `in_progress`.
    if (sourceClass === 'stealer' && !status.done.device) return 'contained_needs_device';
    if (!status.done.reset) return 'contained_needs_reset';
    if (!status.done.sessions) return 'contained_needs_sessions';
  }
  return null;
}
