/**
 * Drafts of other organisations that an organisation's new terms would hit: told before the terms are put in force. They cannot be copied
 * (ids, machines and sources are keyed by organisation): their material has to be read again.
 */
import { ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { compileWatch } from '../match/match.ts';
import type { WatchTerms } from '../match/watch-history.ts';
import type { ClientError } from './api/client-error.ts';
import type { DraftsElsewhere } from './api/organisations.ts';
import { readListed } from './constituency.ts';
import { draftedListIds } from './drafts.ts';
import { heldListIds } from './held-drafts.ts';
import type { Session } from './session.ts';
import { readWatchedDrafts, recordOf } from './watched-drafts.ts';

/** How many drafts of each other organisation `terms` would hit and the terms in force do not, most first. Cost: reads all drafts. */
export async function readDraftsElsewhere(
  session: Session,
  listId: string,
  terms: WatchTerms,
): Promise<Result<readonly DraftsElsewhere[], ClientError>> {
  const listed = await readListed(session.store, listId);
  if (!listed.ok) return listed;
  const { domains, exclude, keywords, patterns = [] } = listed.value.form;
  const matcherOf = (watched: Omit<WatchTerms, 'rules'>) =>
    compileWatch({ organisations: [{ id: listId, name: '', ...watched }] }).matcher;
  const [present, candidate] = [matcherOf({ domains, exclude, keywords, patterns }), matcherOf(terms)];
  const found: DraftsElsewhere[] = [];
  for (const other of new Set([...draftedListIds(session.store), ...heldListIds(session.store)])) {
    if (other === listId) continue;
    const drafts = await readWatchedDrafts(session, other);
    if (!drafts.ok) return drafts;
    const findings = drafts.value.watched.filter((finding) => {
      const record = recordOf(finding);
      return candidate.match(record).length > 0 && present.match(record).length === 0;
    }).length;
    if (findings > 0) found.push({ listId: other, findings });
  }
  return ok(found.sort((a, b) => b.findings - a.findings || (a.listId < b.listId ? -1 : 1)));
}
