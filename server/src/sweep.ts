/**
 * Housekeeping at boot and hourly: what a crash or a client that never came back left behind, made-up deployments whose time is
 * over, nonces that cannot be played any more. Never touches a file that a manifest lists, unless a policy says so (`retention.ts`).
 */
import { secondsToMs } from '@sealpost/shared/sealed/wire/times';
import { parseSid } from '@sealpost/shared/sealed/envelope/statement';
import { removeUnused } from './blobs/remove-unused.ts';
import type { Deps } from './deps.ts';
import { appendOwn, fileDeleted } from './log/own-entries.ts';
import type { OwnEvent } from './log/own-entries.ts';
import { allBlobs, allUploads, deleteBlob, deleteUpload, findBlob, findUpload, unlistedBlobs } from './store/blobs.ts';
import { deleteOldDeliveries, deleteOldRequests, eraseAccess, expireBundles } from './retention.ts';
import { observeClock } from './store/clock.ts';
import { allDeployments, deleteDeployment, findDeployment } from './store/deployments.ts';
import { listingsOf } from './store/manifests.ts';
import { forgetNonces } from './store/nonces.ts';

/** How long an upload may pause, and a stored file wait for the manifest that lists it. */
export const ORPHAN_MS = secondsToMs(86_400);

/** One round. `isBoot`: this process serves no request, so if no other one does, files without a row are leftovers whatever their age. */
export async function sweep(deps: Deps, isBoot: boolean): Promise<void> {
  const isAlone = isBoot && !deps.store.isShared;
  const heldHours = await deps.sequencer.submit((unit) => observeClock(unit.trx, deps.now(), !isBoot));
  const isHeld = heldHours > 0;
  if (isHeld) {
    deps.report(
      `The clock jumped. It may be wrong, so nothing is deleted by age for ${heldHours} more hours of running; set it right if it is.`,
    );
  } else await deps.sequencer.submit((unit) => forgetNonces(unit.trx, deps.now()));
  for (const { id, expiresAtMs } of await allDeployments(deps.reader)) {
    if (!isHeld && expiresAtMs !== null && expiresAtMs <= deps.now()) await endDeployment(deps, id);
    else {
      if (!isHeld) {
        await sweepUnlisted(deps, id);
        await eraseAccess(deps, id);
        await expireBundles(deps, id, isBoot);
        await deleteOldDeliveries(deps, id);
        await deleteOldRequests(deps, id);
      }
      await sweepUploads(deps, id, isAlone, isHeld);
    }
  }
  // a deployment stands in the database before its first file is stored
  for (const folder of await deps.blobs.deployments()) {
    if ((await findDeployment(deps.reader, folder)) === null) await deps.blobs.removeAll(folder);
    else if (isAlone || !isHeld) await sweepFiles(deps, folder, isAlone);
  }
}

async function endDeployment(deps: Deps, id: string): Promise<void> {
  const deployment = parseSid(id);
  if (deployment === null) throw new Error('A stored deployment has no valid id.');
  await deps.sequencer.submit(async (unit) => {
    await deleteDeployment(unit.trx, deployment);
    deps.directories.stage(unit, deployment, null, 0);
    deps.trees.stageRemoval(unit, deployment);
  });
  await deps.blobs.removeAll(deployment);
}

async function sweepUnlisted(deps: Deps, id: string): Promise<void> {
  const deployment = parseSid(id);
  if (deployment === null) return;
  const unlisted = await unlistedBlobs(deps.reader, deployment, deps.now() - ORPHAN_MS);
  if (unlisted.length === 0) return;
  await deps.sequencer.submit(async (unit) => {
    const directory = await deps.directories.inUnit(unit, deployment);
    const events: OwnEvent[] = [];
    for (const sha256 of unlisted) {
      if ((await listingsOf(unit.trx, deployment, sha256)).length > 0) continue;
      if ((await findBlob(unit.trx, deployment, sha256)) === null) continue; // another process was quicker
      await deleteBlob(unit.trx, deployment, sha256);
      unit.after(() => removeUnused(deps, { deployment, sha256 }));
      events.push(fileDeleted('unlisted', sha256));
    }
    if (directory !== null && events.length > 0) await appendOwn(deps, unit, directory, events);
  });
}

async function sweepUploads(deps: Deps, deployment: string, isAlone: boolean, isHeld: boolean): Promise<void> {
  const { parts } = await deps.blobs.list(deployment);
  for (const { sha256, received, touchedAtMs } of await allUploads(deps.reader, deployment)) {
    const isLost = isAlone && (parts.get(sha256) ?? 0) < received;
    if (!isLost && (isHeld || touchedAtMs > deps.now() - ORPHAN_MS)) continue;
    await deps.sequencer.submit((unit) => deleteUpload(unit.trx, deployment, sha256));
    await deps.blobs.abandon({ deployment, sha256 });
  }
}

async function sweepFiles(deps: Deps, deployment: string, isAlone: boolean): Promise<void> {
  const { files, parts } = await deps.blobs.list(deployment);
  const rows = new Set(await allBlobs(deps.reader, deployment));
  for (const sha256 of files) {
    if (rows.has(sha256)) continue;
    // elsewhere a file may just be on its way from its bytes to its row
    const storedAtMs = isAlone ? 0 : await deps.blobs.storedAtMs({ deployment, sha256 });
    if (storedAtMs !== null && storedAtMs <= deps.now() - ORPHAN_MS) await removeUnused(deps, { deployment, sha256 });
  }
  if (!isAlone) return; // parts of an upload whose row is there: `sweepUploads` ends it in time
  for (const sha256 of parts.keys()) {
    if ((await findUpload(deps.reader, deployment, sha256)) === null) await deps.blobs.abandon({ deployment, sha256 });
  }
}
