/**
 * Watch terms and rules run again over drafts: whenever drafts are read to be reviewed or published, those that only terms out of force
 * hit stay behind, and the others are whose the rules in force say. What is stored stays as it was drafted, so that going back to
 * earlier terms or rules brings it back.
 */
import { ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { ExposureRules } from '../finding/exposure.ts';
import { classifyWithoutPath, compileExposure } from '../finding/exposure.ts';
import type { Exposure, Finding } from '../finding/finding.ts';
import type { Identity } from '../finding/identity.ts';
import { normaliseIdentity } from '../finding/identity.ts';
import type { Service } from '../finding/service.ts';
import { parseService } from '../finding/service.ts';
import type { LoadedRecord } from '../ingest/record.ts';
import { compileWatch } from '../match/match.ts';
import type { Matcher } from '../match/match.ts';
import type { WatchVersion } from '../match/watch-history.ts';
import { scoreAgain } from '../risk/finding-risk.ts';
import type { ClientError } from './api/client-error.ts';
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
  const exposures = new Map<WatchVersion, ExposureRules>();
  const exposureBy = (finding: Finding, version: WatchVersion): Exposure | null => {
    let rules = exposures.get(version);
    if (rules === undefined) {
      const { domains, exclude, rules: exposureRules = [] } = version.terms;
      rules = compileExposure({ listId: new Uint8Array(16), names: [], domains, exclude, exposureRules });
      exposures.set(version, rules);
    }
    return classifyWithoutPath(...accountOf(finding), rules);
  };
  const watched: Finding[] = [];
  const unwatched: Finding[] = [];
  for (const finding of findings) {
    // Terms that were in force when it was last seen: they hit it then.
    const then = history.find(({ atMs }) => atMs <= finding.lastSeenAtMs) ?? history.at(-1);
    const isGone = then !== undefined && then !== newest && !hits(finding, newest) && hits(finding, then);
    if (isGone) unwatched.push(finding);
    else if (then === undefined || then === newest || finding.tags.includes('keyword_only')) watched.push(finding);
    else {
      const now = exposureBy(finding, newest);
      // What a rule about a path said, or would say, cannot be told from what is kept: that draft stays as it is.
      const isOther = now !== null && now !== exposureBy(finding, then) && now !== finding.exposure;
      watched.push(isOther ? scoreAgain({ ...finding, exposure: now }) : finding);
    }
  }
  return { watched, unwatched };
}

/** Account and service as far as a finding keeps them. */
function accountOf(finding: Finding): [Identity, Service] {
  const { host, pathClass, application, context } = finding;
  const service = parseService(host === '' ? '' : `https://${host}/`);
  const appId = host === '' && context === 'service' ? application : null;
  return [
    { ...normaliseIdentity(finding.identity), kind: finding.identityKind },
    { ...service, pathClass, appId },
  ];
}

/** As much of the record as matching looks at. */
export function recordOf({ host, identity, application, sourceClass }: Finding): LoadedRecord {
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
