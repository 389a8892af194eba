/** What a file is, from its first bytes: told to the operator before the file is read, and no more than what reading will decide. */
import { displayPath } from './archive/display-path.ts';
import type { ContainerForm } from './archive/container.ts';
import { chooseDialect } from './dialects/choose.ts';
import { dialectName } from './dialects/dialect.ts';
import { chooseForm } from './dump/choose-form.ts';
import { concatBytes } from '../../base/bytes.ts';
import type { Ms } from '../../base/brand.ts';
import { SAMPLE_BYTES } from './run-leaf.ts';
import { sampleLines } from './sample-lines.ts';
import { sniffLeaf } from './sniff.ts';
import { readChunks } from './source-file.ts';
import type { SourceFile } from './source-file.ts';
import { looksLikeBlocks } from './stealer/keys.ts';

export type Recognised =
  /** A list of lines or a dump; `dialect` as in the ledger, confidence 0 to 1 as the share of the sample that fits. */
  | { readonly kind: 'form'; readonly dialect: string; readonly confidence: number; readonly encoding: string }
  /** Blocks of a stealer log. */
  | { readonly kind: 'blocks' }
  /** Its entries are recognised one by one. */
  | { readonly kind: 'archive'; readonly form: ContainerForm }
  | { readonly kind: 'binary' }
  /** Text in which nothing looks like a credential. */
  | { readonly kind: 'unknown' };

/** Reads at most 64 KiB. */
export async function recogniseForm(file: SourceFile, nowMs: Ms): Promise<Recognised> {
  const path = displayPath(file.name);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of readChunks(file.stream())) {
    chunks.push(chunk.slice());
    length += chunk.length;
    if (length >= SAMPLE_BYTES) break;
  }
  const sample = concatBytes(...chunks).subarray(0, SAMPLE_BYTES);
  const isWholeSample = length < SAMPLE_BYTES;
  const sniff = sniffLeaf(path, sample, isWholeSample);
  if (sniff.kind === 'archive') return { kind: 'archive', form: sniff.form };
  if (sniff.kind === 'binary') return { kind: 'binary' };
  const lines = sampleLines({ sniff, sample, isWholeSample });
  if (looksLikeBlocks(lines, /pass/i.test(path))) return { kind: 'blocks' };
  const { encoding } = sniff;
  const dump = chooseForm(lines, { nowMs, domain: null, columns: null, sourceClass: null });
  if (dump !== null) return { kind: 'form', dialect: dump.name, confidence: dump.confidence, encoding };
  const frozen = chooseDialect(lines);
  return frozen === null
    ? { kind: 'unknown' }
    : { kind: 'form', dialect: dialectName(frozen), confidence: frozen.confidence, encoding };
}
