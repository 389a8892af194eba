/** `watch.json`: terms to load against where there is no CERT's home. Drafts made so have no keys behind them. */
import * as v from 'valibot';
import { fromUtf8 } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { compileWatch } from '../match/match.ts';
import type { WatchList } from '../match/watch.ts';
import type { InputIssue } from './api/client-error.ts';
import { FILE_ID } from './draft-file.ts';

const Term = v.pipe(v.string(), v.minLength(1), v.maxLength(253));

const WatchFileSchema = v.strictObject({
  organisations: v.pipe(
    v.array(
      v.strictObject({
        id: v.pipe(v.string(), v.regex(FILE_ID)),
        name: v.pipe(v.string(), v.maxLength(200)),
        domains: v.optional(v.pipe(v.array(Term), v.maxLength(100_000)), []),
        exclude: v.optional(v.pipe(v.array(Term), v.maxLength(100_000)), []),
        keywords: v.optional(
          v.pipe(
            v.array(
              v.strictObject({
                term: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
                scope: v.picklist(['anywhere', 'login', 'host']),
              }),
            ),
            v.maxLength(10_000),
          ),
          [],
        ),
        patterns: v.optional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(100))), v.maxLength(1_000)), []),
      }),
    ),
    v.minLength(1),
    v.maxLength(100_000),
  ),
});

/** Reads `watch.json`. Ids name files, so only letters, digits, `_` and `-` may stand in them, and none twice. */
export function parseWatchFile(bytes: Uint8Array): Result<WatchList, readonly InputIssue[]> {
  let json: unknown;
  try {
    json = JSON.parse((fromUtf8(bytes) ?? '').replace(/^\ufeff/, ''));
  } catch {
    return err([{ field: 'file', code: 'bad-json' }]);
  }
  const parsed = v.safeParse(WatchFileSchema, json);
  if (!parsed.success) {
    return err(
      parsed.issues.slice(0, 20).map((issue) => ({ field: v.getDotPath(issue) ?? 'file', code: 'bad-value' })),
    );
  }
  const ids = parsed.output.organisations.map(({ id }) => id);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined) return err([{ field: 'id', code: 'duplicate', value: twice }]);
  const { refused } = compileWatch(parsed.output);
  if (refused.length === 0) return ok(parsed.output);
  return err(
    refused.slice(0, 20).map(({ term, reason }) => {
      const isPattern = reason === 'bad-pattern' || reason === 'too-wide';
      const code = isPattern ? 'bad-value' : reason === 'public-suffix' ? 'public-suffix' : 'bad-domain';
      return { field: isPattern ? 'patterns' : 'domains', code, value: term.slice(0, 100) };
    }),
  );
}
