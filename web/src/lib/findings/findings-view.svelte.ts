/**
 * What the findings page shows: the question (search, filters, order), the answer's rows near the screen, the row under
 * the cursor and the selection. Lives as long as the frame, so that going to another page and back keeps it.
 */
import { createContext } from 'svelte';
import { TLPS } from '@sealpost/shared/opened/finding/finding';
import type { FindingId, Tlp } from '@sealpost/shared/opened/finding/finding';
import type { FacetField, Query, QueryResult, Row, SortField } from '@sealpost/shared/opened/query/query';
import type { TriageChange } from '@sealpost/shared/opened/triage/triage';
import type { ClientError } from '@sealpost/shared/opened/client/api';
import type { Result } from '@sealpost/shared/base/result';
import type { Vault } from '#lib/state/vault.svelte.ts';

const CHUNK = 120;
/** Chunks kept around the screen. */
const MAX_CHUNKS = 40;
/** As many ids as the engine hands out at once. */
const MAX_IDS = 100_000;

export type Filters = Query['filters'];

/** Which way each order reads naturally. */
const DESCENDING: Readonly<Record<SortField, boolean>> = {
  priority: true,
  score: true,
  captured: true,
  lastSeen: true,
  identity: false,
  host: false,
  state: false,
};

export type Selection =
  | { readonly kind: 'some'; readonly ids: ReadonlySet<FindingId> }
  | { readonly kind: 'all'; readonly except: ReadonlySet<FindingId> };

const NOTHING: Selection = { kind: 'some', ids: new Set() };

export class FindingsView {
  text = $state('');
  filters = $state.raw<Filters>({});
  sort = $state.raw<Query['sort']>({ by: 'priority', descending: true });
  answer = $state.raw<QueryResult | null>(null);
  selection = $state.raw<Selection>(NOTHING);
  /** Index in the answer; -1 before the first key. */
  cursor = $state(-1);
  /** The strictest label among the bundles whose findings may be on screen. */
  tlp = $state.raw<Tlp | null>(null);
  /** Where the list stood, so that coming back shows the same rows. */
  scrollPx = 0;

  readonly #vault: Vault;
  #chunks = $state.raw<ReadonlyMap<number, readonly Row[]>>(new Map());
  readonly #loading = new Set<string>();
  #view = { first: 0, count: CHUNK };
  #running = false;
  #again = false;
  #anchor = -1;

  readonly filterCount = $derived(
    Object.values(this.filters).reduce((sum, values) => sum + (values?.length ? 1 : 0), 0),
  );

  constructor(vault: Vault) {
    this.#vault = vault;
  }

  /** Reads the labels of all bundles again. */
  async readTlp(): Promise<void> {
    const bundles = await this.#vault.api.bundles();
    const strictest = Math.max(-1, ...bundles.map((bundle) => (bundle.withdrawn ? -1 : TLPS.indexOf(bundle.tlp))));
    this.tlp = TLPS[strictest] ?? null;
  }

