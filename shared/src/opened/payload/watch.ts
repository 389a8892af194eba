/** Content of a `watch` envelope: terms and rules of all organisations with their versions, for the CERT's other operators. */
import * as v from 'valibot';
import { MOST_VERSIONS } from '../match/watch-history.ts';
import type { WatchVersion } from '../match/watch-history.ts';
import { ExposureRulesSchema } from './exposure-rules.ts';

const Term = v.pipe(v.string(), v.maxLength(253));
const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** One version, as it is stored and as it travels. */
const VersionSchema = v.strictObject({
  version: Count,
  atMs: Count,
  by: v.pipe(v.string(), v.maxLength(64)),
  terms: v.strictObject({
    domains: v.pipe(v.array(Term), v.maxLength(200)),
    exclude: v.pipe(v.array(Term), v.maxLength(200)),
    keywords: v.pipe(
      v.array(v.strictObject({ term: Term, scope: v.picklist(['anywhere', 'login', 'host']) })),
      v.maxLength(100),
    ),
    patterns: v.pipe(v.array(Term), v.maxLength(100)),
    rules: v.exactOptional(ExposureRulesSchema),
  }),
  undoes: v.nullable(Count),
}) satisfies v.GenericSchema<unknown, WatchVersion>;

/** An organisation's versions, newest first. */
export const HistorySchema = v.pipe(v.array(VersionSchema), v.maxLength(MOST_VERSIONS));

export const WatchSchema = v.strictObject({
  v: v.literal(1),
  lists: v.pipe(
    v.array(v.strictObject({ listId: v.pipe(v.string(), v.length(22)), versions: HistorySchema })),
    v.maxLength(20_000),
  ),
});
export type WatchContent = v.InferOutput<typeof WatchSchema>;
