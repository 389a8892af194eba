/** A backend that fails when told to, for tests of what is left after a crash or a full disk. */
import type { Result } from '../../base/result.ts';
import { err } from '../../base/result.ts';
import type { Backend, BackendError, Batch } from './backend.ts';

/** `before`: the batch never reached the disk. `after`: it is durable, but whoever asked never hears so. */
export type Failure = 'full' | 'before' | 'after';

export interface FailingBackend extends Backend {
  /** Fails the commit after `commits` more have gone through, and all that follow. */
  failAfter(commits: number, failure: Failure): void;
  heal(): void;
  /** Commits asked for so far. */
  readonly commits: number;
}

/** Wraps `inner`. */
export function createFailingBackend(inner: Backend): FailingBackend {
  let left = Infinity;
  let failure: Failure = 'before';
  let commits = 0;
  return {
    ...inner,
    get commits() {
      return commits;
    },
    failAfter: (count, kind) => {
      left = count;
      failure = kind;
    },
    heal: () => {
      left = Infinity;
    },
    commit: async (batch: Batch): Promise<Result<void, BackendError>> => {
      commits++;
      if (left-- > 0) return inner.commit(batch);
      if (failure === 'after' && left === -1) await inner.commit(batch);
      return err({ kind: failure === 'full' ? 'storage-full' : 'storage-failed' });
    },
  };
}
