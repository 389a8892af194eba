/** Work that can wait, done in small steps while no page asks for anything. */
import { nextTask } from './next-task.ts';

const QUIET_MS = 500;

export class IdleWork {
  readonly #step: () => Promise<boolean>;
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** Counts up with every call of a page: a run that sees it change ends. */
  #calls = 0;

  /** `step` answers `false` when nothing is left to do. */
  constructor(step: () => Promise<boolean>) {
    this.#step = step;
  }

  /** A page has asked for something: begins, or begins anew, once it is quiet. */
  touch(): void {
    this.stop();
    this.#timer = setTimeout(() => void this.#run(), QUIET_MS);
  }

  stop(): void {
    this.#calls++;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  async #run(): Promise<void> {
    const calls = this.#calls;
    while (calls === this.#calls && (await this.#step())) await nextTask();
  }
}
