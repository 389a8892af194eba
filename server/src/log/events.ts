/** Tells open event streams that something changed; what, they read for themselves. Knows no content. */

export interface Changes {
  /** Something of `deployment` changed. */
  announce(deployment: string): void;
  /** Something of any deployment may have changed. */
  announceAll(): void;
  /** Calls `listener` on every change until the returned function is called. */
  listen(deployment: string, listener: () => void): () => void;
  /** Calls `listener` once when the server goes down. */
  onClose(listener: () => void): () => void;
  close(): void;
}

/** One for the whole process. */
export function createChanges(): Changes {
  const listeners = new Map<string, Set<() => void>>();
  const closers = new Set<() => void>();
  return {
    announce(deployment) {
      for (const listener of listeners.get(deployment) ?? []) listener();
    },
    announceAll() {
      for (const known of listeners.values()) for (const listener of known) listener();
    },
    listen(deployment, listener) {
      const known = listeners.get(deployment) ?? new Set();
      listeners.set(deployment, known.add(listener));
      return () => {
        known.delete(listener);
        if (known.size === 0) listeners.delete(deployment);
      };
    },
    onClose(listener) {
      closers.add(listener);
      return () => closers.delete(listener);
    },
    close() {
      for (const closer of closers) closer();
      closers.clear();
    },
  };
}
