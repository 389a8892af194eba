/** Which views a call makes stale once it succeeded. Calls that only read are not here. */
import type { Client } from '@sealpost/shared/opened/client/api/client';
import type { VaultArea } from '../vault.api';

export const CHANGED_BY_CALL: Readonly<Record<string, readonly VaultArea[] | undefined>> = {
  sync: ['sync', 'requests', 'published', 'findings', 'bundles', 'profile', 'audit', 'organisations'],
  proveRecord: ['audit'],
  alarmSeen: ['audit'],
  declareRestore: ['audit', 'profile'],
  nameWitnesses: ['audit'],
  proveRootFile: ['profile', 'audit'],
  makeBackup: ['profile', 'audit'],
  proveBackup: ['profile'],
  saveOrganisation: ['organisations', 'drafts', 'watch'],
  importOrganisations: ['organisations', 'drafts', 'watch'],
  saveWatchTerms: ['organisations', 'drafts', 'watch'],
  ignoreDomain: ['watch'],
  suspendOrganisation: ['organisations', 'audit'],
  invite: ['organisations'],
  approve: ['organisations', 'requests', 'published', 'audit'],
  decline: ['organisations', 'requests', 'audit'],
  renameAlias: ['drafts'],
  discardLoad: ['drafts', 'findings', 'bundles', 'audit'],
  publish: ['drafts', 'published', 'organisations', 'sync', 'audit'],
  withdraw: ['published', 'sync', 'audit'],
  triage: ['findings', 'sync', 'audit'],
  undo: ['findings', 'sync', 'audit'],
  reveal: ['sync', 'audit'],
  saveView: ['views'],
  deleteView: ['views'],
  rekey: ['audit'],
  confirmDeletion: ['findings', 'bundles', 'sync', 'audit'],
} satisfies Partial<Record<keyof Client, readonly VaultArea[]>>;
