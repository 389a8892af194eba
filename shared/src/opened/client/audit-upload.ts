/**
 * Uploading the own chain: what waits, oldest first, each answer verified before its entries count as the log's. Uploaded entries are
 * kept until they have been in others' hands for 14 days, because devices are the log's backup: after a restore that an operator
 * declared, those that the log lost go up again.
 */
import * as v from 'valibot';
import { toBase64url } from '../../base/base64url.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { AUDIT_ENTRY_BYTES, leafHash } from '../../sealed/audit/entry.ts';
import { AuditAcceptedSchema, AuditConflictSchema } from '../../sealed/wire/bodies.ts';
import { paths } from '../../sealed/wire/paths.ts';
import type { Sid } from '../../sealed/envelope/statement.ts';
import type { SealedStore } from '../vault/store.ts';
import type { Alarms } from './alarms.ts';
import type { ClientError } from './api/client-error.ts';
import { toClientError } from './failures.ts';
import { jsonBody, readAnswer } from './http.ts';
import type { SignedHttp } from './http.ts';
import { mustBytes } from './identity.ts';
import type { LogWitness } from './log-witness.ts';

/** Rows of the outbox that wait, and chunks of those that the log has. */
export const WAITING = 'audit/';
export const SENT = 'audit-sent/';
/** Entries a request and a kept chunk hold. */
const BATCH = 100;

export const KeptSchema = v.strictObject({
  seq: v.number(),
  entry: v.string(),
  salt: v.string(),
  payload: v.string(),
  /** As written, for the device's own record. */
  event: v.objectWithRest(
    { kind: v.string(), at: v.number() },
    v.union([v.string(), v.number(), v.boolean(), v.null()]),
  ),
  index: v.nullable(v.number()),
});
export type Kept = v.InferOutput<typeof KeptSchema>;

/** What an upload works with. */
export interface UploadParts {
  readonly store: SealedStore;
  readonly http: SignedHttp;
  readonly deployment: Sid;
  readonly witness: LogWitness;
  readonly alarms: Alarms;
}

/** Where the log stands with this key, if it did not take what was posted. */
type Posted =
  | { readonly kind: 'taken'; readonly indices: readonly number[] }
  | { readonly kind: 'expects'; readonly seq: number; readonly prev: string };

/** Uploads what waits; answers how many entries. */
export async function uploadWaiting(parts: UploadParts): Promise<Result<number, ClientError>> {
  const { store } = parts;
  if (parts.witness.mustRecheck) {
    const rechecked = await recheck(parts);
    if (!rechecked.ok) return rechecked;
  }
  let sent = 0;
  for (;;) {
    const ids = store.ids('outbox', WAITING).slice(0, BATCH);
    if (ids.length === 0) return ok(sent);
    const rows = await store.getMany('outbox', ids);
    if (!rows.ok) return err(toClientError(rows.error));
    const waiting = rows.value.map((row) => v.parse(KeptSchema, row));
    const posted = await post(parts, waiting);
    if (!posted.ok) return posted;
    if (posted.value.kind === 'expects') return err(refusal(parts, waiting, posted.value));
    const { indices } = posted.value;
    const kept = waiting.map((row, i) => ({ ...row, index: indices[i] ?? null }));
    const moved = await store.transaction((tx) => {
      tx.put('envelopes', SENT + rowNumber(kept[0]?.seq ?? 0), kept);
      for (const id of ids) tx.delete('outbox', id);
    });
    if (!moved.ok) return err(toClientError(moved.error));
    sent += waiting.length;
  }
}

/**
 * Deletes uploaded entries of which the log's first `covered` ones hold the copy that counts; answers how many. The last chunk stays: it
 * tells after a restore what the log lost. Nothing is deleted from which a person may still want to see what an alarm is about.
 */
export async function dropCovered(
  { store, alarms }: Pick<UploadParts, 'store' | 'alarms'>,
  covered: number,
): Promise<Result<number, ClientError>> {
  const chunks = covered === 0 ? [] : store.ids('envelopes', SENT).slice(0, -1);
  if (chunks.length === 0) return ok(0);
  const raised = await alarms.list();
  if (!raised.ok) return raised;
  if (raised.value.some(({ seen }) => !seen)) return ok(0);
  let dropped = 0;
  for (const id of chunks) {
    const row = await store.get('envelopes', id);
    if (!row.ok) return err(toClientError(row.error));
    const kept = v.parse(v.array(KeptSchema), row.value);
    if (kept.some(({ index }) => index === null || index >= covered)) break;
    const done = await store.delete('envelopes', id);
    if (!done.ok) return err(toClientError(done.error));
    dropped += kept.length;
  }
  return ok(dropped);
}

