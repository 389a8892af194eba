/** Where reading waits while it is paused. */
export class Gate {
  #passing: Promise<void> | null = null;
  #open: () => void = () => undefined;

  /** Resolves at once, or when the gate opens again. */
  pass(): Promise<void> {
    return this.#passing ?? Promise.resolve();
  }

  close(): void {
    this.#passing ??= new Promise((resolve) => (this.#open = resolve));
  }

  open(): void {
    this.#open();
    this.#passing = null;
  }
}
