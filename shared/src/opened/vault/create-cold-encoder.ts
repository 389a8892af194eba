/** The encoder of cold columns that this place can run: a kernel where there is WebAssembly, else its plain twin, byte for byte alike. */
import type { ColdEncoder } from './cold-encoder.ts';
import { PlainColdEncoder } from './plain-cold-encoder.ts';
import { createKernelColdEncoder } from './wasm/kernel-cold-encoder.ts';

/** Cost: the kernel's memory, 5 MB for batches of 16,384 rows. */
export function createColdEncoder(): ColdEncoder {
  return createKernelColdEncoder() ?? new PlainColdEncoder();
}
