/** The first lines of a leaf as text: what routes are decided by. */
import { concatBytes } from '../../base/bytes.ts';
import type { Leaf } from './leaf.ts';
import { readLeaf } from './leaf.ts';
import { INGEST_LIMITS } from './limits.ts';
import type { SampledLeaf } from './run-leaf.ts';
import { SAMPLE_BYTES } from './run-leaf.ts';
import { sniffLeaf } from './sniff.ts';
import { LineFeed } from './text/line-feed.ts';

type Sample = Pick<SampledLeaf, 'sniff' | 'sample' | 'isWholeSample'>;

/** Lines of a sample; none if it is no text. */
export function sampleLines(sample: Sample): readonly string[] {
  return [...eachSampleLine(sample)];
}

/** The same, decoded as they are asked for. */
export function* eachSampleLine({ sniff, sample, isWholeSample }: Sample): Generator<string, void, undefined> {
  if (sniff.kind !== 'text') return;
  const sink = { lines: () => undefined, longPart: () => undefined, longEnd: () => undefined };
  yield* new LineFeed(sniff, sample, INGEST_LIMITS.lineBytes, sink).sampleLines(sample, isWholeSample);
}

/** Opens a leaf for its first lines; none if it cannot be read, which shows again when it is read in full. */
export async function peekLines(leaf: Leaf): Promise<readonly string[]> {
  // Not one buffer of the sample's size: most leaves are far smaller, and there may be ten thousand of them.
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of readLeaf(leaf).chunks) {
      const taken = chunk.slice(0, SAMPLE_BYTES - length);
      parts.push(taken);
      length += taken.length;
      if (length === SAMPLE_BYTES) break;
    }
  } catch {
    return [];
  }
  const read = concatBytes(...parts);
  const isWholeSample = length < SAMPLE_BYTES;
  return sampleLines({ sniff: sniffLeaf(leaf.path, read, isWholeSample), sample: read, isWholeSample });
}
