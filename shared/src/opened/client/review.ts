/** Drafts by organisation for the person who decides on them: counts, what would be withheld and why, rows to look at. */
import type { Finding, Level, Exposure } from '../finding/finding.ts';
import { EXPOSURES, LEVELS, PUBLISH_POLICIES } from '../finding/finding.ts';
import { selectRelease } from '../bundle/release.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { ClientError } from './api/client-error.ts';
import type { DraftReview, LetterFacts } from './api/publishing.ts';
import { concernsOf } from './concerns.ts';
import { readListed, stateOf } from './constituency.ts';
import type { Listed } from './constituency.ts';
import { draftedListIds, loadsOfDrafts, readReleased } from './drafts.ts';
import { heldListIds } from './held-drafts.ts';
import { readLoads } from './load.ts';
import type { Session } from './session.ts';
import { readWatchedDrafts } from './watched-drafts.ts';

/** All organisations with drafts, most findings first. Cost: reads every draft (about 100,000 findings a second). */
export async function reviewDrafts(session: Session): Promise<Result<readonly DraftReview[], ClientError>> {
  const reviews: DraftReview[] = [];
  const stored = await readLoads(session.store);
  if (!stored.ok) return stored;
  const loads = stored.value.map(({ summary }) => summary);
  for (const listId of new Set([...draftedListIds(session.store), ...heldListIds(session.store)])) {
    const listed = await readListed(session.store, listId);
    if (!listed.ok) return listed;
    const drafts = await readWatchedDrafts(session, listId);
    if (!drafts.ok) return drafts;
    const { watched, unwatched } = drafts.value;
    const released = await readReleased(session.store, listId);
    if (!released.ok) return released;
    const known = watched.filter(({ id }) => released.value.has(id)).length;
    const loadIds = loadsOfDrafts(session.store, listId);
    reviews.push({
      ...reviewOf(listed.value, watched, known),
      unwatched: unwatched.length,
      concerns: concernsOf(
        loads.filter(({ loadId }) => loadIds.includes(loadId)),
        listId,
      ),
    });
  }
  return ok(reviews.sort((a, b) => b.findings - a.findings));
}

function reviewOf(
  listed: Listed,
  findings: readonly Finding[],
  sightingsOnly: number,
): Omit<DraftReview, 'concerns' | 'unwatched'> {
  const provenDomains = listed.proofs.map(({ domain }) => domain);
  const { withheld } = selectRelease(findings, { provenDomains, includeContextless: false, confirmKeywordOnly: false });
  const bySource = new Map<string, DraftReview['bySource'][number]>();
  for (const { sourceAlias: alias, sourceClass } of findings) {
    const key = `${sourceClass} ${alias}`;
    bySource.set(key, { alias, sourceClass, count: (bySource.get(key)?.count ?? 0) + 1 });
  }
  return {
    listId: listed.listId,
    nameTh: listed.form.nameTh,
    nameEn: listed.form.nameEn,
    state: stateOf(listed),
    findings: findings.length,
    byExposure: countExposures(findings),
    byLevel: countLevels(findings),
    bySource: [...bySource.values()].sort((a, b) => b.count - a.count),
    withheld,
    sightingsOnly,
    policies: provenDomains.length > 0 ? PUBLISH_POLICIES : ['none', 'masked'],
  };
}

/** Findings by exposure, all classes named. */
function countExposures(findings: readonly Finding[]): Record<Exposure, number> {
  const counts = Object.fromEntries(EXPOSURES.map((exposure) => [exposure, 0])) as Record<Exposure, number>;
  for (const { exposure } of findings) counts[exposure]++;
  return counts;
}

function countLevels(findings: readonly Finding[]): Record<Level, number> {
  const counts = Object.fromEntries(LEVELS.map((level) => [level, 0])) as Record<Level, number>;
  for (const { level } of findings) counts[level]++;
  return counts;
}

/** Rows of one organisation's drafts, best first (DOMAIN, Default order). */
export async function readDraftRows(
  session: Session,
  listId: string,
  offset: number,
  limit: number,
): Promise<Result<readonly Finding[], ClientError>> {
  const drafts = await readWatchedDrafts(session, listId);
  if (!drafts.ok) return drafts;
  const ordered = [...drafts.value.watched].sort(
    (a, b) =>
      LEVELS.indexOf(b.level) - LEVELS.indexOf(a.level) ||
      b.score - a.score ||
      (b.capturedAtMs ?? 0) - (a.capturedAtMs ?? 0) ||
      (a.id < b.id ? -1 : 1),
  );
  return ok(ordered.slice(offset, offset + Math.min(limit, 200)));
}

/** What goes out by ordinary mail (DOMAIN rule 14): a content-free notice to the enrolled, a counts-first letter to the others. */
export async function readLetterFacts(session: Session, listId: string): Promise<Result<LetterFacts, ClientError>> {
  const listed = await readListed(session.store, listId);
  if (!listed.ok) return listed;
  const drafts = await readWatchedDrafts(session, listId);
  if (!drafts.ok) return drafts;
  const { watched } = drafts.value;
  const { form, org } = listed.value;
  const { nameTh, nameEn } = session.identity;
  if (org === null && watched.length === 0) return err({ kind: 'not-found', what: 'drafts' });
  return ok({
    kind: org === null ? 'counts_letter' : 'notice',
    listId,
    organisationTh: form.nameTh,
    organisationEn: form.nameEn,
    certTh: nameTh,
    certEn: nameEn,
    language: form.contacts[0]?.language ?? 'th',
    to: form.contacts,
    domains: form.domains,
    byExposure: countExposures(org === null ? watched : []),
    atMs: session.ports.nowMs(),
  });
}
