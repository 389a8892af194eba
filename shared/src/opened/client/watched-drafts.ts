/**
 * Watch terms run again over drafts: whenever drafts are read to be reviewed or published, those that only terms out of force hit stay
 * behind. They are not deleted, so that going back to the terms brings them back.
 */
import { ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { Finding } from '../finding/finding.ts';
import type { LoadedRecord } from '../ingest/record.ts';
import { compileWatch } from '../match/match.ts';
import type { Matcher } from '../match/match.ts';
import type { WatchVersion } from '../match/watch-history.ts';
import type { ClientError } from './api.ts';
import { readDrafts } from './drafts.ts';
import type { Session } from './session.ts';
import { readWatchHistory } from './watch-terms.ts';

export interface WatchedDrafts {
  readonly watched: readonly Finding[];
  /** Hit by earlier terms, and by none that is in force. */
  readonly unwatched: readonly Finding[];
}

/** An organisation's drafts by its terms in force. Cost: as `readDrafts`; a match of each draft that is older than the terms. */
export async function readWatchedDrafts(
  { store }: Session,
  listId: string,
): Promise<Result<WatchedDrafts, ClientError>> {
  const findings = await readDrafts(store, listId);
  if (!findings.ok) return findings;
  const history = await readWatchHistory(store, listId);
  return history.ok ? ok(splitByTerms(findings.value, history.value)) : history;
}

/** `history` newest first. A draft whose record cannot be told from what is kept of it counts as watched. */
function splitByTerms(findings: readonly Finding[], history: readonly WatchVersion[]): WatchedDrafts {
  const [newest] = history;
  if (newest === undefined || history.length < 2) return { watched: findings, unwatched: [] };
  const matchers = new Map<WatchVersion, Matcher>();
  const hits = (finding: Finding, version: WatchVersion): boolean => {
    let matcher = matchers.get(version);
    if (matcher === undefined) {
      const organisation = { id: 'own', name: '', ...version.terms };
      matcher = compileWatch({ organisations: [organisation] }).matcher;
      matchers.set(version, matcher);
    }
    return matcher.match(recordOf(finding)).length > 0;
  };
  const watched: Finding[] = [];
  const unwatched: Finding[] = [];
  for (const finding of findings) {
    // Terms that were in force when it was last seen: they hit it then.
    const then = history.find(({ atMs }) => atMs <= finding.lastSeenAtMs) ?? history.at(-1);
    const isGone = then !== undefined && then !== newest && !hits(finding, newest) && hits(finding, then);
    (isGone ? unwatched : watched).push(finding);
  }
  return { watched, unwatched };
}

/** As much of the record as matching looks at. */
function recordOf({ host, identity, application, sourceClass }: Finding): LoadedRecord {
  return {
    provenance: { entry: '', offset: 0, length: 0 },
    url: host === '' ? '' : `https://${host}/`,
    login: identity,
    password: '',
    application,
    sourceClass,
    machine: null,
    hashTypes: [],
    confidence: 1,
    cookieState: 'none',
  };
}
