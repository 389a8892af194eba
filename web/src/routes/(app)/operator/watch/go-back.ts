/** Puts an earlier version of an organisation's terms in force again, as a new version. */
import type { Result } from '@sealpost/shared/base/result';
import type { ClientError } from '@sealpost/shared/opened/client/api/client-error';
import type { WatchVersion } from '@sealpost/shared/opened/match/watch-history';
import type { Vault } from '#lib/state/vault.svelte.ts';

/** `not-found` if that version is too old to be kept. */
export async function goBackTo(
  vault: Vault,
  listId: string,
  version: number,
): Promise<Result<WatchVersion, ClientError>> {
  const history = await vault.api.watchHistory(listId);
  if (!history.ok) return history;
  const earlier = history.value.find((candidate) => candidate.version === version);
  if (earlier === undefined) return { ok: false, error: { kind: 'not-found', what: 'version' } };
  return vault.api.saveWatchTerms(listId, earlier.terms, version);
}
