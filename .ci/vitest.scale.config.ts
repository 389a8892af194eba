import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

/** What says how the server behaves, whatever it keeps things in; `tests/scale/run.ts` says in what. */
export default defineConfig({
  root: resolve(import.meta.dirname, '..'),
  test: {
    include: [
      'tests/scale/*.test.ts',
      'tests/integration/server-{guard,log,blobs,life,retention,operation}.test.ts',
      'tests/integration/verify-log.test.ts',
    ],
    environment: 'node',
    expect: { requireAssertions: true },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
