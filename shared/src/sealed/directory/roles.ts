import type { Bytes } from '../../base/bytes.ts';
import type { Ms } from '../../base/brand.ts';
import type { Kid } from '../crypto/keys.ts';
import type { Heads, OrgId } from '../envelope/heads.ts';
import type { ClaimsByType, DeviceRole } from './claims.ts';
import type { ChainName } from './fields.ts';
import type { DeviceTerm, Directory, Epoch, KeyTerm, OrganisationRecord } from './model.ts';
import { isAdminAt } from './judge.ts';
import { chainOf, currentChain, headOf, organisationAt } from './model.ts';

/** Which key holds which role now, and what else can be read from the directory. */

/** A key that may act. `org` is `cert` for root and operators. */
export interface Role {
  readonly kind: 'root' | 'operator' | 'device';
  readonly role: 'root' | 'operator' | DeviceRole;
  readonly org: ChainName;
  readonly kid: Kid;
  readonly publicKey: Bytes;
  /** Null for the root, which only signs. */
  readonly recipient: string | null;
  /** `suspended`: its organisation reads on, and gets nothing new. */
  readonly status: 'active' | 'suspended';
}

/** A key that a chain names, revoked or not. */
export interface KnownKey {
  readonly kid: Kid;
  readonly publicKey: Bytes;
  readonly org: ChainName;
  readonly revokedAtMs: Ms | null;
}

/** An organisation as the newest statement about it says. */
export interface Organisation {
  readonly org: OrgId;
  readonly generation: number;
  readonly status: 'active' | 'suspended';
  readonly admins: readonly Kid[];
  readonly recovery: string | null;
  /** SHA-256 of salt and profile, base64url. */
  readonly profile: string;
}

/** The role `kid` holds now; null for unknown and revoked keys, and for an admin that the organisation statement does not list. */
export function roleOf(directory: Directory, kid: Kid): Role | null {
  const inCert = roleIn(directory, 'cert', kid);
  if (inCert !== null) return inCert;
  const found = orgsNaming(directory, kid)
    .map((org) => roleIn(directory, org, kid))
    .filter((role) => role !== null);
  if (found.length <= 1) return found[0] ?? null;
  // The server refuses a device key in a second organisation; where it did not, the self-signed one counts.
  const own = found.filter((role) => currentChain(directory, role.org as OrgId)?.links[0]?.statement.kid === kid);
  return own.length === 1 ? (own[0] ?? null) : null;
}

/** The role `kid` holds now in one organisation (or `cert`). */
export function roleIn(directory: Directory, org: ChainName, kid: Kid): Role | null {
  if (org === 'cert') return certRole(directory, kid);
  const record = directory.organisations.get(org);
  const organisation = record === undefined ? null : organisationAt(record);
  const device = currentChain(directory, org)?.devices.get(kid);
  if (organisation === null || device === undefined || device.revoked !== null) return null;
  if (device.role === 'admin' && !isAdminNow(directory, org, kid)) return null;
  return {
    kind: 'device',
    role: device.role,
    org,
    kid,
    publicKey: device.publicKey,
    recipient: device.recipient,
    status: organisation.claims.status,
  };
}

/** The key, also when it is revoked or of an earlier generation: what it signed before must still be checked. */
export function keyOf(directory: Directory, kid: Kid): KnownKey | null {
  const root = directory.cert.roots.find((term) => term.kid === kid);
  if (root !== undefined) return { kid, publicKey: root.publicKey, org: 'cert', revokedAtMs: null };
  const operator = directory.cert.operators.get(kid);
  if (operator !== undefined) return knownKey('cert', operator);
  for (const org of orgsNaming(directory, kid)) {
    const record = directory.organisations.get(org);
    for (const chain of [...(record?.generations.values() ?? [])].reverse()) {
      const device = chain.devices.get(kid);
      if (record !== undefined && device !== undefined) return retiredKey(record, chain.generation, device);
    }
  }
  return null;
}

/** True if no chain has ever named the key: only such a key may sign an access request. */
export function isUnknownKey(directory: Directory, kid: Kid): boolean {
  return keyOf(directory, kid) === null;
}

/** Heads for an envelope or manifest of `org`'s mailbox. Throws before the root statement is here. */
export function headsFor(directory: Directory, org: ChainName = 'cert'): Heads {
  const cert = headOf(directory.cert);
  if (cert === null) throw new RangeError('headsFor: no root yet');
  const own = org === 'cert' ? null : headOf(currentChain(directory, org));
  return own === null ? { cert } : { cert, [org]: own };
}

