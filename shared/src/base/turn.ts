/** One piece of work after the other, for what must not interleave: commits, outbox, audit upload, publishing. */
export class Turn {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `work` once everything handed in before is over, however that ended. Never call it from inside `work`. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}
