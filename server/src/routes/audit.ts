/**
 * The audit log: devices append their signed entries, auditors and operators read all, organisations their own. What a payload
 * says only its readers know; the server checks signature, order and the commitment.
 */
import { Hono } from 'hono';
import { parseBase64url, toBase64url } from '@sealpost/shared/base/base64url';
import { checkContinues } from '@sealpost/shared/sealed/audit/continuity';
import { isAuditPayloadOf, NO_PREVIOUS, parseAuditEntry, verifyAuditEntry } from '@sealpost/shared/sealed/audit/entry';
import type { AuditEntry } from '@sealpost/shared/sealed/audit/entry';
import { keyOf } from '@sealpost/shared/sealed/directory/roles';
import type { Directory } from '@sealpost/shared/sealed/directory/model';
import type { ChainName } from '@sealpost/shared/sealed/directory/fields';
import { sidToBytes } from '@sealpost/shared/sealed/envelope/statement';
import { AuditBodySchema } from '@sealpost/shared/sealed/wire/bodies';
import type { AuditAccepted, AuditPage } from '@sealpost/shared/sealed/wire/bodies';
import { MAX_AUDIT_ENTRIES, MAX_JSON_BODY_BYTES } from '@sealpost/shared/sealed/wire/limits';
import { ROUTES } from '@sealpost/shared/sealed/wire/paths';
import { msToSeconds } from '@sealpost/shared/sealed/wire/times';
import type { Deps } from '../deps.ts';
import type { Caller, Guard } from '../guard/caller.ts';
import type { Unit } from '../log/sequencer.ts';
import { isOperator, writeOnce } from '../guard/caller.ts';
import { parseCount, parseJsonBody } from '../guard/json.ts';
import { refuse } from '../guard/problems.ts';
import { appendOwn, halfId } from '../log/own-entries.ts';
import { appendEntry, entriesFrom, entryAt, forksOf, keepFork, logSize, writerHead } from '../store/audit.ts';

interface Posted {
  readonly entry: AuditEntry;
  readonly salt: Uint8Array;
  readonly sealed: Uint8Array;
}

/** POST and GET `/:deployment/audit`. */
export function auditRoutes(deps: Deps, guard: Guard): Hono {
  const app = new Hono();

  app.post(ROUTES.audit, async (c) => {
    const caller = await guard.auditWriter(c, MAX_JSON_BODY_BYTES);
    if (!caller.ok) return caller.error;
    const posted = await parsePosted(caller.value);
    if (posted === null) return refuse('bad-request');
    return writeOnce(deps, caller.value, async (unit) => {
      const accepted = await appendPosted(deps, unit, caller.value, posted);
      return Array.isArray(accepted) ? c.json({ indices: accepted } satisfies AuditAccepted, 200) : accepted;
    });
  });

  app.get(ROUTES.audit, async (c) => {
    const caller = await guard.member(c, 0);
    if (!caller.ok) return caller.error;
    const after = parseCount(c.req.query('after') ?? '0');
    if (after === null) return refuse('bad-request');
    const { deployment, directory, org } = caller.value;
    const kids = isOperator(caller.value) ? null : keysOf(directory, org);
    const rows = await entriesFrom(deps.reader, deployment, after, MAX_AUDIT_ENTRIES + 1, kids);
    const answer: AuditPage = {
      entries: rows.slice(0, MAX_AUDIT_ENTRIES).map((row) => ({
        index: row.position,
        received: msToSeconds(row.receivedAtMs),
        entry: toBase64url(row.entry),
        salt: row.payload === null ? null : toBase64url(row.payload.salt),
        payload: row.payload === null ? null : toBase64url(row.payload.sealed),
      })),
      size: await logSize(deps.reader, deployment),
      more: rows.length > MAX_AUDIT_ENTRIES,
    };
    if (!isOperator(caller.value)) return c.json(answer);
    const forks = await forksOf(deps.reader, deployment);
    return c.json({ ...answer, forks: forks.map(({ entry }) => ({ entry: toBase64url(entry) })) } satisfies AuditPage);
  });

  return app;
}

/** The entries of a body if every one is the caller's, with a good signature and the payload it was signed for; else `null`. */
async function parsePosted(caller: Caller): Promise<readonly Posted[] | null> {
  const body = parseJsonBody(AuditBodySchema, caller.body);
  if (body === null) return null;
  const posted: Posted[] = [];
  for (const { entry, salt, payload } of body.entries) {
    const bytes = parseBase64url(entry, 172);
    const saltBytes = parseBase64url(salt, 32);
    const sealed = parseBase64url(payload, 512);
    if (bytes === null || saltBytes === null || sealed === null) return null;
    const parsed = parseAuditEntry(bytes);
    if (!parsed.ok || parsed.value.kid !== caller.kid || !isAuditPayloadOf(parsed.value, saltBytes, sealed))
      return null;
    posted.push({ entry: parsed.value, salt: saltBytes, sealed });
  }
  const deployment = sidToBytes(caller.deployment);
  const valid = await Promise.all(posted.map(({ entry }) => verifyAuditEntry(entry, deployment, caller.publicKey)));
  return valid.every(Boolean) ? posted : null;
}

/** Appends what continues the chain; the indices, or the refusal. Nothing is appended if any entry does not continue it. */
async function appendPosted(
  deps: Deps,
  unit: Unit,
  caller: Caller,
  posted: readonly Posted[],
): Promise<number[] | Response> {
  const { deployment, kid } = caller;
  const { trx } = unit;
  const head = await writerHead(trx, deployment, kid);
  let tip = head === null ? null : { seq: head.seq, leaf: head.head };
  const known: (number | null)[] = [];
  for (const { entry } of posted) {
    const stored = await entryAt(trx, deployment, kid, entry.seq);
    switch (checkContinues(tip, entry, stored?.hash ?? null)) {
      case 'next':
        tip = { seq: entry.seq, leaf: entry.leaf };
        known.push(null);
        break;
      case 'repeat':
        if (stored === null) return refuse('bad-request'); // the same entry twice in one body
        known.push(stored.position);
        break;
      case 'fork':
        await keepFork(trx, deployment, { kid, seq: entry.seq, leaf: entry.leaf, bytes: entry.bytes }, deps.now());
        return refuseUnexpected(head);
      case 'gap':
        return refuseUnexpected(head);
    }
  }
  const indices: number[] = [];
  for (const [at, { entry, salt, sealed }] of posted.entries()) {
    const row = { kid, seq: entry.seq, leaf: entry.leaf, bytes: entry.bytes, salt, sealed };
    indices.push(known[at] ?? (await appendEntry(trx, deployment, row, deps.now())));
  }
  if (known.includes(null)) {
    if (caller.role === null) {
      const late = { kind: 'late', device: halfId(kid), seq: tip?.seq ?? 0 } as const;
      await appendOwn(deps, unit, caller.directory, [late]);
    }
    unit.after(() => deps.changes.announce(deployment));
  }
  return indices;
}

function refuseUnexpected(head: { readonly seq: number; readonly head: Uint8Array } | null): Response {
  const expected = { seq: (head?.seq ?? 0) + 1, prev: toBase64url(head?.head ?? NO_PREVIOUS) };
  return refuse('conflict', { expected });
}

/** Every key that an organisation's chains have ever named. */
function keysOf(directory: Directory, org: ChainName): readonly string[] {
  if (org === 'cert') return [];
  const chains = directory.organisations.get(org)?.generations.values() ?? [];
  return [...chains].flatMap((chain) => [...chain.devices.keys()]).filter((kid) => keyOf(directory, kid)?.org === org);
}
