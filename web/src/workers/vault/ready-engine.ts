/**
 * An engine made ready while somebody types a passphrase: its kernels compiled, and as much memory got from the system as the sealed
 * files will need (10 microseconds for 4 KiB were measured, a quarter of an unlock). It holds nothing but zeros.
 */
import { createEngine } from '@sealpost/shared/opened/query/create-engine';
import type { Engine } from '@sealpost/shared/opened/query/engine';
import { nextTask } from './next-task.ts';

/** Bytes of the engine for each byte of sealed files: a million findings take 81 MiB at rest and 60 in memory. */
const ENGINE_SHARE = 0.74;
const MOST_BYTES = 512 * 1024 * 1024;
/** Some milliseconds: whoever asks for something waits no longer. */
const STEP_BYTES = 1024 * 1024;
/** A lock screen that nobody uses gives the memory back. */
const KEEP_MS = 120_000;

export class ReadyEngine {
  #engine: Engine | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;

  get isMade(): boolean {
    return this.#engine !== null;
  }

  /** Makes one, unless there is one. `sealedBytes`: size of all sealed files. */
  async make(sealedBytes: number): Promise<void> {
    if (this.isMade) return;
    const engine = createEngine(() => performance.now());
    this.#engine = engine;
    this.#timer = setTimeout(() => this.take(), KEEP_MS);
    const bytes = Math.min(MOST_BYTES, sealedBytes * ENGINE_SHARE);
    while (this.#engine === engine && engine.makeReady(bytes, STEP_BYTES)) await nextTask();
  }

  /** Gives it away, as ready as it is; `null` where none was made. */
  take(): Engine | null {
    const engine = this.#engine;
    this.#engine = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    return engine;
  }
}
