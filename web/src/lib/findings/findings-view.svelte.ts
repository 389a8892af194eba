/**
 * What the findings page shows: the question (search, filters, order, grouping), the pinned answer, where the list stands and
 * the line under the cursor. Lives as long as the frame, so that going to another page and back keeps it.
 */
import { createContext } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import { TLPS } from '@sealpost/shared/opened/finding/finding';
import type { FindingId, Tlp } from '@sealpost/shared/opened/finding/finding';
import type { FilterField, QueryResult, Row, SortField } from '@sealpost/shared/opened/query/query';
import type { Vault } from '#lib/state/vault.svelte.ts';
import { GroupList } from './group-list.svelte.ts';
import { PinnedList } from './pinned-list.svelte.ts';
import { countFilters, EVERYTHING, isSameQuestion, queryOf, sortedBy, withToggled, withValues } from './question.ts';
import type { Question } from './question.ts';
import { RowSelection } from './row-selection.svelte.ts';
import { MAX_IDS } from './triage-changes.ts';

/** Questions to go back to. */
const MAX_EARLIER = 20;
/** Machines of one filter that are named. */
const MAX_NAMED = 50;
/** Asks again so often when other tabs' questions push this one's pin out; then the next change tries anew. */
const MAX_TRIES = 4;

export class FindingsView {
  question = $state.raw<Question>(EVERYTHING);
  /** `null` until the first answer. */
  answer = $state.raw<QueryResult | null>(null);
  /** Line of the list; -1 before the first key. */
  cursor = $state(-1);
  /** Row at the upper edge of the list, with its fraction. */
  topRow = $state(0);
  /** Findings that came while the list was being read and are not in it yet. */
  news = $state(0);
  /** The strictest label among the bundles whose findings may be on screen. */
  tlp = $state.raw<Tlp | null>(null);
  /** The page of the list is shown. */
  isShown = false;
  /** The pointer rests on the list or a finding is open: then nothing may move in it by itself. */
  isBeingRead = false;
  /** Lines that fit on the screen. */
  pageLines = 1;
  /** A line to bring onto the screen. */
  toShow = $state.raw<{ readonly line: number } | null>(null);

  readonly rows: PinnedList<Row, QueryResult>;
  readonly groups: GroupList;
  readonly selection = new RowSelection();
  readonly filterCount = $derived.by(() => countFilters(this.question));
  readonly selectedCount = $derived.by(() => this.selection.count(this.answer?.total ?? 0));
  /** Lines of the list: findings, or groups with the findings of the open ones. */
  readonly lines = $derived.by(() => (this.question.groupBy ? this.groups.lines : this.rows.total));

  readonly #vault: Vault;
  #earlier = $state.raw<readonly Question[]>([]);
  #running: Promise<void> | null = null;
  #again = false;
  #received = -1;
  /** Names of machines that were chosen: a filter holds their keyed id. Leaked text. */
  readonly #machineNames = new SvelteMap<string, string>();

  constructor(vault: Vault) {
    this.#vault = vault;
    const askAgain = () => void this.run();
    this.rows = new PinnedList(async (answer, offset, limit) => {
      const items = await vault.api.window(answer.token, offset, limit);
      return { total: answer.total, items };
    }, askAgain);
    this.groups = new GroupList(vault, askAgain);
  }

  /* ---------- asking ---------- */

  /** A new question: the list starts at its top with nothing chosen. Settles when it is answered. */
  ask(change: Partial<Question>): Promise<void> {
    this.question = { ...this.question, ...change };
    this.cursor = -1;
    this.topRow = 0;
    this.rows.toTop();
    this.groups.toTop();
    this.selection.clear();
    return this.run();
  }

  /** A new question with a way back to this one. */
  leadTo(question: Partial<Question>): void {
    if (isSameQuestion(this.question, { ...this.question, ...question })) return;
    this.#earlier = [...this.#earlier.slice(1 - MAX_EARLIER), this.question];
    void this.ask(question);
  }

