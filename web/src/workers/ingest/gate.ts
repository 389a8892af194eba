/**
 * Where reading waits while it is paused, and where it lets what waits for this worker come first now and then: decoders give their
 * bytes without ever leaving their task, and a cancel would not be heard.
 */
import { nextTask } from '../vault/next-task.ts';

const TASK_MS = 50;

export class Gate {
  #passing: Promise<void> | null = null;
  #open: () => void = () => undefined;
  #lastMs = 0;

  /** Resolves at once, in the next task, or when the gate opens again. */
  async pass(): Promise<void> {
    if (performance.now() - this.#lastMs > TASK_MS) {
      await nextTask();
      this.#lastMs = performance.now();
    }
    await this.#passing;
  }

  close(): void {
    this.#passing ??= new Promise((resolve) => (this.#open = resolve));
  }

  open(): void {
    this.#open();
    this.#passing = null;
  }
}
