/** The engine that this place can run: kernels where WebAssembly has SIMD, else the plain twin, which answers alike. */
import type { Engine } from './engine.ts';
import { createKernelEngine } from './kernel-engine.ts';
import { createPlainEngine } from './plain-engine.ts';

/** The smallest module that needs SIMD: a function that makes a v128 of a number and drops it (WebAssembly core specification 2.0). */
const SIMD_MODULE = new Uint8Array([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x04, 0x01, 0x60, 0x00, 0x00],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x0a, 0x09, 0x01, 0x07, 0x00, 0x41, 0x00, 0xfd, 0x0f, 0x1a, 0x0b],
]);

/** Makes an empty engine. `elapsedMs` is measured with `clock` (milliseconds, any zero). Tokens count from `firstToken`. */
export function createEngine(clock: () => number = () => 0, firstToken = 1): Engine {
  return hasKernels() ? createKernelEngine(clock, firstToken) : createPlainEngine(clock, firstToken);
}

/** Whether kernels run here. Some devices and browser modes have no WebAssembly at all. */
export function hasKernels(): boolean {
  return typeof WebAssembly === 'object' && WebAssembly.validate(SIMD_MODULE);
}
