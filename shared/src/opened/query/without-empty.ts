/** An engine has no code for '' but 0, which is none: dictionaries leave it out, and codes of a bundle are mapped. */
import type { TextDictionary } from '../bundle/columns.ts';

export interface WithoutEmpty {
  readonly dictionary: TextDictionary;
  /** Hot code by entry; `null`: entry + 1. */
  readonly remap: Uint32Array | null;
}

/** `dictionary` without '' (it takes no bytes: only offsets change). */
export function withoutEmpty(dictionary: TextDictionary): WithoutEmpty {
  const { offsets, heap } = dictionary;
  let empty = 0;
  for (let i = 1; i < offsets.length; i++) if (offsets[i] === offsets[i - 1]) empty++;
  if (empty === 0) return { dictionary, remap: null };
  const remap = new Uint32Array(offsets.length - 1);
  const kept = new Uint32Array(offsets.length - empty);
  let entries = 0;
  for (let i = 0; i < remap.length; i++) {
    if (offsets[i] === offsets[i + 1]) continue;
    remap[i] = ++entries;
    kept[entries] = offsets[i + 1] as number;
  }
  return { dictionary: { offsets: kept, heap }, remap };
}