  /** Everything about one account, machine, secret, host or source, whatever was asked before. */
  pivot(field: FilterField, value: string, name: string | null = null): void {
    if (field === 'machine' && name) this.#machineNames.set(value, name);
    this.leadTo({ ...EVERYTHING, sort: this.question.sort, filters: { [field]: [value] } });
  }

  /** The findings of one group, as a list. */
  narrow(field: FilterField, value: string, name: string | null = null): void {
    if (field === 'machine' && name) this.#machineNames.set(value, name);
    this.leadTo({ filters: withValues(this.question.filters, field, [value]), groupBy: null });
  }

  /** The name of a machine that was chosen by its keyed id, if it has one. */
  machineName(id: string): string | undefined {
    return this.#machineNames.get(id);
  }

  get canGoBack(): boolean {
    return this.#earlier.length > 0;
  }

  back(): void {
    const last = this.#earlier.at(-1);
    this.#earlier = this.#earlier.slice(0, -1);
    if (last) void this.ask(last);
  }

  sortBy(by: SortField): void {
    void this.ask({ sort: sortedBy(this.question.sort, by) });
  }

  /** Turns one value of a filter on or off. */
  toggle(field: FilterField, value: string): void {
    void this.ask({ filters: withToggled(this.question.filters, field, value) });
  }

  /** Answers the question, also again: the latest wins, and what is being read stays where it is. */
  run(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#runAll().finally(() => (this.#running = null));
    return this.#running;
  }

  async #runAll(): Promise<void> {
    for (let tries = 0; this.#again && tries < MAX_TRIES;) {
      this.#again = false;
      const answered = await this.#runOnce();
      if (this.#again) tries = 0;
      else if (!answered) {
        this.#again = true;
        tries++;
      }
    }
    this.#again = false;
  }

  /** `false` if the answer's pin was gone before its lines were read. */
  async #runOnce(): Promise<boolean> {
    const { question } = this;
    const query = queryOf(question);
    const held = this.#held();
    const answer = await this.#vault.api.query(query);
    if (this.#again) return true;
    if (question.groupBy) {
      const staged = await this.groups.stage(answer, query, question.groupBy);
      if (!staged || this.#again) return staged !== null;
      this.groups.show(staged);
    } else {
      const at = held ? await this.#vault.api.position(answer.token, held.id) : -1;
      const shift = held && at >= 0 ? at - held.index : 0;
      const staged = await this.rows.stage(answer, shift);
      if (!staged || this.#again) return staged !== null;
      this.rows.show(staged);
      this.#shift(shift);
    }
    this.answer = answer;
    this.news = 0;
    void this.#nameMachines(answer);
    this.cursor = Math.min(this.cursor, this.lines - 1);
    return true;
  }

  /** Machines that came into the filter by their keyed id alone, with a saved view, get their names. */
  async #nameMachines({ token, total }: QueryResult): Promise<void> {
    const unnamed = this.question.filters.machine?.filter((id) => id !== '' && !this.#machineNames.has(id)) ?? [];
    if (unnamed.length === 0 || total === 0) return;
    const { groups } = await this.#vault.api.groups(token, 'machine', 0, MAX_NAMED);
    for (const { value, label } of groups) if (value !== label) this.#machineNames.set(value, label);
  }

  /** The finding that must stay where it is when the question is answered again: under the cursor, else at the upper edge. */
  #held(): { readonly id: FindingId; readonly index: number } | null {
    if (this.question.groupBy || (this.cursor < 0 && this.topRow === 0)) return null;
    const isCursorSeen = this.cursor >= this.topRow && this.cursor < this.topRow + this.pageLines;
    const index = isCursorSeen ? this.cursor : Math.ceil(this.topRow);
    const row = this.rows.at(index);
    return row ? { id: row.id, index } : null;
  }

  #shift(by: number): void {
    if (by === 0) return;
    this.topRow = Math.max(0, this.topRow + by);
    if (this.cursor >= 0) this.cursor = Math.max(0, this.cursor + by);
    this.selection.shift(by);
  }

