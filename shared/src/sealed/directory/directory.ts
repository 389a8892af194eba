import type { Result } from '../../base/result.ts';
import type { Head } from '../envelope/heads.ts';
import type { Sid, Statement } from '../envelope/statement.ts';
import { chainToOrg } from './fields.ts';
import type { ChainName } from './fields.ts';
import type { RefusalCode, Verdict } from './judge.ts';
import type { DeviceChain, Directory, Link, OrganisationRecord } from './model.ts';
import { err, ok } from '../../base/result.ts';
import { verifyStatement } from '../envelope/statement.ts';
import { parseClaims } from './claims.ts';
import { extendCert, extendDevice, withChain } from './extend.ts';
import { isAdminAt, judgeCert, judgeDevice } from './judge.ts';
import { chainOf, emptyDirectory, headOf, organisationAt } from './model.ts';

/**
 * Applies statements to the directory. Readers take them in any order and with repeats (`applyStatements`); the server takes only
 * what comes next (`appendStatements`). Both judge by the same rules.
 */

export type { Directory } from './model.ts';

/** Most statements that may wait for their predecessors. */
const MAX_WAITING = 1000;

/** `refused`: a statement does not hold (alarm); the directory stays as it was. */
export type DirectoryError =
  | { readonly kind: 'malformed'; readonly sid: Sid }
  | { readonly kind: 'refused'; readonly sid: Sid; readonly code: RefusalCode }
  | { readonly kind: 'too-many-waiting' };

/**
 * Applies `statements` (parsed, not yet verified) to what is known; `directory` is null at first. Repeats change nothing,
 * statements whose predecessors are missing wait inside the directory, two legal ones at one place freeze their chain.
 *
 * Cost: one Ed25519 verification for each new statement; the rest of the directory is shared, not checked again.
 */
export async function applyStatements(
  directory: Directory | null,
  deployment: Sid,
  statements: readonly Statement[],
): Promise<Result<Directory, DirectoryError>> {
  let current = directory ?? emptyDirectory(deployment);
  const offered = new Set<Link>();
  for (const statement of statements) {
    const link = parseClaims(statement);
    if (!link.ok) return err({ kind: 'malformed', sid: statement.sid });
    offered.add(link.value);
  }
  let open: readonly Link[] = [...current.waiting, ...offered].sort(byPlace);
  for (let moved = true; moved && open.length > 0;) {
    moved = false;
    const waiting: Link[] = [];
    for (const link of open) {
      const placed = await placeLink(current, link);
      if (placed.kind === 'refused' && offered.has(link))
        return err({ kind: 'refused', sid: link.statement.sid, code: placed.code });
      if (placed.kind === 'waits') waiting.push(link);
      if (placed.kind === 'added' || placed.kind === 'forked') {
        current = placed.directory;
        moved = true;
      }
    }
    open = waiting;
  }
  const waiting = withoutRepeats(open);
  return waiting.length > MAX_WAITING ? err({ kind: 'too-many-waiting' }) : ok({ ...current, waiting });
}

/** Why the server does not take a POST. `conflict`: another statement came first; `head` is where the chain stands. */
export type AppendError =
  | { readonly kind: 'malformed' }
  | { readonly kind: 'conflict'; readonly chain: ChainName; readonly head: Head | null }
  | { readonly kind: 'refused'; readonly code: RefusalCode | 'clock' | 'key-in-use' }
  | { readonly kind: 'unsupported' };

/** How far in the future an accepted `iat` may lie: a wrong year would make `now` of all readers wrong for ever. */
const MAX_AHEAD_MS = 300_000;

/**
 * Appends `statements` in this order, all or none: each must be the next of its chain by a key that holds *now*, or be known
 * already. `added` lists the new ones. On a conflict nothing changed and the client signs anew.
 */
export async function appendStatements(
  directory: Directory | null,
  deployment: Sid,
  statements: readonly Statement[],
  nowMs: number,
): Promise<Result<{ readonly directory: Directory; readonly added: readonly Statement[] }, AppendError>> {
  let current = directory ?? emptyDirectory(deployment);
  const added: Statement[] = [];
  for (const statement of statements) {
    const link = parseClaims(statement);
    if (!link.ok) return err({ kind: 'malformed' });
    const next = await appendLink(current, link.value, nowMs);
    if (!next.ok) return next;
    if (next.value !== current) added.push(statement);
    current = next.value;
  }
  return ok({ directory: current, added });
}

async function appendLink(directory: Directory, link: Link, nowMs: number): Promise<Result<Directory, AppendError>> {
  const { chain: name, ver, prev, iat } = link.claims;
  if (isHeld(directory, link)) return ok(directory);
  const chain = chainOf(directory, name);
  const head = headOf(chain);
  if (ver !== (head?.[0] ?? 0) + 1 || prev !== (head?.[1] ?? null)) return err({ kind: 'conflict', chain: name, head });
  if (link.type === 'unknown') return err({ kind: 'unsupported' });
  if (iat * 1000 > nowMs + MAX_AHEAD_MS) return err({ kind: 'refused', code: 'clock' });
  if (link.type === 'device' && isDeviceElsewhere(directory, link.claims.key, name))
    return err({ kind: 'refused', code: 'key-in-use' });
  if (name !== 'cert' && ver > 2 && !isAdminNow(directory, link)) return err({ kind: 'refused', code: 'not-allowed' });
  const placed = await placeLink(directory, link);
  switch (placed.kind) {
    case 'added':
      return ok(placed.directory);
    case 'refused':
      return err({ kind: 'refused', code: placed.code });
    case 'waits':
      return err({ kind: 'refused', code: name === 'cert' ? 'consent' : 'split-view' });
    case 'ignored':
    case 'forked':
      return err({ kind: 'conflict', chain: name, head });
  }
}

