/** Waits for a worker of some tab, which may die or fall silent before it answers. */

export type TabAnswer<T> =
  | { readonly kind: 'answer'; readonly value: T }
  | { readonly kind: 'gone' }
  | { readonly kind: 'silent' };

/**
 * What `asked` answers, unless the tab is `gone` or `silenceMs` pass first. Rejects as `asked` does. Listens to the signal no longer
 * than it waits: a race against a promise that outlives it would keep every answer in memory for as long as the tab lives.
 */
export function tabAnswer<T>(asked: Promise<T>, gone: AbortSignal, silenceMs: number): Promise<TabAnswer<T>> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      gone.removeEventListener('abort', leave);
    };
    const leave = (): void => {
      end();
      resolve({ kind: 'gone' });
    };
    const timer = setTimeout(() => {
      end();
      resolve({ kind: 'silent' });
    }, silenceMs);
    gone.addEventListener('abort', leave);
    if (gone.aborted) leave();
    asked.then(
      (value) => {
        end();
        resolve({ kind: 'answer', value });
      },
      (error: unknown) => {
        end();
        reject(error);
      },
    );
  });
}
