import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { Head, OrgId } from '../envelope/heads.ts';
import { CERT_ORG } from '../envelope/heads.ts';
import type { Manifest } from './manifest.ts';

/** How a reader compares a verified manifest with what its vault remembers of the feed (FORMATS, Mailbox manifest). */

/**
 * - `unchanged`: the version we know. `next`: the version after it, or the first that we see.
 * - `gap`: versions in between are missing: fetch `from`…`to` (`GET …/manifest/:ver`) and use `walkManifests`.
 * `isExpired`: a banner (the server may hold newer ones back, or the writer is away); reading goes on.
 */
export type ManifestStep =
  | { readonly kind: 'unchanged' | 'next'; readonly isExpired: boolean }
  | { readonly kind: 'gap'; readonly from: number; readonly to: number; readonly isExpired: boolean };

/**
 * All are alarms, with both heads as evidence. `rolled-back`: older than we know. `split`: another statement at a version that we
 * know. `broken-chain`: `prev` does not name the version before. `wrong-mailbox`: signed for another mailbox.
 */
export interface ManifestAlarm {
  readonly kind: 'rolled-back' | 'split' | 'broken-chain' | 'wrong-mailbox';
  readonly known: Head | null;
  readonly found: Head;
}

/**
 * Compares `incoming` (signature already verified) with `known`, the reader's [ver, sid] of this feed. A fresh vault passes the
 * highest `seen` of any operator as `known` with `isFloor`: the same checks, but nothing has been read yet, so nothing is `unchanged`
 * and a version above it is taken without walking.
 */
export function checkManifest(input: {
  readonly known: Head | null;
  readonly isFloor?: boolean;
  readonly incoming: Manifest;
  readonly mailbox: OrgId;
  readonly nowMs: number;
}): Result<ManifestStep, ManifestAlarm> {
  const { known, incoming, mailbox } = input;
  const { ver, prev, exp, heads } = incoming.claims;
  const sid = incoming.statement.sid;
  const alarm = (kind: ManifestAlarm['kind']): Result<never, ManifestAlarm> => err({ kind, known, found: [ver, sid] });
  const isExpired = exp * 1000 <= input.nowMs;
  const otherChains = Object.keys(heads).filter((chain) => chain !== CERT_ORG);
  if (mailbox === CERT_ORG ? otherChains.length > 0 : otherChains[0] !== mailbox) return alarm('wrong-mailbox');
  if (known === null) return ok({ kind: 'next', isExpired });
  const [knownVer, knownSid] = known;
  if (ver < knownVer) return alarm('rolled-back');
  if (ver === knownVer) {
    if (sid !== knownSid) return alarm('split');
    return ok({ kind: input.isFloor ? 'next' : 'unchanged', isExpired });
  }
  if (ver === knownVer + 1) return prev === knownSid ? ok({ kind: 'next', isExpired }) : alarm('broken-chain');
  return ok(input.isFloor ? { kind: 'next', isExpired } : { kind: 'gap', from: knownVer + 1, to: ver - 1, isExpired });
}

/** Follows `prev` over a gap: `manifests` are all versions after `known`, oldest first, each verified. Answers the newest head. */
export function walkManifests(known: Head, manifests: readonly Manifest[]): Result<Head, ManifestAlarm> {
  let head = known;
  for (const manifest of manifests) {
    const found: Head = [manifest.claims.ver, manifest.statement.sid];
    if (found[0] !== head[0] + 1 || manifest.claims.prev !== head[1])
      return err({ kind: 'broken-chain', known: head, found });
    head = found;
  }
  return ok(head);
}
