/** Names of filter values: vocabulary words are translated, other values are leaked or typed text and shown as they are. */
import type { FilterField } from '@sealpost/shared/opened/query/query';
import type { Messages } from '#lib/messages/messages.svelte.ts';
import { ownerName } from './owner-name.ts';

/** Fields whose values come from leak material: show them by LeakedText only. */
export const LEAKED_FIELDS: readonly FilterField[] = ['host', 'domain', 'identity', 'source', 'family'];

/** Letters of a keyed id that tell it from others on a screen. */
const ID_LETTERS = 6;

/** The name of a value, or `null` if it has none and its text is to be shown. */
export function filterName(t: Messages, field: FilterField, value: string, me: string): string | null {
  switch (field) {
    case 'level':
    case 'state':
    case 'exposure':
    case 'sourceClass':
    case 'pathClass': {
      const names: Readonly<Record<string, string>> = t.terms[field];
      return names[value] ?? value;
    }
    case 'owner':
      return ownerName(t, value, me);
    case 'tag':
      if (t.factors.tag[value]) return t.factors.tag[value];
      break;
    case 'machine':
      return value === '' ? t.search.withoutMachine : t.search.machineChip(value.slice(0, ID_LETTERS));
    case 'secret':
      return t.search.secretChip(value.slice(0, ID_LETTERS));
    case 'identity':
      if (value === '') return t.search.withoutIdentity;
      break;
  }
  return value === '' ? (t.findings.none[field] ?? '–') : null;
}
