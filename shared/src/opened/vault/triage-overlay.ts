/**
 * What the journal makes of each row of an engine: the latest state, owner and deeds, comments counted, the first containment. Flat
 * arrays by place among the rows that something was done to; the last writer wins by logical time, device and operation id, exactly as
 * `foldOperations` has it, in whichever order entries come.
 */
import type { Engine } from '../query/engine.ts';
import { NO_ROW } from '../query/engine.ts';
import type { FirstContained } from '../query/overview.ts';
import type { EntryTable } from '../triage/entry-table.ts';
import { ID_BYTES } from '../triage/journal-entry.ts';
import { NEW_STATUS } from '../triage/status.ts';
import type { TriageChange, TriageStatus } from '../triage/triage.ts';
import { TRIAGE_STATES } from '../triage/triage.ts';
import { NO_PLACE, TouchedRows } from './touched-rows.ts';

/** Fields of which the last writer wins, by their place among a row's winners. */
const WON = { state: 0, owner: 1, done: 2 } as const;
type WonField = keyof typeof WON;
const WINNER_WORDS = 6;
/** Runs of a bulk action are at most as many; for more rows memory is made for the moment. */
const KEPT_STARTS = 16_384;

export class Overlay {
  readonly #engine: Engine;
  readonly #entries: EntryTable;
  // Loops over rows do without array patterns: before they are compiled, those cost ten times the rest, and one pattern in a loop makes
  // compiling it take 100 ms and more.
  readonly #touched = new TouchedRows();
  /** Per place and field: entry number + 1 (0: nobody) and operation number. */
  #winners = new Uint32Array(0);
  /** Of `#runsOf`: memory that was used before is faster. */
  readonly #starts = new Uint32Array(KEPT_STARTS);
  #comments = new Uint32Array(0);
  /** NaN: never contained or closed. */
  #containedMs = new Float64Array(0);
  /** Entries that name findings which are not in the engine. */
  readonly #waiting = new Set<number>();
  /** Rows that are not in state `new`. */
  #worked = 0;

  constructor(engine: Engine, entries: EntryTable) {
    this.#engine = engine;
    this.#entries = entries;
  }

  /** Rows of the engine in state `new`. */
  get untouched(): number {
    return this.#engine.rows - this.#worked;
  }

