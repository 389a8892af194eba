/** Which rows may be changed so: the rules of triage, asked once for each status that they can tell apart. */
import type { Ms } from '../../base/brand.ts';
import type { InputIssue } from '../client/api/client-error.ts';
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
  const keys = overlay.ruleKeys(rows);
  if (asksForSource) addSources(keys, engine.wordsOf(rows).sourceClass);
  const examples = firstOfEach(keys);
  const answers = Array.from(examples, (at): RuleBroken | null => {
    if (at === NOWHERE) return null;
    const sourceClass: SourceClass = (keys[at] as number) & OF_STEALER ? 'stealer' : 'ulp';
    const answer = checkChanges(overlay.status(rows[at] as number), changes, sourceClass, nowMs);
    return isRuleBroken(answer) ? answer : null;
  });
  if (answers.every((broken) => broken === null)) return [];
  const issues: InputIssue[] = [];
  for (let i = 0; i < rows.length && issues.length < MAX_ISSUES; i++) {
    const broken = answers[keys[i] as number] ?? null;
    if (broken !== null)
      issues.push({
        field: broken.field,
        code: broken.rule,
        value: engine.idAt(rows[i] as number),
      });
  }
  return issues;
}

/** Beside the numbers that `ruleKeys` gives, which are below 128. */
const OF_STEALER = 128;
const KEYS = 256;
const NOWHERE = 0xffffffff;

function addSources(keys: Uint8Array, sourceClasses: Uint8Array): void {
  for (let i = 0; i < keys.length; i++) {
    if (sourceClasses[i] === STEALER) keys[i] = (keys[i] as number) | OF_STEALER;
  }
}

/** Where each key stands first. */
function firstOfEach(keys: Uint8Array): Uint32Array {
  const first = new Uint32Array(KEYS).fill(NOWHERE);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as number;
    if (first[key] === NOWHERE) first[key] = i;
  }
  return first;
}
