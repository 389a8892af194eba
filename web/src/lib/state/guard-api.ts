/**
 * Calls to the vault worker that throw are bugs, or find the worker gone. Here they become words: a call that answers with
 * a `Result` answers with `unexpected`, a read tells the frame. The message of what was thrown stays inside: only its name
 * and the call's go into the code.
 */
import { err } from '@sealpost/shared/base/result';
import type { Remote } from 'comlink';
import type { VaultApi } from '#workers/vault.api.ts';

const RESULT_CALLS: ReadonlySet<string> = new Set<keyof VaultApi>([
  'unlock',
  'createCert',
  'readInvitation',
  'createOrganisation',
  'restoreBackup',
  'proveRootFile',
  'makeBackup',
  'proveBackup',
  'saveOrganisation',
  'importOrganisations',
  'suspendOrganisation',
  'invite',
  'approve',
  'decline',
  'watchHistory',
  'saveWatchTerms',
  'draftsElsewhere',
  'ignoreDomain',
  'renameAlias',
  'discardLoad',
  'withdraw',
  'letter',
  'audit',
  'removeDemo',
  'detail',
  'triage',
  'undo',
  'reveal',
  'confirmDeletion',
  'saveView',
  'deleteView',
  'sync',
  'rekey',
  'declareRestore',
  'proveRecord',
  'proveOwnEntries',
  'entryProof',
  'countsProof',
  'nameWitnesses',
  'alarmEvidence',
  'alarmSeen',
  'saveColumnMapping',
  'openUnfinishedLoad',
]);

const READS: ReadonlySet<string> = new Set<keyof VaultApi>([
  'profile',
  'organisations',
  'overlaps',
  'requests',
  'loads',
  'quarantine',
  'reviews',
  'draftRows',
  'published',
  'publish',
  'query',
  'window',
  'ids',
  'position',
  'groups',
  'histogram',
  'suggest',
  'savedViews',
  'storage',
  'columnsOf',
  'machines',
  'ownDomains',
  'overview',
  'bundles',
  'ownAudit',
  'record',
  'readWitnessKey',
]);

/** The same calls; `onFailure` gets the code of a read that threw, and the read still rejects. */
export function guardApi(api: Remote<VaultApi>, onFailure: (code: string) => void): Remote<VaultApi> {
  return new Proxy(api, {
    get(target, name) {
      const call: unknown = Reflect.get(target, name);
      if (typeof name !== 'string' || typeof call !== 'function') return call;
      const isResult = RESULT_CALLS.has(name);
      if (!isResult && !READS.has(name)) return call;
      return async (...values: unknown[]) => {
        try {
          return await (call as (...values: unknown[]) => Promise<unknown>)(...values);
        } catch (error) {
          const code = `${name}/${error instanceof Error ? error.name : 'thrown'}`;
          if (isResult) return err({ kind: 'unexpected', code });
          onFailure(code);
          throw error;
        }
      };
    },
  });
}
