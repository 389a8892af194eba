/**
 * Kernels of the query engine (AssemblyScript; shared/src/opened/query/wasm drives them). They own no memory: callers lay it out,
 * check capacities before, and pass addresses. Rows lie in blocks of 65,536; a column's block table holds their addresses.
 * Bitsets have bit r % 64 of word r / 64 for row r, are read four words at a time, and end in zeros behind the last row.
 */
export * from './query/bits';
export * from './query/planes';
export * from './query/codes';
export * from './query/counts';
export * from './query/rows';
export * from './query/times';
export * from './query/search';
export * from './query/intern';
export * from './query/texts';
export * from './query/gather';
export * from './query/ids';
export * from './query/pairs';
export * from './query/orders';
export * from './query/records';
export * from './query/answers';
export * from './query/groups';
export * from './query/tallies';

/** First address that is free. */
export function heapBase(): usize {
  return __heap_base;
}
