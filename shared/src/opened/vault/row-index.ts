/**
 * The rows of one table as the manifest knows them: mark by id, ids in order, and which page names which row. A commit asks first
 * which pages it would rewrite (`plan`), and applies that once it is durable.
 */
import type { PageMark, RowMark } from './manifest.ts';

/** Rows a page names at most: a commit of one row seals about 3 kB for it. */
const PAGE_ROWS = 128;
/** A page with fewer rows than this is filled before a new one is begun. */
const SPARSE_ROWS = 32;

/** New mark by id; `null`: the row goes. */
export type RowChanges = ReadonlyMap<string, RowMark | null>;

/** A page as it will be. */
export interface PlannedPage {
  readonly page: number;
  /** Of the page that is replaced; 0 for a new one. */
  readonly rev: number;
  /** None: the page goes. */
  readonly rows: ReadonlyMap<string, RowMark>;
}

interface Page {
  mark: PageMark;
  ids: ReadonlySet<string>;
}

export class RowIndex {
  readonly #marks = new Map<string, RowMark>();
  readonly #pageOf = new Map<string, number>();
  readonly #pages = new Map<number, Page>();
  #sorted: string[] = [];

  /** Takes a page as read. `false` if it names a row that another page names, too. */
  load(mark: PageMark, rows: readonly (readonly [string, RowMark])[]): boolean {
    for (const [id, row] of rows) {
      if (this.#marks.has(id)) return false;
      this.#marks.set(id, row);
      this.#pageOf.set(id, mark.page);
    }
    this.#pages.set(mark.page, { mark, ids: new Set(rows.map(([id]) => id)) });
    return true;
  }

  /** To be called after the last `load`. */
  sort(): void {
    this.#sorted = [...this.#marks.keys()].sort();
  }

  get pages(): readonly PageMark[] {
    return Array.from(this.#pages.values(), ({ mark }) => mark);
  }

  get size(): number {
    return this.#sorted.length;
  }

  mark(id: string): RowMark | undefined {
    return this.#marks.get(id);
  }

  /** Ids in code unit order that begin with `prefix`. */
  ids(prefix: string): readonly string[] {
    if (prefix === '') return this.#sorted.slice();
    const from = this.#place(prefix);
    let to = from;
    // Ids under one prefix lie together; few tables have many, so the end is found by walking.
    while (to < this.#sorted.length && (this.#sorted[to] as string).startsWith(prefix)) to++;
    return this.#sorted.slice(from, to);
  }

  /** The pages that `changes` touch, as they will be. Nothing changes yet. */
  plan(changes: RowChanges): readonly PlannedPage[] {
    const touched = new Map<number, Map<string, RowMark>>();
    const rowsOf = (page: number): Map<string, RowMark> => {
      const known = touched.get(page);
      if (known !== undefined) return known;
      const rows = new Map<string, RowMark>();
      for (const id of this.#pages.get(page)?.ids ?? []) rows.set(id, this.#marks.get(id) as RowMark);
      touched.set(page, rows);
      return rows;
    };
    let open: number | null = null;
    for (const [id, mark] of changes) {
      const known = this.#pageOf.get(id);
      if (mark === null) {
        if (known !== undefined) rowsOf(known).delete(id);
        continue;
      }
      if (known === undefined && (open === null || rowsOf(open).size >= PAGE_ROWS)) open = this.#roomyPage(touched);
      rowsOf(known ?? (open as number)).set(id, mark);
    }
    return Array.from(touched, ([page, rows]) => ({ page, rev: this.#pages.get(page)?.mark.rev ?? 0, rows }));
  }

  /** Pages as they are in the root once `planned` was written with `marks`. */
  pagesAfter(planned: readonly PlannedPage[], marks: ReadonlyMap<number, PageMark>): readonly PageMark[] {
    const after = new Map(Array.from(this.#pages, ([page, { mark }]) => [page, mark]));
    for (const { page } of planned) {
      const mark = marks.get(page);
      if (mark === undefined) after.delete(page);
      else after.set(page, mark);
    }
    return [...after.values()];
  }

  /** What was planned is durable. */
  apply(changes: RowChanges, planned: readonly PlannedPage[], marks: ReadonlyMap<number, PageMark>): void {
    for (const { page, rows } of planned) {
      const mark = marks.get(page);
      if (mark === undefined) this.#pages.delete(page);
      else this.#pages.set(page, { mark, ids: new Set(rows.keys()) });
      for (const id of rows.keys()) this.#pageOf.set(id, page);
    }
    for (const [id, mark] of changes) {
      const isKnown = this.#marks.has(id);
      if (mark !== null) {
        this.#marks.set(id, mark);
        if (!isKnown) this.#sorted.splice(this.#place(id), 0, id);
      } else if (isKnown) {
        this.#marks.delete(id);
        this.#pageOf.delete(id);
        this.#sorted.splice(this.#place(id), 1);
      }
    }
  }

  /** The newest page with room, else a sparse one, else a new number. */
  #roomyPage(touched: ReadonlyMap<number, ReadonlyMap<string, RowMark>>): number {
    const sizeOf = (page: number) => touched.get(page)?.size ?? this.#pages.get(page)?.ids.size ?? 0;
    let newest = 0;
    let sparse: number | null = null;
    for (const page of new Set([...this.#pages.keys(), ...touched.keys()])) {
      newest = Math.max(newest, page);
      if (sizeOf(page) < SPARSE_ROWS) sparse = page;
    }
    if (newest > 0 && sizeOf(newest) < PAGE_ROWS) return newest;
    return sparse ?? newest + 1;
  }

  /** Place of `id`, or where it belongs. */
  #place(id: string): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sorted[middle] as string) < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
