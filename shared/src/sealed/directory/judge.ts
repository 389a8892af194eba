import type { Bytes } from '../../base/bytes.ts';
import type { Kid } from '../crypto/keys.ts';
import type { ClaimsByType } from './claims.ts';
import type { CertChain, DeviceChain, Directory, Link, OrganisationRecord } from './model.ts';
import { parsePublicKey } from '../crypto/ed25519.ts';
import { thumbprint } from '../crypto/keys.ts';
import { holdsAt, organisationAt } from './model.ts';

/**
 * Who may sign which statement (FORMATS, Deployment, chains, roles): the one place that decides it, for clients and server.
 *
 * Rights at version n follow from the versions before n alone (and, in an organisation's chain, from the CERT chain as the signer
 * knew it), never from the order of delivery. Signatures are checked by the caller, with the key given here.
 */

/** Why a statement does not hold. */
export type RefusalCode =
  | 'wrong-deployment'
  | 'split-view'
  | 'not-allowed'
  | 'not-genesis'
  | 'key-known'
  | 'key-unknown'
  | 'wrong-key'
  | 'wrong-number'
  | 'consent'
  | 'signature';

export type Verdict =
  | { readonly kind: 'allowed'; readonly publicKey: Bytes }
  /** It may become legal once more statements are here. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'illegal'; readonly code: RefusalCode };

const WAIT: Verdict = { kind: 'wait' };
const illegal = (code: RefusalCode): Verdict => ({ kind: 'illegal', code });
const allowedIf = (key: Bytes | null, code: RefusalCode = 'not-allowed'): Verdict =>
  key === null ? illegal(code) : { kind: 'allowed', publicKey: key };

/** Judges a statement of the CERT chain whose predecessor stands at `ver - 1`. */
export function judgeCert(directory: Directory, link: Link): Verdict {
  const { cert } = directory;
  const { ver } = link.claims;
  const { kid: signer } = link.statement;
  if (ver === 1) return judgeFirstRoot(directory, link);
  const root = rootAt(cert, ver);
  const byRoot = root !== null && root.kid === signer ? root.publicKey : null;
  const operator = cert.operators.get(signer);
  const byOperator = operator !== undefined && holdsAt(operator, ver) ? operator.publicKey : null;
  switch (link.type) {
    case 'root':
    case 'operator':
      if (isKnownInCert(cert, keyOfText(link.claims.key), ver)) return illegal('key-known');
      return allowedIf(byRoot);
    case 'organisation':
      return judgeOrganisation(directory, link.claims, byOperator);
    case 'epoch':
      return link.claims.n === nextEpoch(cert, ver) ? allowedIf(byOperator ?? byRoot) : illegal('wrong-number');
    case 'log':
      return isNextLog(cert.logs.filter((log) => log.ver < ver).at(-1)?.claims ?? null, link.claims)
        ? allowedIf(byOperator)
        : illegal('wrong-number');
    case 'notice':
    case 'policy':
    case 'head':
      return allowedIf(byOperator);
    case 'revocation': {
      const target = cert.operators.get(link.claims.kid);
      if (target === undefined || !holdsAt(target, ver)) return illegal('key-unknown');
      return allowedIf(link.claims.kid === signer ? (byOperator ?? byRoot) : byRoot);
    }
    case 'unknown':
      return allowedIf(byOperator ?? byRoot);
    case 'device':
    case 'consent':
      return illegal('not-allowed');
  }
}

/** Judges a statement of one generation's chain whose predecessor (if any) stands at `ver - 1`. */
export function judgeDevice(directory: Directory, record: OrganisationRecord, chain: DeviceChain, link: Link): Verdict {
  const { ver, cert } = link.claims;
  const { kid: signer } = link.statement;
  if (cert === null) return illegal('split-view');
  if (cert[0] > directory.cert.links.length) return WAIT;
  if (directory.cert.links[cert[0] - 1]?.statement.sid !== cert[1]) return illegal('split-view');
  if (ver <= 2) return judgeGenesis(chain, link);
  const before = chain.links[ver - 2]?.claims.cert?.[0] ?? 0;
  const known = organisationAt(record, cert[0]);
  if (cert[0] < before) return illegal('split-view');
  const device = chain.devices.get(signer);
  const key = device !== undefined && holdsAt(device, ver) ? device.publicKey : null;
  const byAdmin =
    known?.claims.generation === chain.generation && isAdminAt(chain, known.claims, signer, ver) ? key : null;
  switch (link.type) {
    case 'device': {
      const added = keyOfText(link.claims.key);
      const earlier = chain.devices.get(added.kid);
      return earlier !== undefined && earlier.since < ver ? illegal('key-known') : allowedIf(byAdmin);
    }
    case 'epoch':
      return link.claims.n === nextEpoch(chain, ver) ? allowedIf(byAdmin) : illegal('wrong-number');
    case 'consent':
      return allowedIf(byAdmin);
    case 'revocation': {
      const target = chain.devices.get(link.claims.kid);
      if (target === undefined || !holdsAt(target, ver)) return illegal('key-unknown');
      return allowedIf(link.claims.kid === signer ? key : byAdmin);
    }
    case 'unknown':
      return allowedIf(key);
    case 'root':
    case 'operator':
    case 'organisation':
    case 'log':
    case 'notice':
    case 'policy':
    case 'head':
      return illegal('not-allowed');
  }
}

