/** Operations for tests: few clocks, devices and findings, so that equal times and late arrivals are common. */
import fc from 'fast-check';
import { toBase64url } from '../../base/base64url.ts';
import type { FindingId } from '../finding/finding.ts';
import type { TriageChange, TriageOperation } from './triage.ts';
import { RESOLUTIONS, TRIAGE_STATES } from './triage.ts';

export const findingIds: readonly FindingId[] = [1, 2, 3].map(
  (n) => toBase64url(new Uint8Array(16).fill(n)) as FindingId,
);

const arbitraryChange: fc.Arbitrary<TriageChange> = fc.oneof(
  fc.constantFrom(...TRIAGE_STATES).map((state): TriageChange => ({ field: 'state', state })),
  fc.constantFrom(...RESOLUTIONS).map((resolution): TriageChange => ({ field: 'state', state: 'closed', resolution })),
  fc.constant<TriageChange>({ field: 'state', state: 'closed', resolution: 'risk_accepted', untilMs: 5000 }),
  fc.constantFrom('ann', 'bo', null).map((owner): TriageChange => ({ field: 'owner', owner })),
  fc.boolean().map((reset): TriageChange => ({ field: 'done', reset, sessions: !reset, device: false })),
  fc.constant<TriageChange>({ field: 'comment', text: 'seen' }),
);

/** Distinct operations; ids of few prefixes, so that some could be of one entry. */
export const arbitraryOperations: fc.Arbitrary<TriageOperation[]> = fc.uniqueArray(
  fc.record({
    id: fc.tuple(fc.nat(2), fc.nat(40)).map(([prefix, number]) => operationIdOf(prefix, number)),
    findingId: fc.constantFrom(...findingIds),
    change: arbitraryChange,
    device: fc.constantFrom('d1', 'd2'),
    hlc: fc.tuple(fc.nat(3), fc.nat(3)),
  }),
  { selector: ({ id }) => id, maxLength: 30 },
);

function operationIdOf(prefix: number, number: number): string {
  const bytes = new Uint8Array(16).fill(prefix, 0, 12);
  new DataView(bytes.buffer).setUint32(12, number);
  return toBase64url(bytes);
}
