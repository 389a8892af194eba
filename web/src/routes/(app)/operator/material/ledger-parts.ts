/** The four parts of a ledger as a bar: colours by meaning, amounts as text. */
import type { LedgerTotals } from '@sealpost/shared/opened/ingest/record';
import type { BarPart } from '#lib/components/StackedBar.svelte';
import type { Messages } from '#lib/messages/messages.svelte.ts';

type Bytes = Pick<LedgerTotals, 'bytesRecord' | 'bytesIgnored' | 'bytesQuarantined' | 'bytesNotCandidate'>;

export function ledgerParts(bytes: Bytes, t: Messages): readonly BarPart[] {
  const words = t.material.ledger;
  return [
    { key: 'record', label: words.record, value: bytes.bytesRecord, colour: '--accent-fill' },
    { key: 'ignored', label: words.ignored, value: bytes.bytesIgnored, colour: '--info' },
    { key: 'quarantined', label: words.quarantined, value: bytes.bytesQuarantined, colour: '--medium' },
    { key: 'other', label: words.other, value: bytes.bytesNotCandidate, colour: '--border-strong' },
  ].map((part) => ({ ...part, text: t.format.bytes(part.value) }));
}
