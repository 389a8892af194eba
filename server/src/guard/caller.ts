/**
 * Who calls: every request but a few is signed by a device key that the directory knows (RFC 9421). No passwords, sessions or
 * tokens. Whoever is refused here learns nothing but the time.
 */
import { isIPv6 } from 'node:net';
import type { Context } from 'hono';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Bytes } from '@sealpost/shared/base/bytes';
import { err, ok } from '@sealpost/shared/base/result';
import type { Result } from '@sealpost/shared/base/result';
import type { Kid } from '@sealpost/shared/sealed/crypto/keys';
import type { Directory } from '@sealpost/shared/sealed/directory/model';
import type { OrgId } from '@sealpost/shared/sealed/directory/fields';
import { keyOf, roleOf } from '@sealpost/shared/sealed/directory/roles';
import type { Role } from '@sealpost/shared/sealed/directory/roles';
import { parseSid } from '@sealpost/shared/sealed/envelope/statement';
import type { Sid } from '@sealpost/shared/sealed/envelope/statement';
import { NONCE_MEMORY_SECONDS, REVOKED_AUDIT_GRACE_SECONDS } from '@sealpost/shared/sealed/wire/limits';
import { verifyRequestHead } from '@sealpost/shared/sealed/wire/request-signature';
import { secondsToMs } from '@sealpost/shared/sealed/wire/times';
import type { Deps } from '../deps.ts';
import type { Unit } from '../log/sequencer.ts';
import type { RateLimit } from './rate-limit.ts';
import { rememberNonce } from '../store/nonces.ts';
import { verifyHere } from '../verify-here.ts';
import { readBody } from './body.ts';
import { refuse, refuseForNow } from './problems.ts';

/** A request whose signature holds. `role` is null for a revoked key that may still end its audit chain. */
export interface Caller {
  readonly deployment: Sid;
  readonly directory: Directory;
  readonly kid: Kid;
  readonly org: 'cert' | OrgId;
  readonly publicKey: Bytes;
  readonly role: Role | null;
  readonly body: Bytes;
  readonly nonce: string;
}

/** As `Caller`, and the key holds a role now. */
export type Member = Caller & { readonly role: Role };

export interface Guard {
  /** A live key of the deployment in the path, or the refusal to answer with. */
  member(c: Context, maxBodyBytes: number): Promise<Result<Member, Response>>;
  /** As `member`; the key is an operator's. */
  operator(c: Context, maxBodyBytes: number): Promise<Result<Member, Response>>;
  /** As `member`, and keys revoked less than 30 days ago. For the audit log alone. */
  auditWriter(c: Context, maxBodyBytes: number): Promise<Result<Caller, Response>>;
  /** Takes one from the quota of the caller's address; the refusal if it is used up. */
  stranger(c: Context): Response | null;
}

