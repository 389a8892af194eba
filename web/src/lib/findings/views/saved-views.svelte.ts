/** Questions kept under a name in the vault: read once, read again when another tab changes them. */
import { createContext } from 'svelte';
import { toBase64url } from '@sealpost/shared/base/base64url';
import type { SavedView } from '@sealpost/shared/opened/client/api/bundles';
import type { ClientError } from '@sealpost/shared/opened/client/api/client-error';
import type { Vault } from '#lib/state/vault.svelte.ts';
import type { FindingsView } from '../findings-view.svelte.ts';
import { isSameQuestion, queryOf, questionOf } from '../question.ts';

const ID_BYTES = 16;

export class SavedViews {
  list = $state.raw<readonly SavedView[]>([]);
  /** The view that was chosen last. */
  chosenId = $state<string | null>(null);
  readonly #vault: Vault;
  readonly #findings: FindingsView;

  /** The chosen view as it was saved, while it exists. */
  readonly chosen = $derived.by(() => this.list.find((view) => view.id === this.chosenId) ?? null);
  /** The question differs from the chosen view. */
  readonly isChanged = $derived.by(() => this.chosen !== null && !this.isShown(this.chosen));

  constructor(vault: Vault, findings: FindingsView) {
    this.#vault = vault;
    this.#findings = findings;
  }

  async read(): Promise<void> {
    this.list = (await this.#vault.api.savedViews()).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** `true` if the page shows just this. */
  isShown(view: SavedView): boolean {
    return isSameQuestion(this.#findings.question, questionOf(view.query, view.groupBy));
  }

  show(view: SavedView): void {
    this.chosenId = view.id;
    this.#findings.leadTo(questionOf(view.query, view.groupBy));
  }

  /** Keeps the present question under `name`; a view that has this name is replaced. */
  async keep(name: string): Promise<ClientError | null> {
    const { question } = this.#findings;
    const id = this.list.find((view) => view.name === name)?.id ?? newId();
    const failed = await this.put({ id, name, query: queryOf(question), groupBy: question.groupBy });
    if (!failed) this.chosenId = id;
    return failed;
  }

  async put(view: SavedView): Promise<ClientError | null> {
    const saved = await this.#vault.api.saveView(view);
    await this.read();
    return saved.ok ? null : saved.error;
  }

  async remove(id: string): Promise<ClientError | null> {
    const removed = await this.#vault.api.deleteView(id);
    await this.read();
    return removed.ok ? null : removed.error;
  }
}

function newId(): string {
  return toBase64url(crypto.getRandomValues(new Uint8Array(ID_BYTES)));
}

export const [useSavedViews, provideSavedViews] = createContext<SavedViews>();
