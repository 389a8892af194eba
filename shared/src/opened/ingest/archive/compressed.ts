/** A single compressed file (gz, zst): one leaf under the name without its ending, read from the start. */
import { Decompress } from 'fzstd';
import { LeafError } from '../leaf.ts';
import { readChunks } from '../source-file.ts';
import type { ContainerOptions, ContainerSource, OpenedContainer } from './container.ts';
import { baseName } from './display-path.ts';
import { InflateGuard } from './inflate-guard.ts';

/** A decoder is fed this much at once: what bursts out of it is counted before the next piece. */
const FEED_BYTES = 16 * 1024;

/** The leaf behind it. Its size is not known beforehand: the trailer's is one of the lies. */
export async function openCompressed(
  form: 'gz' | 'zst',
  source: ContainerSource,
  { path, limits, budget }: ContainerOptions,
): Promise<OpenedContainer> {
  const name = baseName(path)
    .replace(/\.(?:gz|gzip|zst|zstd)$/i, '')
    .replace(/\.t(?:gz|zst)$/i, '.tar');
  const leaf = {
    path: `${path}/${name}`,
    treePath: name,
    sizeBytes: source.sizeBytes,
    open: () => {
      const guard = new InflateGuard(source.sizeBytes, limits, budget);
      return guarded(form === 'gz' ? gunzip(source) : unzstd(source), guard);
    },
  };
  return { leaves: [leaf], problems: [], close: () => Promise.resolve() };
}

/** Counts what comes, and ends the stream with the reason where it is too much or the decoder fails. */
function guarded(chunks: AsyncGenerator<Uint8Array, void, undefined>, guard: InflateGuard): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const step = await chunks.next();
        if (step.done === true) {
          controller.close();
          return;
        }
        const failure = guard.count(step.value.length);
        if (failure !== null) throw failure;
        controller.enqueue(step.value);
      } catch (error) {
        await chunks.return().catch(() => undefined);
        controller.error(error instanceof LeafError ? error : new LeafError('archive-corrupt'));
      }
    },
    async cancel() {
      await chunks.return().catch(() => undefined);
    },
  });
}

async function* gunzip(source: ContainerSource): AsyncGenerator<Uint8Array, void, undefined> {
  const inflater = new DecompressionStream('gzip');
  // Its failure shows at the reading end as well.
  feed(source, inflater.writable.getWriter()).catch(() => undefined);
  yield* readChunks(inflater.readable);
}

async function feed(source: ContainerSource, writer: WritableStreamDefaultWriter<BufferSource>): Promise<void> {
  for await (const chunk of readChunks(source.open())) {
    for (let at = 0; at < chunk.length; at += FEED_BYTES) await writer.write(chunk.slice(at, at + FEED_BYTES));
  }
  await writer.close();
}

async function* unzstd(source: ContainerSource): AsyncGenerator<Uint8Array, void, undefined> {
  const ready: Uint8Array[] = [];
  const decoder = new Decompress((chunk) => void ready.push(chunk));
  for await (const chunk of readChunks(source.open())) {
    for (let at = 0; at < chunk.length; at += FEED_BYTES) {
      // It keeps what it cannot use yet.
      decoder.push(chunk.slice(at, at + FEED_BYTES));
      yield* ready.splice(0);
    }
  }
  decoder.push(new Uint8Array(0), true);
  yield* ready.splice(0);
}
