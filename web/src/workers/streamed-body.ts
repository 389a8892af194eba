/**
 * The body of a response on its way from the sync worker to the vault: buffers of the reader's go there empty, come back filled and
 * are used again, so that a file of any size takes the memory of a few pieces, and the reader's pace is the line's.
 */
import type { ByteSource } from '@sealpost/shared/base/byte-source';
import { tabAnswer } from './vault/tab-answer.ts';

/** Pieces on their way at once, and bytes of each. */
const PIECES = 6;
const PIECE_BYTES = 256 * 1024;
/** A line that brings nothing for so long is broken. */
const SILENCE_MS = 60_000;

/** An empty buffer to be filled, or nothing more is wanted. */
type ToSender = ArrayBuffer | 'stop';
/** The first `size` bytes of `buffer`. */
type FromSender = { readonly buffer: ArrayBuffer; readonly size: number } | 'end' | 'broken';

/** Sends `body` through `port`, whose other end is with `receiveBody`. */
export function sendBody(body: ReadableStream<Uint8Array>, port: MessagePort): void {
  const filler = fillerOf(body);
  let filling = Promise.resolve();
  let isOver = false;
  const post = (message: FromSender, transfer: Transferable[]) => {
    if (!isOver) port.postMessage(message, transfer);
    isOver ||= typeof message === 'string';
  };
  const fill = async (buffer: ArrayBuffer): Promise<void> => {
    if (isOver) return;
    try {
      const filled = await filler.fill(buffer);
      post(filled ?? 'end', filled === null ? [] : [filled.buffer]);
    } catch {
      post('broken', []);
    }
  };
  port.onmessage = ({ data }: MessageEvent<ToSender>) => {
    if (data !== 'stop') {
      filling = filling.then(() => fill(data));
      return;
    }
    isOver = true;
    port.close();
    filler.cancel();
  };
}

/** What comes through `port`; `next` rejects where the line broke, was silent, or its tab is `gone`. */
export function receiveBody(port: MessagePort, gone: AbortSignal): ByteSource {
  return new ReceivedBody(port, gone);
}

class ReceivedBody implements ByteSource {
  readonly #port: MessagePort;
  readonly #gone: AbortSignal;
  readonly #came: FromSender[] = [];
  #current: ArrayBuffer | null = null;
  #wake: () => void = () => undefined;

  constructor(port: MessagePort, gone: AbortSignal) {
    this.#port = port;
    this.#gone = gone;
    port.onmessage = ({ data }: MessageEvent<FromSender>) => {
      this.#came.push(data);
      this.#wake();
    };
    for (let i = 0; i < PIECES; i++) this.#ask(new ArrayBuffer(PIECE_BYTES));
  }

  async next(): Promise<Uint8Array | null> {
    if (this.#current !== null) this.#ask(this.#current);
    this.#current = null;
    const came = this.#came.shift() ?? (await this.#wait());
    if (came === 'end') return null;
    if (came === undefined || came === 'broken') throw new TypeError('broken');
    this.#current = came.buffer;
    return new Uint8Array(came.buffer, 0, came.size);
  }

  cancel(): Promise<void> {
    const stop: ToSender = 'stop';
    this.#port.postMessage(stop);
    this.#port.close();
    return Promise.resolve();
  }

  async #wait(): Promise<FromSender | undefined> {
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    await tabAnswer(woken, this.#gone, SILENCE_MS);
    return this.#came.shift();
  }

  #ask(buffer: ArrayBuffer): void {
    const empty: ToSender = buffer;
    this.#port.postMessage(empty, [buffer]);
  }
}

interface Filler {
  /** `null` at the end. The buffer is gone; the one in the answer is as long. */
  fill(buffer: ArrayBuffer): Promise<{ readonly buffer: ArrayBuffer; readonly size: number } | null>;
  cancel(): void;
}

function fillerOf(body: ReadableStream<Uint8Array>): Filler {
  try {
    const reader = (body as ReadableStream<Uint8Array<ArrayBuffer>>).getReader({ mode: 'byob' });
    return {
      fill: async (buffer) => {
        const { done, value } = await reader.read(new Uint8Array(buffer));
        return done || value.length === 0 ? null : { buffer: value.buffer, size: value.length };
      },
      cancel: () => void reader.cancel().catch(noop),
    };
  } catch {
    return copyingFiller(body.getReader()); // an engine whose bodies are no byte streams
  }
}

function copyingFiller(reader: ReadableStreamDefaultReader<Uint8Array>): Filler {
  let rest: Uint8Array = new Uint8Array(0);
  return {
    fill: async (buffer) => {
      while (rest.length === 0) {
        const { done, value } = await reader.read();
        if (done) return null;
        rest = value;
      }
      const part = rest.subarray(0, buffer.byteLength);
      new Uint8Array(buffer).set(part);
      rest = rest.subarray(part.length);
      return { buffer, size: part.length };
    },
    cancel: () => void reader.cancel().catch(noop),
  };
}

function noop(): void {
  // A body that broke off says so again.
}
