/**
 * What is erased by age, each by its policy and on record. Of what the server itself wrote down about who sent and fetched what,
 * payload and salt go and the entry stays: the tree verifies as before. Devices' entries are theirs, and stay. Of a bundle the bytes
 * go, once every device of its organisation was handed them to the end; the row stays, so that whoever comes later is told.
 */
import { parseChainName } from '@sealpost/shared/sealed/directory/fields';
import type { Directory } from '@sealpost/shared/sealed/directory/model';
import { devices } from '@sealpost/shared/sealed/directory/roles';
import { parseSid } from '@sealpost/shared/sealed/envelope/statement';
import { removeUnused } from './blobs/remove-unused.ts';
import type { Deps } from './deps.ts';
import { appendOwn, fileDeleted } from './log/own-entries.ts';
import type { OwnEvent } from './log/own-entries.ts';
import { expireBlob } from './store/blobs.ts';
import { countOldDeliveries, deleteDeliveries } from './store/deliveries.ts';
import { agedBundles } from './store/expiry.ts';
import { deleteDecided, hasDecided } from './store/requests.ts';
import type { AgedListing } from './store/expiry.ts';
import { erasePayloads, oldPayloads, oldPayloadsWithoutKind } from './store/payloads.ts';

/** Events of access: who handed in, who was handed out. */
const ACCESS: readonly OwnEvent['kind'][] = ['envelope_accepted', 'envelope_delivered'];
const AT_ONCE = 500;
const DAY_MS = 86_400_000;
/** A device that lost what it was handed asks again within this time, and the bundle stays. */
const QUIET_MS = 14 * DAY_MS;

/**
 * Erases what is older than the policy says. Of the server's own entries from before schema version 3 nobody can say which are of
 * access: there all go at that age. What they told of the directory is in the directory itself.
 */
export async function eraseAccess(deps: Deps, id: string): Promise<void> {
  const deployment = parseSid(id);
  if (deployment === null) return;
  const beforeMs = deps.now() - deps.retainAccessDays * DAY_MS;
  const own = deps.logKeys.entry.kid;
  for (;;) {
    const known = await oldPayloads(deps.reader, deployment, ACCESS, beforeMs, AT_ONCE);
    const old =
      known.length > 0 ? known : await oldPayloadsWithoutKind(deps.reader, deployment, own, beforeMs, AT_ONCE);
    if (old.length === 0) return;
    const erased = await deps.sequencer.submit(async (unit) => {
      const directory = await deps.directories.inUnit(unit, deployment);
      if (directory === null) return 0;
      const count = await erasePayloads(unit.trx, deployment, old);
      const [first = 0, last = 0] = [old[0], old.at(-1)];
      const event: OwnEvent = { kind: 'retention_delete', cause: 'access', count, first, last };
      if (count > 0) await appendOwn(deps, unit, directory, [event]);
      return count;
    });
    if (erased === 0) return; // deleted since, or another process was quicker
  }
}

/** Deletes what is known of who was handed what, at the age of access events, once nothing is decided by it any more. */
export async function deleteOldDeliveries(deps: Deps, id: string): Promise<void> {
  const deployment = parseSid(id);
  if (deployment === null) return;
  const beforeMs = deps.now() - deps.retainAccessDays * DAY_MS;
  if ((await countOldDeliveries(deps.reader, deployment, beforeMs)) === 0) return;
  await deps.sequencer.submit(async (unit) => {
    const directory = await deps.directories.inUnit(unit, deployment);
    if (directory === null) return;
    const count = await deleteDeliveries(unit.trx, deployment, beforeMs);
    if (count > 0) await appendOwn(deps, unit, directory, [{ kind: 'retention_delete', cause: 'delivery', count }]);
  });
}

/** Deletes access requests and their decisions so many days after they were decided, where a policy says so. */
export async function deleteOldRequests(deps: Deps, id: string): Promise<void> {
  const deployment = parseSid(id);
  if (deployment === null || deps.retainRequestDays === null) return;
  const beforeMs = deps.now() - deps.retainRequestDays * DAY_MS;
  if (!(await hasDecided(deps.reader, deployment, beforeMs))) return;
  await deps.sequencer.submit(async (unit) => {
    const directory = await deps.directories.inUnit(unit, deployment);
    if (directory === null) return;
    const deleted = await deleteDecided(unit.trx, deployment, beforeMs);
    const events = deleted.map((request) => fileDeleted('request', request));
    if (events.length > 0) await appendOwn(deps, unit, directory, events);
  });
}

/**
 * Lets bundles expire that are older than the policy says. One that some device of its organisation has not fetched stays, whatever
 * its age; at a start (`isBoot`) the operator of the server is told how many do.
 */
export async function expireBundles(deps: Deps, id: string, isBoot: boolean): Promise<void> {
  const deployment = parseSid(id);
  const days = deps.retainBundleDays;
  if (deployment === null || days === null) return;
  const nowMs = deps.now();
  const aged = (db: Parameters<typeof agedBundles>[0]) =>
    agedBundles(db, deployment, nowMs - days * DAY_MS, nowMs - QUIET_MS);
  const before = await aged(deps.reader);
  if (before.size === 0) return;
  const expired = await deps.sequencer.submit(async (unit) => {
    const directory = await deps.directories.inUnit(unit, deployment);
    if (directory === null) return 0;
    const events: OwnEvent[] = [];
    for (const [sha256, listings] of await aged(unit.trx)) {
      if (!listings.every((listing) => isFetched(directory, listing))) continue;
      if (!(await expireBlob(unit.trx, deployment, sha256, nowMs))) continue;
      unit.after(() => removeUnused(deps, { deployment, sha256 }));
      events.push(fileDeleted('bundle', sha256));
    }
    if (events.length > 0) await appendOwn(deps, unit, directory, events);
    return events.length;
  });
  const kept = before.size - expired;
  if (isBoot && kept > 0)
    deps.report(`Bundles older than ${days} days that are kept, because not every device has fetched them: ${kept}.`);
}

/** True if there are devices to fetch it, and each of them has. */
function isFetched(directory: Directory, { org, doneKids }: AgedListing): boolean {
  const chain = parseChainName(org);
  if (chain === null || chain === 'cert') return false;
  const readers = devices(directory, chain);
  return readers.length > 0 && readers.every(({ kid }) => doneKids.has(kid));
}
