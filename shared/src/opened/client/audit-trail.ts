/**
 * This device's audit chain: every event becomes a signed, chained entry in the same commit as what it tells of, waits in the
 * outbox while offline, and is kept for 14 days after the upload, because devices are the log's backup (FORMATS, Audit log).
 */
import * as v from 'valibot';
import { toBase64url } from '../../base/base64url.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { AuditTip } from '../../sealed/audit/continuity.ts';
import { NO_PREVIOUS, signAuditEntry } from '../../sealed/audit/entry.ts';
import type { AuditEvent, SealAuditPayload } from '../../sealed/audit/payload.ts';
import { prepareAuditPayload } from '../../sealed/audit/payload.ts';
import { msToSeconds } from '../../sealed/wire/times.ts';
import type { SigningKey } from '../../sealed/crypto/ed25519.ts';
import type { ChainName } from '../../sealed/directory/fields.ts';
import type { Sid } from '../../sealed/envelope/statement.ts';
import { StoreFailure } from '../vault/store.ts';
import type { SealedStore, StoreTransaction } from '../vault/store.ts';
import type { ClientError } from './api/client-error.ts';
import type { AuditRow } from './api/record.ts';
import { toClientError } from './failures.ts';
import type { Alarms } from './alarms.ts';
import { dropCovered, KeptSchema, leafOf, rowNumber, SENT, uploadWaiting, WAITING } from './audit-upload.ts';
import type { Kept } from './audit-upload.ts';
import type { SignedHttp } from './http.ts';
import { mustBytes } from './identity.ts';
import type { LogWitness } from './log-witness.ts';
import type { Ports } from './ports.ts';
import { Turn } from '../../base/turn.ts';

const STATE_ROW = 'audit';

const StateSchema = v.strictObject({ seq: v.number(), prev: v.string() });

/** An event without the members that the trail adds. */
export type AuditEventFields = AuditEvent extends infer Event
  ? Event extends AuditEvent
    ? Omit<Event, 'v' | 'at'>
    : never
  : never;

/** Number and hash of the last entry. */
interface ChainEnd {
  readonly seq: number;
  readonly prev: string;
}

/** What the trail works with. */
export interface AuditTrailParts {
  readonly store: SealedStore;
  readonly http: SignedHttp;
  readonly ports: Ports;
  readonly deployment: Sid;
  readonly org: ChainName;
  readonly signer: SigningKey;
  readonly witness: LogWitness;
  readonly alarms: Alarms;
  /** `audit` of the CERT and of the own organisation, as the directory says now. */
  readonly recipients: () => readonly string[];
}

/** The next entry's payload, up to what it will tell; `null` where that failed, which is told to who makes the entry. */
interface PreparedPayload {
  readonly recipients: readonly string[];
  readonly seal: Promise<SealAuditPayload | null>;
}

export class AuditTrail {
  readonly #parts: AuditTrailParts;
  readonly #turn = new Turn();
  /** What `record` made last. It is the end of the chain if the store counts as far: then it need not be read. */
  #made: ChainEnd | null = null;
  #ahead: PreparedPayload | null = null;

  constructor(parts: AuditTrailParts) {
    this.#parts = parts;
  }

  /** Entries not uploaded yet. */
  get waiting(): number {
    return this.#parts.store.ids('outbox', WAITING).length;
  }