  /* ---------- what changes by itself ---------- */

  /**
   * Findings changed: by triage, which shows at once, or by a bundle, which is only told while somebody reads the list.
   * `byBundles`: bundles came or went, too.
   */
  async refresh(byBundles: boolean): Promise<void> {
    const arrived = byBundles ? await this.#readBundles() : 0;
    if (!this.isShown || !this.answer) return;
    const isFree = !this.isBeingRead && this.cursor < 0 && this.topRow === 0 && this.selectedCount === 0;
    const waits = byBundles && arrived >= 0 && this.news + arrived > 0 && this.answer.total > 0 && !isFree;
    if (waits) this.news += arrived;
    else await this.run();
  }

  /** Reads the bundles' labels; answers how many findings they brought since the last time. */
  async #readBundles(): Promise<number> {
    const bundles = (await this.#vault.api.bundles()).filter((bundle) => !bundle.withdrawn);
    this.tlp = TLPS[Math.max(-1, ...bundles.map((bundle) => TLPS.indexOf(bundle.tlp)))] ?? null;
    const received = bundles.reduce((sum, bundle) => sum + bundle.added, 0);
    const before = this.#received;
    this.#received = received;
    return before < 0 ? 0 : received - before;
  }

  /* ---------- cursor ---------- */

  move(by: number): number {
    if (this.lines === 0) return -1;
    this.#putCursor(Math.min(this.lines - 1, Math.max(0, this.cursor + by)));
    return this.cursor;
  }

  #putCursor(line: number): void {
    this.cursor = line;
    this.toShow = { line };
  }

  /** The finding in a line, if it is here. */
  rowAt(line: number): Row | undefined {
    return this.question.groupBy ? this.groups.rowAt(line) : this.rows.at(line);
  }

  get current(): Row | undefined {
    return this.cursor < 0 ? undefined : this.rowAt(this.cursor);
  }

  /** The finding `by` rows away from `id`, for reading on in the drawer. */
  async neighbour(id: FindingId, by: number): Promise<FindingId | null> {
    if (!this.answer || this.question.groupBy) return null;
    let at = await this.#vault.api.position(this.answer.token, id);
    if (at < 0) {
      await this.run();
      at = await this.#vault.api.position(this.answer.token, id);
    }
    if (at < 0 || at + by < 0) return null;
    const [next] = await this.#vault.api.ids(this.answer.token, at + by, at + by + 1);
    if (next) this.#putCursor(at + by);
    return next ?? null;
  }

  /* ---------- choosing ---------- */

  /** From the last chosen row to `index`, whatever lies between. */
  async selectTo(index: number): Promise<void> {
    if (this.selection.isAll || this.question.groupBy) return;
    const [low, high] = this.selection.rangeTo(index);
    this.selection.add((await this.#idsBetween(low, high + 1)) ?? []);
    this.cursor = index;
  }

  /** The ids that an action is about: what is chosen, else the row under the cursor. */
  async targets(): Promise<readonly FindingId[]> {
    const { ids } = this.selection;
    if (ids) return ids.length > 0 ? ids : this.current ? [this.current.id] : [];
    const all = await this.#idsBetween(0, this.answer?.total ?? 0);
    return (all ?? []).filter((id) => this.selection.has(id));
  }

  /** All ids of a stretch, or `null`: never a part of them. Asks again where the pin is gone. */
  async #idsBetween(from: number, to: number): Promise<readonly FindingId[] | null> {
    for (let tries = 0; tries < 2; tries++) {
      const token = this.answer?.token;
      if (token === undefined) return null;
      const ids: FindingId[] = [];
      for (let at = from; at < to; at += MAX_IDS)
        ids.push(...(await this.#vault.api.ids(token, at, Math.min(to, at + MAX_IDS))));
      if (ids.length === to - from) return ids;
      await this.run();
    }
    return null;
  }
}

export const [useFindings, provideFindings] = createContext<FindingsView>();
