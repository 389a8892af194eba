/**
 * What the columns of a CSV hold, as a person said once: kept sealed under the names of its header, so that the next export of the
 * same source needs no asking.
 */
import * as v from 'valibot';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { ColumnMapping } from '../ingest/providers/column-mapping.ts';
import { MAPPED_ROLES } from '../ingest/record.ts';
import type { SealedStore } from '../vault/store.ts';
import type { SavedColumns } from './api/client.ts';
import type { ClientError } from './api/client-error.ts';
import { toClientError } from './failures.ts';

const ROW = 'column-mappings';
/** The ones that were not used for longest go. */
const MOST_KEPT = 100;

const Name = v.pipe(v.string(), v.maxLength(200));
const SavedSchema = v.strictObject({
  header: v.pipe(v.array(Name), v.minLength(1), v.maxLength(1_000)),
  mapping: v.strictObject(
    Object.fromEntries(MAPPED_ROLES.map((role) => [role, v.optional(Name)])) as Record<
      (typeof MAPPED_ROLES)[number],
      v.OptionalSchema<typeof Name, undefined>
    >,
  ),
});

/** All that were kept, the last used first. */
async function readColumnMappings(store: SealedStore): Promise<Result<readonly SavedColumns[], ClientError>> {
  const row = await store.get('meta', ROW);
  if (!row.ok) return err(toClientError(row.error));
  return ok(row.value === null ? [] : (v.parse(v.array(SavedSchema), row.value) as readonly SavedColumns[]));
}

/** Keeps `saved` in the place of what was kept for the same header; `invalid` where it names what no column can be. */
export async function saveColumnMapping(store: SealedStore, saved: SavedColumns): Promise<Result<void, ClientError>> {
  const parsed = v.safeParse(SavedSchema, saved);
  if (!parsed.success) return err({ kind: 'invalid', issues: [{ field: 'columns', code: 'bad-value' }] });
  const known = await readColumnMappings(store);
  if (!known.ok) return known;
  const others = known.value.filter(({ header }) => headerKey(header) !== headerKey(saved.header));
  const kept = [saved, ...others].slice(0, MOST_KEPT);
  const done = await store.put(
    'meta',
    ROW,
    kept.map(({ header, mapping }) => ({ header, mapping: defined(mapping) })),
  );
  return done.ok ? ok(undefined) : err(toClientError(done.error));
}

/** By which a header is known again: capitals and spaces around names do not matter. */
function headerKey(header: readonly string[]): string {
  return JSON.stringify(header.map((name) => name.trim().toLowerCase()));
}

/** What was kept for `header`, `null` if nothing was. */
export async function readColumnMapping(
  store: SealedStore,
  header: readonly string[],
): Promise<Result<ColumnMapping | null, ClientError>> {
  const saved = await readColumnMappings(store);
  if (!saved.ok) return saved;
  return ok(saved.value.find((one) => headerKey(one.header) === headerKey(header))?.mapping ?? null);
}

/** Stored values hold no `undefined`. */
function defined(mapping: ColumnMapping): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(mapping).filter(([, name]) => name !== ''));
}
