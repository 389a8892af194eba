/** The overlay of one finding: its operations folded in an order that every device agrees on. */
import type { TriageChange, TriageOperation, TriageStatus } from './triage.ts';

/** Before anything was done. */
export const NEW_STATUS: TriageStatus = {
  state: 'new',
  resolution: null,
  untilMs: null,
  owner: null,
  done: { reset: false, sessions: false, device: false },
  comments: 0,
};

/** Hybrid logical time, then device, then operation id: a total order, the same wherever operations arrive in whichever order. */
export function compareOperations(a: TriageOperation, b: TriageOperation): number {
  if (a.hlc[0] !== b.hlc[0]) return a.hlc[0] - b.hlc[0];
  if (a.hlc[1] !== b.hlc[1]) return a.hlc[1] - b.hlc[1];
  if (a.device !== b.device) return a.device < b.device ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** The status after one change. A state carries its own resolution: leaving `closed` forgets it. */
export function applyChange(status: TriageStatus, change: TriageChange): TriageStatus {
  switch (change.field) {
    case 'state':
      return { ...status, state: change.state, resolution: change.resolution ?? null, untilMs: change.untilMs ?? null };
    case 'owner':
      return { ...status, owner: change.owner };
    case 'done':
      return { ...status, done: { reset: change.reset, sessions: change.sessions, device: change.device } };
    case 'comment':
      return { ...status, comments: status.comments + 1 };
  }
}

/** The status after `operations`, which are in the order of `compareOperations`. */
export function foldOperations(operations: readonly TriageOperation[]): TriageStatus {
  return operations.reduce((status, operation) => applyChange(status, operation.change), NEW_STATUS);
}
