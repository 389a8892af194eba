/**
 * The lines of a pinned answer near the screen, fetched in chunks. A new answer's lines are fetched before they take the place
 * of the last, so that nothing flickers; an answer whose pin is gone is told, and whoever owns it asks again.
 */

const CHUNK = 60;
/** Chunks kept around the screen: 2,400 lines. */
const MAX_CHUNKS = 40;

export interface PinnedPage<T> {
  /** Lines of the whole answer. */
  readonly total: number;
  /** From the asked offset; fewer than asked only at the end. None at all: the pin is gone. */
  readonly items: readonly T[];
}

/** Lines that wait to be shown. */
export interface StagedLines<T, Pin> {
  readonly pin: Pin;
  readonly total: number;
  readonly chunks: ReadonlyMap<number, readonly T[]>;
  /** So many lines further down than those that they replace. */
  readonly shift: number;
}

export class PinnedList<T, Pin extends object> {
  total = $state(0);
  #pin: Pin | null = null;
  #chunks = $state.raw<ReadonlyMap<number, readonly T[]>>(new Map());
  #wanted = { first: 0, count: CHUNK };
  #isFetching = false;
  readonly #fetch: (pin: Pin, offset: number, limit: number) => Promise<PinnedPage<T>>;
  readonly #onLost: () => void;

  constructor(
    fetch: (pin: Pin, offset: number, limit: number) => Promise<PinnedPage<T>>,
    /** Called when a fetch found the pin gone. */
    onLost: () => void,
  ) {
    this.#fetch = fetch;
    this.#onLost = onLost;
  }

  /** The line at `index` if it is here; else `need` brings it. */
  at(index: number): T | undefined {
    return this.#chunks.get(Math.floor(index / CHUNK))?.[index % CHUNK];
  }

  /** The list will stand at its top again. */
  toTop(): void {
    this.#wanted = { first: 0, count: CHUNK };
  }

  /** Reads what the screen will show of an answer, `shift` lines further down than now. `null`: its pin is gone already. */
  async stage(pin: Pin, shift = 0): Promise<StagedLines<T, Pin> | null> {
    const first = Math.max(0, Math.floor((this.#wanted.first + shift) / CHUNK));
    const last = Math.max(first, Math.floor((this.#wanted.first + shift + this.#wanted.count - 1) / CHUNK));
    let { total, items } = await this.#fetch(pin, first * CHUNK, (last - first + 1) * CHUNK);
    let from = first;
    if (items.length === 0 && total > 0 && first * CHUNK >= total) {
      from = Math.floor((total - 1) / CHUNK);
      ({ total, items } = await this.#fetch(pin, from * CHUNK, CHUNK));
    }
    if (isShort(total, from * CHUNK, (last - first + 1) * CHUNK, items.length)) return null;
    const chunks = new Map<number, readonly T[]>();
    for (let at = 0; at < items.length; at += CHUNK) chunks.set(from + at / CHUNK, items.slice(at, at + CHUNK));
    return { pin, total, chunks, shift };
  }

  /** Takes staged lines for the list. */
  show(staged: StagedLines<T, Pin>): void {
    this.#pin = staged.pin;
    this.#chunks = staged.chunks;
    this.total = staged.total;
    const { first, count } = this.#wanted;
    this.need(Math.max(0, first + staged.shift), count);
  }

  /** The lines `first..first+count` are on screen: what they lack is fetched, one chunk after the other, the latest wish first. */
  need(first: number, count: number): void {
    if (count <= 0) return;
    this.#wanted = { first, count };
    if (!this.#isFetching) void this.#fetchWanted();
  }

  async #fetchWanted(): Promise<void> {
    this.#isFetching = true;
    try {
      for (let chunk = this.#missing(); chunk >= 0; chunk = this.#missing()) {
        const pin = this.#pin;
        if (pin === null) return;
        const { total, items } = await this.#fetch(pin, chunk * CHUNK, CHUNK);
        if (this.#pin !== pin) continue;
        if (total !== this.total || isShort(total, chunk * CHUNK, CHUNK, items.length)) {
          this.#onLost();
          return;
        }
        this.#chunks = new Map([...this.#nearest(chunk), [chunk, items]]);
      }
    } finally {
      this.#isFetching = false;
    }
  }

  /** The first chunk on screen that is not here; -1 if all are. */
  #missing(): number {
    const { first, count } = this.#wanted;
    const end = Math.min(first + count, this.total);
    for (let chunk = Math.floor(first / CHUNK); chunk * CHUNK < end; chunk++)
      if (!this.#chunks.has(chunk)) return chunk;
    return -1;
  }

  #nearest(chunk: number): readonly (readonly [number, readonly T[]])[] {
    const kept = [...this.#chunks];
    if (kept.length < MAX_CHUNKS) return kept;
    return kept.sort(([a], [b]) => Math.abs(a - chunk) - Math.abs(b - chunk)).slice(0, MAX_CHUNKS - 1);
  }
}

function isShort(total: number, offset: number, limit: number, got: number): boolean {
  return got < Math.min(limit, Math.max(0, total - offset));
}
