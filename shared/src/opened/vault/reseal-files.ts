/** Seals a bundle's files anew under another key, block by block; what a block holds does not change. */
import { freeBuffer } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { ok } from '../../base/result.ts';
import type { ImportFiles } from './import-files.ts';
import type { SealedFile, SealedFiles } from './sealed-file.ts';
import type { StoreError } from './store.ts';

/** Copies `file` into a new one of `to`. On a failure nothing is left of it. */
async function resealFile(
  file: SealedFile,
  from: SealedFiles,
  to: SealedFiles,
  onBytes: (bytes: number) => void,
): Promise<Result<SealedFile, StoreError>> {
  const writer = await to.create();
  if (!writer.ok) return writer;
  const fail = async (failure: Result<never, StoreError>) => {
    await writer.value.abort();
    return failure;
  };
  let before: ArrayBuffer | null = null;
  for await (const { block, plain } of from.open([{ file, from: 0, to: file.blocks.length }])) {
    if (!plain.ok) return fail(plain);
    const appended = await writer.value.append(plain.value);
    if (!appended.ok) return fail(appended);
    // The block before this one is sealed by now.
    if (before !== null) freeBuffer(before);
    before = plain.value.buffer;
    onBytes(file.blocks[block]?.[0] ?? 0);
  }
  const closed = await writer.value.close();
  return closed.ok ? closed : fail(closed);
}

/** Both files of a bundle, under new names. `written` hears of each name. */
export async function resealFiles(
  files: ImportFiles,
  from: SealedFiles,
  to: SealedFiles,
  onBytes: (bytes: number) => void,
  written: (name: string) => void,
): Promise<Result<ImportFiles, StoreError>> {
  const hot = await resealFile(files.hot.file, from, to, onBytes);
  if (!hot.ok) return hot;
  written(hot.value.name);
  const cold = await resealFile(files.cold.file, from, to, onBytes);
  if (!cold.ok) return cold;
  written(cold.value.name);
  return ok({ ...files, hot: { ...files.hot, file: hot.value }, cold: { ...files.cold, file: cold.value } });
}
