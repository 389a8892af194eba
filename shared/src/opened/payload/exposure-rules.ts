/** Exposure rules of one organisation, as the constituency stores them and a `watch` envelope carries them. */
import * as v from 'valibot';
import type { ExposureRule } from '../finding/exposure-rules.ts';
import { EXPOSURES, LOGIN_FORMS } from '../finding/finding.ts';

const text = (most: number) => v.pipe(v.string(), v.trim(), v.maxLength(most));

export const ExposureRulesSchema = v.pipe(
  v.array(
    v.strictObject({
      host: text(253),
      path: text(1_000),
      login: v.union([v.picklist(LOGIN_FORMS), v.strictObject({ pattern: text(100) })]),
      exposure: v.picklist(EXPOSURES),
    }),
  ),
  v.maxLength(200),
) satisfies v.GenericSchema<unknown, ExposureRule[]>;
