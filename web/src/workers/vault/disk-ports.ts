/**
 * The shared vault worker's way to the disk: ports to the disk workers of the open tabs, of which one is used. Each tab holds a Web
 * Lock while it lives; when the lock is given back the tab is gone, and the next one takes over: what was only asked is asked again,
 * a file that was being written fails.
 *
 * Between workers of one process a buffer is handed over in no time and comes back to be used again. Between processes it is copied
 * into fresh memory each time (measured: 10 ms a MiB), so a disk worker that lives with the vault worker is preferred, and to others
 * nothing is sent that need not be.
 */
import { transfer, wrap } from 'comlink';
import type { Bytes } from '@sealpost/shared/base/bytes';
import type { Result } from '@sealpost/shared/base/result';
import { err, ok } from '@sealpost/shared/base/result';
import type { BackendError } from '@sealpost/shared/opened/vault/backend-error';
import type { SegmentFile, SegmentStorage, SegmentWriter } from '@sealpost/shared/opened/vault/segment-storage';
import type { DiskApi } from '../disk.api.ts';
import { isNearWorker } from './near-worker.ts';
import { tabAnswer } from './tab-answer.ts';

/** A tab that died without a word, or that a phone has put to sleep. Writing may have to wait for a slow disk. */
const SILENCE_MS = 10_000;
const WRITE_SILENCE_MS = 60_000;
/** How long to wait for a first tab, or for the next one: a page that reloads needs a moment. */
const NO_DISK_MS = 3_000;
/** Appends on their way at once: sealing goes on while the disk is busy. */
const AHEAD = 3;

const FAILED = { kind: 'storage-failed' } as const;

interface Line {
  readonly remote: DiskApi;
  readonly gone: AbortSignal;
  /** Lives in the process of this worker; taken for granted until it is measured. */
  isNear: boolean;
  measured: Promise<void>;
}

/** Reads throw where no tab offers a disk: the files are there, but not to be had. */
export class DiskPorts implements SegmentStorage {
  readonly kind = 'opfs';
  /** The first is the one in use. */
  #lines: readonly Line[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #spare = new SpareBuffers();

  /** Adds a tab's disk worker; `gone` is aborted with the tab (never, where that cannot be known). */
  attach(port: MessagePort, gone: AbortSignal): void {
    const line: Line = { remote: wrap<DiskApi>(port), gone, isNear: true, measured: Promise.resolve() };
    this.#lines = [...this.#lines, line];
    line.measured = this.#measure(line);
    for (const resume of this.#waiting) resume();
    gone.addEventListener('abort', () => {
      this.#lines = this.#lines.filter((one) => one !== line);
      port.close();
    });
  }

  /** Whether this browser has such files; then it is known, too, which tab's worker is near. Throws where no tab answers. */
  async works(): Promise<boolean> {
    const works = await this.#ask((remote) => remote.works());
    await Promise.all(this.#lines.map(({ measured }) => measured));
    return works;
  }

  async create(name: string): Promise<Result<SegmentWriter, BackendError>> {
    try {
      const { line, value: created } = await this.#askLine((remote) => remote.create(name));
      return created.ok ? ok(new PortWriter(name, line, this.#spare, () => this.#discard(name))) : created;
    } catch {
      return err(FAILED);
    }
  }

  read(name: string, offset: number, length: number, into?: ArrayBuffer): Promise<Bytes | null> {
    let own = into ?? null;
    return this.#ask((remote, isNear) => {
      const sent = isNear ? own : null;
      // A buffer that went to a tab that died is gone with it.
      own = null;
      return remote.read(name, offset, length, sent && transfer(sent, [sent]));
    });
  }

  async remove(names: readonly string[]): Promise<Result<void, BackendError>> {
    try {
      return await this.#ask((remote) => remote.remove(names));
    } catch {
      return err(FAILED);
    }
  }

  list(): Promise<readonly SegmentFile[]> {
    return this.#ask((remote) => remote.list());
  }

  async release(): Promise<void> {
    await Promise.all(this.#lines.map(({ remote, gone }) => tabAnswer(remote.release(), gone, SILENCE_MS)));
  }

  async #discard(name: string): Promise<void> {
    await this.remove([name]);
  }

  async #ask<T>(question: (remote: DiskApi, isNear: boolean) => Promise<T>): Promise<T> {
    return (await this.#askLine(question)).value;
  }

  /** Asks tab after tab until one answers. */
  async #askLine<T>(
    question: (remote: DiskApi, isNear: boolean) => Promise<T>,
  ): Promise<{ readonly line: Line; readonly value: T }> {
    const silent = new Set<Line>();
    for (;;) {
      const line = await this.#line();
      if (line === null || silent.has(line)) throw new DOMException('no tab offers a disk', 'InvalidStateError');
      const answer = await tabAnswer(question(line.remote, line.isNear), line.gone, SILENCE_MS);
      if (answer.kind === 'answer') return { line, value: answer.value };
      if (answer.kind === 'silent') {
        silent.add(line);
        this.#lines = [...this.#lines.filter((one) => one !== line), line];
      }
    }
  }

  async #measure(line: Line): Promise<void> {
    line.isNear = await isNearWorker(line.remote, line.gone, SILENCE_MS);
    this.#lines = [...this.#lines.filter(({ isNear }) => isNear), ...this.#lines.filter(({ isNear }) => !isNear)];
  }

