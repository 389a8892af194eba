/** Groups and the findings of open groups are one list, line by line. */
import { expect, test } from 'vitest';
import type { Row } from '@sealpost/shared/opened/query/query';
import { countLines, groupsAmong, lineAt, lineOfGroup } from './group-lines.ts';
import type { OpenGroup } from './group-lines.ts';

const rows = (names: string) => [...names].map((id) => ({ id }) as unknown as Row);
const OPEN: readonly OpenGroup[] = [
  { index: 1, value: 'b', rows: rows('xy'), total: 2 },
  { index: 3, value: 'd', rows: rows('z'), total: 9 },
];

function written(groups: number, open: readonly OpenGroup[]): string {
  return Array.from({ length: countLines(groups, open) }, (_, at) => {
    const line = lineAt(open, at);
    return line.kind === 'group' ? String(line.index) : line.kind === 'row' ? line.row.id : '+';
  }).join('');
}

test('closed groups are one line each', () => {
  expect(written(4, [])).toBe('0123');
});

test('the findings of an open group follow it, and a line says that there are more', () => {
  expect(written(5, OPEN)).toBe('01xy23z+4');
});

test('each group is found at its line', () => {
  expect([0, 1, 2, 3, 4].map((index) => lineOfGroup(OPEN, index))).toEqual([0, 1, 4, 5, 8]);
});

test('the groups of a stretch of lines are those shown in it and the one it begins in', () => {
  expect(groupsAmong(OPEN, 0, 9)).toEqual([0, 5]);
  expect(groupsAmong(OPEN, 3, 2)).toEqual([1, 2]);
  expect(groupsAmong(OPEN, 7, 1)).toEqual([3, 1]);
  expect(groupsAmong([], 2, 0)).toEqual([2, 0]);
});
