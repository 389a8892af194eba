/** Content of a `withdrawal` envelope: a bundle went to the wrong place or holds the wrong thing (DOMAIN rule 13). */
import * as v from 'valibot';
import { WITHDRAW_CODES } from '../client/api/publishing.ts';

export const WithdrawalSchema = v.strictObject({
  v: v.literal(1),
  /** Envelope id of the bundle. */
  bundle: v.pipe(v.string(), v.length(22)),
  code: v.picklist(WITHDRAW_CODES),
});
export type WithdrawalContent = v.InferOutput<typeof WithdrawalSchema>;
