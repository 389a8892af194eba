/**
 * Exchanges with the server by itself while the app is open: soon after opening, when the network comes back, a moment
 * after own changes, and every few minutes. One tab of an identity does it; it speaks up only when something arrived.
 */
import { useMessages } from '#lib/messages/messages.svelte.ts';
import { useToasts } from '#lib/state/toasts.svelte.ts';
import { useVault } from '#lib/state/vault.svelte.ts';

const FIRST_MS = 1_500;
const EVERY_MS = 5 * 60_000;
/** So that many devices do not ask at the same moment. */
const JITTER = 0.3;
const AFTER_CHANGE_MS = 20_000;

/** Call while a component starts; give the result to an effect. `changed` and `damaged` ask for an exchange soon. */
export function useAutoSync(): { start: () => () => void; changed: () => void; damaged: () => void } {
  const t = useMessages();
  const toasts = useToasts();
  const vault = useVault();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let dueMs = Infinity;

  function plan(inMs: number): void {
    if (Date.now() + inMs >= dueMs) return;
    clearTimeout(timer);
    dueMs = Date.now() + inMs;
    timer = setTimeout(() => void exchange(), inMs);
  }

  async function exchange(): Promise<void> {
    dueMs = Infinity;
    const enrolled = vault.profile?.enrolment.kind !== 'draft';
    if (navigator.onLine && enrolled)
      await navigator.locks.request(`sync-${vault.identityId}`, { ifAvailable: true }, async (lock) => {
        const outcome = lock && (await vault.syncNow());
        if (!outcome?.ok) return;
        const { bundles, added, requests } = outcome.value;
        if (bundles > 0) toasts.show(t.frame.checked(bundles, t.format.number(added)), { tone: 'good' });
        else if (requests > 0 && vault.profile?.kind === 'cert') toasts.show(t.frame.checkedRequests(requests));
      });
    plan(EVERY_MS * (1 + JITTER * (Math.random() * 2 - 1)));
  }

  return {
    start() {
      const soon = () => plan(FIRST_MS);
      soon();
      addEventListener('online', soon);
      return () => {
        clearTimeout(timer);
        dueMs = Infinity;
        removeEventListener('online', soon);
      };
    },
    changed: () => plan(AFTER_CHANGE_MS),
    damaged: () => plan(FIRST_MS),
  };
}
