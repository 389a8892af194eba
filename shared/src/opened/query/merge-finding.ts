/** How two appearances of one finding become one. */
import type { Finding } from '../finding/finding.ts';
import { classRank, mergeSightings } from '../finding/sighting.ts';

/**
 * A finding that came again: sightings united, first and last seen widened, the worst source class kept with its alias, known
 * captures and families not forgotten; everything else as in `later`, which was scored with all that was known by then.
 */
export function mergeFinding(earlier: Finding, later: Finding): Finding {
  const isWorse = classRank(earlier.sourceClass) < classRank(later.sourceClass);
  const worst = isWorse ? earlier : later;
  return {
    ...later,
    sourceClass: worst.sourceClass,
    sourceAlias: worst.sourceAlias,
    family: later.family ?? earlier.family,
    capturedAtMs: later.capturedAtMs ?? earlier.capturedAtMs,
    firstSeenAtMs: Math.min(earlier.firstSeenAtMs, later.firstSeenAtMs),
    lastSeenAtMs: Math.max(earlier.lastSeenAtMs, later.lastSeenAtMs),
    sightings: mergeSightings(earlier.sightings, later.sightings),
  };
}
