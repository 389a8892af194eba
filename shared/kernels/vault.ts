/**
 * Kernels of the vault's import (AssemblyScript; shared/src/opened/vault/wasm drives them): what repeats in a batch of findings, found
 * row by row, and numbers made as narrow as they go. The caller lays a batch out in memory (batch.ts) with room for the most that it
 * can need, and checks no more. What the numbers mean is said in cold-format.ts; a plain twin in TypeScript answers alike.
 */
export { begin } from './vault/batch';
export { findRows } from './vault/rows';
export { findLedgers, sampleFactors } from './vault/ledgers';
export { findTags, hasOtherTags } from './vault/tags';
export { clearDomains, cutTexts } from './vault/identities';
export { raise, narrow, writeColumn, writeLengths } from './vault/columns';
export { wordCount } from './vault/lists';
export { areOnGrain, boundTicks, listFew, narrowTicks } from './vault/ticks';

/** First address that is free. */
export function heapBase(): usize {
  return __heap_base;
}
