/** The reader's end of a port: decrypts, hashes, unpacks and checks one bundle, and hands over its batches. */
import type { ByteSource } from '../../base/byte-source.ts';
import type { EnvelopeReading } from '../../sealed/envelope/read-envelope.ts';
import { readEnvelope } from '../../sealed/envelope/read-envelope.ts';
import { roomyBuffer } from './arrow-read.ts';
import type { BatchSink } from './bundle-reader.ts';
import { BundleReader, BundleRefused } from './bundle-reader.ts';
import type { BundleColumns, BundleMetadata, TextDictionary } from './columns.ts';
import { buffersOf, sharedOf, textBuffers, withoutShared } from './shared-columns.ts';
import type { FromReader, ToReader } from './unpack-messages.ts';
import { BATCHES_AHEAD } from './unpack-messages.ts';

/** Serves one file on `port`, then closes it. */
export function serveUnpacking(port: MessagePort): void {
  const reader = new ServedFile(port);
  port.onmessage = ({ data }: MessageEvent<ToReader>) => reader.hear(data);
}

class ServedFile {
  readonly #port: MessagePort;
  readonly #pieces = new PostedPieces((buffer) => this.#post({ kind: 'spent', buffer }, [buffer]));
  readonly #batches = new PostedBatches((message, transfer) => this.#post(message, transfer));
  readonly #reader = new BundleReader(this.#batches);
  #reading: EnvelopeReading | null = null;

  constructor(port: MessagePort) {
    this.#port = port;
  }

  hear(message: ToReader): void {
    switch (message.kind) {
      case 'open':
        void this.#run(async () => {
          const file = { opening: message.opening, source: this.#pieces, expected: null };
          this.#reading = await readEnvelope(file, this.#reader);
          return { kind: 'statement', answer: await this.#reading.statement() };
        });
        return;
      case 'content':
        void this.#run(async () => {
          const wrong = (await this.#reading?.content(message.claims)) ?? null;
          if (wrong === null) this.#reader.end();
          return { kind: 'done', wrong };
        });
        return;
      case 'piece':
        return this.#pieces.add(new Uint8Array(message.buffer, 0, message.size));
      case 'end':
        return this.#pieces.add(null);
      case 'broken':
        return this.#pieces.break();
      case 'taken':
        return this.#batches.giveBack(message.buffer);
      case 'stop':
        // Whatever waits for a piece or a buffer waits for ever and is collected with the port.
        this.#port.close();
        return;
    }
  }

  /** Posts what `work` answers, or how it failed. */
  async #run(work: () => Promise<FromReader>): Promise<void> {
    let answer: FromReader;
    try {
      answer = await work();
    } catch (error) {
      answer =
        error instanceof BundleRefused
          ? { kind: 'refused', reason: error.reason }
          : { kind: 'failed', code: error instanceof Error ? error.name : 'unknown' };
    }
    this.#post(answer, []);
  }

  #post(message: FromReader, transfer: Transferable[]): void {
    this.#port.postMessage(message, transfer);
  }
}

/** Pieces of the file as they come; a piece goes back when the next is asked for. */
class PostedPieces implements ByteSource {
  readonly #giveBack: (buffer: ArrayBuffer) => void;
  readonly #waiting: (Uint8Array<ArrayBuffer> | null)[] = [];
  #current: ArrayBuffer | null = null;
  #isBroken = false;
  #wake: () => void = () => undefined;

  constructor(giveBack: (buffer: ArrayBuffer) => void) {
    this.#giveBack = giveBack;
  }

  add(piece: Uint8Array<ArrayBuffer> | null): void {
    this.#waiting.push(piece);
    this.#wake();
  }

  break(): void {
    this.#isBroken = true;
    this.#wake();
  }

  async next(): Promise<Uint8Array | null> {
    if (this.#current !== null) this.#giveBack(this.#current);
    this.#current = null;
    while (this.#waiting.length === 0 && !this.#isBroken) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const piece = this.#waiting.shift();
    if (piece === undefined) throw new TypeError('broken');
    this.#current = piece?.buffer ?? null;
    return piece;
  }

  cancel(): Promise<void> {
    return Promise.resolve();
  }
}

/** Batches on their way to whoever takes them, in few buffers that come back. */
class PostedBatches implements BatchSink {
  readonly #post: (message: FromReader, transfer: Transferable[]) => void;
  readonly #free: ArrayBuffer[] = [];
  #made = 0;
  #hasShared = false;
  #wake: () => void = () => undefined;

  constructor(post: (message: FromReader, transfer: Transferable[]) => void) {
    this.#post = post;
  }

  begin(metadata: BundleMetadata): void {
    this.#post({ kind: 'metadata', metadata }, []);
  }

  identities(dictionary: TextDictionary): void {
    this.#post({ kind: 'identities', dictionary }, [...textBuffers(dictionary)]);
  }

  batch(columns: BundleColumns, buffer: ArrayBuffer): void {
    // Of what the batches share, too, nothing stays here: the reader has looked at it.
    const shared = this.#hasShared ? null : sharedOf(columns, buffer);
    this.#hasShared = true;
    const buffers = shared === null ? [] : buffersOf(shared);
    this.#post({ kind: 'batch', columns: withoutShared(columns, buffer), buffer, shared }, [buffer, ...buffers]);
  }

  giveBack(buffer: ArrayBuffer): void {
    this.#free.push(buffer);
    this.#wake();
  }

  async takeBuffer(size: number): Promise<ArrayBuffer> {
    while (this.#free.length === 0 && this.#made === BATCHES_AHEAD) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const free = this.#free.pop();
    if (free !== undefined && free.byteLength >= size) return free;
    if (free === undefined) this.#made++;
    return roomyBuffer(size);
  }
}
