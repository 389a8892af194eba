/** Options about other providers' exports, the same wherever material is loaded. */
import type { ColumnMapping } from '@sealpost/shared/opened/ingest/providers/column-mapping';
import type { Call, OptionSpec } from './command.ts';
import { parseColumns } from './option-values.ts';

export const EXPORT_OPTIONS = {
  columns: {
    type: 'string',
    value: 'ROLE=NAME,…',
    help: 'what the columns of a CSV hold, e.g. login=User,password=Secret,url=Site',
  },
  domain: {
    type: 'string',
    value: 'NAME',
    help: 'domain that a provider’s export is about, where it does not say so itself',
  },
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** What was said about exports; `null` where nothing was. */
export function exportOptions(call: Call): { readonly columns: ColumnMapping | null; readonly domain: string | null } {
  const columns = call.text('columns');
  return { columns: columns === null ? null : parseColumns('columns', columns), domain: call.text('domain') };
}
