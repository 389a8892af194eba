/**
 * Any entry of an archive that can only be read from front to back: goes forward where it can, starts anew where it must, and keeps
 * small entries that it comes past, since the files of one machine are asked for in another order than they lie in.
 */
import { concatBytes } from '../../../base/bytes.ts';
import type { ArchiveEngine, EngineEntry } from './archive-engine.ts';
import { EngineError } from './archive-engine.ts';

/** An entry up to this size is read in one go and kept for a while. */
const SMALL_BYTES = 1 << 20;
const LISTED_AT_ONCE = 1_000;
const NOTHING = new Uint8Array(0);

export interface CursorOptions {
  /** A new engine, at the archive's start. */
  open(): Promise<ArchiveEngine>;
  /** Bytes of small entries that are kept. */
  readonly keptBytes: number;
  /** Bytes that may be unpacked without being asked for, over all. */
  readonly passedBytes: number;
  /** Unpacking an entry is the only way past it: the bytes of several hang together. */
  readonly isSolid: boolean;
  /** Awaited between pieces of work that take long; what it throws ends the reading. */
  breathe(): Promise<void>;
}

/** A place in the archive, from which nothing can be read once the engine failed. */
interface Place {
  readonly engine: ArchiveEngine;
  index: number;
  /** Bytes of the entry that were unpacked. */
  offset: number;
  isAtEnd: boolean;
}

export class ArchiveCursor {
  readonly #options: CursorOptions;
  #place: Place | null = null;
  readonly #kept = new Map<number, Uint8Array>();
  #keptBytes = 0;
  #passedBytes = 0;
  /** Entries that turned out larger than their headers say. */
  readonly #large = new Set<number>();
  /** Entries that could not be unpacked: what lies behind them may still be reached past them. */
  readonly #broken = new Set<number>();
  /** From this entry on, nothing can be reached. */
  #endsAt = Number.POSITIVE_INFINITY;

  constructor(options: CursorOptions) {
    this.#options = options;
  }

  /** Headers of the first `most` entries, in their order; nothing is unpacked for it. `failure`: the rest is not told. */
  async list(
    most: number,
  ): Promise<{ readonly entries: readonly EngineEntry[]; readonly failure: EngineError | null }> {
    const entries: EngineEntry[] = [];
    let engine: ArchiveEngine | null = null;
    try {
      engine = await this.#options.open();
      for (let entry = engine.next(); entry !== null && entries.length < most; entry = engine.next()) {
        entries.push(entry);
        if (entries.length % LISTED_AT_ONCE === 0) await this.#options.breathe();
      }
      return { entries, failure: null };
    } catch (error) {
      if (error instanceof EngineError) return { entries, failure: error };
      throw error;
    } finally {
      engine?.close();
    }
  }

  /**
   * Bytes of entry `index` (in the order of `list`) from `offset` on, valid until the next call; empty at its end. Throws an
   * `EngineError` where they cannot be had. `sizeBytes`: about how long the entry is.
   */
  async read(index: number, offset: number, sizeBytes: number): Promise<Uint8Array> {
    const kept = this.#kept.get(index);
    if (kept !== undefined) return kept.subarray(offset);
    const place = await this.#reach(index, offset);
    try {
      if (place.offset === 0 && sizeBytes <= SMALL_BYTES && !this.#large.has(index)) {
        const whole = this.#readSmall(place);
        return whole === null ? await this.read(index, offset, sizeBytes) : whole.subarray(offset);
      }
      while (!place.isAtEnd) {
        const bytes = readOn(place);
        if (place.offset > offset) return bytes.subarray(Math.max(0, bytes.length - (place.offset - offset)));
        await this.#passed(bytes);
      }
      return NOTHING;
    } catch (error) {
      this.#fail(place);
      throw error;
    }
  }

  close(): void {
    this.#leave();
    this.#kept.clear();
    this.#keptBytes = 0;
  }

  /** In the entry, at `offset` or before. */
  async #reach(index: number, offset: number): Promise<Place> {
    for (;;) {
      if (index >= this.#endsAt) throw new EngineError('corrupt');
      const before = this.#place;
      const isAhead = before !== null && (before.index < index || (before.index === index && before.offset <= offset));
      if (!isAhead) this.#leave();
      const place = isAhead ? before : { engine: await this.#options.open(), index: -1, offset: 0, isAtEnd: true };
      this.#place = place;
      if (await this.#goTo(place, index)) return place;
    }
  }

  /** `false` where an entry on the way broke the engine: the next try passes over it. */
  async #goTo(place: Place, index: number): Promise<boolean> {
    while (place.index < index) {
      try {
        if (!place.isAtEnd) await this.#comePast(place);
      } catch (error) {
        const wasBroken = this.#broken.has(place.index);
        this.#fail(place);
        if (wasBroken || !(error instanceof EngineError) || error.kind === 'memory') throw error;
        return false;
      }
      try {
        if (place.engine.next() === null) throw new EngineError('corrupt');
      } catch (error) {
        this.#endsAt = Math.min(this.#endsAt, place.index + 1);
        this.#leave();
        throw error;
      }
      place.index++;
      place.offset = 0;
      place.isAtEnd = false;
    }
    return true;
  }

  async #comePast(place: Place): Promise<void> {
    if (!this.#options.isSolid || this.#broken.has(place.index)) {
      place.engine.skip();
      return;
    }
    if (place.offset === 0 && !this.#large.has(place.index)) {
      const whole = this.#readSmall(place);
      if (whole !== null) return this.#passed(whole);
    }
    while (!place.isAtEnd) await this.#passed(readOn(place));
  }

  async #passed(bytes: Uint8Array): Promise<void> {
    this.#passedBytes += bytes.length;
    if (this.#passedBytes > this.#options.passedBytes) throw new EngineError('memory');
    await this.#options.breathe();
  }

  #fail(place: Place): void {
    this.#broken.add(place.index);
    this.#leave();
  }

  #leave(): void {
    this.#place?.engine.close();
    this.#place = null;
  }

  /** Reads an entry whole, and keeps it; `null` if it is large after all. */
  #readSmall(place: Place): Uint8Array | null {
    const parts: Uint8Array[] = [];
    while (!place.isAtEnd) {
      parts.push(readOn(place).slice());
      if (place.offset <= SMALL_BYTES) continue;
      this.#large.add(place.index);
      return null;
    }
    const whole = concatBytes(...parts);
    this.#kept.set(place.index, whole);
    this.#keptBytes += whole.length;
    for (const [oldest, old] of this.#kept) {
      if (this.#keptBytes <= this.#options.keptBytes || oldest === place.index) break;
      this.#kept.delete(oldest);
      this.#keptBytes -= old.length;
    }
    return whole;
  }
}

function readOn(place: Place): Uint8Array {
  const bytes = place.engine.read();
  place.offset += bytes.length;
  place.isAtEnd = bytes.length === 0;
  return bytes;
}
