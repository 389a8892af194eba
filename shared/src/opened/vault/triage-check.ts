/** Which rows may be changed so: the rules of triage, asked once for each status that they can tell apart. */
import type { Ms } from '../../base/brand.ts';
import type { InputIssue } from '../client/api.ts';
import type { SourceClass } from '../finding/finding.ts';
import { SOURCE_CLASSES } from '../finding/finding.ts';
import type { Engine } from '../query/engine.ts';
import { NO_ROW } from '../query/engine.ts';
import { checkChanges, isRuleBroken } from '../triage/rules.ts';
import type { RuleBroken } from '../triage/rules.ts';
import type { TriageChange } from '../triage/triage.ts';
import type { TouchedRows } from './touched-rows.ts';
import type { Overlay } from './triage-overlay.ts';

/** Most findings that an error names. */
const MAX_ISSUES = 20;
const STEALER = SOURCE_CLASSES.indexOf('stealer');

/** Each row once, in their order; `null` if one is NO_ROW. Works in `known`, and clears what it holds first. */
export function distinctRows(rows: Uint32Array, known: TouchedRows): Uint32Array | null {
  if (rows.includes(NO_ROW)) return null;
  known.clear();
  known.add(rows);
  return known.size === rows.length ? rows : known.rows.slice();
}

/** The findings that `changes` would break a rule of, each with the first one; at most twenty. */
export function brokenRules(
  engine: Engine,
  overlay: Overlay,
  rows: Uint32Array,
  changes: readonly TriageChange[],
  nowMs: Ms,
): readonly InputIssue[] {
  const asksForSource = changes.some((change) => change.field === 'state' && change.state === 'contained');
  const sourceClasses = asksForSource ? engine.wordsOf(rows).sourceClass : null;
  const keys = overlay.ruleKeys(rows);
  const answers = new Map<number, RuleBroken | null>();
  const issues: InputIssue[] = [];
  for (let i = 0; i < rows.length && issues.length < MAX_ISSUES; i++) {
    const row = rows[i] as number;
    const isStealer = sourceClasses?.[i] === STEALER;
    const key = (keys[i] as number) * 2 + (isStealer ? 1 : 0);
    let broken = answers.get(key);
    if (broken === undefined) {
      const sourceClass: SourceClass = isStealer ? 'stealer' : 'ulp';
      const answer = checkChanges(overlay.status(row), changes, sourceClass, nowMs);
      broken = isRuleBroken(answer) ? answer : null;
      answers.set(key, broken);
    }
    if (broken !== null) issues.push({ field: broken.field, code: broken.rule, value: engine.idAt(row) });
  }
  return issues;
}
