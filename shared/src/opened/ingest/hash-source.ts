/** The hash of a source before it is loaded: whether it was loaded already is asked first, and sightings are named by it. */
import type { Bytes } from '../../base/bytes.ts';
import { toHex, utf8 } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import { Sha256, sha256 } from '../../sealed/crypto/hash.ts';
import type { IngestError } from './ingest-error.ts';
import type { SourceFile } from './source-file.ts';
import { readChunks } from './source-file.ts';

export interface HashOptions {
  readonly signal?: AbortSignal;
  onProgress?(bytesDone: number): void;
}

/** Equals `sha256` of the ingest result. Reads all bytes once; rejects with the stream's own error where a file cannot be read. */
export async function hashSource(
  source: SourceFile | readonly SourceFile[],
  options: HashOptions = {},
): Promise<Result<Bytes, IngestError>> {
  const files: readonly SourceFile[] = 'stream' in source ? [source] : source;
  const hashes: Bytes[] = [];
  let bytesDone = 0;
  for (const file of files) {
    const hash = new Sha256();
    for await (const chunk of readChunks(file.stream(), file.size)) {
      if (options.signal?.aborted === true) return err({ kind: 'cancelled' });
      hash.update(chunk);
      bytesDone += chunk.length;
      options.onProgress?.(bytesDone);
    }
    hashes.push(hash.digest());
  }
  const [only] = hashes;
  return ok(only !== undefined && 'stream' in source ? only : hashOfFolder(hashes));
}

/** Hash of a folder: over its files' hashes, sorted, so that names, order and place do not matter. */
export function hashOfFolder(hashes: readonly Bytes[]): Bytes {
  return sha256(utf8(hashes.map(toHex).sort().join('\n')));
}
