/** "Check now": exchanges with the server and says in words how it went. Call `useCheckNow` while a component starts. */
import { explainError } from '#lib/messages/explain-error.ts';
import { useMessages } from '#lib/messages/messages.svelte.ts';
import { useToasts } from '#lib/state/toasts.svelte.ts';
import { useVault } from '#lib/state/vault.svelte.ts';

export function useCheckNow(): () => Promise<void> {
  const t = useMessages();
  const toasts = useToasts();
  const vault = useVault();
  return async () => {
    const outcome = await vault.syncNow();
    if (!outcome) return;
    if (!outcome.ok && outcome.error.kind === 'cancelled') {
      toasts.show(`${t.errors.kinds.cancelled.title}. ${t.errors.kinds.cancelled.safe}`);
      return;
    }
    if (!outcome.ok) {
      const words = explainError(t.errors, t.format, outcome.error);
      toasts.show(`${words.title}. ${words.safe}`, { tone: 'bad' });
      return;
    }
    const { bundles, added, requests } = outcome.value;
    const text =
      vault.profile?.kind === 'cert' && requests > 0
        ? t.frame.checkedRequests(requests)
        : t.frame.checked(bundles, t.format.number(added));
    toasts.show(text, { tone: 'good' });
  };
}
