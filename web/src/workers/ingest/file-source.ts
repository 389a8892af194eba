/** A browser's `File` as ingest takes it, and the hash that recognises a source before it is read. */
import type { Bytes } from '@sealpost/shared/base/bytes';
import { toHex, utf8 } from '@sealpost/shared/base/bytes';
import { Sha256, sha256 } from '@sealpost/shared/sealed/crypto/hash';
import { readChunks } from '@sealpost/shared/opened/ingest/source-file';
import type { SourceFile } from '@sealpost/shared/opened/ingest/source-file';
import type { IngestSource } from '../ingest.api.ts';

/** Adapts one file; slices read from disk, so an archive is never held whole. */
export function fileToSource(path: string, file: File): SourceFile {
  return {
    name: path,
    size: file.size,
    stream: () => file.stream(),
    slice: async (start, end) => new Uint8Array(await file.slice(start, end).arrayBuffer()),
  };
}

/** `true` if a source is a folder: its files are named by a path inside it. */
export function isFolder(source: IngestSource): boolean {
  return source.files.length > 1 || (source.files[0]?.path.includes('/') ?? false);
}

export type HashOutcome = { readonly sha256: Bytes } | 'cancelled';

/**
 * SHA-256 of a file; of a folder, of its files' hashes, sorted, so that names and order do not matter (as `ingestSource`
 * answers it). One pass over all bytes.
 */
export async function hashSource(
  source: IngestSource,
  onBytes: (done: number) => void,
  signal: AbortSignal,
): Promise<HashOutcome> {
  const hashes: Bytes[] = [];
  let done = 0;
  for (const { file } of source.files) {
    const hash = new Sha256();
    for await (const chunk of readChunks(file.stream(), file.size)) {
      if (signal.aborted) return 'cancelled';
      hash.update(chunk);
      done += chunk.length;
      onBytes(done);
    }
    hashes.push(hash.digest());
  }
  const [only] = hashes;
  if (only !== undefined && !isFolder(source)) return { sha256: only };
  return { sha256: sha256(utf8(hashes.map(toHex).sort().join('\n'))) };
}
