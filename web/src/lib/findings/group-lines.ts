/** Groups and the findings of those that are open, as the lines of one list. */
import type { Row } from '@sealpost/shared/opened/query/query';

/** An open group: the findings of it that are shown, and how many it has in all. */
export interface OpenGroup {
  /** Position among the groups. */
  readonly index: number;
  readonly value: string;
  readonly rows: readonly Row[];
  readonly total: number;
}

export type GroupLine =
  | { readonly kind: 'group'; readonly index: number }
  | { readonly kind: 'row'; readonly index: number; readonly row: Row }
  /** More findings of the group than are shown. */
  | { readonly kind: 'more'; readonly open: OpenGroup };

const linesOf = ({ rows, total }: OpenGroup) => rows.length + (total > rows.length ? 1 : 0);

export function countLines(groups: number, open: readonly OpenGroup[]): number {
  return open.reduce((sum, group) => sum + linesOf(group), groups);
}

/** The line at `at`; `open` in the order of the groups. */
export function lineAt(open: readonly OpenGroup[], at: number): GroupLine {
  let inserted = 0;
  for (const group of open) {
    const inside = at - (group.index + inserted + 1);
    if (inside < 0) break;
    const row = group.rows[inside];
    if (row) return { kind: 'row', index: group.index, row };
    if (inside < linesOf(group)) return { kind: 'more', open: group };
    inserted += linesOf(group);
  }
  return { kind: 'group', index: at - inserted };
}

/** The line of group `index`. */
export function lineOfGroup(open: readonly OpenGroup[], index: number): number {
  return open.reduce((line, group) => (group.index < index ? line + linesOf(group) : line), index);
}

/** The groups that the lines `first..first+count` show or lie in: `[first, count]`. */
export function groupsAmong(open: readonly OpenGroup[], first: number, count: number): readonly [number, number] {
  const groupOf = (at: number): number => {
    const line = lineAt(open, at);
    return line.kind === 'more' ? line.open.index : line.index;
  };
  const from = groupOf(first);
  return [from, count === 0 ? 0 : groupOf(first + count - 1) - from + 1];
}
