/** The loops over ticks that this place can run: a kernel where there is WebAssembly, else the plain twin, which answers alike. */
import { PlainTickRun } from './plain-tick-run.ts';
import type { TakeTicks } from './tick-runs.ts';
import { createKernelTicks } from './wasm/kernel-tick-run.ts';

export const takePlainTicks: TakeTicks = (ticks) => new PlainTickRun(ticks);

/** For one packer of times. Cost: the kernel's memory, 128 kB. */
export function createTakeTicks(): TakeTicks {
  return createKernelTicks() ?? takePlainTicks;
}
