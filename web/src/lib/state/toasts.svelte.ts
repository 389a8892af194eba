/** Short notes at the edge of the screen, with an undo where there is one. */
import { createContext } from 'svelte';

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: 'plain' | 'good' | 'bad';
  readonly undo: (() => void | Promise<void>) | null;
}

const PLAIN_MS = 5_000;
const UNDO_MS = 12_000;

export class Toasts {
  list = $state.raw<readonly Toast[]>([]);
  #nextId = 1;
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>();

  /** `undo` keeps the note longer; reading with the pointer or focus on it keeps it until left. */
  show(text: string, options: { tone?: Toast['tone']; undo?: () => void | Promise<void> } = {}): number {
    const toast = { id: this.#nextId++, text, tone: options.tone ?? 'plain', undo: options.undo ?? null };
    this.list = [...this.list.slice(-2), toast];
    this.resume(toast.id);
    return toast.id;
  }

  dismiss(id: number): void {
    this.pause(id);
    this.list = this.list.filter((toast) => toast.id !== id);
  }

  pause(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }

  resume(id: number): void {
    const toast = this.list.find((candidate) => candidate.id === id);
    if (!toast) return;
    this.pause(id);
    this.#timers.set(
      id,
      setTimeout(() => this.dismiss(id), toast.undo ? UNDO_MS : PLAIN_MS),
    );
  }

  /** Takes back the newest change that can be taken back; `false` if there is none. */
  undoNewest(): boolean {
    const toast = this.list.findLast((candidate) => candidate.undo);
    if (!toast?.undo) return false;
    this.dismiss(toast.id);
    void toast.undo();
    return true;
  }
}

export const [useToasts, provideToasts] = createContext<Toasts>();
