/**
 * The log's tree as files (C2SP tlog-tiles) and the two proofs that clients ask for at every contact. Members read hashes, which
 * tell nothing; entries, which tell who did how much, only operators. Tiles never change, so they may be kept for ever.
 */
import { Hono } from 'hono';
import type { Context } from 'hono';
import { toBase64url } from '@sealpost/shared/base/base64url';
import { concatBytes, fromUtf8 } from '@sealpost/shared/base/bytes';
import { encodeEntryBundle, parseTilePath, widthIn } from '@sealpost/shared/sealed/audit/tile';
import type { TileName } from '@sealpost/shared/sealed/audit/tile';
import type { Directory } from '@sealpost/shared/sealed/directory/model';
import { logKeys } from '@sealpost/shared/sealed/directory/roles';
import type { Consistency } from '@sealpost/shared/sealed/wire/bodies';
import { MAX_AUDIT_ENTRIES } from '@sealpost/shared/sealed/wire/limits';
import { ROUTES } from '@sealpost/shared/sealed/wire/paths';
import type { Deps } from '../deps.ts';
import type { Guard } from '../guard/caller.ts';
import { isOperator } from '../guard/caller.ts';
import { parseCount } from '../guard/json.ts';
import { refuse } from '../guard/problems.ts';
import { readBundle, readTile } from '../store/log-tree.ts';

const NEWEST = { 'Cache-Control': 'private, no-cache' };
const IMMUTABLE = { 'Cache-Control': 'private, max-age=31536000, immutable' };

/** GET `/:deployment/log/…`. */
export function logRoutes(deps: Deps, guard: Guard): Hono {
  const app = new Hono();

  app.get(ROUTES.checkpoint, async (c) => {
    const caller = await guard.member(c, 0);
    if (!caller.ok) return caller.error;
    const { deployment, directory } = caller.value;
    const head = await deps.trees.head(deployment);
    if (head === null) return refuse('not-found');
    const cosigned = deps.cosigners.cosigned(deployment, logKeys(directory)?.origin ?? '');
    const note = cosigned?.size === head.frontier.size ? cosigned.note : head.checkpoint;
    return c.body(note, 200, { ...NEWEST, 'Content-Type': 'text/plain; charset=utf-8' });
  });

  app.get(ROUTES.consistency, async (c) => {
    const caller = await guard.member(c, 0);
    if (!caller.ok) return caller.error;
    const from = parseCount(c.req.query('from'));
    // a proof from the empty tree would say nothing about the tree it leads to
    if (from === null || from === 0) return refuse('bad-request');
    const answer = await consistencyFrom(deps, caller.value.deployment, caller.value.directory, from);
    return answer === null ? refuse('not-found') : c.json(answer, 200, NEWEST);
  });

  app.get(ROUTES.receipts, async (c) => {
    const caller = await guard.member(c, 0);
    if (!caller.ok) return caller.error;
    const indices = (c.req.query('indices') ?? '').split(',').map((text) => parseCount(text));
    const from = c.req.query('from');
    const fromSize = from === undefined ? null : parseCount(from);
    if (indices.length > MAX_AUDIT_ENTRIES || indices.includes(null) || fromSize === 0) return refuse('bad-request');
    const answer = await deps.trees.receipts(caller.value.deployment, indices as number[], fromSize);
    return answer === null ? refuse('not-found') : c.json(answer, 200, NEWEST);
  });

  app.get(ROUTES.tile, async (c) => {
    const caller = await guard.member(c, 0);
    if (!caller.ok) return caller.error;
    const { deployment } = caller.value;
    const name = parseTilePath(c.req.path.split('/log/tile/')[1] ?? '');
    if (name === null) return refuse('bad-request');
    if (name.level === 'entries' && !isOperator(caller.value)) return refuse('forbidden');
    const size = (await deps.trees.head(deployment))?.frontier.size ?? 0;
    if (widthIn(size, name.level, name.index) < name.width) return refuse('not-found');
    return sendTile(c, deps, deployment, name);
  });

  return app;
}

/** Both proofs lead to one checkpoint, whatever is committed meanwhile. */
async function consistencyFrom(
  deps: Deps,
  deployment: string,
  directory: Directory,
  from: number,
): Promise<Consistency | null> {
  // read first: what witnesses cosigned is never newer than the view
  const cosigned = deps.cosigners.cosigned(deployment, logKeys(directory)?.origin ?? '');
  const view = await deps.trees.view(deployment);
  const proof = (await view?.consistency(from)) ?? null;
  if (view === null || proof === null) return null;
  const answer = { checkpoint: textOf(view.head.checkpoint), consistency: proof.map(toBase64url) };
  const since = cosigned === null ? null : await view.consistency(cosigned.size);
  if (cosigned === null || since === null) return answer;
  return { ...answer, cosigned: { checkpoint: textOf(cosigned.note), consistency: since.map(toBase64url) } };
}

function textOf(note: Uint8Array): string {
  const text = fromUtf8(note);
  if (text === null) throw new Error('A stored checkpoint is damaged.');
  return text;
}

async function sendTile(c: Context, deps: Deps, deployment: string, name: TileName): Promise<Response> {
  const headers = { ...IMMUTABLE, 'Content-Type': 'application/octet-stream' };
  if (name.level !== 'entries') {
    const hashes = await readTile(deps.reader, deployment, name.level, name.index);
    return c.body(concatBytes(hashes.subarray(0, name.width * 32)), 200, headers);
  }
  const entries = await readBundle(deps.reader, deployment, name.index);
  return c.body(encodeEntryBundle(entries.slice(0, name.width)), 200, headers);
}
