/** Proofs of single entries: for an organisation, that all of its own stand in the log; for anybody else, a file that needs no server. */
import { parseBase64url } from '../../base/base64url.ts';
import { concatBytes, utf8 } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { AUDIT_ENTRY_BYTES, leafHash } from '../../sealed/audit/entry.ts';
import { encodeTlogProof } from '../../sealed/audit/tlog-proof.ts';
import { AuditAcceptedSchema, AuditPageSchema } from '../../sealed/wire/bodies.ts';
import { paths } from '../../sealed/wire/paths.ts';
import type { ClientError } from './api/client-error.ts';
import type { OwnProof } from './api/record.ts';
import type { SavedFile } from './api/saved-file.ts';
import { mustBytes } from './identity.ts';
import type { HeldCheckpoint } from './log-witness.ts';
import type { Session } from './session.ts';

/** Entries of one question; their numbers stand in its address. */
const BATCH = 200;

/** Asks the log for the place of every entry that this device uploaded, and verifies each. One that is not there is an alarm. */
export async function proveOwnEntries(
  session: Session,
  onProgress: (done: number, total: number) => void,
): Promise<Result<OwnProof, ClientError>> {
  const kept = await session.audit.uploaded();
  if (!kept.ok) return kept;
  const total = kept.value.length;
  let proved = await session.witness.contact();
  if (!proved.ok) return proved;
  for (let at = 0; at < total; at += BATCH) {
    const batch = kept.value.slice(at, at + BATCH);
    proved = await proveBatch(
      session,
      batch.map(({ index }) => index),
      batch.map(({ entry }) => leafHash(mustBytes(entry, AUDIT_ENTRY_BYTES))),
    );
    if (!proved.ok) return proved;
    onProgress(Math.min(at + BATCH, total), total);
  }
  const { provedAtMs, size } = proved.value;
  const { waiting } = session.audit;
  const released = Math.max(0, session.store.auditSeq - waiting - total);
  return ok({ entries: total, released, waiting, provedAtMs, size });
}

/** One entry as a `.tlog-proof` file (C2SP): entry, salt and sealed payload, its path, and the checkpoint that it leads to. */
export async function saveEntryProof(session: Session, index: number): Promise<Result<SavedFile, ClientError>> {
  const { http, identity } = session;
  const page = await http.json(AuditPageSchema, { method: 'GET', path: paths(identity.deployment).auditAfter(index) });
  if (!page.ok) return page;
  const stored = page.value.entries[0];
  if (stored?.index !== index) return err({ kind: 'not-found', what: 'entry' });
  const entry = mustBytes(stored.entry, AUDIT_ENTRY_BYTES);
  const answer = await askReceipts(session, [index]);
  if (!answer.ok) return answer;
  const taken = await session.witness.takeReceipts(session.witness.held, answer.value, [leafHash(entry)]);
  if (!taken.ok) return taken;
  const { hashes, proofs } = answer.value;
  const payload = [stored.salt, stored.payload].map((text) => parseBase64url(text ?? '') ?? new Uint8Array(0));
  const bytes = encodeTlogProof({
    extra: concatBytes(entry, ...payload),
    index,
    hashes: (proofs[0] ?? []).map((number) => mustBytes(hashes[number] ?? '', 32)),
    checkpoint: utf8(taken.value.note),
  });
  return ok({ name: `sealpost-entry-${index}.tlog-proof`, mediaType: 'text/plain', bytes });
}

async function proveBatch(
  session: Session,
  indices: readonly number[],
  leaves: readonly Uint8Array[],
): Promise<Result<HeldCheckpoint, ClientError>> {
  const { held } = session.witness;
  const answer = await askReceipts(session, indices);
  if (!answer.ok) return answer;
  return session.witness.takeReceipts(held, answer.value, leaves);
}

async function askReceipts(session: Session, indices: readonly number[]) {
  const { http, identity, witness } = session;
  return http.json(AuditAcceptedSchema, {
    method: 'GET',
    path: paths(identity.deployment).receipts(indices, witness.held?.size ?? null),
  });
}
