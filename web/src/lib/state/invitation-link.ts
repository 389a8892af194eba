/**
 * The invitation in the address bar's fragment. It is taken out before anything else loads (FORMATS, invitation), so that
 * it reaches no history entry, bookmark or screenshot, and handed over once.
 */

let pending: string | null = null;

/** Moves `#i=…` from the address bar of `/join` into memory. The client hook calls it first of all. */
export function removeInvitationFromAddress(): void {
  if (location.pathname !== '/join' || !location.hash.startsWith('#i=')) return;
  pending = location.hash.slice(1);
  history.replaceState(history.state, '', location.pathname);
}

/** The invitation that was in the address bar, once; `null` afterwards. */
export function takeInvitation(): string | null {
  const invitation = pending;
  pending = null;
  return invitation;
}
