import type { AuditEntry } from './entry.ts';
import { equalBytes } from '../../base/bytes.ts';
import { NO_PREVIOUS } from './entry.ts';

/** How an entry stands to the chain of its key (FORMATS, Audit log). Server and auditor decide it with this one function. */

/** The newest entry of a key that the log holds. */
export interface AuditTip {
  readonly seq: number;
  readonly leaf: Uint8Array;
}

/**
 * - `next`: continues the chain; accept it.
 * - `repeat`: stands in the log already; succeed with the same index.
 * - `gap`: entries before it are missing.
 * - `fork`: contradicts what stands in the log (another entry with its `seq`, or another predecessor); keep it as evidence.
 */
export type Continuity = 'next' | 'repeat' | 'gap' | 'fork';

/**
 * `tip` is null if the log holds nothing of this key; `stored` is the leaf hash that the log holds at `entry.seq`, null if none.
 * The signature must have been checked before.
 */
export function checkContinues(
  tip: AuditTip | null,
  entry: Pick<AuditEntry, 'seq' | 'leaf'> & { readonly prev: Uint8Array },
  stored: Uint8Array | null,
): Continuity {
  const seq = tip === null ? 0 : tip.seq;
  if (entry.seq > seq + 1) return 'gap';
  if (entry.seq === seq + 1) return equalBytes(entry.prev, tip === null ? NO_PREVIOUS : tip.leaf) ? 'next' : 'fork';
  const held = tip !== null && entry.seq === tip.seq ? tip.leaf : stored;
  return held !== null && equalBytes(held, entry.leaf) ? 'repeat' : 'fork';
}
