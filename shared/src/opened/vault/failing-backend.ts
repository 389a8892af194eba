/** A backend that fails when told to, for tests of what is left after a crash or a full disk. */
import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { Backend, Batch } from './backend.ts';
import type { BackendError } from './backend-error.ts';
import type { SegmentStorage, SegmentWriter } from './segment-storage.ts';

/** `before`: what was written never reached the disk. `after`: it is durable, but whoever asked never hears so. */
export type Failure = 'full' | 'before' | 'after';

export interface FailingBackend extends Backend {
  /** Lets `writes` more go through, then fails `times` of them: by default all that follow. */
  failAfter(writes: number, failure: Failure, times?: number): void;
  heal(): void;
  /** Writes asked for so far: commits, and whatever changes a file. */
  readonly writes: number;
}

/** Wraps `inner`. Once it failed for good, nothing reaches `inner` any more, as if the process were gone. */
export function createFailingBackend(inner: Backend): FailingBackend {
  let left = Infinity;
  let failing = 0;
  let failure: Failure = 'before';
  let writes = 0;

  const run = async <T>(write: () => Promise<Result<T, BackendError>>): Promise<Result<T, BackendError>> => {
    writes++;
    if (left-- > 0 || failing-- <= 0) return write();
    if (failure === 'after' && left === -1) await write();
    return err({ kind: failure === 'full' ? 'storage-full' : 'storage-failed' });
  };
  const wrap = (writer: SegmentWriter): SegmentWriter => ({
    append: (bytes: Bytes) => run(() => writer.append(bytes)),
    close: () => run(() => writer.close()),
    abort: async () => {
      await run(async () => ok(await writer.abort()));
    },
  });
  const segments: SegmentStorage = {
    ...inner.segments,
    create: async (name) => {
      const writer = await run(() => inner.segments.create(name));
      return writer.ok ? ok(wrap(writer.value)) : writer;
    },
    remove: (names) => run(() => inner.segments.remove(names)),
  };
  return {
    ...inner,
    segments,
    get writes() {
      return writes;
    },
    failAfter: (count, kind, times = Infinity) => {
      left = count;
      failing = times;
      failure = kind;
    },
    heal: () => {
      left = Infinity;
    },
    commit: (batch: Batch) => run(() => inner.commit(batch)),
  };
}
