/**
 * What the journal makes of each row of an engine: the latest state, owner and deeds, comments counted, the first containment. Flat
 * arrays by row number, in pages that exist where something was done; the last writer wins by logical time, device and operation id,
 * exactly as `foldOperations` has it, in whichever order entries come.
 */
import type { Ms } from '../../base/brand.ts';
import type { Engine } from '../query/engine.ts';
import { NO_ROW } from '../query/engine.ts';
import type { FirstContained } from '../query/overview.ts';
import type { EntryTable } from '../triage/entry-table.ts';
import { ID_BYTES } from '../triage/journal-entry.ts';
import { NEW_STATUS } from '../triage/status.ts';
import type { TriageChange, TriageStatus } from '../triage/triage.ts';
import { TRIAGE_STATES } from '../triage/triage.ts';

const PAGE_BITS = 14;
const PAGE_ROWS = 1 << PAGE_BITS;

/** Fields of which the last writer wins, by their place in a page's winners. */
const WON = { state: 0, owner: 1, done: 2 } as const;
type WonField = keyof typeof WON;

interface Page {
  /** Per row and field: entry number + 1 (0: nobody) and operation number. */
  readonly winners: Uint32Array;
  readonly comments: Uint32Array;
  /** NaN: never contained or closed. */
  readonly containedMs: Float64Array;
}

export class Overlay {
  readonly #engine: Engine;
  readonly #entries: EntryTable;
  readonly #pages: (Page | undefined)[] = [];
  /** Entries that name findings which are not in the engine. */
  readonly #waiting = new Set<number>();
  /** Rows that are not in state `new`. */
  #touched = 0;

  constructor(engine: Engine, entries: EntryTable) {
    this.#engine = engine;
    this.#entries = entries;
  }

  /** Rows of the engine in state `new`. */
  get untouched(): number {
    return this.#engine.rows - this.#touched;
  }

