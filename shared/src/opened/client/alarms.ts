/**
 * What this device caught somebody at: kept in the vault with the signed evidence, until a person has seen it. An alarm is a fact of
 * the past; that the next contact goes well does not take it back.
 */
import * as v from 'valibot';
import { toBase64url } from '../../base/base64url.ts';
import { utf8 } from '../../base/bytes.ts';
import { canonicalJson } from '../../base/canonical-json.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { JsonObject } from '../../base/strict-json.ts';
import { sha256 } from '../../sealed/crypto/hash.ts';
import type { SealedStore } from '../vault/store.ts';
import type { ClientError } from './api/client-error.ts';
import type { Alarm } from './api/record.ts';
import type { SavedFile } from './api/saved-file.ts';
import { toClientError } from './failures.ts';
import type { Ports } from './ports.ts';

const ROWS = 'alarm/';
/** The first ones tell most; later ones only count. */
const MAX_ALARMS = 50;

const AlarmSchema = v.strictObject({
  what: v.string(),
  code: v.string(),
  firstAtMs: v.number(),
  lastAtMs: v.number(),
  times: v.number(),
  seen: v.boolean(),
  /** Canonical JSON of what was signed, said and expected. */
  evidence: v.string(),
});

type Forged = Extract<ClientError, { readonly kind: 'forged' }>;

export class Alarms {
  readonly #store: SealedStore;
  readonly #ports: Ports;
  #held: JsonObject = {};

  constructor(store: SealedStore, ports: Ports) {
    this.#store = store;
    this.#ports = ports;
  }

  /** Evidence for the failure that is about to be answered: whoever finds it knows what was signed, the shell what it means. */
  hold(evidence: JsonObject): void {
    this.#held = evidence;
  }

  /** Keeps an alarm with the evidence held for it. The same once more only counts. */
  async raise({ what, code }: Forged): Promise<Result<void, ClientError>> {
    const evidence = canonicalJson(this.#held);
    this.#held = {};
    const nowMs = this.#ports.nowMs();
    const id = ROWS + toBase64url(sha256(utf8(`${what}/${code}/${evidence}`))).slice(0, 16);
    const done = await this.#store.transaction(async (tx) => {
      const known = await tx.get('meta', id);
      const before = known.ok && known.value !== null ? v.parse(AlarmSchema, known.value) : null;
      if (before === null && this.#store.ids('meta', ROWS).length >= MAX_ALARMS) return;
      tx.put('meta', id, {
        what,
        code,
        firstAtMs: before?.firstAtMs ?? nowMs,
        lastAtMs: nowMs,
        times: (before?.times ?? 0) + 1,
        seen: false,
        evidence,
      });
    });
    return done.ok ? ok(undefined) : err(toClientError(done.error));
  }

  /** Newest first. */
  async list(): Promise<Result<readonly Alarm[], ClientError>> {
    const ids = this.#store.ids('meta', ROWS);
    const rows = await this.#store.getMany('meta', ids);
    if (!rows.ok) return err(toClientError(rows.error));
    const alarms = rows.value.map((row, at): Alarm => {
      const { what, code, firstAtMs, lastAtMs, times, seen } = v.parse(AlarmSchema, row);
      return { id: (ids[at] ?? '').slice(ROWS.length), what, code, firstAtMs, lastAtMs, times, seen };
    });
    return ok(alarms.sort((a, b) => b.lastAtMs - a.lastAtMs));
  }

  /** The evidence as a file: who checks it needs nothing of this device. */
  async evidence(id: string, about: JsonObject): Promise<Result<SavedFile, ClientError>> {
    const row = await this.#store.get('meta', ROWS + id);
    if (!row.ok) return err(toClientError(row.error));
    if (row.value === null) return err({ kind: 'not-found', what: 'alarm' });
    const { evidence, ...alarm } = v.parse(AlarmSchema, row.value);
    const text = JSON.stringify(
      { format: 'sealpost-evidence/1', ...about, alarm, evidence: JSON.parse(evidence) as unknown },
      null,
      2,
    );
    const day = new Date(alarm.firstAtMs).toISOString().slice(0, 10);
    return ok({
      name: `sealpost-evidence-${day}-${id.slice(0, 6)}.json`,
      mediaType: 'application/json',
      bytes: utf8(`${text}\n`),
    });
  }

  /** A person has read it: it stays, but no longer alarms. */
  async markSeen(id: string): Promise<Result<void, ClientError>> {
    const done = await this.#store.transaction(async (tx) => {
      const row = await tx.get('meta', ROWS + id);
      if (row.ok && row.value !== null) tx.put('meta', ROWS + id, { ...v.parse(AlarmSchema, row.value), seen: true });
    });
    return done.ok ? ok(undefined) : err(toClientError(done.error));
  }
}