/** The guard, with its rate limits. */
export function createGuard(deps: Deps, byKey: RateLimit, byAddress: RateLimit): Guard {
  async function caller(c: Context, maxBodyBytes: number, graceMs: number): Promise<Result<Caller, Response>> {
    const unknown = (): Result<never, Response> => {
      const wait = byAddress.take(addressOf(c));
      const date = new Date(deps.now()).toUTCString(); // the client signs once more with this clock (FORMATS)
      return err(wait > 0 ? refuseForNow(wait) : refuse('unauthorized', {}, { Date: date }));
    };
    const deployment = parseSid(c.req.param('deployment') ?? '');
    const directory = deployment === null ? null : await deps.directories.current(deployment);
    if (deployment === null || directory === null) return unknown();

    const known = (kid: Kid): Bytes | null => {
      const role = roleOf(directory, kid);
      if (role !== null) return role.publicKey;
      const key = graceMs > 0 ? keyOf(directory, kid) : null;
      if (key === null || key.revokedAtMs === null || deps.now() > key.revokedAtMs + graceMs) return null;
      return key.publicKey;
    };
    // no body before its signature holds: the digest is signed, so memory is lent to known keys only
    const verified = await verifyRequestHead({
      method: c.req.method,
      url: c.req.url,
      headers: (name) => c.req.header(name) ?? null,
      nowMs: deps.now(),
      authorities: deps.authorities(),
      keyOf: async (kid) => known(kid),
      verify: verifyHere,
    });
    if (!verified.ok) return unknown();
    const { kid, nonce, digest } = verified.value;
    const wait = byKey.take(kid);
    if (wait > 0) return err(refuseForNow(wait));
    const body = await readBody(c, maxBodyBytes);
    if (!body.ok) return err(refuse(body.error.kind === 'too-large' ? 'too-large' : 'bad-request'));
    if (digest !== body.value.digest) return unknown();
    const role = roleOf(directory, kid);
    const key = keyOf(directory, kid);
    const publicKey = known(kid);
    if (publicKey === null || key === null) return unknown();
    return ok({
      deployment,
      directory,
      kid,
      nonce,
      role,
      org: role?.org ?? key.org,
      publicKey,
      body: body.value.bytes,
    });
  }

  async function member(c: Context, maxBodyBytes: number): Promise<Result<Member, Response>> {
    const found = await caller(c, maxBodyBytes, 0);
    if (!found.ok) return found;
    const { role } = found.value;
    return role === null ? err(refuse('unauthorized')) : ok({ ...found.value, role });
  }

  return {
    member,
    async operator(c, maxBodyBytes) {
      const found = await member(c, maxBodyBytes);
      return found.ok && !isOperator(found.value) ? err(refuse('forbidden')) : found;
    },
    auditWriter: (c, maxBodyBytes) => caller(c, maxBodyBytes, secondsToMs(REVOKED_AUDIT_GRACE_SECONDS)),
    stranger(c) {
      const wait = byAddress.take(addressOf(c));
      return wait > 0 ? refuseForNow(wait) : null;
    },
  };
}

/** True for a live operator key. */
export function isOperator(caller: Caller): boolean {
  return caller.role?.kind === 'operator';
}

/**
 * Runs a write of `caller`. Its nonce is stored in the same transaction, so a request that is played again is refused
 * whatever happened to the answer of the first one.
 */
export async function writeOnce<T = Response>(
  deps: Deps,
  caller: Caller,
  job: (unit: Unit) => Promise<T | Response>,
): Promise<T | Response> {
  return deps.sequencer.submit<T | Response>(async (unit) => {
    const expiresAtMs = deps.now() + secondsToMs(NONCE_MEMORY_SECONDS);
    if (!(await rememberNonce(unit.trx, caller.kid, caller.nonce, expiresAtMs))) return refuse('unauthorized');
    // the key may have been revoked, or the deployment deleted, while this write waited its turn
    const directory = await deps.directories.inUnit(unit, caller.deployment);
    if (directory === null || (caller.role !== null && roleOf(directory, caller.kid) === null))
      return refuse('unauthorized');
    return job(unit);
  });
}

/**
 * The address a request came from, for quotas only; never stored. A proxy on this machine is believed what it appended last.
 * IPv6 counts by /64, since one household or machine has all the addresses of one.
 */
export function addressOf(c: Context): string {
  const peer = peerOf(c);
  const forwarded = isLoopback(peer) ? c.req.header('X-Forwarded-For')?.split(',').at(-1)?.trim() : undefined;
  const address = forwarded === undefined || forwarded === '' ? peer : forwarded.slice(0, 64);
  return networkOf(address);
}

/**
 * True if the request was made on this machine, for a name that only this machine answers to, through no proxy. Never where
 * `origins` (the configured ones) reach further: a proxy that rewrites `Host` and adds nothing would make all the world local.
 */
export function isLocal(c: Context, origins: readonly string[]): boolean {
  const proxied = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some((name) => c.req.header(name) !== undefined);
  const isLocalOnly = origins.every((origin) => LOCAL_NAMES.includes(new URL(origin).hostname));
  const { hostname } = new URL(c.req.url);
  return isLocalOnly && !proxied && isLoopback(peerOf(c)) && LOCAL_NAMES.includes(hostname);
}

const LOCAL_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/** The /64 of an IPv6 address; any other text as it is. */
function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? [];
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  return [...before, ...zeros, ...after]
    .slice(0, 4)
    .map((part) => parseInt(part, 16).toString(16))
    .join(':');
}

function isLoopback(address: string): boolean {
  return /^(127\.|::1$|::ffff:127\.)/.test(address);
}

function peerOf(c: Context): string {
  try {
    return getConnInfo(c).remote.address ?? 'unknown';
  } catch {
    return 'unknown'; // no socket: called directly by a test
  }
}
