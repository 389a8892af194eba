/**
 * Since when how much of the log is in others' hands: by what witnesses cosigned, or, where a log has none, by what it proved to this
 * device again and again. After 14 days of that a device need not keep its own copy of an event any more (FORMATS, Audit log).
 */
import * as v from 'valibot';
import type { Ms } from '../../base/brand.ts';

/** FORMATS: a device keeps an event until a checkpoint that covers it is this old. */
export const COVER_AGE_MS = 14 * 86_400_000;

/** Between two marks: with one a day there are never more than a few. */
const MARK_EVERY_MS = 86_400_000;

const MarkSchema = v.strictObject({ size: v.number(), atMs: v.number() });

export const CoversSchema = v.strictObject({
  /** Epoch of the log, and what the times are of: marks of another do not count. */
  epoch: v.number(),
  by: v.picklist(['witnesses', 'contact']),
  /** Oldest first; sizes and times only grow. */
  marks: v.array(MarkSchema),
  newest: v.nullable(MarkSchema),
});
export type Covers = v.InferOutput<typeof CoversSchema>;

/** A checkpoint of so many entries, and when it was signed or seen. */
export interface Mark {
  readonly size: number;
  readonly atMs: Ms;
}

/**
 * `before` with another mark. Time of the marks only: where witnesses sign it, this device's clock has no say, so that a wrong one
 * deletes nothing.
 */
export function withMark(before: Covers | null, { epoch, by }: Pick<Covers, 'epoch' | 'by'>, mark: Mark): Covers {
  const same = before?.epoch === epoch && before.by === by ? before : { epoch, by, marks: [], newest: null };
  if (same.newest !== null && (mark.atMs < same.newest.atMs || mark.size < same.newest.size)) return same;
  const last = same.marks.at(-1);
  const marks = last === undefined || mark.atMs - last.atMs >= MARK_EVERY_MS ? [...same.marks, mark] : same.marks;
  // of those that are old enough only the last one says something
  const old = marks.filter(({ atMs }) => mark.atMs - atMs >= COVER_AGE_MS).length;
  return { epoch, by, marks: marks.slice(Math.max(0, old - 1)), newest: mark };
}

/** Entries from the log's beginning that have been covered for 14 days. */
export function coveredEntries({ marks, newest }: Covers): number {
  const old = marks.filter(({ atMs }) => newest !== null && newest.atMs - atMs >= COVER_AGE_MS);
  return old.at(-1)?.size ?? 0;
}
