/**
 * Machines of stealer logs, sealed in the operator's vault with their load: what each was, and all accounts of listed organisations
 * that it gave. Operators only: the address and the machine's own id never leave them.
 */
import type { Bytes } from '../../base/bytes.ts';
import { ok, err } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { DraftResult } from '../finding/draft.ts';
import type { MachineSummary } from '../ingest/record.ts';
import type { SealedStore, StoreTransaction } from '../vault/store.ts';
import type { ClientError } from './api/client-error.ts';
import type { MachineRow } from './api/loading.ts';
import type { Drafting } from './drafting.ts';
import { gunzipText, gzipLines } from './drafts.ts';
import { toClientError } from './failures.ts';

const MACHINES = 'machines/';

/** Packs the machines that concern anybody; of the others nothing is kept. Cost: about 100 bytes a machine once compressed. */
export function packMachines(
  loadId: string,
  machines: readonly MachineSummary[],
  drafting: Drafting,
  results: ReadonlyMap<string, DraftResult>,
): Promise<Bytes> {
  const rows: MachineRow[] = [];
  for (const machine of machines) {
    const accounts = drafting.accountsOf(machine, results);
    if (accounts !== null) rows.push({ ...machine, loadId, accounts });
  }
  return gzipLines(rows.map((row) => JSON.stringify(row)));
}

/** Writes a load's machines with the transaction's other changes. */
export function putMachines(tx: StoreTransaction, loadId: string, packed: Bytes): void {
  tx.put('imports', MACHINES + loadId, packed);
}

/** Forgets a load's machines. */
export function deleteMachines(tx: StoreTransaction, loadId: string): void {
  tx.delete('imports', MACHINES + loadId);
}

/** Machines of all loads, the latest captured first, unknown dates last. Rows we wrote ourselves: their form is not checked again. */
export async function readMachines(store: SealedStore): Promise<Result<readonly MachineRow[], ClientError>> {
  const rows = await store.getMany('imports', store.ids('imports', MACHINES));
  if (!rows.ok) return err(toClientError(rows.error));
  const machines: MachineRow[] = [];
  for (const row of rows.value) {
    if (!(row instanceof Uint8Array)) continue;
    for (const line of (await gunzipText(row)).split('\n')) {
      if (line !== '') machines.push(JSON.parse(line) as MachineRow);
    }
  }
  return ok(machines.sort((a, b) => (b.capturedAtMs ?? -1) - (a.capturedAtMs ?? -1) || (a.key < b.key ? -1 : 1)));
}