/**
 * True if the key is an admin at version `ver` of the chain: listed by the organisation statement that is in force, introduced as
 * admin, not revoked, and not left out by the newest consent before `ver` (so that a removed admin cannot go on by pretending to
 * know an older CERT chain).
 */
export function isAdminAt(
  chain: DeviceChain,
  organisation: ClaimsByType['organisation'],
  kid: Kid,
  ver: number,
): boolean {
  const device = chain.devices.get(kid);
  if (device === undefined || device.role !== 'admin' || !holdsAt(device, ver)) return false;
  const consent = chain.consents.findLast((given) => given.ver < ver);
  return organisation.admins.includes(kid) && (consent === undefined || consent.claims.admins.includes(kid));
}

function judgeFirstRoot(directory: Directory, link: Link): Verdict {
  if (link.statement.sid !== directory.deployment) return illegal('wrong-deployment');
  if (link.type !== 'root') return link.type === 'unknown' ? WAIT : illegal('not-allowed');
  const { publicKey, kid } = keyOfText(link.claims.key);
  return kid === link.statement.kid ? allowedIf(publicKey) : illegal('wrong-key');
}

/** Versions 1 (an admin device) and 2 (epoch 1) are signed by the device itself and hold only when `genesis` names them. */
function judgeGenesis(chain: DeviceChain, link: Link): Verdict {
  const { ver } = link.claims;
  const { kid: signer } = link.statement;
  if (link.statement.sid !== chain.genesis[ver - 1]) return illegal('not-genesis');
  if (ver === 1) {
    if (link.type !== 'device' || link.claims.role !== 'admin') return illegal('not-genesis');
    const { publicKey, kid } = keyOfText(link.claims.key);
    return kid === signer ? allowedIf(publicKey) : illegal('wrong-key');
  }
  if (link.type !== 'epoch') return illegal('not-genesis');
  return link.claims.n === 1 ? allowedIf(chain.devices.get(signer)?.publicKey ?? null) : illegal('wrong-number');
}

/** Generations count 1, 2, 3…; while an admin lives, admins and recovery recipient change only with an admin's consent. */
function judgeOrganisation(
  directory: Directory,
  claims: ClaimsByType['organisation'],
  byOperator: Bytes | null,
): Verdict {
  if (byOperator === null) return illegal('not-allowed');
  const record = directory.organisations.get(claims.org);
  const previous = record === undefined ? null : organisationAt(record, claims.ver - 1);
  if (record === undefined || previous === null)
    return claims.generation === 1 ? allowedIf(byOperator) : illegal('wrong-number');
  const sameGenesis =
    claims.genesis[0] === previous.claims.genesis[0] && claims.genesis[1] === previous.claims.genesis[1];
  const sameGeneration = claims.generation === previous.claims.generation;
  if (!sameGeneration && claims.generation !== previous.claims.generation + 1) return illegal('wrong-number');
  if (sameGeneration !== sameGenesis) return illegal('not-genesis');
  if (isSameSet(claims.admins, previous.claims.admins) && isSameRecovery(claims, previous.claims))
    return allowedIf(byOperator);
  const chain = record.generations.get(previous.claims.generation);
  const isLive = previous.claims.admins.some((kid) => (chain?.devices.get(kid)?.revoked ?? null) === null);
  if (!isLive) return allowedIf(byOperator);
  const consent = chain?.consents.find((given) => given.sid === claims.consent);
  if (consent === undefined) return WAIT; // the consent, or the revocation of the last admin, may still come
  const isFresh = (consent.claims.cert?.[0] ?? 0) >= previous.ver;
  const agrees = isSameSet(claims.admins, consent.claims.admins) && isSameRecovery(claims, consent.claims);
  return isFresh && agrees ? allowedIf(byOperator) : illegal('consent');
}

function rootAt(cert: CertChain, ver: number) {
  return cert.roots.findLast((root) => root.since < ver) ?? null;
}

function isKnownInCert(cert: CertChain, key: { readonly kid: Kid }, ver: number): boolean {
  const operator = cert.operators.get(key.kid);
  if (operator !== undefined && operator.since < ver) return true;
  return cert.roots.some((root) => root.kid === key.kid && root.since < ver);
}

function nextEpoch(chain: CertChain | DeviceChain, ver: number): number {
  return (chain.epochs.findLast((epoch) => epoch.ver < ver)?.n ?? 0) + 1;
}

/** The schema has checked the text. */
function keyOfText(text: string): { readonly publicKey: Bytes; readonly kid: Kid } {
  const publicKey = parsePublicKey(text);
  if (publicKey === null) throw new TypeError('keyOfText: not a checked key');
  return { publicKey, kid: thumbprint(publicKey) };
}

function isSameSet(a: readonly Kid[], b: readonly Kid[]): boolean {
  const set = new Set(a);
  return set.size === new Set(b).size && b.every((kid) => set.has(kid));
}

function isSameRecovery(
  a: { readonly recovery?: string | null | undefined },
  b: { readonly recovery?: string | null | undefined },
): boolean {
  return (a.recovery ?? null) === (b.recovery ?? null);
}

/** A new epoch, or other witnesses for the running one: its origin and keys stay, so that whoever holds a checkpoint goes on. */
function isNextLog(last: ClaimsByType['log'] | null, next: ClaimsByType['log']): boolean {
  if (last === null || next.epoch !== last.epoch) return next.epoch === (last?.epoch ?? 0) + 1;
  return next.origin === last.origin && next.checkpoint === last.checkpoint && next.entry === last.entry;
}
