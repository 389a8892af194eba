/** Content of a `decision` envelope: the operator's answer to an access request, sealed to the requesting device. */
import * as v from 'valibot';

export const DecisionSchema = v.strictObject({
  v: v.literal(1),
  decision: v.picklist(['approved', 'declined']),
  /** Shown to the requester as it stands. */
  reason: v.pipe(v.string(), v.maxLength(1000)),
  org: v.pipe(v.string(), v.maxLength(32)),
});
export type DecisionContent = v.InferOutput<typeof DecisionSchema>;
