/** Names of filter values: vocabulary words are translated, other values are leaked or typed text and shown as they are. */
import type { FacetField } from '@sealpost/shared/opened/query/query';
import type { Messages } from '#lib/messages/messages.svelte.ts';

/** Fields whose values come from leak material: show them by LeakedText only. */
export const LEAKED_FIELDS: readonly FacetField[] = ['host', 'domain'];

/** The name of a value, or `null` if it has none and its text is to be shown. */
export function facetName(t: Messages, field: FacetField, value: string, me: string): string | null {
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
      if (value === me) return t.findings.me;
      break;
    case 'tag':
      if (t.factors.tag[value]) return t.factors.tag[value];
      break;
  }
  return value === '' ? (t.findings.none[field] ?? '–') : null;
}