/** Row ids sort like the numbers they hold. */
export function rowNumber(seq: number): string {
  return String(seq).padStart(12, '0');
}

/** In a new epoch: are the own entries still there? The last chunk tells; what is missing goes up again, in its order. */
async function recheck(parts: UploadParts): Promise<Result<void, ClientError>> {
  const chunks = parts.store.ids('envelopes', SENT);
  const last = chunks.at(-1);
  if (last !== undefined) {
    const posted = await postChunk(parts, last, 0);
    if (!posted.ok) return posted;
    if (posted.value !== null) {
      // from the first chunk that reaches the place where the log stops
      const from = posted.value.seq;
      const first = chunks.findLastIndex((id) => id <= SENT + rowNumber(from));
      // what it lost was in others' hands for 14 days, and is kept here no more
      if (first < 0) return err({ kind: 'forged', what: 'log', code: 'lost-entries' });
      for (const chunk of chunks.slice(first)) {
        const again = await postChunk(parts, chunk, from);
        if (!again.ok) return again;
        if (again.value !== null) return err({ kind: 'forged', what: 'audit', code: 'chain-elsewhere' });
      }
    }
  }
  return parts.witness.recheckDone();
}

/** Posts a kept chunk's entries from number `from` on; what the log expects instead, or `null`. */
async function postChunk(
  parts: UploadParts,
  id: string,
  from: number,
): Promise<Result<{ readonly seq: number; readonly prev: string } | null, ClientError>> {
  const row = await parts.store.get('envelopes', id);
  if (!row.ok) return err(toClientError(row.error));
  const chunk = v.parse(v.array(KeptSchema), row.value);
  const rows = chunk.filter(({ seq }) => seq >= from);
  if (rows.length === 0) return ok(null);
  const posted = await post(parts, rows);
  if (!posted.ok) return posted;
  if (posted.value.kind === 'expects') return ok(posted.value);
  const { indices } = posted.value;
  const indexBySeq = new Map(rows.map(({ seq }, at) => [seq, indices[at] ?? null]));
  const kept = chunk.map((one) => ({ ...one, index: indexBySeq.get(one.seq) ?? one.index }));
  const written = await parts.store.put('envelopes', id, kept);
  return written.ok ? ok(null) : err(toClientError(written.error));
}

async function post(parts: UploadParts, rows: readonly Kept[]): Promise<Result<Posted, ClientError>> {
  const { http, deployment, witness } = parts;
  const { held } = witness;
  const answer = await http.ask({
    method: 'POST',
    path: paths(deployment).audit(),
    accept: [409],
    ...jsonBody({
      entries: rows.map(({ entry, salt, payload }) => ({ entry, salt, payload })),
      ...(held === null ? {} : { from: held.size }),
    }),
  });
  if (!answer.ok) return answer;
  if (answer.value.status === 409) {
    const conflict = readAnswer(AuditConflictSchema, answer.value.body);
    return conflict.ok ? ok({ kind: 'expects', ...conflict.value.expected }) : conflict;
  }
  const accepted = readAnswer(AuditAcceptedSchema, answer.value.body);
  if (!accepted.ok) return accepted;
  const leaves = rows.map(({ entry }) => leafHash(mustBytes(entry, AUDIT_ENTRY_BYTES)));
  const taken = await witness.takeReceipts(held, accepted.value, leaves);
  return taken.ok ? ok({ kind: 'taken', indices: accepted.value.indices }) : taken;
}

/**
 * The log expects another entry than the one that comes next. Less than it once acknowledged: it lost entries, or hides them. More, or
 * another predecessor: the vault was cloned or rolled back.
 */
function refusal(
  { witness, alarms }: UploadParts,
  waiting: readonly Kept[],
  expected: { readonly seq: number; readonly prev: string },
): ClientError {
  const first = waiting[0]?.seq ?? 0;
  alarms.hold({ expected: { seq: expected.seq, prev: expected.prev }, next: first, held: witness.held?.note ?? null });
  return expected.seq < first
    ? { kind: 'forged', what: 'log', code: 'lost-entries' }
    : { kind: 'forged', what: 'audit', code: 'chain-elsewhere' };
}

/** Leaf hash of a kept entry, in base64url. */
export function leafOf({ entry }: Kept): string {
  return toBase64url(leafHash(mustBytes(entry, AUDIT_ENTRY_BYTES)));
}
