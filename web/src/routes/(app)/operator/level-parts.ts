/** Counts by level as parts of a bar, worst first. */
import { LEVELS } from '@sealpost/shared/opened/finding/finding';
import type { Level } from '@sealpost/shared/opened/finding/finding';
import type { BarPart } from '#lib/components/StackedBar.svelte';
import type { Messages } from '#lib/messages/messages.svelte.ts';

export function levelParts(counts: Readonly<Record<Level, number>>, t: Messages): readonly BarPart[] {
  return LEVELS.toReversed().map((level) => ({
    key: level,
    label: t.terms.level[level],
    value: counts[level],
    text: t.format.number(counts[level]),
    colour: `--${level}`,
  }));
}
