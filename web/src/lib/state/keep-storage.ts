/**
 * Asks the browser to keep what lies here when the device runs out of space. Some ask the user in turn, so it is asked when there is
 * something to lose and the user is at it, and not again for a month after a refusal.
 */

const ASKED_KEY = 'sealpost.storage-asked';
const ASK_AGAIN_MS = 30 * 24 * 3_600_000;

let asking = false;

/** Call it right after the user has done something. Settings show the answer. */
export async function askToKeepStorage(nowMs: number): Promise<void> {
  if (asking || !navigator.userActivation?.isActive) return;
  const askedMs = Number(localStorage.getItem(ASKED_KEY) ?? 0);
  if (nowMs - askedMs < ASK_AGAIN_MS) return;
  asking = true;
  if (!(await navigator.storage.persisted())) await navigator.storage.persist();
  localStorage.setItem(ASKED_KEY, String(nowMs));
  asking = false;
}