/** The newest epoch of a chain, null if it has none yet. */
export function newestEpoch(directory: Directory, chain: ChainName): Epoch | null {
  return chainOf(directory, chain)?.epochs.at(-1) ?? null;
}

/** The operators whose keys hold. */
export function operators(directory: Directory): readonly KeyTerm[] {
  return [...directory.cert.operators.values()].filter((term) => term.revoked === null);
}

/** The devices of an organisation whose keys hold. */
export function devices(directory: Directory, org: OrgId): readonly DeviceTerm[] {
  return [...(currentChain(directory, org)?.devices.values() ?? [])].filter((term) => term.revoked === null);
}

/** What the newest statement says about an organisation. */
export function organisation(directory: Directory, org: OrgId): Organisation | null {
  const record = directory.organisations.get(org);
  const newest = record === undefined ? null : organisationAt(record);
  if (newest === null) return null;
  const { generation, status, admins, recovery, profile } = newest.claims;
  return { org, generation, status, admins, recovery: recovery ?? null, profile };
}

/** The generation that envelopes to this mailbox name: 0 for the CERT. */
export function generationOf(directory: Directory, org: ChainName): number | null {
  return org === 'cert' ? 0 : (organisation(directory, org)?.generation ?? null);
}

/** The newest `log` statement: `checkpoint` and `entry` are the server's keys (base64url). */
export function logKeys(directory: Directory): ClaimsByType['log'] | null {
  return directory.cert.logs.at(-1)?.claims ?? null;
}

/** True for deployments of made-up material. */
export function isDemo(directory: Directory): boolean {
  return directory.cert.demo;
}

/** Which organisations name a key in any generation: read once for each state of the directory, since a server asks with every request. */
const orgsByKid = new WeakMap<Directory['organisations'], ReadonlyMap<Kid, readonly OrgId[]>>();

/** The organisations that name `kid`, revoked or not, in the directory's order. */
function orgsNaming({ organisations }: Directory, kid: Kid): readonly OrgId[] {
  let known = orgsByKid.get(organisations);
  if (known === undefined) {
    known = indexKeys(organisations);
    orgsByKid.set(organisations, known);
  }
  return known.get(kid) ?? [];
}

function indexKeys(organisations: Directory['organisations']): ReadonlyMap<Kid, readonly OrgId[]> {
  const index = new Map<Kid, OrgId[]>();
  for (const [org, { generations }] of organisations) {
    const kids = new Set([...generations.values()].flatMap(({ devices }) => [...devices.keys()]));
    for (const kid of kids) {
      const orgs = index.get(kid);
      if (orgs === undefined) index.set(kid, [org]);
      else orgs.push(org);
    }
  }
  return index;
}

function certRole(directory: Directory, kid: Kid): Role | null {
  const root = directory.cert.roots.at(-1);
  if (root !== undefined && root.kid === kid)
    return {
      kind: 'root',
      role: 'root',
      org: 'cert',
      kid,
      publicKey: root.publicKey,
      recipient: null,
      status: 'active',
    };
  const operator = directory.cert.operators.get(kid);
  if (operator === undefined || operator.revoked !== null) return null;
  const { publicKey, recipient } = operator;
  return { kind: 'operator', role: 'operator', org: 'cert', kid, publicKey, recipient, status: 'active' };
}

function isAdminNow(directory: Directory, org: OrgId, kid: Kid): boolean {
  const record = directory.organisations.get(org);
  const newest = record === undefined ? null : organisationAt(record);
  const chain = currentChain(directory, org);
  return newest !== null && chain !== null && isAdminAt(chain, newest.claims, kid, chain.links.length + 1);
}

function knownKey(org: ChainName, term: KeyTerm): KnownKey {
  const { kid, publicKey, revoked } = term;
  return { kid, publicKey, org, revokedAtMs: revoked === null ? null : revoked.atSeconds * 1000 };
}

/** A key of an earlier generation counts as revoked from the statement that began the next one. */
function retiredKey(record: OrganisationRecord, generation: number, device: DeviceTerm): KnownKey {
  const next = record.history.find((entry) => entry.claims.generation > generation);
  const known = knownKey(record.org, device);
  return known.revokedAtMs !== null || next === undefined ? known : { ...known, revokedAtMs: next.claims.iat * 1000 };
}
