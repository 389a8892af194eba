/** Questions that somebody kept under a name: one sealed row, since there are few and they are read together. */
import type { Result } from '../../base/result.ts';
import { ok } from '../../base/result.ts';
import type { SavedView } from '../client/api/bundles.ts';
import type { SealedStore, StoreError, StoreTransaction } from './store.ts';

const ROW = 'views';

export class SavedViews {
  #list: readonly SavedView[];

  private constructor(list: readonly SavedView[]) {
    this.#list = list;
  }

  static async read(store: SealedStore): Promise<Result<SavedViews, StoreError>> {
    const row = await store.get('meta', ROW);
    if (!row.ok) return row;
    return ok(new SavedViews(Array.isArray(row.value) ? (row.value as unknown as readonly SavedView[]) : []));
  }

  /** In the order in which they were saved first. */
  get list(): readonly SavedView[] {
    return this.#list;
  }

  /** Replaces the view of the same id. Call the answer after the commit held. */
  put(tx: StoreTransaction, view: SavedView): () => void {
    const isKnown = this.#list.some(({ id }) => id === view.id);
    return this.#write(
      tx,
      isKnown ? this.#list.map((one) => (one.id === view.id ? view : one)) : [...this.#list, view],
    );
  }

  /** Call the answer after the commit held. */
  delete(tx: StoreTransaction, id: string): () => void {
    return this.#write(
      tx,
      this.#list.filter((view) => view.id !== id),
    );
  }

  #write(tx: StoreTransaction, list: readonly SavedView[]): () => void {
    tx.put('meta', ROW, list as readonly StoredView[]);
    return () => {
      this.#list = list;
    };
  }
}

/** As JSON keeps it. */
type StoredView = Omit<SavedView, 'query'> & { readonly query: Required<SavedView['query']> };