type Placed =
  | { readonly kind: 'added' | 'forked'; readonly directory: Directory }
  | { readonly kind: 'ignored' | 'waits' }
  | { readonly kind: 'refused'; readonly code: RefusalCode };

async function placeLink(directory: Directory, link: Link): Promise<Placed> {
  if (isHeld(directory, link)) return { kind: 'ignored' };
  return link.claims.chain === 'cert' ? placeInCert(directory, link) : placeInOrganisation(directory, link);
}

async function placeInCert(directory: Directory, link: Link): Promise<Placed> {
  const { cert } = directory;
  if (cert.fork !== null) return { kind: 'ignored' };
  const { ver, prev } = link.claims;
  if (!followsIn(cert.links, link)) return { kind: 'waits' };
  if (ver > 1 && !isSameHead(link.claims.cert, [ver - 1, prev as Sid])) return { kind: 'refused', code: 'split-view' };
  const judged = await checkVerdict(link, judgeCert(directory, link), cert.updateNeeded);
  if (judged !== null) return judged;
  if (ver === cert.links.length + 1) return { kind: 'added', directory: extendCert(directory, link) };
  return { kind: 'forked', directory: { ...directory, cert: { ...cert, fork: forkOf(cert.links, link) } } };
}

async function placeInOrganisation(directory: Directory, link: Link): Promise<Placed> {
  const record = directory.organisations.get(chainToOrg(link.claims.chain));
  const chain = record === undefined ? null : generationOf(record, link);
  if (record === undefined || chain === null) return { kind: 'waits' };
  if (chain.fork !== null) return { kind: 'ignored' };
  const verdict = judgeDevice(directory, record, chain, link);
  const isBehind = chain.updateNeeded || directory.cert.updateNeeded;
  const judged = await checkVerdict(link, verdict, isBehind);
  if (judged !== null) return judged;
  if (link.claims.ver === chain.links.length + 1)
    return { kind: 'added', directory: extendDevice(directory, record, chain, link) };
  return { kind: 'forked', directory: withChain(directory, record, { ...chain, fork: forkOf(chain.links, link) }) };
}

/** Null if the statement holds. Beside statements of a newer format, what looks illegal may not be: it waits for the update. */
async function checkVerdict(link: Link, verdict: Verdict, isBehind: boolean): Promise<Placed | null> {
  if (verdict.kind === 'wait') return { kind: 'waits' };
  if (verdict.kind === 'illegal') return isBehind ? { kind: 'waits' } : { kind: 'refused', code: verdict.code };
  return (await verifyStatement(link.statement, verdict.publicKey)) ? null : { kind: 'refused', code: 'signature' };
}

/** The generation whose chain this statement continues: named by `genesis` or found by `prev`. */
function generationOf(record: OrganisationRecord, link: Link): DeviceChain | null {
  for (const chain of record.generations.values()) {
    if (link.claims.ver === 1 ? chain.genesis[0] === link.statement.sid : followsIn(chain.links, link)) return chain;
  }
  return null;
}

function followsIn(links: readonly Link[], link: Link): boolean {
  const { ver, prev } = link.claims;
  if (ver === 1) return prev === null;
  return ver <= links.length + 1 && links[ver - 2]?.statement.sid === prev;
}

function isHeld(directory: Directory, link: Link): boolean {
  const { chain, ver } = link.claims;
  const holds = (links: readonly Link[]) => links[ver - 1]?.statement.sid === link.statement.sid;
  if (chain === 'cert') return holds(directory.cert.links);
  const record = directory.organisations.get(chain);
  return record !== undefined && [...record.generations.values()].some((generation) => holds(generation.links));
}

function forkOf(links: readonly Link[], link: Link) {
  const held = links[link.claims.ver - 1];
  if (held === undefined) throw new RangeError('forkOf: nothing stands there');
  const pair = [held.statement, link.statement].sort((a, b) => (a.sid < b.sid ? -1 : 1));
  return { chain: link.claims.chain, ver: link.claims.ver, statements: pair as [Statement, Statement] };
}

/** The server's own question: is the signer an admin (or does it revoke itself) by the newest organisation statement? */
function isAdminNow(directory: Directory, link: Link): boolean {
  const { chain: org, ver } = link.claims;
  const { kid } = link.statement;
  if (org === 'cert') return false;
  const record = directory.organisations.get(org);
  const chain = chainOf(directory, org);
  const newest = record === undefined ? null : organisationAt(record);
  if (newest === null || chain === null || !('devices' in chain)) return false;
  if (link.type === 'revocation' && link.claims.kid === kid) return true;
  return isAdminAt(chain, newest.claims, kid, ver);
}

/** One device key in two organisations would let one of them speak with the other's device name. */
function isDeviceElsewhere(directory: Directory, key: string, own: ChainName): boolean {
  for (const record of directory.organisations.values()) {
    if (record.org === own) continue;
    for (const chain of record.generations.values())
      if (chain.links.some((link) => link.type === 'device' && link.claims.key === key)) return true;
  }
  return directory.cert.links.some(
    (link) => (link.type === 'operator' || link.type === 'root') && link.claims.key === key,
  );
}

function isSameHead(a: Head | null, b: Head): boolean {
  return a !== null && a[0] === b[0] && a[1] === b[1];
}

function byPlace(a: Link, b: Link): number {
  if ((a.claims.chain === 'cert') !== (b.claims.chain === 'cert')) return a.claims.chain === 'cert' ? -1 : 1;
  return a.claims.ver - b.claims.ver;
}

function withoutRepeats(links: readonly Link[]): readonly Link[] {
  return [...new Map(links.map((link) => [link.statement.compact, link])).values()];
}
