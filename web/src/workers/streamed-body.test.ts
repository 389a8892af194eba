/** Bodies between workers: whole, in order, at the reader's pace, and told when they break. */
import { describe, expect, test } from 'vitest';
import { receiveBody, sendBody } from './streamed-body.ts';

const PIECE_BYTES = 256 * 1024;
const alive = new AbortController().signal;

/** Bytes that tell where they stand. */
const contentOf = (size: number) => Uint8Array.from({ length: size }, (_, at) => (at * 31 + (at >> 8)) & 0xff);

function bodyOf(content: Uint8Array, type: 'bytes' | undefined, breaksAt = Infinity): ReadableStream<Uint8Array> {
  let at = 0;
  const pull = (controller: ReadableStreamDefaultController | ReadableByteStreamController): void => {
    if (at >= breaksAt) controller.error(new TypeError('cut'));
    else if (at < content.length) controller.enqueue(content.slice(at, (at += 100_000)));
    else {
      controller.close();
      if ('byobRequest' in controller) controller.byobRequest?.respond(0);
    }
  };
  return type === 'bytes' ? new ReadableStream({ type, pull }) : new ReadableStream<Uint8Array>({ pull });
}

async function received(body: ReadableStream<Uint8Array>, gone = alive): Promise<number[]> {
  const { port1, port2 } = new MessageChannel();
  sendBody(body, port2);
  const source = receiveBody(port1, gone);
  const bytes: number[] = [];
  try {
    for (let piece = await source.next(); piece !== null; piece = await source.next()) {
      expect(piece.length).toBeLessThanOrEqual(PIECE_BYTES);
      bytes.push(...piece);
    }
  } finally {
    await source.cancel();
  }
  return bytes;
}

describe('a body between workers', () => {
  test.each(['bytes', undefined] as const)('comes whole and in order from a stream of type %s', async (type) => {
    for (const size of [0, 1, 1_000_000]) {
      const content = contentOf(size);
      expect(Buffer.from(await received(bodyOf(content, type))).equals(content)).toBe(true);
    }
  });

  test('rejects where the line breaks, and where the tab is gone', async () => {
    await expect(received(bodyOf(contentOf(500_000), 'bytes', 200_000))).rejects.toThrow('broken');
    const never = new ReadableStream<Uint8Array>({ type: 'bytes' });
    await expect(received(never, AbortSignal.abort())).rejects.toThrow('broken');
  });

  test('asks for no more than a few pieces ahead, and for nothing once it is not wanted', async () => {
    let asked = 0;
    const { promise: cancelled, resolve: cancel } = Promise.withResolvers<void>();
    const endless = new ReadableStream<Uint8Array>({
      type: 'bytes',
      pull: (controller) => {
        asked++;
        controller.enqueue(new Uint8Array(PIECE_BYTES));
      },
      cancel,
    });
    const { port1, port2 } = new MessageChannel();
    sendBody(endless, port2);
    const source = receiveBody(port1, alive);
    await source.next();
    await source.cancel();
    await cancelled;
    expect(asked).toBeLessThan(10);
  });
});
