/** Locks when nobody was there for a while. Time asleep counts: a laptop opened again after the time is up is locked at once. */
const CHECK_EVERY_MS = 5_000;

export class IdleLock {
  #idleMs = 10 * 60_000;
  #touchedAtMs = Date.now();
  #timer: ReturnType<typeof setInterval> | null = null;
  readonly #onIdle: () => void;

  constructor(onIdle: () => void) {
    this.#onIdle = onIdle;
  }

  start(): void {
    this.touch();
    this.#timer ??= setInterval(() => this.#check(), CHECK_EVERY_MS);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  touch(): void {
    this.#check();
    this.#touchedAtMs = Date.now();
  }

  /** 0 never locks by itself. */
  setMinutes(minutes: number): void {
    this.#idleMs = Math.min(Math.max(minutes, 0), 24 * 60) * 60_000;
  }

  #check(): void {
    if (this.#timer !== null && this.#idleMs > 0 && Date.now() - this.#touchedAtMs >= this.#idleMs) {
      this.stop();
      this.#onIdle();
    }
  }
}