  /** Asks again. While one question is being answered only the latest waits. */
  async run(): Promise<void> {
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = true;
    do {
      this.#again = false;
      const query: Query = { text: this.text, filters: this.filters, sort: this.sort };
      const answer = await this.#vault.api.query(query);
      this.#chunks = await this.#chunksFor(answer);
      this.#loading.clear();
      this.answer = answer;
      if (this.cursor >= answer.total) this.cursor = answer.total - 1;
    } while (this.#again);
    this.#running = false;
  }

  /** The rows on screen of a fresh answer, so that nothing flickers when it takes the place of the last. */
  async #chunksFor(answer: QueryResult): Promise<ReadonlyMap<number, readonly Row[]>> {
    const first = Math.floor(Math.min(this.#view.first, Math.max(0, answer.total - 1)) / CHUNK);
    const last = Math.floor((this.#view.first + this.#view.count) / CHUNK);
    const rows = await this.#vault.api.window(answer.token, first * CHUNK, (last - first + 1) * CHUNK);
    const chunks = new Map<number, readonly Row[]>();
    for (let chunk = first; chunk <= last; chunk++)
      chunks.set(chunk, rows.slice((chunk - first) * CHUNK, (chunk - first + 1) * CHUNK));
    return chunks;
  }

  /** A new question: the list starts at its top with nothing selected. */
  ask(change: { text?: string; filters?: Filters; sort?: Query['sort'] }): void {
    if (change.text !== undefined) this.text = change.text;
    if (change.filters) this.filters = change.filters;
    if (change.sort) this.sort = change.sort;
    this.cursor = -1;
    this.#anchor = -1;
    this.scrollPx = 0;
    this.#view = { first: 0, count: CHUNK };
    this.selection = NOTHING;
    void this.run();
  }

  sortBy(by: SortField): void {
    const descending = this.sort.by === by ? !this.sort.descending : DESCENDING[by];
    this.ask({ sort: { by, descending } });
  }

  /** Turns one value of a filter on or off. */
  toggle(field: FacetField, value: string): void {
    const values = this.filters[field] ?? [];
    const next = values.includes(value) ? values.filter((known) => known !== value) : [...values, value];
    const others = Object.entries(this.filters).filter(([other]) => other !== field);
    const filters: Filters = Object.fromEntries(next.length > 0 ? [...others, [field, next]] : others);
    this.ask({ filters });
  }

  /** The row at `index` if it is here; else it is fetched and appears by itself. */
  rowAt(index: number): Row | undefined {
    return this.#chunks.get(Math.floor(index / CHUNK))?.[index % CHUNK];
  }

  /** Fetches what `first..first+count` still lacks. */
  async need(first: number, count: number): Promise<void> {
    const answer = this.answer;
    if (!answer || count <= 0) return;
    this.#view = { first, count };
    for (let chunk = Math.floor(first / CHUNK); chunk * CHUNK < first + count; chunk++) {
      const key = `${answer.token} ${chunk}`;
      if (this.#chunks.has(chunk) || this.#loading.has(key)) continue;
      this.#loading.add(key);
      const rows = await this.#vault.api.window(answer.token, chunk * CHUNK, CHUNK);
      this.#loading.delete(key);
      if (this.answer?.token !== answer.token) return;
      const kept = [...this.#chunks].slice(-MAX_CHUNKS);
      this.#chunks = new Map([...kept, [chunk, rows]]);
    }
  }

  /* ---------- cursor ---------- */

  move(by: number): number {
    const total = this.answer?.total ?? 0;
    if (total === 0) return -1;
    this.cursor = Math.min(total - 1, Math.max(0, this.cursor + by));
    return this.cursor;
  }

  get current(): Row | undefined {
    return this.cursor < 0 ? undefined : this.rowAt(this.cursor);
  }

  async positionOf(id: FindingId): Promise<number> {
    return this.answer ? this.#vault.api.position(this.answer.token, id) : -1;
  }

  /** The finding `by` rows away from `id`, for reading on in the drawer. */
  async neighbour(id: FindingId, by: number): Promise<FindingId | null> {
    const at = await this.positionOf(id);
    const token = this.answer?.token;
    if (at < 0 || token === undefined || at + by < 0) return null;
    const [next] = await this.#vault.api.ids(token, at + by, at + by + 1);
    if (next) this.cursor = at + by;
    return next ?? null;
  }

  /* ---------- selection ---------- */

  isSelected(id: FindingId): boolean {
    return this.selection.kind === 'all' ? !this.selection.except.has(id) : this.selection.ids.has(id);
  }

  get selectedCount(): number {
    if (this.selection.kind === 'some') return this.selection.ids.size;
    return (this.answer?.total ?? 0) - this.selection.except.size;
  }

  select(index: number, id: FindingId, chosen: boolean): void {
    this.#anchor = index;
    this.cursor = index;
    if (this.selection.kind === 'all') {
      const except = new Set(this.selection.except);
      if (chosen) except.delete(id);
      else except.add(id);
      this.selection = { kind: 'all', except };
      return;
    }
    const ids = new Set(this.selection.ids);
    if (chosen) ids.add(id);
    else ids.delete(id);
    this.selection = { kind: 'some', ids };
  }

  /** From the last selected row to `index`, whatever lies between. */
  async selectTo(index: number): Promise<void> {
    if (!this.answer || this.selection.kind === 'all') return;
    const from = this.#anchor < 0 ? index : this.#anchor;
    const [low, high] = from < index ? [from, index] : [index, from];
    const between = await this.#vault.api.ids(this.answer.token, low, high + 1);
    this.selection = { kind: 'some', ids: new Set([...this.selection.ids, ...between]) };
    this.cursor = index;
  }

  selectAll(): void {
    this.selection = { kind: 'all', except: new Set() };
  }

  clearSelection(): void {
    this.selection = NOTHING;
    this.#anchor = -1;
  }

  /* ---------- triage ---------- */

  /** The ids that an action is about: the selection, else the row under the cursor. */
  async targets(): Promise<readonly FindingId[]> {
    if (this.selection.kind === 'some') {
      if (this.selection.ids.size > 0) return [...this.selection.ids];
      return this.current ? [this.current.id] : [];
    }
    const ids: FindingId[] = [];
    const { except } = this.selection;
    for (let from = 0; this.answer && from < this.answer.total; from += MAX_IDS)
      ids.push(...(await this.#vault.api.ids(this.answer.token, from, from + MAX_IDS)));
    return ids.filter((id) => !except.has(id));
  }

  /** Applies `changes`; the answer's `undo` takes all of them back. */
  async change(
    ids: readonly FindingId[],
    changes: readonly TriageChange[],
  ): Promise<Result<{ readonly applied: number; readonly undo: () => Promise<void> }, ClientError>> {
    const groups: string[] = [];
    let applied = 0;
    const undo = async () => {
      for (const group of groups.reverse()) await this.#vault.api.undo(group);
    };
    for (let from = 0; from < ids.length; from += MAX_IDS) {
      const done = await this.#vault.api.triage(ids.slice(from, from + MAX_IDS), changes);
      if (!done.ok) {
        await undo();
        return done;
      }
      groups.push(done.value.group);
      applied += done.value.applied;
    }
    return { ok: true, value: { applied, undo } };
  }
}

export const [useFindings, provideFindings] = createContext<FindingsView>();
