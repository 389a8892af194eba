/** Pages that want to know what changes. A page that is gone stops hearing; nobody waits for it. */
import type { VaultEvent } from '../vault.api';

export class Listeners {
  readonly #listeners = new Set<(event: VaultEvent) => void>();

  /** Until `gone` is aborted. */
  add(listener: (event: VaultEvent) => void, gone: AbortSignal): void {
    this.#listeners.add(listener);
    gone.addEventListener('abort', () => this.#listeners.delete(listener));
  }

  tell(event: VaultEvent): void {
    for (const listener of this.#listeners) {
      try {
        // A proxy of another document answers with a promise, which fails once the document is gone.
        void Promise.resolve(listener(event)).catch(() => this.#listeners.delete(listener));
      } catch {
        this.#listeners.delete(listener);
      }
    }
  }
}