  /** Takes all entries there are: for an engine that has just been loaded. */
  foldAll(): void {
    for (let number = 0; number < this.#entries.size; number++) this.#fold(number, 0);
    const rows: number[] = [];
    this.#pages.forEach((page, at) => {
      for (let row = 0; page !== undefined && row < PAGE_ROWS; row++) {
        if (page.winners[row * WINNER_WORDS] !== 0 || page.winners[row * WINNER_WORDS + 2] !== 0) {
          rows.push(at * PAGE_ROWS + row);
        }
      }
    });
    this.#tellEngine(Uint32Array.from(rows));
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
    const page = this.#pages[row >>> PAGE_BITS];
    if (page === undefined) return NEW_STATUS;
    const state = this.#won(page, row, 'state');
    const owner = this.#won(page, row, 'owner');
    const done = this.#won(page, row, 'done');
    return {
      state: state?.state ?? NEW_STATUS.state,
      resolution: state?.resolution ?? null,
      untilMs: state?.untilMs ?? null,
      owner: owner?.owner ?? null,
      done: done === null ? NEW_STATUS.done : { reset: done.reset, sessions: done.sessions, device: done.device },
      comments: page.comments[row % PAGE_ROWS] as number,
    };
  }

  /** A number for each status that the rules of triage can tell apart, small enough for a table of 128. */
  ruleKey(row: number): number {
    const page = this.#pages[row >>> PAGE_BITS];
    if (page === undefined) return 0;
    const state = this.#won(page, row, 'state')?.state ?? 'new';
    const done = this.#won(page, row, 'done');
    const deeds = (done?.reset ? 1 : 0) | (done?.sessions ? 2 : 0) | (done?.device ? 4 : 0);
    return TRIAGE_STATES.indexOf(state) * 8 + deeds;
  }

  /** Rows that were ever contained or closed. Cost: one look at each row that has a page. */
  firstContained(): FirstContained {
    const rows: number[] = [];
    const atMs: Ms[] = [];
    this.#pages.forEach((page, at) => {
      for (let row = 0; page !== undefined && row < PAGE_ROWS; row++) {
        const ms = page.containedMs[row] as number;
        if (Number.isNaN(ms)) continue;
        rows.push(at * PAGE_ROWS + row);
        atMs.push(ms);
      }
    });
    return { rows: Uint32Array.from(rows), atMs: Float64Array.from(atMs) };
  }

  /** Folds one entry into rows `from` and above; the rows whose state or owner may have changed. */
  #fold(number: number, from: number, known?: Uint32Array): Uint32Array {
    const entries = this.#entries;
    const changes = entries.changes(number);
    const stride = entries.stride(number);
    const rows = known ?? this.#engine.rowsOf(entries.ids(number));
    const shown = changes.some(({ field }) => field === 'state' || field === 'owner') ? rows : new Uint32Array(0);
    let isWaiting = false;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      if (row === NO_ROW) isWaiting = true;
      if (row === NO_ROW || row < from) continue;
      const page = this.#page(row);
      for (let k = 0; k < changes.length; k++)
        this.#apply(page, row, number, i * stride + k, changes[k] as TriageChange);
    }
    if (isWaiting) this.#waiting.add(number);
    else this.#waiting.delete(number);
    return isWaiting || from > 0 ? shown.filter((row) => row !== NO_ROW && row >= from) : shown;
  }

  #apply(page: Page, row: number, entry: number, operation: number, change: TriageChange): void {
    const at = row % PAGE_ROWS;
    if (change.field === 'comment') {
      page.comments[at] = (page.comments[at] as number) + 1;
      return;
    }
    if (change.field === 'state' && (change.state === 'contained' || change.state === 'closed')) {
      const ms = this.#entries.ms(entry);
      if (!((page.containedMs[at] as number) <= ms)) page.containedMs[at] = ms;
    }
    const place = at * WINNER_WORDS + WON[change.field] * 2;
    const { winners } = page;
    const held = winners[place] as number;
    if (held !== 0 && !this.#entries.isLater(entry, operation, held - 1, winners[place + 1] as number)) return;
    if (change.field === 'state') {
      this.#touched += (change.state === 'new' ? 0 : 1) - (this.#isNew(held, winners[place + 1] as number) ? 0 : 1);
    }
    winners[place] = entry + 1;
    winners[place + 1] = operation;
  }

  /** Whether an operation on the state, `winner` being 1 + its entry, made it `new`; where there is none it is. */
  #isNew(winner: number, operation: number): boolean {
    if (winner === 0) return true;
    const change = this.#entries.changes(winner - 1)[this.#changeNumber(winner, operation)];
    return change?.field === 'state' && change.state === 'new';
  }

  /** Tells the engine state and owner of `rows`, all that have the same at once. */
  #tellEngine(rows: Uint32Array): void {
    const numbers = new Map<string, number>();
    const groups: { readonly status: TriageStatus; count: number }[] = [];
    const groupOf = new Uint32Array(rows.length);
    let number = 0;
    let before: readonly [number, number, number, number] | null = null;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      const { winners } = this.#pages[row >>> PAGE_BITS] as Page;
      const place = (row % PAGE_ROWS) * WINNER_WORDS;
      const [state, owner] = [winners[place] as number, winners[place + 2] as number];
      const stateChange = this.#changeNumber(state, winners[place + 1] as number);
      const ownerChange = this.#changeNumber(owner, winners[place + 3] as number);
      // Neighbours were mostly changed by the same entries.
      const isSame =
        before?.[0] === state && before[1] === stateChange && before[2] === owner && before[3] === ownerChange;
      if (!isSame) {
        before = [state, stateChange, owner, ownerChange];
        const status = this.status(row);
        const name = JSON.stringify([status.state, status.resolution, status.owner]);
        number = numbers.get(name) ?? groups.push({ status, count: 0 }) - 1;
        numbers.set(name, number);
      }
      groupOf[i] = number;
      (groups[number] as { count: number }).count++;
    }
    let end = 0;
    const places = Uint32Array.from(groups, ({ count }) => (end += count) - count);
    const sorted = new Uint32Array(rows.length);
    rows.forEach((row, i) => {
      const group = groupOf[i] as number;
      const place = places[group] as number;
      sorted[place] = row;
      places[group] = place + 1;
    });
    groups.forEach(({ status, count }, i) => {
      const to = places[i] as number;
      this.#engine.setStatus(sorted.subarray(to - count, to), status);
    });
  }

  /** Which of its entry's changes an operation is; `winner` is 0 where there is none. */
  #changeNumber(winner: number, operation: number): number {
    return winner === 0 ? 0 : operation % this.#entries.stride(winner - 1);
  }

  #won<F extends WonField>(page: Page, row: number, field: F): Extract<TriageChange, { readonly field: F }> | null {
    const place = (row % PAGE_ROWS) * WINNER_WORDS + WON[field] * 2;
    const held = page.winners[place] as number;
    if (held === 0) return null;
    const operation = page.winners[place + 1] as number;
    const change = this.#entries.changes(held - 1)[operation % this.#entries.stride(held - 1)];
    return change as Extract<TriageChange, { readonly field: F }>;
  }

  #page(row: number): Page {
    const at = row >>> PAGE_BITS;
    const known = this.#pages[at];
    if (known !== undefined) return known;
    const page = {
      winners: new Uint32Array(PAGE_ROWS * WINNER_WORDS),
      comments: new Uint32Array(PAGE_ROWS),
      containedMs: new Float64Array(PAGE_ROWS).fill(Number.NaN),
    };
    this.#pages[at] = page;
    return page;
  }
}

const WINNER_WORDS = 6;
