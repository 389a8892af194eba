/**
 * The identities this browser holds, before anything is unlocked: ids and kinds, nothing that names anybody.
 * Which one a tab works as is the tab's own choice; a new tab starts with the last one used.
 */
import type { IdentityEntry } from '#workers/vault.api.ts';

const LIST_KEY = 'sealpost.identities';
const CURRENT_KEY = 'sealpost.identity';

function isEntry(value: unknown): value is IdentityEntry {
  if (typeof value !== 'object' || value === null) return false;
  const entry = value as Record<string, unknown>;
  return (
    typeof entry['id'] === 'string' &&
    /^[\w-]{1,64}$/.test(entry['id']) &&
    (entry['kind'] === 'cert' || entry['kind'] === 'organisation') &&
    typeof entry['demo'] === 'boolean' &&
    typeof entry['createdAtMs'] === 'number' &&
    typeof entry['nickname'] === 'string'
  );
}

/** Oldest first. A damaged list counts as empty; the vaults themselves are not touched by that. */
export function listIdentities(): readonly IdentityEntry[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(LIST_KEY) ?? '[]');
    return Array.isArray(stored) ? stored.filter(isEntry) : [];
  } catch {
    return [];
  }
}

function store(entries: readonly IdentityEntry[]): void {
  localStorage.setItem(LIST_KEY, JSON.stringify(entries));
}

/** Remembers a new identity, or its changed nickname. */
export function saveIdentity(entry: IdentityEntry): void {
  const others = listIdentities().filter((known) => known.id !== entry.id);
  store([...others, entry].sort((a, b) => a.createdAtMs - b.createdAtMs));
}

/** Forgets the entry; its vault is deleted by the vault worker's `wipe`. */
export function forgetIdentity(id: string): void {
  store(listIdentities().filter((entry) => entry.id !== id));
  for (const storage of [sessionStorage, localStorage])
    if (storage.getItem(CURRENT_KEY) === id) storage.removeItem(CURRENT_KEY);
}

/** The identity this tab works as, if it still exists; else the last one used, else the newest. */
export function currentIdentity(): IdentityEntry | null {
  const entries = listIdentities();
  const byId = (id: string | null) => entries.find((entry) => entry.id === id);
  try {
    return (
      byId(sessionStorage.getItem(CURRENT_KEY)) ?? byId(localStorage.getItem(CURRENT_KEY)) ?? entries.at(-1) ?? null
    );
  } catch {
    return null;
  }
}

/** Makes `id` this tab's identity. Open another document afterwards: a page shows one identity only. */
export function chooseIdentity(id: string): void {
  sessionStorage.setItem(CURRENT_KEY, id);
  localStorage.setItem(CURRENT_KEY, id);
}

/** A new random identity id, as the worker and its database are named by it: `sealpost-<id>`. */
export function newIdentityId(): string {
  return crypto.randomUUID().replaceAll('-', '').slice(0, 16);
}
