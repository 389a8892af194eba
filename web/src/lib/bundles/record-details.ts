/** The details of a record entry in words: counts by name, words of closed lists translated, ids shortened. */
import type { AuditRow } from '@sealpost/shared/opened/client/api/record';
import type { Messages } from '#lib/messages/messages.svelte.ts';

/** Carried by every entry and shown elsewhere in the row. */
const LEFT_OUT = new Set(['v', 'kind', 'at', 'n', 'version', 'from', 'to']);
const ID_LENGTH = 8;

export function recordDetails(t: Messages, row: AuditRow): string {
  const { detail, word } = t.bundles.record;
  const parts = Object.entries(row.details).flatMap(([name, value]) => {
    if (LEFT_OUT.has(name)) return [];
    if (typeof value === 'number')
      return [detail[name]?.(t.format.number(value)) ?? `${name} ${t.format.number(value)}`];
    return [word[value] ?? value.slice(0, ID_LENGTH)];
  });
  return parts.join(' · ');
}
