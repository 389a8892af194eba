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
import { TouchedRows } from './touched-rows.ts';

/** Fields of which the last writer wins, by their place among a row's winners. */
const WON = { state: 0, owner: 1, done: 2 } as const;
type WonField = keyof typeof WON;
const WINNER_WORDS = 6;

export class Overlay {
  readonly #engine: Engine;
  readonly #entries: EntryTable;
  // Loops over rows do without array patterns: before they are compiled, those cost ten times the rest, and one pattern in a loop makes
  // compiling it take 100 ms and more.
  readonly #touched = new TouchedRows();
  /** Per place and field: entry number + 1 (0: nobody) and operation number. */
  #winners = new Uint32Array(0);
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
    const winners = this.#winners;
    let stateEntry = 0;
    let stateNumber = 0;
    let doneEntry = 0;
    let doneNumber = 0;
    let key = 0;
    for (let i = 0; i < rows.length; i++) {
      const place = this.#touched.find(rows[i] as number);
      if (place < 0) continue;
      const at = place * WINNER_WORDS;
      const state = winners[at + WON.state * 2] as number;
      const done = winners[at + WON.done * 2] as number;
      const ofState = this.#changeNumber(state, winners[at + WON.state * 2 + 1] as number);
      const ofDone = this.#changeNumber(done, winners[at + WON.done * 2 + 1] as number);
      // Neighbours were mostly changed by the same entries.
      if (state !== stateEntry || ofState !== stateNumber || done !== doneEntry || ofDone !== doneNumber) {
        stateEntry = state;
        stateNumber = ofState;
        doneEntry = done;
        doneNumber = ofDone;
        key = ruleKey(this.#statusAt(place));
      }
      keys[i] = key;
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
    const winners = this.#winners;
    const entries = this.#entries;
    const field = WON[change.field] * 2;
    const isState = change.field === 'state';
    if (isState && (change.state === 'contained' || change.state === 'closed'))
      this.#contain(places, entries.ms(entry));
    const isWork = isState && change.state !== 'new';
    // What is asked of one winner holds for all rows that have the same: most have.
    let before = 0;
    let beforeNumber = 0;
    let wasWork = false;
    for (let i = 0; i < places.length; i++) {
      const at = (places[i] as number) * WINNER_WORDS + field;
      const operation = (taken === null ? i : (taken[i] as number)) * stride + k;
      const held = winners[at] as number;
      const heldOperation = winners[at + 1] as number;
      if (held !== 0 && !entries.isLater(entry, operation, held - 1, heldOperation)) continue;
      if (isState) {
        const heldNumber = this.#changeNumber(held, heldOperation);
        if (held !== before || heldNumber !== beforeNumber) {
          before = held;
          beforeNumber = heldNumber;
          wasWork = this.#isWork(held, heldNumber);
        }
        if (isWork !== wasWork) this.#worked += isWork ? 1 : -1;
      }
      winners[at] = entry + 1;
      winners[at + 1] = operation;
    }
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
    const winners = this.#winners;
    const numbers = new Map<string, number>();
    const groups: { readonly status: TriageStatus; count: number }[] = [];
    const groupFor = (status: TriageStatus): number => {
      const name = JSON.stringify([status.state, status.resolution, status.owner]);
      const known = numbers.get(name) ?? groups.push({ status, count: 0 }) - 1;
      numbers.set(name, known);
      return known;
    };
    const groupOf = new Uint32Array(places.length);
    let state = -1;
    let stateNumber = 0;
    let owner = 0;
    let ownerNumber = 0;
    let number = 0;
    for (let i = 0; i < places.length; i++) {
      const at = (places[i] as number) * WINNER_WORDS;
      const ofState = winners[at] as number;
      const ofOwner = winners[at + 2] as number;
      const stateChange = this.#changeNumber(ofState, winners[at + 1] as number);
      const ownerChange = this.#changeNumber(ofOwner, winners[at + 3] as number);
      // Neighbours were mostly changed by the same entries.
      if (ofState !== state || stateChange !== stateNumber || ofOwner !== owner || ownerChange !== ownerNumber) {
        state = ofState;
        stateNumber = stateChange;
        owner = ofOwner;
        ownerNumber = ownerChange;
        number = groupFor(this.#statusAt(places[i] as number));
      }
      groupOf[i] = number;
      (groups[number] as { count: number }).count++;
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
