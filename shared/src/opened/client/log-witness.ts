/**
 * Every device is a witness of the log: it keeps the last checkpoint that it verified in its vault, demands at each contact a proof
 * that the log only grew since, and takes no receipt that is not proved in such a checkpoint. A log that begins anew needs an
 * operator's `log` statement; without one it is an alarm, with both checkpoints as evidence.
 */
import * as v from 'valibot';
import type { Ms } from '../../base/brand.ts';
import type { JsonObject } from '../../base/strict-json.ts';
import { parseBase64url, toBase64url } from '../../base/base64url.ts';
import type { Bytes } from '../../base/bytes.ts';
import { equalBytes, fromUtf8, utf8 } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { openCheckpoint } from '../../sealed/audit/checkpoint.ts';
import { witnessesOf } from '../../sealed/audit/log-keys-of.ts';
import { verifyConsistency } from '../../sealed/audit/merkle.ts';
import { verifyReceipts } from '../../sealed/audit/receipt.ts';
import { parsePublicKey } from '../../sealed/crypto/ed25519.ts';
import type { Directory } from '../../sealed/directory/model.ts';
import { logKeys } from '../../sealed/directory/roles.ts';
import type { Sid } from '../../sealed/envelope/statement.ts';
import { ConsistencySchema } from '../../sealed/wire/bodies.ts';
import type { AuditAccepted, Consistency } from '../../sealed/wire/bodies.ts';
import { paths } from '../../sealed/wire/paths.ts';
import { Turn } from '../../base/turn.ts';
import type { SealedStore } from '../vault/store.ts';
import type { Alarms } from './alarms.ts';
import type { ClientError } from './api/client-error.ts';
import { toClientError } from './failures.ts';
import { readAnswer } from './http.ts';
import { CoversSchema, coveredEntries, withMark } from './log-covers.ts';
import type { Covers, Mark } from './log-covers.ts';
import type { SignedHttp } from './http.ts';
import type { Ports } from './ports.ts';

/** Among the highest versions seen: the vault's manifest notices if it goes back. */
const SEEN = 'log';
const RECHECK_ROW = 'log-recheck';
/** Among them, too: what was in others' hands since when. */
const COVERS = 'log-covers';

const HeldSchema = v.strictObject({
  epoch: v.number(),
  note: v.string(),
  size: v.number(),
  root: v.string(),
  provedAtMs: v.number(),
});

/** The last checkpoint that was verified. `epoch`: of the log, by the `log` statement under which it was. */
export interface HeldCheckpoint {
  readonly epoch: number;
  /** The signed note. */
  readonly note: string;
  readonly size: number;
  /** 32 bytes in base64url. */
  readonly root: string;
  readonly provedAtMs: Ms;
}

/** What the witness works with. */
export interface LogWitnessParts {
  readonly store: SealedStore;
  readonly http: SignedHttp;
  readonly ports: Ports;
  readonly deployment: Sid;
  readonly alarms: Alarms;
  readonly directory: () => Directory;
}

interface Opened {
  readonly note: string;
  readonly size: number;
  readonly root: Bytes;
}

export class LogWitness {
  readonly #parts: LogWitnessParts;
  readonly #turn = new Turn();

  constructor(parts: LogWitnessParts) {
    this.#parts = parts;
  }

