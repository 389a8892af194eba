/** Applies triage to any number of findings, in parts as large as the vault takes, as one change with one undo. */
import type { ClientError } from '@sealpost/shared/opened/client/api/client-error';
import type { FindingId } from '@sealpost/shared/opened/finding/finding';
import type { TriageChange } from '@sealpost/shared/opened/triage/triage';
import { ok } from '@sealpost/shared/base/result';
import type { Result } from '@sealpost/shared/base/result';
import type { Vault } from '#lib/state/vault.svelte.ts';

/** As many ids as one call takes or gives. */
export const MAX_IDS = 100_000;

export interface AppliedChange {
  readonly applied: number;
  /** Takes all of it back. */
  readonly undo: () => Promise<void>;
}

/** All of it or nothing: a part that fails takes those before it back. */
export async function applyChanges(
  vault: Vault,
  ids: readonly FindingId[],
  changes: readonly TriageChange[],
): Promise<Result<AppliedChange, ClientError>> {
  const groups: string[] = [];
  let applied = 0;
  const undo = async () => {
    for (const group of groups.reverse()) await vault.api.undo(group);
  };
  for (let from = 0; from < ids.length; from += MAX_IDS) {
    const done = await vault.api.triage(ids.slice(from, from + MAX_IDS), changes);
    if (!done.ok) {
      await undo();
      return done;
    }
    groups.push(done.value.group);
    applied += done.value.applied;
  }
  return ok({ applied, undo });
}
