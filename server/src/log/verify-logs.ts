/** At the start: no log is served that does not hold together, and one that has just got its tree gets its first checkpoint. */
import { parseSid } from '@sealpost/shared/sealed/envelope/statement';
import { rootOf } from '@sealpost/shared/sealed/audit/tree';
import { logKeys } from '@sealpost/shared/sealed/directory/roles';
import type { Deps } from '../deps.ts';
import { allDeployments } from '../store/deployments.ts';
import { findHead, putHead, setVerified } from '../store/log-tree.ts';
import { signHead } from './trees.ts';
import { damageText, verifyLog } from './verify-log.ts';
import type { VerifyOptions } from './verify-log.ts';

/** Throws with what is wrong, where, and what to do; changes nothing then. */
export async function verifyLogs(deps: Deps, options: VerifyOptions = {}): Promise<void> {
  const signer = deps.logKeys.checkpoint;
  for (const { id } of await allDeployments(deps.reader)) {
    const deployment = parseSid(id);
    const directory = deployment === null ? null : await deps.directories.current(deployment);
    const log = directory === null ? null : logKeys(directory);
    if (log === null) throw new Error('A stored deployment has no readable directory: the database is damaged.');
    const verified = await deps.store.snapshot((reader) => verifyLog(reader, id, log.origin, signer, options));
    if (!verified.ok) {
      throw new Error(
        `the audit log of deployment ${id} does not hold together: ${damageText(verified.error)}. ` +
          'Nothing is served. Keep this data folder as evidence and restore a backup.',
      );
    }
    const { frontier, isSigned } = verified.value;
    const head = await signHead(signer, log.origin, frontier);
    await deps.sequencer.submit(async ({ trx }) => {
      const stored = await findHead(trx, id);
      if (stored === null) return; // deleted meanwhile, by another process
      // another process may have signed it, or have gone on behind what was read here
      if (!isSigned && stored.checkpoint === null)
        await putHead(trx, id, { ...head, size: frontier.size, root: rootOf(frontier) });
      await setVerified(trx, id, head.checkpoint);
    });
  }
}
