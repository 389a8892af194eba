/** The groups of an answer and the findings of those that are open, fetched as they are looked at. */
import type { Group, GroupField, Query, QueryResult, Row } from '@sealpost/shared/opened/query/query';
import type { Vault } from '#lib/state/vault.svelte.ts';
import { countLines, groupsAmong, lineAt, lineOfGroup } from './group-lines.ts';
import type { GroupLine, OpenGroup } from './group-lines.ts';
import { PinnedList } from './pinned-list.svelte.ts';
import type { StagedLines } from './pinned-list.svelte.ts';
import { withValues } from './question.ts';

/** Findings shown of an open group; the rest is a list of its own. */
const SHOWN = 50;

/** A pinned answer and by what it is grouped. */
interface GroupPin {
  readonly answer: QueryResult;
  readonly by: GroupField;
  readonly query: Query;
}

export class GroupList {
  #open = $state.raw<readonly OpenGroup[]>([]);
  #pin = $state.raw<GroupPin | null>(null);
  readonly #vault: Vault;
  readonly #groups: PinnedList<Group, GroupPin>;

  readonly lines = $derived.by(() => countLines(this.#groups.total, this.#open));

  constructor(vault: Vault, onLost: () => void) {
    this.#vault = vault;
    this.#groups = new PinnedList(async ({ answer, by }, offset, limit) => {
      const page = await vault.api.groups(answer.token, by, offset, limit);
      return { total: page.total, items: page.groups };
    }, onLost);
  }

  /** Groups, without the lines of the open ones. */
  get total(): number {
    return this.#groups.total;
  }

  at(index: number): GroupLine {
    return lineAt(this.#open, index);
  }

  group(index: number): Group | undefined {
    return this.#groups.at(index);
  }

  /** The finding in the line, if the line is one. */
  rowAt(line: number): Row | undefined {
    const found = this.at(line);
    return found.kind === 'row' ? found.row : undefined;
  }

  isOpen(index: number): boolean {
    return this.#open.some((group) => group.index === index);
  }

  need(first: number, count: number): void {
    const [from, groups] = groupsAmong(this.#open, first, count);
    this.#groups.need(from, groups);
  }

  toTop(): void {
    this.#groups.toTop();
    this.#open = [];
  }

  async stage(answer: QueryResult, query: Query, by: GroupField): Promise<StagedLines<Group, GroupPin> | null> {
    const staged = await this.#groups.stage({ answer, query, by });
    // An answer with findings has groups: none means that its pin is gone.
    return staged?.total === 0 && answer.total > 0 ? null : staged;
  }

  /** Takes over what was staged; open groups that are still where they were are read again. */
  show(staged: StagedLines<Group, GroupPin>): void {
    this.#groups.show(staged);
    this.#pin = staged.pin;
    const open = this.#open.filter(({ index, value }) => this.group(index)?.value === value);
    this.#open = open;
    for (const { index } of open) void this.open(index);
  }

  /** Shows the findings of a group. */
  async open(index: number): Promise<void> {
    const group = this.group(index);
    const pin = this.#pin;
    if (!group || !pin) return;
    const filters = withValues(pin.query.filters, pin.by, [group.value]);
    const { token, total } = await this.#vault.api.query({ ...pin.query, filters });
    const rows = await this.#vault.api.window(token, 0, SHOWN);
    if (this.#pin !== pin) return;
    const others = this.#open.filter((other) => other.index !== index);
    this.#open = [...others, { index, value: group.value, rows, total }].sort((a, b) => a.index - b.index);
  }

  /** Hides them again. */
  close(index: number): void {
    this.#open = this.#open.filter((group) => group.index !== index);
  }

  lineOf(index: number): number {
    return lineOfGroup(this.#open, index);
  }
}
