/**
 * One bundle from the server to the vault as one stream: download, decryption, checks, batches. Nothing of it is held whole, and
 * nothing appears before everything holds; the vault sees to that.
 */
import { parseBase64url } from '../../base/base64url.ts';
import type { ByteSource } from '../../base/byte-source.ts';
import { concatBytes } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import type { JsonObject } from '../../base/strict-json.ts';
import type { Result } from '../../base/result.ts';
import type { OrgId } from '../../sealed/directory/fields.ts';
import type { EnvelopeClaims } from '../../sealed/envelope/claims.ts';
import { openEnvelopeBy } from '../../sealed/envelope/open.ts';
import type { OpenedEnvelope, OpenInput } from '../../sealed/envelope/open.ts';
import { commitToCounts } from '../../sealed/mailbox/counts.ts';
import type { ListedItem } from '../../sealed/mailbox/manifest-claims.ts';
import { BundleRefused } from '../bundle/bundle-reader.ts';
import type { BundleSink } from '../bundle/bundle-sink.ts';
import type { BundleMetadata } from '../bundle/columns.ts';
import { areSameTotals, SourceTally } from '../bundle/source-tally.ts';
import type { ReadBundle } from '../bundle/read-bundle.ts';
import { readBundleHere, ReaderGone } from '../bundle/read-bundle.ts';
import type { FindingsVault, ImportOptions, ImportSummary, UnpackBundle } from '../vault/findings-vault.ts';
import { lackOfRoom } from '../vault/room.ts';
import type { Lack } from '../vault/room.ts';
import type { SyncProgress } from './api/bundles.ts';
import type { ClientError } from './api/client-error.ts';
import { downloadBlob } from './blob-download.ts';
import { toClientError } from './failures.ts';
import { checkClaimedHeads, listedInput, toListedError } from './open-listed.ts';
import type { Session } from './session.ts';

/** Envelopes that were dealt with, in the store's table. */
export const DONE = 'done/';
/** Listed files that had expired before this device first read their list: they are not asked for again. */
export const EXPIRED = 'expired/';
/** Listed files that came whole once and could not be taken over: the server may count them as fetched. */
export const CAME = 'came/';
/** Listed files that this device was told had expired although it was there: an alarm once, asked for again each time. */
export const WITHHELD = 'withheld/';
/** Bundles by the sid that their secrets refer to. */
export const BUNDLE_OF = 'bundle-of/';

/** A sealed file as it came, for `pull --keep`. */
export type KeepSealed = (name: string, bytes: Uint8Array) => Promise<void>;

export interface PullOptions {
  readonly keep?: KeepSealed;
  /** Aborted: `cancelled`; what was taken over before stays. */
  readonly signal?: AbortSignal;
}

export interface Pulling extends PullOptions {
  /** The signed list that names what is fetched: evidence, should it not be what it says. */
  readonly list?: string;
  /** Nothing of that feed was ever taken in by this vault. */
  readonly isFirstReading?: boolean;
  readonly session: Session;
  readonly findings: FindingsVault;
  readonly org: OrgId;
}

export interface Taken {
  readonly bundles: number;
  readonly added: number;
  readonly merged: number;
  readonly withdrawn: number;
}
export const NOTHING: Taken = { bundles: 0, added: 0, merged: 0, withdrawn: 0 };

type Report = (stage: SyncProgress['stage'], bytes: number, rows: number) => void;

/** Fetches a listed bundle and takes it over in one commit, with the event that it was opened. */
export async function pullBundle(
  pulling: Pulling,
  item: ListedItem,
  report: Report,
): Promise<Result<Taken, ClientError>> {
  const { session, findings } = pulling;
  const imported = await importing(pulling, item, report, 'new', (unpack, options, opened) =>
    findings.importBundle(item.id, unpack, {
      ...options,
      also: async (tx, summary) => {
        tx.put('envelopes', DONE + item.id, { kind: 'bundle' });
        tx.put('envelopes', BUNDLE_OF + opened().statement.sid, item.id);
        await session.audit.record(tx, { kind: 'bundle_opened', bundle: item.id, findings: summary.findings });
      },
    }),
  );
  if (!imported.ok) return imported.error.kind === 'already-done' ? markDone(session, item.id) : imported;
  return ok({ ...NOTHING, bundles: 1, added: imported.value.added, merged: imported.value.merged });
}

/** Fetches a bundle again whose segments are damaged here. */
export async function repairBundle(
  pulling: Pulling,
  item: ListedItem,
  report: Report,
): Promise<Result<void, ClientError>> {
  const repaired = await importing(pulling, item, report, 'known', (unpack, options) =>
    pulling.findings.repairBundle(item.id, unpack, options),
  );
  return repaired.ok ? ok(undefined) : repaired;
}

