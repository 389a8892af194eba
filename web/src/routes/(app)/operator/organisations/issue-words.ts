/** What is wrong with a form or a CSV row, in words. Codes are those of the organisation form's check. */
import type { InputIssue } from '@sealpost/shared/opened/client/api/client-error';
import type { OperatorMessages } from '#lib/messages/en/operator.ts';

type IssueWords = OperatorMessages['issues'];

const CODES = [
  'required',
  'too-long',
  'bad-domain',
  'public-suffix',
  'bad-value',
  'too-large',
  'bad-csv',
  'empty',
  'too-many-rows',
  'unknown-column',
  'missing-column',
  'too-many-cells',
  'duplicate',
] as const;

/** One sentence; the field by its name on screen. */
export function sayIssue(words: IssueWords, issue: InputIssue): string {
  const top = issue.field.split('.')[0] ?? issue.field;
  const field = words.fields[top] ?? issue.field;
  const code = CODES.find((known) => known === issue.code);
  return code === undefined ? words.other(field, issue.code) : words[code](field, issue.value ?? '');
}
