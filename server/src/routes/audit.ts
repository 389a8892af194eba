/**
 * The audit log: devices append their signed entries, auditors and operators read all, organisations their own. What a payload
 * says only its readers know; the server checks signature, order and the commitment.
 */
import { Hono } from 'hono';
import { toBase64url } from '@sealpost/shared/base/base64url';
import { checkContinues } from '@sealpost/shared/sealed/audit/continuity';
import { NO_PREVIOUS } from '@sealpost/shared/sealed/audit/entry';
import { keyOf } from '@sealpost/shared/sealed/directory/roles';
import type { Directory } from '@sealpost/shared/sealed/directory/model';
import type { ChainName } from '@sealpost/shared/sealed/directory/fields';
import { sidToBytes } from '@sealpost/shared/sealed/envelope/statement';
import type { AuditAccepted, AuditPage } from '@sealpost/shared/sealed/wire/bodies';
import { MAX_AUDIT_ENTRIES, MAX_JSON_BODY_BYTES } from '@sealpost/shared/sealed/wire/limits';
import { ROUTES } from '@sealpost/shared/sealed/wire/paths';
import { msToSeconds } from '@sealpost/shared/sealed/wire/times';
import type { Deps } from '../deps.ts';
import type { Caller, Guard } from '../guard/caller.ts';
import type { Unit } from '../log/sequencer.ts';
import { isOperator, writeOnce } from '../guard/caller.ts';
import { parseCount } from '../guard/json.ts';
import { refuse } from '../guard/problems.ts';
import { appendOwn, halfId } from '../log/own-entries.ts';
import type { PostedEntry } from '../log/posted.ts';
import { appendEntries } from '../log/append.ts';
import { entriesFrom, entryAt, forksOf, keepFork, logSize, writerHead } from '../store/audit.ts';

/** POST and GET `/:deployment/audit`. */
export function auditRoutes(deps: Deps, guard: Guard): Hono {
  const app = new Hono();

  app.post(ROUTES.audit, async (c) => {
    const caller = await guard.auditWriter(c, MAX_JSON_BODY_BYTES);
    if (!caller.ok) return caller.error;
    const { kid, publicKey, deployment, body } = caller.value;
    const posted = await deps.auditChecker.check(body, { kid, publicKey, deployment: sidToBytes(deployment) });
    if (posted === null) return refuse('bad-request');
    const indices = await writeOnce(deps, caller.value, (unit) =>
      appendPosted(deps, unit, caller.value, posted.entries),
    );
    if (indices instanceof Response) return indices;
    const receipts = await deps.trees.receipts(deployment, indices, posted.from);
    return receipts === null ? refuse('unauthorized') : c.json(receipts satisfies AuditAccepted, 200); // null: deleted since
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

/** Appends what continues the chain; the indices, or the refusal. Nothing is appended if any entry does not continue it. */
async function appendPosted(
  deps: Deps,
  unit: Unit,
  caller: Caller,
  posted: readonly PostedEntry[],
): Promise<number[] | Response> {
  const { deployment, kid } = caller;
  const { trx } = unit;
  const head = await writerHead(trx, deployment, kid);
  let tip = head === null ? null : { seq: head.seq, leaf: head.head };
  const known: number[] = [];
  const added: PostedEntry[] = [];
  for (const entry of posted) {
    const stored = head !== null && entry.seq <= head.seq ? await entryAt(trx, deployment, kid, entry.seq) : null;
    switch (checkContinues(tip, entry, stored?.hash ?? null)) {
      case 'next':
        tip = { seq: entry.seq, leaf: entry.leaf };
        added.push(entry);
        break;
      case 'repeat':
        // the same entry twice in one body, or an old one behind a new one
        if (stored === null || added.length > 0) return refuse('bad-request');
        known.push(stored.position);
        break;
      case 'fork':
        await keepFork(trx, deployment, { kid, seq: entry.seq, leaf: entry.leaf, bytes: entry.bytes }, deps.now());
        return refuseUnexpected(head);
      case 'gap':
        return refuseUnexpected(head);
    }
  }
  if (added.length === 0) return known;
  // the directory may have changed since the request was let in; a `log` statement says where the tree stands
  const directory = (await deps.directories.inUnit(unit, deployment)) ?? caller.directory;
  const first = await appendEntries(deps, unit, directory, kid, added);
  if (caller.role === null) {
    await appendOwn(deps, unit, directory, [{ kind: 'late', device: halfId(kid), seq: tip?.seq ?? 0 }]);
  }
  unit.after(() => deps.changes.announce(deployment));
  return [...known, ...added.map((_, at) => first + at)];
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