  /**
   * Makes ready what the next entry takes before one knows what it tells; `false` when there is nothing to do. For when nobody waits:
   * what `record` does then is one signature. What was made is used once, and never where the recipients are others by then.
   */
  async prepare(): Promise<boolean> {
    if (this.#isAhead()) return false;
    // A chain whose end cannot be read says so when an entry is made.
    this.#made ??= await readState(this.#parts.store).catch(() => null);
    if (!this.#isAhead()) await this.#makeAhead().seal;
    return true;
  }

  /**
   * Appends one event to the chain within `tx`: it is durable exactly when what it tells of is. Cost: one signature, and one seal where
   * that was not prepared.
   */
  async record(tx: StoreTransaction, fields: AuditEventFields): Promise<void> {
    const parts = this.#parts;
    const isLast = this.#made !== null && this.#made.seq === parts.store.auditSeq;
    const state = isLast && this.#made !== null ? this.#made : await readState(tx);
    const seq = state.seq + 1;
    const event = { v: 1, at: msToSeconds(parts.ports.nowMs()), ...fields } as AuditEvent;
    const payload = await (await this.#takeSeal())(event);
    const place = {
      deployment: mustBytes(parts.deployment, 32),
      signer: parts.signer,
      seq,
      prev: state.seq === 0 ? NO_PREVIOUS : mustBytes(state.prev, 32),
    };
    const made = await signAuditEntry(place, parts.ports.random(32), payload);
    const kept: Kept = {
      seq,
      entry: toBase64url(made.entry),
      salt: toBase64url(made.salt),
      payload: toBase64url(made.payload),
      event,
      index: null,
    };
    tx.put('outbox', WAITING + rowNumber(seq), kept);
    const end = { seq, prev: toBase64url(made.leaf) };
    tx.put('meta', STATE_ROW, end);
    tx.setAuditSeq(seq);
    this.#made = end;
    tx.meanwhile(() => {
      if (!this.#isAhead()) this.#makeAhead();
    });
  }

  /** One event on its own. */
  async recordAlone(fields: AuditEventFields): Promise<Result<void, ClientError>> {
    const done = await this.#parts.store.transaction((tx) => this.record(tx, fields));
    return done.ok ? ok(undefined) : err(toClientError(done.error));
  }

  /**
   * Uploads what waits, oldest first, and verifies each receipt. The same entries sent twice succeed with the same indices; a log that
   * holds another entry of this device, or lost one that it acknowledged, is an alarm. Then deletes what need not be kept any more.
   */
  upload(): Promise<Result<number, ClientError>> {
    return this.#turn.run(async () => {
      const sent = await uploadWaiting(this.#parts);
      if (!sent.ok) return sent;
      const dropped = await dropCovered(this.#parts, this.#parts.witness.coveredEntries);
      return dropped.ok ? sent : dropped;
    });
  }

  /**
   * Goes on after `tip`, the end of this device's chain in the log: entries that wait and stand there (`leaves`) are done, the others
   * are signed anew with their own times. For a vault restored from a backup that is older than the log.
   */
  continueFrom(tip: AuditTip | null, leaves: ReadonlySet<string>): Promise<Result<void, ClientError>> {
    return this.#turn.run(async () => {
      const { store } = this.#parts;
      const ids = store.ids('outbox', WAITING);
      const rows = await store.getMany('outbox', ids);
      if (!rows.ok) return err(toClientError(rows.error));
      const waiting = rows.value.map((row) => v.parse(KeptSchema, row));
      const isInLog = (kept: Kept) => leaves.has(leafOf(kept));
      const done = await store.transaction(async (tx) => {
        // The chain goes on elsewhere than where the last entry was made.
        this.#made = null;
        const state = await readState(tx);
        if (tip === null || tip.seq < state.seq - waiting.length) return;
        for (const id of ids) tx.delete('outbox', id);
        tx.put('meta', STATE_ROW, { seq: tip.seq, prev: toBase64url(tip.leaf) });
        tx.setAuditSeq(Math.max(tip.seq, store.auditSeq));
        for (const kept of waiting) {
          if (!isInLog(kept)) await this.record(tx, kept.event as unknown as AuditEventFields);
        }
      });
      return done.ok ? ok(undefined) : err(toClientError(done.error));
    });
  }

  /** Entries that the log has acknowledged and that are kept here still, oldest first, with their indices. */
  async uploaded(): Promise<Result<readonly { readonly entry: string; readonly index: number }[], ClientError>> {
    const { store } = this.#parts;
    const chunks = await store.getMany('envelopes', store.ids('envelopes', SENT));
    if (!chunks.ok) return err(toClientError(chunks.error));
    const kept = chunks.value.flatMap((chunk) => v.parse(v.array(KeptSchema), chunk));
    return ok(kept.flatMap(({ entry, index }) => (index === null ? [] : [{ entry, index }])));
  }

  #isAhead(): boolean {
    const recipients = this.#parts.recipients();
    const ahead = this.#ahead?.recipients;
    return ahead?.length === recipients.length && recipients.every((recipient, i) => recipient === ahead[i]);
  }

  #makeAhead(): PreparedPayload {
    const recipients = this.#parts.recipients();
    const seal = prepareAuditPayload(recipients).catch(() => null);
    this.#ahead = { recipients, seal };
    return this.#ahead;
  }

  /** Whoever takes what was prepared is the only one that has it. */
  async #takeSeal(): Promise<SealAuditPayload> {
    const ahead = this.#isAhead() ? this.#ahead : null;
    this.#ahead = null;
    return (await ahead?.seal) ?? (await prepareAuditPayload(this.#parts.recipients()));
  }

  /** This device's own events, newest first. `index` is -1 while an entry waits. */
  async ownRows(limit: number): Promise<Result<readonly AuditRow[], ClientError>> {
    const { store, org, signer } = this.#parts;
    const waiting = await store.getMany('outbox', store.ids('outbox', WAITING).slice(-limit));
    if (!waiting.ok) return err(toClientError(waiting.error));
    const kept: Kept[] = waiting.value.map((row) => v.parse(KeptSchema, row)).reverse();
    for (const id of [...store.ids('envelopes', SENT)].reverse()) {
      if (kept.length >= limit) break;
      const chunk = await store.get('envelopes', id);
      if (!chunk.ok) return err(toClientError(chunk.error));
      kept.push(...v.parse(v.array(KeptSchema), chunk.value).reverse());
    }
    return ok(
      kept.slice(0, limit).map((row) => ({
        index: row.index ?? -1,
        receivedAtMs: row.event.at * 1000,
        device: signer.kid,
        deviceLabel: null,
        org,
        seq: row.seq,
        kind: row.event.kind,
        atMs: row.event.at * 1000,
        details: detailsOf(row.event),
      })),
    );
  }
}

/** Members of an event beyond version, kind and time, for the screen. */
export function detailsOf(event: Readonly<Record<string, unknown>>): Record<string, string | number> {
  const details: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(event)) {
    if (name === 'v' || name === 'kind' || name === 'at') continue;
    if (typeof value === 'string' || typeof value === 'number') details[name] = value;
  }
  return details;
}

async function readState(tx: Pick<StoreTransaction, 'get'>): Promise<ChainEnd> {
  const row = await tx.get('meta', STATE_ROW);
  if (!row.ok) throw new StoreFailure(row.error);
  return row.value === null ? { seq: 0, prev: '' } : v.parse(StateSchema, row.value);
}