  /** Takes all entries there are: for an engine that has just been loaded. */
  foldAll(): void {
    for (let number = 0; number < this.#entries.size; number++) this.#fold(number, 0);
    this.#tellEngine(Uint32Array.from({ length: this.#touched.size }, (_, place) => place));
  }

  /** Takes new entries, by their numbers. `rows`: those of all their findings, one after the other, where they are known. */
  fold(numbers: readonly number[], rows?: Uint32Array): void {
    let at = 0;
    for (const number of numbers) {
      const end = at + this.#entries.ids(number).length / ID_BYTES;
      this.#tellEngine(this.#fold(number, 0, rows?.subarray(at, end)));
      at = end;
    }
  }

  /** Takes what waited for findings that came with rows `from` and above. */
  foldArrived(from: number): void {
    for (const number of [...this.#waiting]) this.#tellEngine(this.#fold(number, from));
  }

  status(row: number): TriageStatus {
    const place = this.#touched.find(row);
    return place < 0 ? NEW_STATUS : this.#statusAt(place);
  }

  /** For each row a number for its status that tells apart what the rules of triage do, small enough for a table of 128. */
  ruleKeys(rows: Uint32Array): Uint8Array {
    const keys = new Uint8Array(rows.length);
    const places = this.#touched.findAll(rows);
    const starts = this.#runsOf(places, WON.state, WON.done);
    for (let run = 0; run + 1 < starts.length; run++) {
      const start = starts[run] as number;
      const place = places[start] as number;
      if (place !== NO_PLACE) keys.fill(ruleKey(this.#statusAt(place)), start, starts[run + 1]);
    }
    return keys;
  }

  /** Rows that were ever contained or closed. Cost: one look at each row that something was done to. */
  firstContained(): FirstContained {
    const places = Array.from({ length: this.#touched.size }, (_, place) => place).filter(
      (place) => !Number.isNaN(this.#containedMs[place]),
    );
    const { rows } = this.#touched;
    return {
      rows: Uint32Array.from(places, (place) => rows[place] as number),
      atMs: Float64Array.from(places, (place) => this.#containedMs[place] as number),
    };
  }

  /** Folds one entry into rows `from` and above; the places whose state or owner may have changed. */
  #fold(number: number, from: number, known?: Uint32Array): Uint32Array<ArrayBuffer> {
    const entries = this.#entries;
    const changes = entries.changes(number);
    const stride = entries.stride(number);
    const found = known ?? this.#engine.rowsOf(entries.ids(number));
    if (found.includes(NO_ROW)) this.#waiting.add(number);
    else this.#waiting.delete(number);
    const isAll = from === 0 && !this.#waiting.has(number);
    // Which of the entry's findings they are; `null`: all.
    const taken = isAll ? null : indicesOf(found, (row) => row !== NO_ROW && row >= from);
    const places = this.#touched.add(taken === null ? found : taken.map((i) => found[i] as number));
    this.#reserve();
    changes.forEach((change, k) => {
      if (change.field === 'comment') for (const place of places) this.#comments[place] = this.#commentsAt(place) + 1;
      else this.#win(change, number, k, stride, taken, places);
    });
    const isShown = changes.some(({ field }) => field === 'state' || field === 'owner');
    return isShown ? places : new Uint32Array(0);
  }

  /** Change `k` of an entry, made to findings `taken` of it, where nothing later was done. */
  #win(
    change: Extract<TriageChange, { readonly field: WonField }>,
    entry: number,
    k: number,
    stride: number,
    taken: Uint32Array | null,
    places: Uint32Array,
  ): void {
    const field = WON[change.field];
    const isState = change.field === 'state';
    if (isState && (change.state === 'contained' || change.state === 'closed'))
      this.#contain(places, this.#entries.ms(entry));
    const isWork = isState && change.state !== 'new';
    // What is asked of one winner holds for all neighbours that have the same: most have.
    const starts = this.#runsOf(places, field, field);
    for (let run = 0; run + 1 < starts.length; run++) {
      const from = starts[run] as number;
      const to = starts[run + 1] as number;
      const at = (places[from] as number) * WINNER_WORDS + field * 2;
      const held = this.#winners[at] as number;
      const wasWork = isState && this.#isWork(held, this.#changeNumber(held, this.#winners[at + 1] as number));
      const changed = this.#replace(field, entry, k, stride, taken, places, from, to);
      if (isState && isWork !== wasWork) this.#worked += isWork ? changed : -changed;
    }
  }

  /** An operation of `entry` wins at places `from`..`to`, which are of one run, where it is later; how many findings those are. */
  #replace(
    field: number,
    entry: number,
    k: number,
    stride: number,
    taken: Uint32Array | null,
    places: Uint32Array,
    from: number,
    to: number,
  ): number {
    const winners = this.#winners;
    const entries = this.#entries;
    let changed = 0;
    for (let i = from; i < to; i++) {
      const at = (places[i] as number) * WINNER_WORDS + field * 2;
      const operation = (taken === null ? i : (taken[i] as number)) * stride + k;
      const held = winners[at] as number;
      const heldOperation = winners[at + 1] as number;
      if (held !== 0 && !entries.isLater(entry, operation, held - 1, heldOperation)) continue;
      // A finding that the entry names twice has changed already.
      if (held !== entry + 1 || heldOperation % stride !== k) changed++;
      winners[at] = entry + 1;
      winners[at + 1] = operation;
    }
    return changed;
  }

  #contain(places: Uint32Array, ms: number): void {
    for (const place of places) {
      if (!((this.#containedMs[place] as number) <= ms)) this.#containedMs[place] = ms;
    }
  }

  /** Whether change `number` of the entry, `winner` being 1 + it, left state `new`; where there is none it did not. */
  #isWork(winner: number, number: number): boolean {
    if (winner === 0) return false;
    const change = this.#entries.changes(winner - 1)[number];
    return change?.field === 'state' && change.state !== 'new';
  }

  /** Tells the engine state and owner of the rows at `places`, all that have the same at once. */
  #tellEngine(places: Uint32Array<ArrayBuffer>): void {
    const { rows } = this.#touched;
    const numbers = new Map<string, number>();
    const groups: { readonly status: TriageStatus; count: number }[] = [];
    const groupOf = new Uint32Array(places.length);
    const starts = this.#runsOf(places, WON.state, WON.owner);
    for (let run = 0; run + 1 < starts.length; run++) {
      const from = starts[run] as number;
      const to = starts[run + 1] as number;
      const status = this.#statusAt(places[from] as number);
      const name = JSON.stringify([status.state, status.resolution, status.owner]);
      const number = numbers.get(name) ?? groups.push({ status, count: 0 }) - 1;
      numbers.set(name, number);
      groupOf.fill(number, from, to);
      (groups[number] as { count: number }).count += to - from;
    }
    let end = 0;
    const ends = Uint32Array.from(groups, ({ count }) => (end += count) - count);
    const sorted = new Uint32Array(places.length);
    for (let i = 0; i < places.length; i++) {
      const group = groupOf[i] as number;
      sorted[(ends[group] as number)++] = rows[places[i] as number] as number;
    }
    groups.forEach(({ status, count }, i) => {
      const to = ends[i] as number;
      this.#engine.setStatus(sorted.subarray(to - count, to), status);
    });
  }

  /**
   * Cuts `places` where neighbours have other winners in one of two fields: where each run begins, and where the last one ends. Neighbours
   * were mostly changed by the same entries. NO_PLACE has no winners. The answer is valid until the next one.
   */
  #runsOf(places: Uint32Array, first: number, second: number): Uint32Array {
    const starts = places.length < KEPT_STARTS ? this.#starts : new Uint32Array(places.length + 1);
    const winners = this.#winners;
    let runs = 0;
    let ofFirst = -1;
    let ofSecond = -1;
    let firstNumber = 0;
    let secondNumber = 0;
    for (let i = 0; i < places.length; i++) {
      const place = places[i] as number;
      const isThere = place !== NO_PLACE;
      const at = isThere ? place * WINNER_WORDS : 0;
      const one = isThere ? (winners[at + first * 2] as number) : 0;
      const other = isThere ? (winners[at + second * 2] as number) : 0;
      const oneNumber = one === 0 ? 0 : this.#changeNumber(one, winners[at + first * 2 + 1] as number);
      const otherNumber = other === 0 ? 0 : this.#changeNumber(other, winners[at + second * 2 + 1] as number);
      const isSame = one === ofFirst && other === ofSecond && oneNumber === firstNumber && otherNumber === secondNumber;
      if (isSame) continue;
      starts[runs++] = i;
      ofFirst = one;
      ofSecond = other;
      firstNumber = oneNumber;
      secondNumber = otherNumber;
    }
    starts[runs++] = places.length;
    return starts.subarray(0, runs);
  }

  #statusAt(place: number): TriageStatus {
    const state = this.#won(place, 'state');
    const owner = this.#won(place, 'owner');
    const done = this.#won(place, 'done');
    return {
      state: state?.state ?? NEW_STATUS.state,
      resolution: state?.resolution ?? null,
      untilMs: state?.untilMs ?? null,
      owner: owner?.owner ?? null,
      done: done === null ? NEW_STATUS.done : { reset: done.reset, sessions: done.sessions, device: done.device },
      comments: this.#commentsAt(place),
    };
  }

  #commentsAt(place: number): number {
    return this.#comments[place] as number;
  }

  /** Which of its entry's changes an operation is; `winner` is 0 where there is none. */
  #changeNumber(winner: number, operation: number): number {
    return winner === 0 ? 0 : operation % this.#entries.stride(winner - 1);
  }

  #won<F extends WonField>(place: number, field: F): Extract<TriageChange, { readonly field: F }> | null {
    const at = place * WINNER_WORDS + WON[field] * 2;
    const held = this.#winners[at] as number;
    if (held === 0) return null;
    const change = this.#entries.changes(held - 1)[this.#changeNumber(held, this.#winners[at + 1] as number)];
    return change as Extract<TriageChange, { readonly field: F }>;
  }

  /** Room for all places there are. */
  #reserve(): void {
    const before = this.#comments.length;
    if (this.#touched.size <= before) return;
    const size = Math.max(this.#touched.size, before * 2);
    const winners = new Uint32Array(size * WINNER_WORDS);
    const comments = new Uint32Array(size);
    const containedMs = new Float64Array(size);
    winners.set(this.#winners);
    comments.set(this.#comments);
    containedMs.set(this.#containedMs);
    containedMs.fill(Number.NaN, before);
    [this.#winners, this.#comments, this.#containedMs] = [winners, comments, containedMs];
  }
}

function ruleKey({ state, done }: TriageStatus): number {
  const deeds = (done.reset ? 1 : 0) | (done.sessions ? 2 : 0) | (done.device ? 4 : 0);
  return TRIAGE_STATES.indexOf(state) * 8 + deeds;
}

function indicesOf(rows: Uint32Array, isTaken: (row: number) => boolean): Uint32Array<ArrayBuffer> {
  const indices = new Uint32Array(rows.length);
  let count = 0;
  for (let i = 0; i < rows.length; i++) if (isTaken(rows[i] as number)) indices[count++] = i;
  return indices.subarray(0, count);
}