  /** The checkpoint of the running epoch; `null` before the first contact in it. */
  get held(): HeldCheckpoint | null {
    const held = this.#last;
    return held !== null && held.epoch === logKeys(this.#parts.directory())?.epoch ? held : null;
  }

  get #last(): HeldCheckpoint | null {
    const seen = v.safeParse(HeldSchema, this.#parts.store.seen(SEEN));
    return seen.success ? seen.output : null;
  }

  /** True from the first contact in a new epoch until it is known which own entries the log still has. */
  get mustRecheck(): boolean {
    return this.#parts.store.has('meta', RECHECK_ROW);
  }

  /** The newest checkpoint of the running epoch that enough witnesses cosigned; `null` before there was one. */
  get cosigned(): Mark | null {
    const covers = this.#covers;
    return covers?.by === 'witnesses' ? covers.newest : null;
  }

  /** Entries from the log's beginning that have been in others' hands for 14 days. */
  get coveredEntries(): number {
    const covers = this.#covers;
    return covers === null ? 0 : coveredEntries(covers);
  }

  /** Of the running epoch, by what counts in it now. */
  get #covers(): Covers | null {
    const directory = this.#parts.directory();
    const by = witnessesOf(directory).quorum > 0 ? 'witnesses' : 'contact';
    const seen = v.safeParse(CoversSchema, this.#parts.store.seen(COVERS));
    return seen.success && seen.output.epoch === logKeys(directory)?.epoch && seen.output.by === by
      ? seen.output
      : null;
  }

  /** Own entries were compared with the new epoch's log. */
  async recheckDone(): Promise<Result<void, ClientError>> {
    const done = await this.#parts.store.delete('meta', RECHECK_ROW);
    return done.ok ? ok(undefined) : err(toClientError(done.error));
  }

  /** Asks for the newest checkpoint and the proof that it continues the last one. */
  contact(): Promise<Result<HeldCheckpoint, ClientError>> {
    return this.#turn.run(() => this.#contact());
  }

  async #contact(): Promise<Result<HeldCheckpoint, ClientError>> {
    const { http, deployment } = this.#parts;
    const held = this.held;
    if (held === null) {
      const answer = await http.ask({ method: 'GET', path: paths(deployment).checkpoint() });
      return answer.ok ? this.#takeFirst(fromUtf8(answer.value.body) ?? '') : answer;
    }
    const answer = await http.ask({ method: 'GET', path: paths(deployment).consistency(held.size), accept: [404] });
    if (!answer.ok) return answer;
    if (answer.value.status === 404) return this.#rolledBack(held);
    const parsed = readAnswer(ConsistencySchema, answer.value.body);
    if (!parsed.ok) return parsed;
    const advanced = await this.#advance(held, parsed.value.checkpoint, parsed.value.consistency);
    if (!advanced.ok) return advanced;
    const covered = await this.#takeCosigned(advanced.value, parsed.value.cosigned);
    return covered.ok ? advanced : covered;
  }

  /**
   * Notes what is in others' hands. A checkpoint that witnesses cosigned must be of the log that this device sees: if it is not, the
   * witnesses and this device were shown two logs.
   */
  async #takeCosigned(held: HeldCheckpoint, told: Consistency['cosigned']): Promise<Result<void, ClientError>> {
    const { keys, quorum } = witnessesOf(this.#parts.directory());
    if (quorum === 0) {
      // by this device's clock, which must not be one that the server had to correct
      if (this.#parts.http.isClockOff) return ok(undefined);
      return this.#noteCover('contact', { size: held.size, atMs: held.provedAtMs });
    }
    if (told === undefined) return ok(undefined);
    const evidence = { held: held.note, received: told.checkpoint, consistency: told.consistency };
    const log = this.#logKey();
    if (log === null) return err({ kind: 'forged', what: 'log', code: 'no-statement' });
    const opened = await openCheckpoint(utf8(told.checkpoint), log.name, log, keys);
    if (!opened.ok) return this.#alarm(evidence, 'cosignature');
    const { size, root, witnesses } = opened.value;
    // the server may have asked others than those who count, or not all of them have answered yet
    if (witnesses.length < quorum) return ok(undefined);
    const proof = told.consistency.map((hash) => parseBase64url(hash, 32) ?? new Uint8Array(0));
    const heldRoot = parseBase64url(held.root, 32) ?? new Uint8Array(0);
    if (!verifyConsistency(size, held.size, root, proof, heldRoot)) return this.#alarm(evidence, 'cosigned-elsewhere');
    const atSeconds = Math.max(...witnesses.map((one) => one.atSeconds ?? 0));
    return this.#noteCover('witnesses', { size, atMs: atSeconds * 1000 });
  }

  async #noteCover(by: Covers['by'], mark: Mark): Promise<Result<void, ClientError>> {
    const epoch = logKeys(this.#parts.directory())?.epoch ?? 0;
    const before = this.#covers;
    const covers = withMark(before, { epoch, by }, mark);
    // contacts are many: without news there is nothing to write
    const isNews = by === 'witnesses' ? covers.newest !== before?.newest : covers.marks.at(-1) !== before?.marks.at(-1);
    if (!isNews) return ok(undefined);
    const kept = await this.#parts.store.transaction((tx) => tx.setSeen(COVERS, covers));
    return kept.ok ? ok(undefined) : err(toClientError(kept.error));
  }

  #alarm(evidence: JsonObject, code: string): Result<never, ClientError> {
    this.#parts.alarms.hold(evidence);
    return err({ kind: 'forged', what: 'log', code });
  }

