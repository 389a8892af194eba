/** Who lives: tabs and a shared vault worker hold a Web Lock for as long as they do, and others wait for it. */

/** Aborted when the tab that holds the lock called `name` is gone: the lock is then ours for a moment. */
export function tabSignal(name: string): AbortSignal {
  const tab = new AbortController();
  void navigator.locks.request(name, () => tab.abort());
  return tab.signal;
}

/** Holds the lock called `workerName` from when this settles until the worker ends. */
export function holdWorkerLock(workerName: string): Promise<void> {
  return new Promise((resolve) => {
    void navigator.locks.request(workerName, () => {
      resolve();
      return new Promise(() => undefined);
    });
  });
}
