/** The server's own audit entries: what it accepted, handed out, changed and deleted, signed by its entry key in one chain per deployment. */
import { makeAuditEntry, NO_PREVIOUS } from '@sealpost/shared/sealed/audit/entry';
import type { AuditEvent } from '@sealpost/shared/sealed/audit/payload';
import { parseBase64url, toBase64url } from '@sealpost/shared/base/base64url';
import type { Directory } from '@sealpost/shared/sealed/directory/model';
import { newestEpoch } from '@sealpost/shared/sealed/directory/roles';
import { sidToBytes } from '@sealpost/shared/sealed/envelope/statement';
import { msToSeconds } from '@sealpost/shared/sealed/wire/times';
import type { Deps } from '../deps.ts';
import type { Unit } from './sequencer.ts';
import { writerHead } from '../store/audit.ts';
import type { NewEntry } from '../store/audit.ts';
import { appendEntries } from './append.ts';

type WithoutFrame<Event> = Event extends unknown ? Omit<Event, 'v' | 'at'> : never;

/** An event of the server, without the version and time that are added here. */
export type OwnEvent = WithoutFrame<AuditEvent>;

/** Appends `events` in order, in the transaction of what they tell. Sealed to the CERT's `audit` recipient only. */
export async function appendOwn(
  deps: Deps,
  unit: Unit,
  directory: Directory,
  events: readonly OwnEvent[],
): Promise<void> {
  const epoch = newestEpoch(directory, 'cert');
  if (epoch === null) throw new Error('A deployment without a CERT epoch cannot have a log.');
  const signer = deps.logKeys.entry;
  const nowMs = deps.now();
  const tip = await writerHead(unit.trx, directory.deployment, signer.kid);
  let seq = tip?.seq ?? 0;
  let prev: Uint8Array = tip?.head ?? NO_PREVIOUS;
  const entries: NewEntry[] = [];
  for (const event of events) {
    seq += 1;
    const made = await makeAuditEntry({
      deployment: sidToBytes(directory.deployment),
      signer,
      seq,
      prev,
      event: { ...event, v: 1, at: msToSeconds(nowMs) } as AuditEvent,
      recipients: [epoch.recipients.audit],
      random: deps.random,
    });
    entries.push({ seq, leaf: made.leaf, bytes: made.entry, salt: made.salt, sealed: made.payload, kind: event.kind });
    prev = made.leaf;
  }
  await appendEntries(deps, unit, directory, signer.kid, entries);
}

/** A sealed file, or a sealed request, was deleted: which one, so that whoever has its list can prove it, and why. */
export function fileDeleted(cause: 'unlisted' | 'withdrawn' | 'bundle' | 'request', sha256: string): OwnEvent {
  return { kind: 'retention_delete', cause, count: 1, blob: halfId(sha256) };
}

/** The first half of a 32-byte id in base64url: how audit payloads name things. */
export function halfId(id: string): string {
  const bytes = parseBase64url(id, 32);
  if (bytes === null) throw new TypeError('halfId: not an id of 32 bytes');
  return toBase64url(bytes.subarray(0, 16));
}
