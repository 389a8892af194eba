/** What cuts identities in this place: a kernel where there is WebAssembly and room, else the plain twin, which answers alike. */
import type { TextDictionary } from '../bundle/columns.ts';
import type { IdentitySplit } from '../query/split-identities.ts';
import { beginPlainSplit } from '../query/split-identities.ts';
import { beginKernelSplit } from './wasm/kernel-split.ts';

export function beginSplit(dictionary: TextDictionary): IdentitySplit {
  return beginKernelSplit(dictionary) ?? beginPlainSplit(dictionary);
}
