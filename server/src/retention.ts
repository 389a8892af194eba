/**
 * Erases by age what the server itself wrote down about who sent and fetched what. Payload and salt go, the entry stays: the tree
 * verifies as before, and that something was erased, and how much, is an entry of its own. Devices' entries are theirs, and stay.
 */
import { parseSid } from '@sealpost/shared/sealed/envelope/statement';
import type { Deps } from './deps.ts';
import { appendOwn } from './log/own-entries.ts';
import type { OwnEvent } from './log/own-entries.ts';
import { erasePayloads, oldPayloads } from './store/payloads.ts';

/** Events of access: who handed in, who was handed out. */
const ACCESS: readonly OwnEvent['kind'][] = ['envelope_accepted', 'envelope_delivered'];
const AT_ONCE = 500;
const DAY_MS = 86_400_000;

/** Erases what is older than the policy says. */
export async function eraseAccess(deps: Deps, id: string): Promise<void> {
  const deployment = parseSid(id);
  if (deployment === null) return;
  const beforeMs = deps.now() - deps.retainAccessDays * DAY_MS;
  for (;;) {
    const old = await oldPayloads(deps.reader, deployment, ACCESS, beforeMs, AT_ONCE);
    if (old.length === 0) return;
    const erased = await deps.sequencer.submit(async (unit) => {
      const directory = await deps.directories.inUnit(unit, deployment);
      if (directory === null) return 0;
      const count = await erasePayloads(unit.trx, deployment, old);
      if (count > 0) await appendOwn(deps, unit, directory, [{ kind: 'retention_delete', count }]);
      return count;
    });
    if (erased === 0) return; // deleted since, or another process was quicker
  }
}
