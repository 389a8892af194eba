/** The one way into the audit log: rows, the writer's chain and the tree, in the transaction of whoever calls. */
import type { Directory } from '@sealpost/shared/sealed/directory/model';
import type { Deps } from '../deps.ts';
import { insertEntries } from '../store/audit.ts';
import type { NewEntry } from '../store/audit.ts';
import type { Unit } from './sequencer.ts';

/** Appends entries of one key whose continuity and signatures are checked; answers the index of the first. */
export async function appendEntries(
  deps: Pick<Deps, 'trees' | 'now'>,
  unit: Unit,
  directory: Directory,
  kid: string,
  entries: readonly NewEntry[],
): Promise<number> {
  const { deployment } = directory;
  const position = await deps.trees.size(unit, deployment);
  await insertEntries(unit.trx, deployment, kid, position, entries, deps.now());
  await deps.trees.stage(
    unit,
    directory,
    entries.map(({ leaf }) => leaf),
  );
  return position;
}
