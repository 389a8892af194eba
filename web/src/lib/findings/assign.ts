/** Assigns findings and says so with an undo. Call `useAssign` while a component starts. */
import type { ClientError } from '@sealpost/shared/opened/client/api/client-error';
import type { FindingId } from '@sealpost/shared/opened/finding/finding';
import type { TriageChange } from '@sealpost/shared/opened/triage/triage';
import { useMessages } from '#lib/messages/messages.svelte.ts';
import { useToasts } from '#lib/state/toasts.svelte.ts';
import { useVault } from '#lib/state/vault.svelte.ts';
import { useFindings } from './findings-view.svelte.ts';
import { applyChanges } from './triage-changes.ts';

/** `untouched`: nobody has begun, so the state becomes `assigned`, too. Resolves to the failure, or `null`. */
type Assign = (ids: readonly FindingId[], owner: string | null, untouched?: boolean) => Promise<ClientError | null>;

export function useAssign(): Assign {
  const t = useMessages();
  const view = useFindings();
  const vault = useVault();
  const toasts = useToasts();
  return async (ids, owner, untouched = false) => {
    const changes: TriageChange[] = [{ field: 'owner', owner }];
    if (untouched && owner !== null) changes.push({ field: 'state', state: 'assigned' });
    const result = await applyChanges(vault, ids, changes);
    if (!result.ok) return result.error;
    const { applied, undo } = result.value;
    const count = t.format.number(applied);
    const text =
      owner === null
        ? t.findings.released(applied, count)
        : owner === vault.profile?.device
          ? t.findings.claimed(applied, count)
          : t.findings.assigned(applied, count, owner);
    toasts.show(text, { tone: 'good', undo });
    view.selection.clear();
    return null;
  };
}
