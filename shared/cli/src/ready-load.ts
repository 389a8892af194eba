/**
 * The end of a load: its files are written, then noted in the vault, then put in their places. Whoever finds the note after a crash
 * puts them there, so that folder and vault never tell two stories.
 */

import type { Result } from '@sealpost/shared/base/result';
import type { Bytes } from '@sealpost/shared/base/bytes';
import type { ClientError } from '@sealpost/shared/opened/client/api/client-error';
import { gunzipText, gzipLines } from '@sealpost/shared/opened/client/drafts';
import { toClientError } from '@sealpost/shared/opened/client/failures';
import { putLoad } from '@sealpost/shared/opened/client/load';
import { deleteJournal, readBeside } from '@sealpost/shared/opened/client/load-journal';
import type { Loading } from '@sealpost/shared/opened/client/loading';
import { putMachines } from '@sealpost/shared/opened/client/machines';
import { putProvenance, readPackedProvenance, packProvenanceSet } from '@sealpost/shared/opened/client/provenance';
import type { PackedProvenance } from '@sealpost/shared/opened/client/provenance';
import type { Session } from '@sealpost/shared/opened/client/session';
import { Failure } from './command.ts';
import { errorText, orFail } from './error-text.ts';
import { placeFile } from './private-file.ts';
import type { Placement } from './private-file.ts';

const NOTE = 'ready';
const LOAD = 'ready-load';
const MACHINES = 'ready-machines';
const PROVENANCE = 'ready-provenance';

interface Note {
  readonly placements: readonly Placement[];
  /** Quarantined lines of a load that a person accepted all the same; `null` if nobody had to. */
  readonly acceptedLines: number | null;
}

export interface ReadyLoad extends Note {
  /** Packed, as `putLoad` and the others take them. */
  readonly load: Bytes;
  readonly machines: Bytes;
  readonly provenance: readonly PackedProvenance[];
}

/** Notes a load whose files are written. */
export async function noteReady(
  session: Session,
  { journal }: Loading,
  { load, machines, provenance, ...note }: ReadyLoad,
): Promise<Result<void, ClientError>> {
  return journal.save(session.ports.nowMs(), {
    [NOTE]: await gzipLines([JSON.stringify(note satisfies Note)]),
    [LOAD]: load,
    [MACHINES]: machines,
    [PROVENANCE]: packProvenanceSet(provenance),
  });
}

/** Files in their places, and the load in the vault. `false` if none was noted. Safe to repeat. */
export async function finishReady({ store, audit }: Session, loadId: string): Promise<boolean> {
  const row = orFail(await readBeside(store, loadId, NOTE));
  if (row === null) return false;
  const { placements, acceptedLines } = JSON.parse(await gunzipText(row)) as Note;
  const load = orFail(await readBeside(store, loadId, LOAD));
  const machines = orFail(await readBeside(store, loadId, MACHINES));
  const provenance = orFail(await readBeside(store, loadId, PROVENANCE));
  for (const placement of placements) await placeFile(placement);
  const done = await store.transaction(async (tx) => {
    if (load !== null) putLoad(tx, loadId, load);
    if (machines !== null) putMachines(tx, loadId, machines);
    for (const one of provenance === null ? [] : readPackedProvenance(provenance)) putProvenance(tx, loadId, one);
    deleteJournal(tx, store, loadId);
    if (acceptedLines === null) return;
    await audit.record(tx, { kind: 'ingest_override', override: 'quarantine', count: acceptedLines });
  });
  if (!done.ok) throw new Failure(errorText(toClientError(done.error)));
  return true;
}