/** Notes that an envelope needs no more work. */
export async function markDone(session: Session, id: string): Promise<Result<Taken, ClientError>> {
  const done = await session.store.put('envelopes', DONE + id, { kind: 'known' });
  return done.ok ? ok(NOTHING) : err(toClientError(done.error));
}

/** True for the answer that a file was deleted by policy. */
export function isExpiry(error: ClientError): boolean {
  return error.kind === 'server' && error.status === 410;
}

interface Fetched {
  readonly sealed: ByteSource;
  readonly expected: NonNullable<OpenInput['expected']>;
  /** Waits until the copy is kept, and throws what keeping it threw; call it after reading. */
  kept(): Promise<void>;
  /** Why the stream broke off. */
  failure(): ClientError | null;
}

/** Begins to fetch a listed file; `onBytes` hears how much came. */
export function fetchListed(
  { session, keep, signal }: Pulling,
  item: ListedItem,
  onBytes: (bytes: number) => void,
): Result<Fetched, ClientError> {
  const sha256 = parseBase64url(item.sha256, 32);
  if (sha256 === null) return err({ kind: 'forged', what: 'feed', code: 'malformed' });
  const download = downloadBlob(session, item.sha256, item.size, onBytes, signal);
  const fetched = { expected: { sha256, size: item.size }, failure: () => download.failure };
  if (keep === undefined) return ok({ ...fetched, sealed: download, kept: () => Promise.resolve() });
  const copy: Uint8Array[] = [];
  const sealed = copying(download, copy);
  const kept = async () => {
    try {
      // What was refused before its end is kept whole.
      while ((await sealed.next()) !== null);
    } catch (error) {
      // What broke off is told by whoever opens it.
      if (download.failure !== null) return;
      throw error;
    }
    await keep(`${item.id}.age`, concatBytes(...copy));
  };
  return ok({ ...fetched, sealed, kept });
}

/** `source`, whose pieces are added to `copy` as well. */
function copying(source: ByteSource, copy: Uint8Array[]): ByteSource {
  return {
    next: async () => {
      const piece = await source.next();
      if (piece !== null) copy.push(piece.slice());
      return piece;
    },
    cancel: () => source.cancel(),
  };
}

/** Runs `work` with the bundle read elsewhere if somebody offers to, and once more from the start, here, if they are gone. */
async function importing(
  pulling: Pulling,
  item: ListedItem,
  report: Report,
  rows: 'new' | 'known',
  work: (
    unpack: UnpackBundle,
    options: ImportOptions,
    opened: () => OpenedEnvelope,
  ) => Promise<Result<ImportSummary, ClientError>>,
): Promise<Result<ImportSummary, ClientError>> {
  const { signal, session, findings } = pulling;
  const room = await session.ports.room?.();
  // Rows that are known need no more memory than they have.
  const lack = (promised: number) =>
    room && lackOfRoom({ sealedBytes: item.size, findings: rows === 'new' ? promised : 0 }, findings.figures, room);
  const missing = lack(0);
  if (missing) return err(lackError(missing));
  const run = (read: ReadBundle) => {
    const bundle = new ListedBundle(pulling, item, report, read, lack);
    const onProgress = (rows: number) => bundle.stagedRows(rows);
    const options = { onProgress, ...(signal === undefined ? {} : { signal }) };
    return work(
      (sink) => bundle.unpack(sink),
      options,
      () => bundle.opened,
    );
  };
  const { readBundle } = session.ports;
  if (readBundle === undefined) return run(readBundleHere);
  try {
    return await run(readBundle);
  } catch (error) {
    if (error instanceof ReaderGone) return run(readBundleHere);
    throw error;
  }
}

/** What is missing for a bundle of so many findings. */
type LackOf = (promised: number) => Lack | null | undefined;

function lackError(lack: Lack): ClientError {
  switch (lack.kind) {
    case 'disk':
      return { kind: 'storage-full', room: { neededBytes: lack.neededBytes, freeBytes: lack.freeBytes } };
    case 'memory':
      return { kind: 'memory-full', room: { findings: lack.findings, fitting: lack.fitting } };
  }
}

function promisedRows({ counts }: EnvelopeClaims): number {
  return Object.values(counts?.sources ?? {}).reduce((sum, count) => sum + count, 0);
}

