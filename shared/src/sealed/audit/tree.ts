import type { Bytes } from '../../base/bytes.ts';
import { EMPTY_ROOT, nodeHash } from './merkle.ts';

/**
 * Making trees and proofs (RFC 6962, 2.1) from stored hashes of whole subtrees. Node (level, index) is the hash over leaves
 * `index * 2^level .. (index + 1) * 2^level`, all of which exist; whoever calls keeps or recomputes them.
 */

/** Reads the hash of a whole subtree. Throws where it cannot: an incomplete store is a bug or damage, never an answer. */
export type ReadNode = (level: number, index: number) => Uint8Array;

/** The rightmost whole subtrees of a tree, largest first: enough to append and to know the root. */
export interface Frontier {
  readonly size: number;
  readonly nodes: readonly Uint8Array[];
}

/** A whole subtree that an append completed. */
export interface NewNode {
  readonly level: number;
  readonly index: number;
  readonly hash: Bytes;
}

export const EMPTY_FRONTIER: Frontier = { size: 0, nodes: [] };

/**
 * The frontier after `leaf` (its hash), and the subtrees that it completed, level 0 first. Cost: one hash on average, by `hashNodes`
 * where somebody has a faster one.
 */
export function appendLeaf(
  frontier: Frontier,
  leaf: Bytes,
  hashNodes: (left: Uint8Array, right: Uint8Array) => Bytes = nodeHash,
): { readonly frontier: Frontier; readonly made: readonly NewNode[] } {
  const nodes = [...frontier.nodes];
  const made: NewNode[] = [{ level: 0, index: frontier.size, hash: leaf }];
  let hash = leaf;
  let index = frontier.size;
  for (let level = 1; index % 2 === 1; level++) {
    const left = nodes.pop();
    if (left === undefined) throw new RangeError('appendLeaf: not a frontier');
    hash = hashNodes(left, hash);
    index = (index - 1) / 2;
    made.push({ level, index, hash });
  }
  nodes.push(hash);
  return { frontier: { size: frontier.size + 1, nodes }, made };
}

/** Root of the tree with this frontier. */
export function rootOf({ nodes }: Frontier): Bytes {
  let root: Uint8Array | null = null;
  for (const node of [...nodes].reverse()) root = root === null ? node : nodeHash(node, root);
  return root === null ? EMPTY_ROOT : (root.slice() as Bytes);
}

/** The frontier of the first `size` leaves. Reads one node for each bit of `size`. */
export function readFrontier(read: ReadNode, size: number): Frontier {
  const nodes: Uint8Array[] = [];
  let start = 0;
  for (const level of levelsOf(size)) {
    const width = 2 ** level;
    nodes.push(read(level, start / width));
    start += width;
  }
  return { size, nodes };
}

/** Hash over leaves `start..end`. */
export function hashOfRange(read: ReadNode, start: number, end: number): Bytes {
  const length = end - start;
  if (length <= 0) throw new RangeError('hashOfRange: empty');
  const split = splitOf(length);
  if (split === length && start % length === 0) return read(Math.log2(length), start / length).slice() as Bytes;
  const left = split === length ? length / 2 : split;
  return nodeHash(hashOfRange(read, start, start + left), hashOfRange(read, start + left, end));
}

/** Proof that leaf `index` is in the tree of `size` leaves, leaf's sibling first (RFC 6962, 2.1.1). */
export function inclusionProof(read: ReadNode, index: number, size: number): Bytes[] {
  return pathOf((start, end) => hashOfRange(read, start, end), index, size);
}

/**
 * As `inclusionProof` for each of `indices`. A range that several share is hashed once, and is one and the same array in all of them:
 * the tree is walked once, down to the leaves that are asked for.
 */
export function inclusionProofs(read: ReadNode, indices: readonly number[], size: number): Bytes[][] {
  if (indices.some((index) => index < 0 || index >= size)) throw new RangeError('inclusionProofs: no such leaf');
  const paths = indices.map((): Bytes[] => []);
  const walk = (start: number, end: number, asked: readonly number[]): void => {
    if (end - start <= 1 || asked.length === 0) return;
    const middle = start + leftOf(end - start);
    const left = asked.filter((at) => (indices[at] as number) < middle);
    const right = left.length === asked.length ? [] : asked.filter((at) => (indices[at] as number) >= middle);
    walk(start, middle, left);
    walk(middle, end, right);
    const beside = left.length === 0 ? null : hashOfRange(read, middle, end);
    if (beside !== null) for (const at of left) (paths[at] as Bytes[]).push(beside);
    const before = right.length === 0 ? null : hashOfRange(read, start, middle);
    if (before !== null) for (const at of right) (paths[at] as Bytes[]).push(before);
  };
  walk(0, size, [...indices.keys()]);
  return paths;
}

/** Proof that the tree of `size` leaves begins with the tree of `before` leaves (RFC 6962, 2.1.2); `before` is not 0. */
export function consistencyProof(read: ReadNode, before: number, size: number): Bytes[] {
  if (before < 1 || before > size) throw new RangeError('consistencyProof: sizes');
  return before === size ? [] : subproof(read, before, 0, size, true);
}

function pathOf(hashOf: (start: number, end: number) => Bytes, index: number, size: number): Bytes[] {
  if (index < 0 || index >= size) throw new RangeError('inclusionProof: no such leaf');
  const path: Bytes[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + leftOf(end - start);
    path.push(index < middle ? hashOf(middle, end) : hashOf(start, middle));
    if (index < middle) end = middle;
    else start = middle;
  }
  return path.reverse();
}

/** RFC 6962, 2.1.2: `before` counts from `start`; `isWhole` while the old tree is the whole of the range seen so far. */
function subproof(read: ReadNode, before: number, start: number, end: number, isWhole: boolean): Bytes[] {
  const length = end - start;
  if (before === length) return isWhole ? [] : [hashOfRange(read, start, end)];
  const left = leftOf(length);
  const middle = start + left;
  return before <= left
    ? [...subproof(read, before, start, middle, isWhole), hashOfRange(read, middle, end)]
    : [...subproof(read, before - left, middle, end, false), hashOfRange(read, start, middle)];
}

/** Leaves of the left half: the largest power of two below `length`. */
function leftOf(length: number): number {
  const split = splitOf(length);
  return split === length ? length / 2 : split;
}

/** The largest power of two up to `length`. */
function splitOf(length: number): number {
  let power = 1;
  while (power * 2 <= length) power *= 2;
  return power;
}

/** Levels of the whole subtrees of a tree, largest first. */
function levelsOf(size: number): number[] {
  const levels: number[] = [];
  for (let level = 52; level >= 0; level--) if (Math.floor(size / 2 ** level) % 2 === 1) levels.push(level);
  return levels;
}
