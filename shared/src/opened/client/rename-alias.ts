/**
 * Another alias for a source after its load: what organisations are to see instead of its name. Changes the load and the drafts that it
 * left; what was published keeps the alias that it went out under.
 */
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { Finding } from '../finding/finding.ts';
import { findingToLine, parseFindingLine } from '../finding/finding-json.ts';
import { summariseSightings } from '../finding/sighting.ts';
import type { ClientError } from './api/client-error.ts';
import { gzipLines, readLines, rowsOfLoad } from './drafts.ts';
import { toClientError } from './failures.ts';
import { packLoad, putLoad, readLoads } from './load.ts';
import type { Session } from './session.ts';

const LONGEST_ALIAS = 200;

/**
 * Gives all sources of a load that go out as `from` the alias `to`. Cost: reads and packs the load's drafts anew.
 *
 * @returns `invalid` for an empty or overlong alias; `not-found` where the load has no such source, or its drafts lie in a folder.
 */
export async function renameAlias(
  { store }: Session,
  loadId: string,
  from: string,
  to: string,
): Promise<Result<void, ClientError>> {
  const alias = to.trim();
  if (alias === '' || alias.length > LONGEST_ALIAS)
    return err({ kind: 'invalid', issues: [{ field: 'alias', code: 'bad-value' }] });
  const loads = await readLoads(store);
  if (!loads.ok) return loads;
  const load = loads.value.find(({ summary }) => summary.loadId === loadId);
  if (load === undefined || load.folder !== undefined || !load.summary.sources.some((source) => source.alias === from))
    return err({ kind: 'not-found', what: 'load' });
  const changed: { readonly id: string; readonly packed: Awaited<ReturnType<typeof gzipLines>> }[] = [];
  for (const id of rowsOfLoad(store, loadId)) {
    const lines = await readLines(store, [id]);
    if (!lines.ok) return lines;
    const renamed: string[] = [];
    for (const line of lines.value) {
      const finding = parseFindingLine(line);
      if (!finding.ok) return err({ kind: 'storage-damaged', code: 'draft' });
      renamed.push(findingToLine(withAlias(finding.value, from, alias)));
    }
    changed.push({ id, packed: await gzipLines(renamed) });
  }
  const sources = load.summary.sources.map((source) => (source.alias === from ? { ...source, alias } : source));
  const packed = await packLoad({ ...load, summary: { ...load.summary, sources } });
  const done = await store.transaction((tx) => {
    putLoad(tx, loadId, packed);
    // A row that went out or was discarded meanwhile stays gone.
    for (const row of changed) if (store.has('segments', row.id)) tx.put('segments', row.id, row.packed);
  });
  return done.ok ? ok(undefined) : err(toClientError(done.error));
}

function withAlias(finding: Finding, from: string, alias: string): Finding {
  const sightings = finding.sightings.map((sighting) => (sighting.alias === from ? { ...sighting, alias } : sighting));
  return { ...finding, sightings, sourceAlias: summariseSightings(sightings).sourceAlias };
}
