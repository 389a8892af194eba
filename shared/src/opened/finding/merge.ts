/**
 * Two rows of one id to one: sightings are united, the worst class and the widest dates show. Merging the same row again changes
 * nothing, and the order does not matter. Scores are taken over, not made: score anew where the context is known.
 */
import type { Finding, SecretFeatures } from './finding.ts';
import { CONFIDENCES } from './finding.ts';
import { classRank, mergeSightings, summariseSightings } from './sighting.ts';
import { SOURCE_TAGS } from './tags.ts';

/** Merges `a` and `b`, which must have one id (RangeError). */
export function mergeFindings(a: Finding, b: Finding): Finding {
  if (a.id !== b.id) throw new RangeError('mergeFindings: two ids');
  const sightings = mergeSightings(a.sightings, b.sightings);
  const lead = leads(a, b) ? a : b;
  const other = lead === a ? b : a;
  const scored = isScoredLater(a, b) ? a : b;
  return {
    ...lead,
    ...summariseSightings(sightings),
    sightings,
    mailboxKey: lead.mailboxKey ?? other.mailboxKey,
    application: lead.application ?? other.application,
    machine: lead.machine ?? other.machine,
    machineName: lead.machineName ?? other.machineName,
    machineOs: lead.machineOs ?? other.machineOs,
    machineCountry: lead.machineCountry ?? other.machineCountry,
    ingestedAtMs: Math.min(a.ingestedAtMs, b.ingestedAtMs),
    secret: mergeSecrets(lead.secret, other.secret),
    cookieState: worseCookie(a.cookieState, b.cookieState),
    tags: mergeTags(a.tags, b.tags),
    score: scored.score,
    level: scored.level,
    confidence: scored.confidence,
    ledger: scored.ledger,
  };
}

/** Union, sorted; of tags about sources what both have. */
export function mergeTags(a: readonly string[], b: readonly string[]): readonly string[] {
  const isKept = (tag: string) => !SOURCE_TAGS.has(tag) || (a.includes(tag) && b.includes(tag));
  return [...new Set([...a, ...b])].filter(isKept).sort();
}

/** `live` before `expired` before `none`. */
export function worseCookie<C extends Finding['cookieState']>(a: C, b: C): C {
  const rank = { none: 0, expired: 1, live: 2 };
  return rank[a] >= rank[b] ? a : b;
}

/** A total order over everything that the lead decides, so that merging commutes. */
function leads(a: Finding, b: Finding): boolean {
  const byClass = classRank(a.sourceClass) - classRank(b.sourceClass);
  if (byClass !== 0) return byClass < 0;
  const byCapture = (b.capturedAtMs ?? -1) - (a.capturedAtMs ?? -1);
  if (byCapture !== 0) return byCapture < 0;
  return textOf(a) <= textOf(b);
}

/** The row that was scored with more behind it; then the higher score. */
function isScoredLater(a: Finding, b: Finding): boolean {
  if (a.lastSeenAtMs !== b.lastSeenAtMs) return a.lastSeenAtMs > b.lastSeenAtMs;
  if (a.sightings.length !== b.sightings.length) return a.sightings.length > b.sightings.length;
  if (a.score !== b.score) return a.score > b.score;
  // Scored alike from a doubtful source and from a good one: the good one says how sure we are.
  const byConfidence = CONFIDENCES.indexOf(a.confidence) - CONFIDENCES.indexOf(b.confidence);
  return byConfidence !== 0 ? byConfidence > 0 : JSON.stringify(a.ledger) <= JSON.stringify(b.ledger);
}

function textOf(finding: Finding): string {
  const { machine, machineName, machineOs, machineCountry, application, exposure, context, pathClass, identity } =
    finding;
  return JSON.stringify([
    machine,
    machineName,
    machineOs,
    machineCountry,
    application,
    exposure,
    context,
    pathClass,
    identity,
  ]);
}

/** One secret, seen under two publish policies perhaps: what either tells is known. */
function mergeSecrets(lead: SecretFeatures, other: SecretFeatures): SecretFeatures {
  return {
    fitsPolicy: lead.fitsPolicy || other.fitsPolicy,
    common: lead.common || other.common,
    reused: lead.reused || other.reused,
    mask: lead.mask ?? other.mask,
    lengthBand: lead.lengthBand ?? other.lengthBand,
    classes: lead.classes ?? other.classes,
    strengthBand: lead.strengthBand ?? other.strengthBand,
    hashType: lead.hashType ?? other.hashType,
    pairFp: lead.pairFp ?? other.pairFp,
    secretFp: lead.secretFp ?? other.secretFp,
  };
}
