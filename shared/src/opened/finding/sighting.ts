/** Sightings of one finding: a set keyed by source (FORMATS). Merging is union, so order and repetition change nothing. */
import type { Ms } from '../../base/brand.ts';
import type { Sighting, SourceClass } from './finding.ts';
import { SOURCE_CLASSES } from './finding.ts';

/** What a finding shows of its sightings. */
export interface SightingSummary {
  /** The worst. */
  readonly sourceClass: SourceClass;
  readonly sourceAlias: string;
  readonly family: string | null;
  /** The latest known capture: the last time that the secret was seen in use. */
  readonly capturedAtMs: Ms | null;
  /** The earliest known publication: since when strangers could have it. */
  readonly publishedAtMs: Ms | null;
  readonly firstSeenAtMs: Ms;
  readonly lastSeenAtMs: Ms;
}

/** Union by `sourceId`, ordered by it. Two entries of one source merge field by field: worst class, latest capture, first seen. */
export function mergeSightings(...sets: readonly (readonly Sighting[])[]): readonly Sighting[] {
  const bySource = new Map<string, Sighting>();
  for (const set of sets) {
    for (const sighting of set) {
      const known = bySource.get(sighting.sourceId);
      bySource.set(sighting.sourceId, known === undefined ? sighting : mergeTwo(known, sighting));
    }
  }
  return [...bySource.values()].sort((a, b) => (a.sourceId < b.sourceId ? -1 : a.sourceId > b.sourceId ? 1 : 0));
}

/** Place in SOURCE_CLASSES: lower is worse. */
export function classRank(sourceClass: SourceClass): number {
  return SOURCE_CLASSES.indexOf(sourceClass);
}

/** The finding-level view; `sightings` holds at least one. */
export function summariseSightings(sightings: readonly Sighting[]): SightingSummary {
  const worst = sightings.reduce((a, b) => (isWorse(b, a) ? b : a));
  return {
    sourceClass: worst.sourceClass,
    sourceAlias: worst.alias,
    family: worst.family,
    capturedAtMs: sightings.reduce<Ms | null>((latest, { capturedAtMs }) => laterOf(latest, capturedAtMs), null),
    publishedAtMs: sightings.reduce<Ms | null>(
      (earliest, { publishedAtMs }) => earlierOf(earliest, publishedAtMs),
      null,
    ),
    firstSeenAtMs: sightings.reduce((first, { seenAtMs }) => Math.min(first, seenAtMs), Number.POSITIVE_INFINITY),
    lastSeenAtMs: sightings.reduce((last, { seenAtMs }) => Math.max(last, seenAtMs), Number.NEGATIVE_INFINITY),
  };
}

/** The later of two times, of which either may be unknown. */
function laterOf(a: Ms | null, b: Ms | null): Ms | null {
  return a === null ? b : b === null ? a : Math.max(a, b);
}

/** The earlier of two times, of which either may be unknown. */
function earlierOf(a: Ms | null, b: Ms | null): Ms | null {
  return a === null ? b : b === null ? a : Math.min(a, b);
}

/** A total order, so that which sighting a finding shows does not depend on the order of loads. */
function isWorse(a: Sighting, b: Sighting): boolean {
  const byClass = classRank(a.sourceClass) - classRank(b.sourceClass);
  if (byClass !== 0) return byClass < 0;
  const byCapture = (b.capturedAtMs ?? -1) - (a.capturedAtMs ?? -1);
  return byCapture !== 0 ? byCapture < 0 : a.sourceId < b.sourceId;
}

function mergeTwo(a: Sighting, b: Sighting): Sighting {
  const worse = classRank(a.sourceClass) <= classRank(b.sourceClass) ? a : b;
  const [low, high] = a.alias <= b.alias ? [a, b] : [b, a];
  return {
    sourceId: a.sourceId,
    sourceClass: worse.sourceClass,
    alias: low.alias,
    family: a.family === null || b.family === null ? (a.family ?? b.family) : a.family < b.family ? a.family : b.family,
    capturedAtMs: laterOf(a.capturedAtMs, b.capturedAtMs),
    publishedAtMs: earlierOf(low.publishedAtMs, high.publishedAtMs),
    seenAtMs: Math.min(a.seenAtMs, b.seenAtMs),
  };
}
