/** A backend that fails when told to, for tests of what is left after a crash or a full disk. */
import type { Result } from '../../base/result.ts';
import { err } from '../../base/result.ts';
import type { Backend, BackendError, Batch } from './backend.ts';

/** `before`: the batch never reached the disk. `after`: it is durable, but whoever asked never hears so. */
export type Failure = 'full' | 'before' | 'after';

export interface FailingBackend extends Backend {
  /** Lets `commits` more go through, then fails `times` of them: by default all that follow. */
  failAfter(commits: number, failure: Failure, times?: number): void;
  heal(): void;
  /** Commits asked for so far. */
  readonly commits: number;
}

/** Wraps `inner`. */
export function createFailingBackend(inner: Backend): FailingBackend {
  let left = Infinity;
  let failing = 0;
  let failure: Failure = 'before';
  let commits = 0;
  return {
    ...inner,
    get commits() {
      return commits;
    },
    failAfter: (count, kind, times = Infinity) => {
      left = count;
      failing = times;
      failure = kind;
    },
    heal: () => {
      left = Infinity;
    },
    commit: async (batch: Batch): Promise<Result<void, BackendError>> => {
      commits++;
      if (left-- > 0 || failing-- <= 0) return inner.commit(batch);
      if (failure === 'after' && left === -1) await inner.commit(batch);
      return err({ kind: failure === 'full' ? 'storage-full' : 'storage-failed' });
    },
  };
}
