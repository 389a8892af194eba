/** The first lines of a leaf as text: what routes are decided by. */
import type { Leaf } from './leaf.ts';
import { INGEST_LIMITS } from './limits.ts';
import type { SampledLeaf } from './run-leaf.ts';
import { SAMPLE_BYTES } from './run-leaf.ts';
import { sniffLeaf } from './sniff.ts';
import { readChunks } from './source-file.ts';
import { LineFeed } from './text/line-feed.ts';

/** Lines of a sample; none if it is no text. */
export function sampleLines({
  sniff,
  sample,
  isWholeSample,
}: Pick<SampledLeaf, 'sniff' | 'sample' | 'isWholeSample'>): readonly string[] {
  if (sniff.kind !== 'text') return [];
  const sink = { lines: () => undefined, longPart: () => undefined, longEnd: () => undefined };
  return new LineFeed(sniff, sample, INGEST_LIMITS.lineBytes, sink).sampleLines(sample, isWholeSample);
}

/** Opens a leaf for its first lines; none if it cannot be read, which shows again when it is read in full. */
export async function peekLines(leaf: Leaf): Promise<readonly string[]> {
  const sample = new Uint8Array(SAMPLE_BYTES);
  let length = 0;
  try {
    for await (const chunk of readChunks(leaf.open())) {
      const taken = chunk.subarray(0, SAMPLE_BYTES - length);
      sample.set(taken, length);
      length += taken.length;
      if (length === SAMPLE_BYTES) break;
    }
  } catch {
    return [];
  }
  const read = sample.subarray(0, length);
  const isWholeSample = length < SAMPLE_BYTES;
  return sampleLines({ sniff: sniffLeaf(leaf.path, read, isWholeSample), sample: read, isWholeSample });
}
