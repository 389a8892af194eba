/** An entry that an engine unpacks, as a leaf. */
import { crc32 } from '../../../base/crc32.ts';
import { LeafError } from '../leaf.ts';
import type { Leaf } from '../leaf.ts';
import type { QuarantineReason } from '../record.ts';
import { EngineError } from './archive-engine.ts';
import type { ContainerOptions } from './container.ts';
import { InflateGuard } from './inflate-guard.ts';

export interface EngineLeafOptions {
  readonly path: string;
  readonly treePath: string;
  readonly sizeBytes: number;
  /** Of the whole archive: entries of a solid one have no size of their own in it. */
  readonly archiveBytes: number;
  /** Of all bytes; `null` if the archive has none. */
  readonly crc: number | null;
  readonly options: ContainerOptions;
  /** Bytes from `offset` on, valid until the next call; empty at the end. */
  read(offset: number): Promise<Uint8Array>;
}

export function engineLeaf({ path, treePath, sizeBytes, archiveBytes, crc, options, read }: EngineLeafOptions): Leaf {
  return {
    ...{ path, treePath, sizeBytes },
    open: () => {
      const guard = new InflateGuard(archiveBytes, options.limits, options.budget);
      let offset = 0;
      let sum = 0;
      const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
        try {
          const bytes = await read(offset);
          offset += bytes.length;
          const failure = guard.count(bytes.length);
          if (failure !== null) throw failure;
          if (bytes.length > 0) {
            if (crc !== null) sum = crc32(bytes, sum);
            controller.enqueue(bytes);
            return;
          }
          if (crc !== null && sum >>> 0 !== crc) throw new LeafError('archive-corrupt');
          controller.close();
        } catch (error) {
          controller.error(error instanceof EngineError ? new LeafError(reasonOf(error)) : error);
        }
      };
      // Nothing is read ahead: a chunk lies in the engine's memory until the next one is asked for.
      return new ReadableStream<Uint8Array>({ pull }, { highWaterMark: 0 });
    },
  };
}

/** The quarantine reason of what an engine could not do. */
export function reasonOf({ kind }: EngineError): QuarantineReason {
  switch (kind) {
    case 'encrypted':
      return 'archive-unsupported';
    case 'memory':
      return 'limit-total';
    case 'corrupt':
      return 'archive-corrupt';
  }
}
