import { describe, expect, test } from 'vitest';
import { buildModule, builtModule, KERNEL_MODULES } from './build.ts';

describe('kernels', () => {
  test.each(KERNEL_MODULES)('the committed $target is what its source compiles to', async (module) => {
    expect(await buildModule(module)).toBe(builtModule(module));
  });
});