/** A listed file on its way into a sink, once. */
class ListedBundle {
  readonly #pulling: Pulling;
  readonly #item: ListedItem;
  readonly #report: Report;
  readonly #read: ReadBundle;
  readonly #lack: LackOf;
  #opened: OpenedEnvelope | null = null;
  #metadata: BundleMetadata | null = null;
  readonly #tally = new SourceTally();
  #bytes = 0;
  #staged = 0;

  constructor(pulling: Pulling, item: ListedItem, report: Report, read: ReadBundle, lack: LackOf) {
    this.#pulling = pulling;
    this.#item = item;
    this.#report = report;
    this.#read = read;
    this.#lack = lack;
  }

  /** The envelope; only once `unpack` answered ok. */
  get opened(): OpenedEnvelope {
    if (this.#opened === null) throw new TypeError('ListedBundle: not opened');
    return this.#opened;
  }

  stagedRows(rows: number): void {
    this.#staged = rows;
    this.#tell();
  }

  readonly unpack: UnpackBundle = async (sink) => {
    const { session, org } = this.#pulling;
    this.#tell();
    const fetched = fetchListed(this.#pulling, this.#item, (bytes) => {
      this.#bytes = bytes;
      this.#tell();
    });
    if (!fetched.ok) return fetched;
    const { sealed, expected, kept, failure } = fetched.value;
    let refused: ClientError | null = null;
    const accept = (claims: EnvelopeClaims) => {
      refused = this.#refusalOf(claims);
      return refused === null;
    };
    const input = { ...listedInput(session, org, sealed, expected), accept };
    let opened;
    try {
      opened = await openEnvelopeBy((file) => this.#read(file, this.#counting(sink)), input);
    } catch (error) {
      if (!(error instanceof BundleRefused)) throw error;
      return err({ kind: 'forged', what: 'bundle', code: error.reason.code });
    }
    await kept();
    if (!opened.ok) return err(failure() ?? refused ?? toListedError(opened.error));
    const { claims } = opened.value;
    const agreed = await checkClaimedHeads(session, opened.value);
    if (!agreed.ok) return agreed;
    if (this.#metadata === null) return err({ kind: 'forged', what: 'bundle', code: 'counts' });
    const sources = this.#tally.totals();
    const { counts } = claims;
    if (counts !== undefined && !areSameTotals(sources, counts.sources)) {
      return err(this.#otherCounts(claims, { envelope: opened.value.statement.compact, received: sources }));
    }
    this.#opened = opened.value;
    const { tlp, caveat, policy, withheld } = this.#metadata;
    const completeness = counts && {
      commitment: commitToCounts(counts),
      matched: promisedRows(claims) + withheld.contextless + withheld.unproven + withheld.unconfirmed,
      sources: Object.entries(sources).map(([alias, count]) => ({ alias, count })),
    };
    const facts = { publishedAtMs: claims.iat * 1000, tlp, caveat, policy, withheld };
    return ok(completeness === undefined ? facts : { ...facts, completeness });
  };

  /** Why an envelope is not the one that was listed, before its content is unpacked. */
  #refusalOf(claims: EnvelopeClaims): ClientError | null {
    const { id, kind, counts } = claims;
    if (id !== this.#item.id) return { kind: 'forged', what: 'envelope', code: 'other-id' };
    // neither the list nor the bundle states numbers: they agree, and nothing is said
    const stated = counts === undefined ? undefined : commitToCounts(counts);
    if (kind !== 'bundle' || stated !== this.#item.counts) return this.#otherCounts(claims, {});
    const lack = this.#lack(promisedRows(claims));
    return lack ? lackError(lack) : null;
  }

  /** What was promised is not what came: the list, what opens its commitment, and what was counted. */
  #otherCounts(claims: EnvelopeClaims, found: JsonObject): ClientError {
    const { id, counts } = claims;
    this.#pulling.session.alarms.hold({
      list: this.#pulling.list ?? null,
      bundle: id,
      committed: this.#item.counts ?? null,
      counts: counts === undefined ? null : { salt: counts.salt, sources: counts.sources },
      ...found,
    });
    return { kind: 'forged', what: 'bundle', code: 'counts' };
  }

  #counting(sink: BundleSink): BundleSink {
    return {
      begin: (metadata) => {
        this.#metadata = metadata;
        return sink.begin(metadata);
      },
      identities: (dictionary) => sink.identities(dictionary),
      batch: (columns) => {
        // before they are handed on: then they may be transferred
        this.#tally.add(columns.sourceAlias);
        return sink.batch(columns);
      },
    };
  }

  #tell(): void {
    this.#report(this.#bytes < this.#item.size ? 'download' : 'store', this.#bytes, this.#staged);
  }
}
