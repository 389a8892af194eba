import type { Bytes } from '../../base/bytes.ts';
import type { Kid } from '../crypto/keys.ts';
import type { Head, OrgId } from '../envelope/heads.ts';
import type { Sid, Statement } from '../envelope/statement.ts';
import type { ChainStatement, ClaimsByType, DeviceRole, UnknownStatement } from './claims.ts';
import type { ChainName } from './fields.ts';

/**
 * The directory: what follows from the pinned root and the statements accepted so far. Immutable; one applied statement copies
 * the chain it belongs to and shares the rest. Everything holds the version since when it is true, so that a question about the
 * past of a chain has the same answer whatever came later.
 */

/** One accepted statement; `links[i]` has version i + 1. */
export type Link = ChainStatement | UnknownStatement;

/** Two statements, both by a key that may sign them, at one place of a chain. Ordered by sid. */
export interface Fork {
  readonly chain: ChainName;
  readonly ver: number;
  readonly statements: readonly [Statement, Statement];
}

/** A signing key and when it held. Void at every version above `revoked.ver`. */
export interface KeyTerm {
  readonly kid: Kid;
  readonly publicKey: Bytes;
  readonly recipient: string;
  readonly since: number;
  readonly revoked: { readonly ver: number; readonly atSeconds: number } | null;
}

export interface DeviceTerm extends KeyTerm {
  readonly role: DeviceRole;
  readonly sid: Sid;
}

export interface RootTerm {
  readonly kid: Kid;
  readonly publicKey: Bytes;
  readonly since: number;
}

/** An epoch: findings and messages are sealed to its recipients. `intake` is the CERT's only. */
export interface Epoch {
  readonly n: number;
  readonly ver: number;
  readonly sid: Sid;
  readonly recipients: ClaimsByType['epoch']['recipients'];
}

/** What every chain has. A forked chain keeps what it held and takes nothing more. */
interface ChainBase {
  readonly links: readonly Link[];
  readonly epochs: readonly Epoch[];
  readonly fork: Fork | null;
  /** A statement of a newer format stands in this chain: read on, but seal and approve nothing. */
  readonly updateNeeded: boolean;
}

export interface CertChain extends ChainBase {
  readonly roots: readonly RootTerm[];
  readonly operators: ReadonlyMap<Kid, KeyTerm>;
  readonly logs: readonly { readonly ver: number; readonly claims: ClaimsByType['log'] }[];
  readonly notices: readonly { readonly sid: Sid; readonly claims: ClaimsByType['notice'] }[];
  /** `exp` of the newest `head` statement. */
  readonly headExpSeconds: number | null;
  readonly newestIatSeconds: number;
  readonly demo: boolean;
}

/** The chain of one generation of an organisation: a new generation starts a new one, the old one can only be read. */
export interface DeviceChain extends ChainBase {
  readonly generation: number;
  readonly genesis: readonly [Sid, Sid];
  readonly devices: ReadonlyMap<Kid, DeviceTerm>;
  readonly consents: readonly { readonly ver: number; readonly sid: Sid; readonly claims: ClaimsByType['consent'] }[];
}

/** An organisation: its statements in the CERT chain, newest last, and the chains of its generations. */
export interface OrganisationRecord {
  readonly org: OrgId;
  readonly history: readonly { readonly ver: number; readonly claims: ClaimsByType['organisation'] }[];
  readonly generations: ReadonlyMap<number, DeviceChain>;
}

export interface Directory {
  readonly deployment: Sid;
  readonly cert: CertChain;
  readonly organisations: ReadonlyMap<OrgId, OrganisationRecord>;
  /** Statements whose predecessors are not here yet. */
  readonly waiting: readonly Link[];
}

/** The directory before its root statement. `deployment` is pinned: from an invitation, or made on this device. */
export function emptyDirectory(deployment: Sid): Directory {
  return {
    deployment,
    cert: {
      links: [],
      epochs: [],
      fork: null,
      updateNeeded: false,
      roots: [],
      operators: new Map(),
      logs: [],
      notices: [],
      headExpSeconds: null,
      newestIatSeconds: 0,
      demo: false,
    },
    organisations: new Map(),
    waiting: [],
  };
}

/** The organisation's statement in force at version `certVer` of the CERT chain; the newest if it is left out. */
export function organisationAt(
  record: OrganisationRecord,
  certVer = Number.MAX_SAFE_INTEGER,
): { readonly ver: number; readonly claims: ClaimsByType['organisation'] } | null {
  return record.history.findLast((entry) => entry.ver <= certVer) ?? null;
}

/** The chain of the organisation's newest generation. */
export function currentChain(directory: Directory, org: OrgId): DeviceChain | null {
  const record = directory.organisations.get(org);
  const newest = record === undefined ? null : organisationAt(record);
  return record === undefined || newest === null ? null : (record.generations.get(newest.claims.generation) ?? null);
}

/** The chain of that name as it is now; null for an organisation that no statement names. */
export function chainOf(directory: Directory, chain: ChainName): CertChain | DeviceChain | null {
  return chain === 'cert' ? directory.cert : currentChain(directory, chain);
}

/** Newest version and sid of a chain, null while it is empty. */
export function headOf(chain: { readonly links: readonly Link[] } | null): Head | null {
  const last = chain?.links.at(-1);
  return last === undefined ? null : [last.claims.ver, last.statement.sid];
}

/** True if the key may sign at version `ver` as far as `since` and revocation go. */
export function holdsAt(term: KeyTerm, ver: number): boolean {
  return term.since < ver && (term.revoked === null || ver <= term.revoked.ver);
}
