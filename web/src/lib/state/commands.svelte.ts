/** What the command palette offers. Pages add their own commands while they are shown. */
import { createContext, untrack } from 'svelte';
import type { Catalogue } from '#lib/messages/messages.svelte.ts';

export interface Command {
  readonly id: string;
  readonly group: 'go' | 'act' | 'set';
  /** Its name in a language: the palette finds it by both. */
  readonly name: (words: Catalogue) => string;
  /** As on the keyboard, e.g. `e`. Shown only; the page listens for it. */
  readonly key?: string;
  readonly run: () => void | Promise<void>;
}

export class Commands {
  #sets = $state.raw<ReadonlyMap<symbol, readonly Command[]>>(new Map());
  paletteOpen = $state(false);
  helpOpen = $state(false);

  get all(): readonly Command[] {
    return [...this.#sets.values()].flat();
  }

  /** Offers `commands` until the returned function is called; give it to an effect. */
  offer(commands: readonly Command[]): () => void {
    const key = Symbol('commands');
    this.#sets = untrack(() => new Map(this.#sets)).set(key, commands);
    return () => {
      const rest = untrack(() => new Map(this.#sets));
      rest.delete(key);
      this.#sets = rest;
    };
  }
}

export const [useCommands, provideCommands] = createContext<Commands>();

/** `true` if the key press belongs to a text field, a dialog's own controls or a browser shortcut. */
export function isTyping(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true;
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement)
    return true;
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'range'].includes(target.type);
}
