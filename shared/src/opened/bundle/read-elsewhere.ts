/** The opener's end of a port to a reader in another worker: brings it the file, takes its batches one by one. */
import type { ByteSource } from '../../base/byte-source.ts';
import type { Result } from '../../base/result.ts';
import { err } from '../../base/result.ts';
import type { ReadError } from '../../sealed/envelope/open-error.ts';
import type { EnvelopeReading, FileToRead } from '../../sealed/envelope/read-envelope.ts';
import { SealedSource } from '../../sealed/envelope/sealed-source.ts';
import { BundleRefused } from './bundle-reader.ts';
import type { BundleSink } from './bundle-sink.ts';
import type { TextDictionary } from './columns.ts';
import { ReaderGone } from './read-bundle.ts';
import type { SharedColumns } from './shared-columns.ts';
import { withShared } from './shared-columns.ts';
import type { FromReader, ToReader } from './unpack-messages.ts';
import { PIECE_BYTES, PIECES_AHEAD } from './unpack-messages.ts';

/**
 * Begins to read `file` through `port`, whose other end is with `serveUnpacking`; the port is closed at the end. Once `gone` is
 * aborted everything throws ReaderGone.
 */
export function readThrough(port: MessagePort, gone: AbortSignal, file: FileToRead, sink: BundleSink): EnvelopeReading {
  return new DistantReading(port, gone, file, sink);
}

class DistantReading implements EnvelopeReading {
  readonly #port: MessagePort;
  readonly #sink: BundleSink;
  /** Hashed here: decrypting and unpacking keep the reader busy enough. */
  readonly #sealed: SealedSource;
  readonly #pieces: PieceSender;
  readonly #statement = Promise.withResolvers<Result<string, ReadError>>();
  readonly #content = Promise.withResolvers<ReadError | null>();
  /** Batches are taken one after the other. */
  #taking: Promise<void> = Promise.resolve();
  #identities: TextDictionary = { offsets: new Uint32Array(1), heap: new Uint8Array(0) };
  #shared: SharedColumns = { dictionaries: [], factors: null, sources: null };
  #isOver = false;

  constructor(port: MessagePort, gone: AbortSignal, { opening, source, expected }: FileToRead, sink: BundleSink) {
    this.#port = port;
    this.#sink = sink;
    this.#sealed = new SealedSource(opening, source, expected);
    this.#pieces = new PieceSender(this.#sealed, (message, transfer) => this.#post(message, transfer));
    // Both are told to whoever asks; nobody may.
    this.#statement.promise.catch(() => undefined);
    this.#content.promise.catch(() => undefined);
    const stop = () => this.#fail(new ReaderGone());
    gone.addEventListener('abort', stop, { once: true });
    void this.#content.promise.then(noop, noop).then(() => gone.removeEventListener('abort', stop));
    port.onmessage = ({ data }: MessageEvent<FromReader>) => this.#hear(data);
    port.onmessageerror = stop;
    // A file key that cannot be cloned is nobody's fault: read it here.
    if (gone.aborted || !this.#post({ kind: 'open', opening }, [])) stop();
    else for (let i = 0; i < PIECES_AHEAD; i++) this.#pieces.add(new ArrayBuffer(PIECE_BYTES));
  }

  statement(): Promise<Result<string, ReadError>> {
    return this.#statement.promise;
  }

  content({ size, inflated, sha256 }: Parameters<EnvelopeReading['content']>[0]): Promise<ReadError | null> {
    this.#post({ kind: 'content', claims: { size, inflated, sha256 } }, []);
    return this.#content.promise;
  }

  close(): void {
    this.#fail(new TypeError('DistantReading: closed'));
  }

  #hear(message: FromReader): void {
    if (this.#isOver) return;
    switch (message.kind) {
      case 'spent':
        return this.#pieces.add(message.buffer);
      case 'statement':
        return this.#statement.resolve(message.answer.ok ? message.answer : err(this.#reasonOf(message.answer.error)));
      case 'metadata':
        return this.#take(() => this.#sink.begin(message.metadata));
      case 'identities':
        this.#identities = message.dictionary;
        return this.#take(() => this.#sink.identities(message.dictionary));
      case 'batch': {
        const { columns, buffer, shared } = message;
        if (shared !== null) this.#shared = shared;
        const whole = withShared(columns, this.#identities, this.#shared);
        return this.#take(async () => {
          await this.#sink.batch(whole);
          this.#post({ kind: 'taken', buffer }, [buffer]);
        });
      }
      case 'done':
        return this.#take(() =>
          this.#content.resolve(message.wrong ? this.#reasonOf(message.wrong) : this.#sealed.mismatch()),
        );
      case 'refused':
        return this.#fail(new BundleRefused(message.reason));
      case 'failed':
        // For want of memory, or by a bug: what happened there may go well here.
        return this.#fail(new ReaderGone(message.code));
    }
  }

  /** What broke off on the way there is for the reader only an end before the end. */
  #reasonOf(wrong: ReadError): ReadError {
    return this.#sealed.failure() ?? wrong;
  }

  /** Runs `work` after what was taken before; if it throws, nothing more is wanted. */
  #take(work: () => Promise<void> | void): void {
    this.#taking = this.#taking.then(async () => {
      if (this.#isOver) return;
      try {
        await work();
      } catch (error) {
        this.#fail(error);
      }
    });
  }

  /** Ends it. What is being taken is waited for, so that nothing goes on behind the caller's back. */
  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#pieces.stop();
    this.#post({ kind: 'stop' }, []);
    this.#port.close();
    void this.#taking.then(() => {
      this.#statement.reject(error);
      this.#content.reject(error);
    });
  }

  /** False where the message cannot be sent. */
  #post(message: ToReader, transfer: Transferable[]): boolean {
    try {
      this.#port.postMessage(message, transfer);
      return true;
    } catch {
      return false;
    }
  }
}

/** Copies the file into buffers that go to the reader and come back: as many pieces as there are buffers are on their way. */
class PieceSender {
  readonly #source: ByteSource;
  readonly #post: (message: ToReader, transfer: Transferable[]) => void;
  readonly #free: ArrayBuffer[] = [];
  #piece: Uint8Array = new Uint8Array(0);
  #state: 'waits' | 'sends' | 'stopped' = 'waits';

  constructor(source: ByteSource, post: (message: ToReader, transfer: Transferable[]) => void) {
    this.#source = source;
    this.#post = post;
  }

  add(buffer: ArrayBuffer): void {
    this.#free.push(buffer);
    if (this.#state === 'waits') void this.#send();
  }

  stop(): void {
    this.#state = 'stopped';
  }

  async #send(): Promise<void> {
    this.#state = 'sends';
    while (this.#free.length > 0) {
      const came = await this.#next();
      if ((this.#state as string) === 'stopped') return;
      const buffer = this.#free.pop() as ArrayBuffer;
      if (came === null || came === 'broken') {
        this.#post({ kind: came === null ? 'end' : 'broken' }, []);
        return this.stop();
      }
      const part = came.subarray(0, buffer.byteLength);
      this.#piece = came.subarray(part.length);
      new Uint8Array(buffer).set(part);
      this.#post({ kind: 'piece', buffer, size: part.length }, [buffer]);
    }
    this.#state = 'waits';
  }

  async #next(): Promise<Uint8Array | null | 'broken'> {
    if (this.#piece.length > 0) return this.#piece;
    try {
      return await this.#source.next();
    } catch {
      return 'broken';
    }
  }
}

function noop(): void {
  // Told elsewhere.
}
