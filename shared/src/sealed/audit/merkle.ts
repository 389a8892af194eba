import type { Bytes } from '../../base/bytes.ts';
import { equalBytes } from '../../base/bytes.ts';
import { sha256 } from '../crypto/hash.ts';

/**
 * The hash tree of the audit log (RFC 6962, 2.1): hashes, and proofs checked from outside. Inclusion and consistency are both one
 * question, whether a subtree is part of a tree, so one function answers them (draft-ietf-plants-merkle-tree-certs, 4.4.3).
 * Sizes are safe integers; a tree of more leaves than that is refused.
 */

/** Hash of the tree of no leaves. */
export const EMPTY_ROOT: Bytes = sha256(new Uint8Array(0));

/** The longest proof there can be over safe integers; more is refused before any hashing. */
export const MAX_PROOF_HASHES = 63;

const HASH_BYTES = 32;

/** Hash of an inner node: `left` and `right` are 32 bytes each. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Bytes {
  const node = new Uint8Array(1 + 2 * HASH_BYTES);
  node[0] = 1;
  node.set(left, 1);
  node.set(right, 1 + HASH_BYTES);
  return sha256(node);
}

/** True if `leaf` (its hash) is leaf `index` of the tree of `size` leaves under `root`. */
export function verifyInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  return leaf.length === HASH_BYTES && verifySubtree({ start: index, end: index + 1, root: leaf }, size, proof, root);
}

/**
 * True if the tree of `size` leaves under `root` begins with the tree of `before` leaves under `rootBefore`. A proof from the empty
 * tree says nothing about it and is refused: who has seen nothing yet must not ask.
 */
export function verifyConsistency(
  before: number,
  size: number,
  rootBefore: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  return before !== 0 && verifySubtree({ start: 0, end: before, root: rootBefore }, size, proof, root);
}

/** Leaves `start..end` of a tree, and the hash over them. */
export interface Subtree {
  readonly start: number;
  readonly end: number;
  readonly root: Uint8Array;
}

/** True for bounds that a subtree can have: not empty, and `start` a multiple of the least power of two that holds it. */
export function isSubtree(start: number, end: number): boolean {
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end <= start) return false;
  return start % leastPowerOver(end - start) === 0;
}

/** True if the proof shows that `subtree` is part of the tree of `size` leaves under `root`. Cost: two hashes per line of it. */
export function verifySubtree(subtree: Subtree, size: number, proof: readonly Uint8Array[], root: Uint8Array): boolean {
  const { start, end } = subtree;
  if (!isSubtree(start, end) || !Number.isSafeInteger(size) || end > size || proof.length > MAX_PROOF_HASHES)
    return false;
  if (start === 0 && end === size) return proof.length === 0 && equalBytes(subtree.root, root);
  const hashes = [subtree.root, root, ...proof];
  if (hashes.some((hash) => hash.length !== HASH_BYTES)) return false;
  let first = start;
  let last = end - 1;
  let rightmost = size - 1;
  const up = () => {
    [first, last, rightmost] = [half(first), half(last), half(rightmost)];
  };
  // Up to the largest whole subtree that ends where ours does: what lies below is inside the hash that the walk begins with.
  if (last === rightmost) while (first !== last) up();
  else while (first !== last && isOdd(last)) up();
  let at = 0;
  let begin = subtree.root;
  if (first !== last) {
    const given = proof[at++];
    if (given === undefined) return false;
    begin = given;
  }
  let ours = begin;
  let whole = begin;
  for (; at < proof.length; at++) {
    const hash = proof[at] as Uint8Array;
    if (rightmost === 0) return false;
    if (isOdd(last) || last === rightmost) {
      if (first < last) ours = nodeHash(hash, ours);
      whole = nodeHash(hash, whole);
      while (!isOdd(last) && rightmost > 0) up();
    } else whole = nodeHash(whole, hash);
    up();
  }
  return rightmost === 0 && equalBytes(ours, subtree.root) && equalBytes(whole, root);
}

/** True if `leaf` is leaf `index` (of the whole log) of `subtree`. */
export function verifySubtreeInclusion(
  index: number,
  leaf: Uint8Array,
  subtree: Subtree,
  proof: readonly Uint8Array[],
): boolean {
  const { start, end, root } = subtree;
  if (!isSubtree(start, end) || !Number.isSafeInteger(index) || index < start) return false;
  return verifyInclusion(index - start, end - start, leaf, proof, root);
}

/** Bit shifts would cut sizes at 32 bits. */
function half(value: number): number {
  return Math.floor(value / 2);
}

function isOdd(value: number): boolean {
  return value % 2 === 1;
}

function leastPowerOver(length: number): number {
  let power = 1;
  while (power < length) power *= 2;
  return power;
}
