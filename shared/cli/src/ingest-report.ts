/** What `ingest` says at its end: what came of the material, on stdout; what a person should look at, on stderr. */
import type { LoadSummary } from '@sealpost/shared/opened/client/api/loading';
import type { Drafted } from '@sealpost/shared/opened/client/drafting';
import { MUCH_QUARANTINED, quarantinedShare } from '@sealpost/shared/opened/ingest/ledger';
import { Failure } from './command.ts';
import type { DraftedCounts } from './draft-writer.ts';
import type { Io } from './io.ts';
import type { ReadMaterial } from './load-material.ts';
import type { LoadedMaterial } from './material-sink.ts';

/** The load's row, as the vault keeps it. */
export function summaryOf(
  loadId: string,
  loadedAtMs: number,
  { read, ledger }: LoadedMaterial,
  counts: readonly DraftedCounts[],
  drafted: Drafted,
  records: number,
): LoadSummary {
  const findings = counts.reduce((sum, one) => sum + one.findings, 0);
  const added = counts.reduce((sum, one) => sum + one.added, 0);
  return {
    ...{ loadId, loadedAtMs, ledger, records, findings, added },
    sources: read.map(({ source: { name, alias, sizeBytes, sourceClass } }, i) => ({
      ...{ name, alias, sizeBytes, sourceClass },
      quality: drafted.sources[i]?.quality ?? null,
    })),
    sightings: findings - added,
    organisations: counts.length,
  };
}

/** Refuses a load of which too much could not be read, unless a person said yes; answers whether that yes was needed. */
export function checkQuarantined({ ledger }: LoadedMaterial, isAccepted: boolean, howToGoOn: string): boolean {
  const share = quarantinedShare(ledger.total);
  if (share <= MUCH_QUARANTINED) return false;
  if (isAccepted) return true;
  const percent = (100 * share).toFixed(1);
  throw new Failure(
    `${percent} % of what looked like records could not be read: look at what it is, then ${howToGoOn} with ` +
      '--accept-quarantined to keep the rest',
  );
}

/** `summary`: `null` if nothing was loaded. */
export async function report(
  io: Io,
  read: ReadMaterial,
  organisations: readonly DraftedCounts[],
  summary: LoadSummary | null,
): Promise<void> {
  const share = summary === null ? 0 : quarantinedShare(summary.ledger.total);
  if (share > MUCH_QUARANTINED) {
    io.say(`${(100 * share).toFixed(1)} % of what looked like records could not be read: see quarantine.ndjson`);
  }
  if (read.quarantineDropped > 0) io.say(`${read.quarantineDropped} quarantined lines are counted only`);
  if (summary === null) io.say('nothing new: the drafts are as they were');
  await io.json({
    loaded: read.loaded,
    known: read.known.length,
    records: summary?.records ?? 0,
    findings: summary?.findings ?? 0,
    added: summary?.added ?? 0,
    sightings: summary?.sightings ?? 0,
    ledger: summary?.ledger.total ?? null,
    sources: summary?.sources.map(({ name, quality }) => ({ name, quality })) ?? [],
    organisations,
  });
}
