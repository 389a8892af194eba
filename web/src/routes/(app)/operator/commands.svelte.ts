/** What an operator can do from the palette, on any operator page. */
import { goto } from '$app/navigation';
import type { Command } from '#lib/state/commands.svelte.ts';

export const OPERATOR_COMMANDS: readonly Command[] = [
  {
    id: 'add-organisation',
    group: 'act',
    name: (words) => words.operator.organisations.add,
    run: () => goto('/operator/organisations?add'),
  },
  {
    id: 'import-organisations',
    group: 'act',
    name: (words) => words.operator.csv.title,
    run: () => goto('/operator/organisations/import'),
  },
  {
    id: 'load-material',
    group: 'act',
    name: (words) => words.publish.toMaterial,
    run: () => goto('/operator/material'),
  },
  {
    id: 'review-drafts',
    group: 'act',
    name: (words) => words.publish.title,
    run: () => goto('/operator/publish'),
  },
];
