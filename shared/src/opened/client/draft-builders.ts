/** Builders of a load's findings: each knows its organisation's keys, rules, and what of it was published or drafted before. */
import { parseBase64url } from '../../base/base64url.ts';
import type { Ms } from '../../base/brand.ts';
import { DraftBuilder } from '../finding/draft.ts';
import type { Finding, FindingId } from '../finding/finding.ts';
import { FindingKeys } from '../finding/fingerprint.ts';
import type { OrganisationProfile } from '../finding/profile.ts';
import type { Listed } from './constituency.ts';
import { readReleased } from './drafts.ts';
import { mustBytes } from './identity.ts';
import type { Session } from './session.ts';

/** Makes builders that know what was published before, and which of `drafted` waits: those ids are sightings, not new. */
export function draftBuilders(
  session: Session,
  constituency: readonly Listed[],
  nowMs: Ms,
): (listId: string, drafted: readonly Pick<Finding, 'id'>[]) => Promise<DraftBuilder> {
  const listedById = new Map(constituency.map((listed) => [listed.listId, listed]));
  return async (listId, drafted) => {
    const listed = listedById.get(listId);
    if (listed === undefined) throw new RangeError('load: a match of no listed organisation');
    const released = await readReleased(session.store, listId);
    if (!released.ok) throw new TypeError('load: published ids cannot be read');
    const known = new Set<FindingId>(released.value.keys());
    for (const { id } of drafted) known.add(id);
    return new DraftBuilder({
      profile: toFindingProfile(listed),
      keys: findingKeys(session, listId),
      nowMs,
      isKnown: (id) => known.has(id),
    });
  };
}

/** What matching, exposure and scoring need to know of a listed organisation. */
function toFindingProfile(listed: Listed): OrganisationProfile {
  const { form } = listed;
  return {
    listId: mustBytes(listed.listId, 16),
    names: [form.nameTh, form.nameEn],
    domains: form.domains,
    exclude: form.exclude,
    exposureRules: form.exposureRules ?? [],
    networks: form.networks ?? [],
  };
}

/** Keys of an organisation's ids and fingerprints: operators only. */
function findingKeys(session: Session, listId: string): FindingKeys {
  const { ingestMaster } = session.identity;
  if (ingestMaster === null) throw new TypeError('findingKeys: not an operator');
  return new FindingKeys(mustBytes(ingestMaster, 32), parseBase64url(listId, 16) ?? mustBytes(listId, 16));
}
