/** Which findings of the answer are chosen: some by id, or all but some. */
import type { FindingId } from '@sealpost/shared/opened/finding/finding';

type Selection =
  | { readonly kind: 'some'; readonly ids: ReadonlySet<FindingId> }
  | { readonly kind: 'all'; readonly except: ReadonlySet<FindingId> };

const NOTHING: Selection = { kind: 'some', ids: new Set() };

export class RowSelection {
  #chosen = $state.raw<Selection>(NOTHING);
  /** Where a range begins: the last row chosen by itself. */
  #anchor = -1;

  has(id: FindingId): boolean {
    return this.#chosen.kind === 'all' ? !this.#chosen.except.has(id) : this.#chosen.ids.has(id);
  }

  get isAll(): boolean {
    return this.#chosen.kind === 'all';
  }

  /** How many are chosen of an answer of `total`. */
  count(total: number): number {
    return this.#chosen.kind === 'some' ? this.#chosen.ids.size : total - this.#chosen.except.size;
  }

  /** Ids chosen one by one; `null` if all but some are. */
  get ids(): readonly FindingId[] | null {
    return this.#chosen.kind === 'some' ? [...this.#chosen.ids] : null;
  }

  set(index: number, id: FindingId, isChosen: boolean): void {
    this.#anchor = index;
    const chosen = this.#chosen;
    if (chosen.kind === 'all') this.#chosen = { kind: 'all', except: changed(chosen.except, id, !isChosen) };
    else this.#chosen = { kind: 'some', ids: changed(chosen.ids, id, isChosen) };
  }

  /** The rows from the last one chosen to `index`, both included: `[low, high]`. */
  rangeTo(index: number): readonly [number, number] {
    const from = this.#anchor < 0 ? index : this.#anchor;
    return from < index ? [from, index] : [index, from];
  }

  add(ids: readonly FindingId[]): void {
    if (this.#chosen.kind === 'some') this.#chosen = { kind: 'some', ids: new Set([...this.#chosen.ids, ...ids]) };
  }

  setAll(): void {
    this.#chosen = { kind: 'all', except: new Set() };
  }

  clear(): void {
    this.#chosen = NOTHING;
    this.#anchor = -1;
  }

  /** Rows moved by `by` in the list. */
  shift(by: number): void {
    if (this.#anchor >= 0) this.#anchor = Math.max(0, this.#anchor + by);
  }
}

function changed(ids: ReadonlySet<FindingId>, id: FindingId, isIn: boolean): ReadonlySet<FindingId> {
  const next = new Set(ids);
  if (isIn) next.add(id);
  else next.delete(id);
  return next;
}
