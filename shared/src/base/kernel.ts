/** Starts the WebAssembly kernels, which lie in the code as base64url: the policy of workers lets nothing be fetched. */

import { parseBase64url } from './base64url.ts';

/**
 * Exports of a fresh instance with its own memory; `null` where the engine has no WebAssembly, lacks an instruction, or where the
 * content security policy refuses it. Cost: some milliseconds to compile, and the kernel's memory.
 */
export function startKernel<Exports extends object>(module: string): Exports | null {
  try {
    const bytes = parseBase64url(module);
    if (bytes === null) throw new TypeError('startKernel: no base64url');
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    return exports as unknown as Exports;
  } catch {
    return null;
  }
}
