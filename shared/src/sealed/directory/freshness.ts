import type { Ms } from '../../base/brand.ts';
import type { Result } from '../../base/result.ts';
import type { Head, Heads, OrgId } from '../envelope/heads.ts';
import type { ChainName } from './fields.ts';
import type { Directory, Epoch, Fork, Link } from './model.ts';
import { err, ok } from '../../base/result.ts';
import { HEAD_RENEW_SECONDS } from '../wire/limits.ts';
import { chainOf, headOf } from './model.ts';
import { newestEpoch, organisation } from './roles.ts';

/** May anything be sealed to this chain now? And do another signer's heads agree with ours? Reading never depends on it. */

/** `gap`: versions are missing. `frozen`: two statements claim one place (`forks` has the evidence). */
export type ChainState = 'current' | 'gap' | 'frozen' | 'update-needed';

/** How a chain stands. A chain that no statement names is a gap. */
export function chainState(directory: Directory, name: ChainName): ChainState {
  const chain = chainOf(directory, name);
  if (chain === null) return 'gap';
  if (chain.fork !== null) return 'frozen';
  if (chain.updateNeeded) return 'update-needed';
  if (directory.waiting.some((link) => link.claims.chain === name)) return 'gap';
  return chain.links.length === 0 ? 'gap' : 'current';
}

/** Every pair of statements that claims one place: evidence, to be shown and saved. */
export function forks(directory: Directory): readonly Fork[] {
  const all = [directory.cert.fork];
  for (const record of directory.organisations.values())
    for (const chain of record.generations.values()) all.push(chain.fork);
  return all.filter((fork) => fork !== null);
}

/** When the newest `head` statement expires; null before the first. */
export function headExpiryMs(directory: Directory): Ms | null {
  const seconds = directory.cert.headExpSeconds;
  return seconds === null ? null : seconds * 1000;
}

/** FORMATS: now = max(device clock, newest `iat` in chain `cert`): a clock set back cannot make old things fresh. */
export function directoryNowMs(directory: Directory, deviceMs: Ms): Ms {
  return Math.max(deviceMs, directory.cert.newestIatSeconds * 1000);
}

/** True if an operator should append a `head` at sync: none is there, or it has less than four days left. */
export function needsHead(directory: Directory, deviceMs: Ms): boolean {
  const expiry = headExpiryMs(directory);
  return expiry === null || expiry - directoryNowMs(directory, deviceMs) < HEAD_RENEW_SECONDS * 1000;
}

/** Why nothing may be sealed. `stale`: an operator has to append a `head` first; FORMATS lists what organisations may send all the same. */
export type SealingError = {
  readonly kind: 'frozen' | 'gap' | 'update-needed' | 'stale' | 'not-enrolled' | 'suspended' | 'no-epoch';
};

/** The epoch to seal to for the mailbox of `org`, if everything that FORMATS demands holds. */
export function checkSealing(directory: Directory, org: ChainName, deviceMs: Ms): Result<Epoch, SealingError> {
  const cert = chainState(directory, 'cert');
  if (cert !== 'current') return err({ kind: cert });
  if (org !== 'cert') {
    const known = organisation(directory, org);
    if (known === null) return err({ kind: 'not-enrolled' });
    if (known.status === 'suspended') return err({ kind: 'suspended' });
    const own = chainState(directory, org);
    if (own !== 'current') return err({ kind: own });
  }
  const expiry = headExpiryMs(directory);
  if (expiry === null || expiry <= directoryNowMs(directory, deviceMs)) return err({ kind: 'stale' });
  const epoch = newestEpoch(directory, org);
  return epoch === null ? err({ kind: 'no-epoch' }) : ok(epoch);
}

/** What another signer's heads say about ours. */
export type HeadsVerdict =
  | { readonly kind: 'known' }
  /** It saw more than we did: fetch before sealing or approving. */
  | { readonly kind: 'ahead'; readonly chains: readonly ChainName[] }
  /** Another statement at a version we hold: alarm. */
  | { readonly kind: 'split'; readonly chain: ChainName; readonly seen: Head; readonly held: Head };

/** Compares heads that an envelope, manifest or statement carries with the directory. */
export function compareHeads(directory: Directory, seen: Heads): HeadsVerdict {
  const ahead: ChainName[] = [];
  for (const [name, head] of Object.entries(seen) as [ChainName, Head][]) {
    const candidates = linksOf(directory, name);
    if (candidates.some((links) => links[head[0] - 1]?.statement.sid === head[1])) continue;
    const held = headOf(chainOf(directory, name));
    if (held === null || head[0] > held[0]) ahead.push(name);
    else {
      const sid = chainOf(directory, name)?.links[head[0] - 1]?.statement.sid ?? held[1];
      return { kind: 'split', chain: name, seen: head, held: [head[0], sid] };
    }
  }
  return ahead.length === 0 ? { kind: 'known' } : { kind: 'ahead', chains: ahead };
}

/** Links of a chain in every generation: an old envelope names a head of an old one. */
function linksOf(directory: Directory, name: ChainName): readonly (readonly Link[])[] {
  if (name === 'cert') return [directory.cert.links];
  const record = directory.organisations.get(name as OrgId);
  return [...(record?.generations.values() ?? [])].map((chain) => chain.links);
}
