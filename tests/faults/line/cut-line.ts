/** A line to the server that breaks where it is told to: a TCP relay on a port of its own, which counts what goes through it each way. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** Which way bytes go: to the server, or back. */
export type Way = 'up' | 'down';

export class CutLine {
  readonly port: number;
  /** How often it broke. */
  cuts = 0;
  readonly #close: () => Promise<void>;
  readonly #open = new Set<Socket>();
  #plan: { readonly way: Way; left: number; readonly onCut: () => void } | null = null;

  private constructor(port: number, close: () => Promise<void>, open: Set<Socket>) {
    this.port = port;
    this.#close = close;
    this.#open = open;
  }

  /** A line to `port` on this machine. */
  static async to(port: number): Promise<CutLine> {
    const open = new Set<Socket>();
    const own: { line: CutLine | null } = { line: null };
    const relay = createServer((near) => {
      const far = connect(port, '127.0.0.1');
      for (const [from, to, way] of [
        [near, far, 'up'],
        [far, near, 'down'],
      ] as const) {
        open.add(from);
        from.on('data', (chunk: Buffer) => {
          const passed = own.line?.pass(way, chunk.length) ?? chunk.length;
          const goesOn = to.write(chunk.subarray(0, passed));
          if (passed < chunk.length) {
            near.destroy();
            far.destroy();
          } else if (!goesOn) from.pause();
        });
        to.on('drain', () => from.resume());
        from.on('end', () => to.end());
        from.on('error', () => to.destroy());
        from.on('close', () => {
          open.delete(from);
          to.destroy();
        });
      }
    });
    relay.listen(0, '127.0.0.1');
    await once(relay, 'listening');
    const close = async (): Promise<void> => {
      const closed = once(relay, 'close');
      relay.close();
      for (const socket of open) socket.destroy();
      await closed;
    };
    own.line = new CutLine((relay.address() as AddressInfo).port, close, open);
    return own.line;
  }

  get origin(): string {
    return `http://localhost:${this.port}`;
  }

  /** Breaks every connection once `bytes` more went `way`, headers included; `onCut` hears of it. */
  cutAfter(way: Way, bytes: number, onCut: () => void = () => undefined): void {
    this.#plan = { way, left: bytes, onCut };
  }

  /** How many of `size` bytes may pass. */
  pass(way: Way, size: number): number {
    const plan = this.#plan;
    if (plan === null || plan.way !== way) return size;
    if (plan.left > size) {
      plan.left -= size;
      return size;
    }
    this.#plan = null;
    this.cuts += 1;
    plan.onCut();
    for (const socket of this.#open) socket.destroy();
    return 0;
  }

  close(): Promise<void> {
    return this.#close();
  }
}