  #logKey() {
    const log = logKeys(this.#parts.directory());
    const publicKey = log === null ? null : parsePublicKey(log.checkpoint);
    return log === null || publicKey === null ? null : ({ name: log.origin, type: 'log', publicKey } as const);
  }

  /**
   * Verifies the answer to an upload: the checkpoint continues `held` (what was asked with), and every leaf stands in it at its index.
   * Only then are the entries the log's.
   */
  takeReceipts(
    held: HeldCheckpoint | null,
    accepted: AuditAccepted,
    leaves: readonly Uint8Array[],
  ): Promise<Result<HeldCheckpoint, ClientError>> {
    return this.#turn.run(async () => {
      const { alarms } = this.#parts;
      if (held !== null && accepted.consistency === undefined) return this.#rolledBack(held);
      const taken =
        held === null
          ? await this.#takeFirst(accepted.checkpoint)
          : await this.#advance(held, accepted.checkpoint, accepted.consistency ?? []);
      if (!taken.ok) return taken;
      const root = parseBase64url(taken.value.root, 32);
      if (root === null || !verifyReceipts(accepted, leaves, taken.value.size, root)) {
        const { indices, checkpoint, hashes, proofs } = accepted;
        alarms.hold({ indices, checkpoint, hashes, proofs, leaves: leaves.map(toBase64url) });
        return err({ kind: 'forged', what: 'log', code: 'wrong-receipt' });
      }
      return taken;
    });
  }

  async #takeFirst(note: string): Promise<Result<HeldCheckpoint, ClientError>> {
    const opened = await this.#open(note);
    return opened.ok ? this.#keep(opened.value) : opened;
  }

  async #advance(
    held: HeldCheckpoint,
    note: string,
    consistency: readonly string[],
  ): Promise<Result<HeldCheckpoint, ClientError>> {
    const opened = await this.#open(note);
    if (!opened.ok) return opened;
    const { size, root } = opened.value;
    const proof = consistency.map((hash) => parseBase64url(hash, 32) ?? new Uint8Array(0));
    const before = parseBase64url(held.root, 32) ?? new Uint8Array(0);
    let code: string | null = null;
    if (size < held.size) code = 'rolled-back';
    else if (size === held.size && !equalBytes(root, before)) code = 'split-view';
    else if (!verifyConsistency(held.size, size, before, proof, root)) code = 'not-consistent';
    if (code === null) return this.#keep(opened.value);
    this.#parts.alarms.hold({ held: held.note, received: note, consistency });
    return err({ kind: 'forged', what: 'log', code });
  }

  /** The log does not have as many entries as it once signed: its newest checkpoint is the evidence. */
  async #rolledBack(held: HeldCheckpoint): Promise<Result<never, ClientError>> {
    const { http, deployment, alarms } = this.#parts;
    const answer = await http.ask({ method: 'GET', path: paths(deployment).checkpoint() });
    if (!answer.ok) return answer;
    const note = fromUtf8(answer.value.body) ?? '';
    const opened = await this.#open(note);
    alarms.hold({ held: held.note, received: note });
    return opened.ok ? err({ kind: 'forged', what: 'log', code: 'rolled-back' }) : opened;
  }

  async #open(note: string): Promise<Result<Opened, ClientError>> {
    const log = this.#logKey();
    if (log === null) return err({ kind: 'forged', what: 'log', code: 'no-statement' });
    const opened = await openCheckpoint(utf8(note), log.name, log);
    if (opened.ok) return ok({ note, size: opened.value.size, root: opened.value.root });
    const key = toBase64url(log.publicKey);
    return this.#alarm({ held: this.held?.note ?? null, received: note, origin: log.name, key }, opened.error.kind);
  }

  async #keep({ note, size, root }: Opened): Promise<Result<HeldCheckpoint, ClientError>> {
    const { store, ports, directory } = this.#parts;
    const last = this.#last;
    const epoch = logKeys(directory())?.epoch ?? 0;
    const held = { epoch, note, size, root: toBase64url(root), provedAtMs: ports.nowMs() };
    const kept = await store.transaction((tx) => {
      // a contact that began earlier must not take back what a later one proved
      if (last === null || last.epoch !== epoch || last.size <= size) tx.setSeen(SEEN, held);
      if (last !== null && last.epoch !== epoch) tx.put('meta', RECHECK_ROW, true);
    });
    return kept.ok ? ok(held) : err(toClientError(kept.error));
  }
}
