/** A listed file as it is fetched: one answer read piece by piece, so that memory stays bounded; a cut line goes on where it broke. */
import type { ByteSource } from '../../base/byte-source.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { BLOB_PART_BYTES } from '../../sealed/wire/limits.ts';
import { paths } from '../../sealed/wire/paths.ts';
import type { ClientError } from './api/client-error.ts';
import type { FileLine } from './http.ts';

/** How often the file may be asked for without a byte coming of it. */
const ATTEMPTS = 3;
/** Progress is told every so often. */
const TELL_BYTES = 2 * 1024 * 1024;

/** A file on its way. */
export interface Download extends ByteSource {
  /** Why it broke off, for whoever read it: `openEnvelope` only says `interrupted`. */
  readonly failure: ClientError | null;
}

/**
 * Begins a download of `size` bytes. What breaks off is asked for again, from there, twice before it fails. `signal` ends it at once:
 * `cancelled`, without waiting for an answer that is under way. `onBytes` hears at the end and every few megabytes how many came.
 */
export function downloadBlob(
  session: FileLine,
  sha256: string,
  size: number,
  onBytes: (done: number) => void,
  signal?: AbortSignal,
): Download {
  return new BlobDownload(session, sha256, size, onBytes, signal);
}

class BlobDownload implements Download {
  readonly #session: FileLine;
  readonly #sha256: string;
  readonly #size: number;
  readonly #onBytes: (done: number) => void;
  readonly #signal: AbortSignal | undefined;
  #body: ByteSource | null = null;
  /** Whether the body brought anything. */
  #hasBegun = false;
  #offset = 0;
  #told = 0;
  #fruitless = 0;
  failure: ClientError | null = null;

  constructor(
    session: FileLine,
    sha256: string,
    size: number,
    onBytes: (done: number) => void,
    signal: AbortSignal | undefined,
  ) {
    this.#session = session;
    this.#sha256 = sha256;
    this.#size = size;
    this.#onBytes = onBytes;
    this.#signal = signal;
  }

  async next(): Promise<Uint8Array | null> {
    while (this.#offset < this.#size) {
      const came = await unlessAborted(this.#piece(), this.#signal);
      if (came.ok) {
        this.#fruitless = 0;
        this.#offset += came.value.length;
        this.#tell();
        return came.value;
      }
      if (!this.#hasBegun) this.#fruitless++;
      this.#close();
      if (!isWorthAsking(came.error) || this.#fruitless === ATTEMPTS) {
        this.failure = came.error;
        throw new TypeError(came.error.kind);
      }
    }
    this.#close();
    return null;
  }

  cancel(): Promise<void> {
    this.#close();
    return Promise.resolve();
  }

  #tell(): void {
    if (this.#offset - this.#told < TELL_BYTES && this.#offset < this.#size) return;
    this.#told = this.#offset;
    this.#onBytes(this.#offset);
  }

  async #piece(): Promise<Result<Uint8Array, ClientError>> {
    if (this.#body === null) {
      const opened = await this.#open();
      if (!opened.ok) return opened;
      this.#body = opened.value;
    }
    let piece;
    try {
      piece = await this.#body.next();
    } catch {
      return err({ kind: 'offline' });
    }
    if (piece !== null && piece.length > 0) {
      this.#hasBegun = true;
      if (piece.length > this.#size - this.#offset) return err(LONGER);
      return ok(piece);
    }
    // A part ends where the next one begins; an answer without a byte is a lie.
    if (!this.#hasBegun) return err(RANGE);
    this.#close();
    return this.#piece();
  }

  /** Asks for the rest, or for as much as the network brings at once. */
  async #open(): Promise<Result<ByteSource, ClientError>> {
    const { http, identity } = this.#session;
    const start = this.#offset;
    const end = http.streams ? this.#size : Math.min(this.#size, start + BLOB_PART_BYTES);
    const answer = await http.stream({
      method: 'GET',
      path: paths(identity.deployment).blob(this.#sha256),
      headers: { range: `bytes=${start}-${end - 1}` },
    });
    if (!answer.ok) return answer;
    const { status, body } = answer.value;
    if (status === 206 || (status === 200 && start === 0)) return ok(body);
    await body.cancel();
    return err(RANGE);
  }

  #close(): void {
    void this.#body?.cancel();
    this.#body = null;
    this.#hasBegun = false;
  }
}

const RANGE: ClientError = { kind: 'forged', what: 'blob', code: 'range' };
/** A file that runs on past its listed size; asking again would not make it shorter. */
const LONGER: ClientError = { kind: 'forged', what: 'blob', code: 'longer' };

function isWorthAsking(error: ClientError): boolean {
  return error.kind === 'offline' || error === RANGE;
}

/** What `work` answers, or `cancelled` as soon as `signal` says so. */
function unlessAborted<T>(
  work: Promise<Result<T, ClientError>>,
  signal: AbortSignal | undefined,
): Promise<Result<T, ClientError>> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const stop = () => resolve(err({ kind: 'cancelled' }));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
