/**
 * Drafts that a publication held back (no context, no proof, not confirmed): their number went out, they stay with the operator, so
 * that they can follow once a domain is proven or a reason is given. One row an organisation and load, like drafts.
 */
import { ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { FindingId } from '../finding/finding.ts';
import type { SealedStore, StoreTransaction } from '../vault/store.ts';
import type { ClientError } from './api/client-error.ts';
import { DRAFTS, gzipLines, HELD, HELD_SECRETS, readLines, SECRETS } from './drafts.ts';
import type { PackedDraft } from './drafts.ts';

/** Ids of an organisation's drafts whose number was told before. */
export async function readHeldIds(
  store: SealedStore,
  listId: string,
): Promise<Result<ReadonlySet<FindingId>, ClientError>> {
  const lines = await readLines(store, store.ids('segments', `${HELD}${listId}/`));
  return lines.ok ? ok(new Set(lines.value.map(idOfLine))) : lines;
}

/** Organisations of which drafts were held back. */
export function heldListIds(store: SealedStore): readonly string[] {
  return [...new Set(store.ids('segments', HELD).map((id) => id.slice(HELD.length).split('/')[0] as string))];
}

/** What becomes of an organisation's drafts when a bundle of them goes out. */
export interface DraftsLeft {
  /** Rows as they were read: those of a load that ends meanwhile are not among them, and stay. */
  readonly usedUp: readonly string[];
  readonly held: readonly (PackedDraft & { readonly loadId: string })[];
}

/** Packs anew what of an organisation's drafts `isHeld` names, load by load. Loads of which nothing stays are left out. */
export async function packHeld(
  store: SealedStore,
  listId: string,
  isHeld: (id: FindingId) => boolean,
): Promise<Result<DraftsLeft, ClientError>> {
  const rowsOf = (prefixes: readonly string[], loadId: string) =>
    prefixes.map((prefix) => `${prefix}${listId}/${loadId}`).filter((id) => store.has('segments', id));
  const loadIds = new Set(
    [DRAFTS, HELD].flatMap((prefix) =>
      store.ids('segments', `${prefix}${listId}/`).map((id) => id.slice(prefix.length + listId.length + 1)),
    ),
  );
  const held: DraftsLeft['held'][number][] = [];
  const usedUp: string[] = [];
  for (const loadId of loadIds) {
    const rows = rowsOf([DRAFTS, HELD], loadId);
    const secretRows = rowsOf([SECRETS, HELD_SECRETS], loadId);
    usedUp.push(...rows, ...secretRows);
    const findings = await readLines(store, rows);
    if (!findings.ok) return findings;
    const kept = findings.value.filter((line) => isHeld(idOfLine(line)));
    if (kept.length === 0) continue;
    const secrets = await readLines(store, secretRows);
    if (!secrets.ok) return secrets;
    held.push({
      listId,
      loadId,
      findings: await gzipLines(kept),
      secrets: await gzipLines(secrets.value.filter((line) => isHeld(idOfLine(line)))),
    });
  }
  return ok({ usedUp, held });
}

/** Uses up the drafts and keeps the held ones, with the publication's other changes. */
export function putHeld(tx: StoreTransaction, { usedUp, held }: DraftsLeft): void {
  for (const id of usedUp) tx.delete('segments', id);
  for (const { listId, loadId, findings, secrets } of held) {
    tx.put('segments', `${HELD}${listId}/${loadId}`, findings);
    tx.put('segments', `${HELD_SECRETS}${listId}/${loadId}`, secrets);
  }
}

/** Lines are ours and authentic: finding and secret both name their id. */
function idOfLine(line: string): FindingId {
  return (JSON.parse(line) as { readonly id: FindingId }).id;
}
