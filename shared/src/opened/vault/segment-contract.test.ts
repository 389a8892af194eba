import { describe, expect, test } from 'vitest';
import { createMemorySegments } from './memory-segments.ts';
import { brokenPromises } from './segment-contract.ts';

describe('segment storage', () => {
  test('in memory: keeps its promises', async () => {
    expect(await brokenPromises(createMemorySegments())).toEqual([]);
  });

  test('a storage that breaks a promise is told', async () => {
    const memory = createMemorySegments();
    const broken = await brokenPromises({ ...memory, remove: (names) => memory.remove(names.slice(1)) });
    expect(broken).toEqual(['everything can be removed']);
  });
});
