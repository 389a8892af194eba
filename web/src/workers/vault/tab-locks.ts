/**
 * Which tabs live: each holds a Web Lock named `vault-tab-<identity>-<random>` for as long as its document does. A port that
 * connects belongs to the newest lock that no port has claimed yet.
 */
const claimed = new Set<string>();

/** Beginning of the lock names of an identity's tabs. */
export function tabLockPrefix(workerName: string): string {
  return `vault-tab-${workerName.replace(/^sealpost-/, '')}-`;
}

/** Settles when the tab that just connected is gone: its lock is then ours for a moment. */
export async function whenTabIsGone(prefix: string): Promise<void> {
  const name = await claimLock(prefix);
  if (name === null) return new Promise(() => undefined);
  await navigator.locks.request(name, () => undefined);
  claimed.delete(name);
}

/** The page asks for its lock right before or after it connects: a few turns are enough to see it. */
async function claimLock(prefix: string): Promise<string | null> {
  for (let turn = 0; turn < 20; turn++) {
    const { held = [] } = await navigator.locks.query();
    const free = held.flatMap(({ name }) =>
      name !== undefined && name.startsWith(prefix) && !claimed.has(name) ? [name] : [],
    );
    const newest = free.at(-1);
    if (newest !== undefined) {
      claimed.add(newest);
      return newest;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return null;
}