  /** The line in use; `null` where there is none for a while. */
  async #line(): Promise<Line | null> {
    if (this.#lines.length === 0) {
      await new Promise<void>((resolve) => {
        const resume = (): void => {
          clearTimeout(timer);
          this.#waiting.delete(resume);
          resolve();
        };
        const timer = setTimeout(resume, NO_DISK_MS);
        this.#waiting.add(resume);
      });
    }
    return this.#lines[0] ?? null;
  }
}

/** Stays with one tab: its file is locked there, and what was on the way to it went with it. */
class PortWriter implements SegmentWriter {
  readonly #name: string;
  readonly #line: Line;
  readonly #spare: SpareBuffers;
  readonly #discard: () => Promise<void>;
  readonly #onTheWay: Promise<Result<ArrayBuffer | null, BackendError>>[] = [];
  #error: BackendError | null = null;

  constructor(name: string, line: Line, spare: SpareBuffers, discard: () => Promise<void>) {
    this.#name = name;
    this.#line = line;
    this.#spare = spare;
    this.#discard = discard;
    spare.users++;
  }

  /** Answers before the bytes are written as long as few are on their way; what fails there is told by a later call. */
  async append(bytes: Bytes): Promise<Result<ArrayBuffer | null, BackendError>> {
    if (this.#error) return err(this.#error);
    const size = bytes.buffer.byteLength;
    const { isNear } = this.#line;
    this.#onTheWay.push(
      write(this.#line, (remote) => remote.append(this.#name, transfer(bytes, [bytes.buffer]), isNear)),
    );
    if (this.#onTheWay.length > AHEAD) await this.#settleOne();
    return this.#error ? err(this.#error) : ok(this.#spare.take(size));
  }

  async close(): Promise<Result<void, BackendError>> {
    while (this.#onTheWay.length > 0) await this.#settleOne();
    this.#spare.leave();
    const closed = await write(this.#line, (remote) => remote.close(this.#name));
    return this.#error ? err(this.#error) : closed;
  }

  async abort(): Promise<void> {
    this.#spare.leave();
    const { remote, gone } = this.#line;
    const answer = await tabAnswer(remote.abort(this.#name), gone, WRITE_SILENCE_MS);
    if (answer.kind !== 'answer') await this.#discard();
  }

  async #settleOne(): Promise<void> {
    const done = await this.#onTheWay.shift();
    if (done === undefined) return;
    if (!done.ok) this.#error ??= done.error;
    else if (done.value) this.#spare.give(done.value);
  }
}

/** Buffers that came back from the disk, kept as long as a file is being written. */
class SpareBuffers {
  users = 0;
  #buffers: ArrayBuffer[] = [];

  /** One of exactly `size` bytes, or `null`. */
  take(size: number): ArrayBuffer | null {
    const at = this.#buffers.findIndex((buffer) => buffer.byteLength === size);
    return at < 0 ? null : (this.#buffers.splice(at, 1)[0] ?? null);
  }

  give(buffer: ArrayBuffer): void {
    this.#buffers.push(buffer);
    if (this.#buffers.length > AHEAD + 1) this.#buffers.shift();
  }

  leave(): void {
    this.users--;
    if (this.users === 0) this.#buffers = [];
  }
}

async function write<T>(
  { remote, gone }: Line,
  order: (remote: DiskApi) => Promise<Result<T, BackendError>>,
): Promise<Result<T, BackendError>> {
  try {
    const answer = await tabAnswer(order(remote), gone, WRITE_SILENCE_MS);
    return answer.kind === 'answer' ? answer.value : err(FAILED);
  } catch {
    return err(FAILED);
  }
}
