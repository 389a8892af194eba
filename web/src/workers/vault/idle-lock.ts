/**
 * Locks when nobody was there for a while, and after half a day in any case. Time asleep counts: a laptop opened again after the time
 * is up is locked at once.
 */
const CHECK_EVERY_MS = 5_000;

/** NIST SP 800-63B, 2.2.3 (AAL2): whoever it was proves it again after twelve hours, however busy. A load goes on where it stopped. */
const MAX_OPEN_MS = 12 * 3_600_000;

export class IdleLock {
  #idleMs = 10 * 60_000;
  #touchedAtMs = Date.now();
  #openedAtMs = Date.now();
  #timer: ReturnType<typeof setInterval> | null = null;
  readonly #onIdle: () => void;

  constructor(onIdle: () => void) {
    this.#onIdle = onIdle;
  }

  start(): void {
    this.#openedAtMs = Date.now();
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

  /** 0 never locks for want of somebody. */
  setMinutes(minutes: number): void {
    this.#idleMs = Math.min(Math.max(minutes, 0), 24 * 60) * 60_000;
  }

  #check(): void {
    if (this.#timer === null) return;
    const nowMs = Date.now();
    const isIdle = this.#idleMs > 0 && nowMs - this.#touchedAtMs >= this.#idleMs;
    if (!isIdle && nowMs - this.#openedAtMs < MAX_OPEN_MS) return;
    this.stop();
    this.#onIdle();
  }
}
