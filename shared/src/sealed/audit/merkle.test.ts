import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBase64 } from '../../base/base64.ts';
import { toBase64url } from '../../base/base64url.ts';
import { utf8 } from '../../base/bytes.ts';
import { leafHash } from './entry.ts';
import {
  EMPTY_ROOT,
  isSubtree,
  nodeHash,
  verifyConsistency,
  verifyInclusion,
  verifySubtree,
  verifySubtreeInclusion,
} from './merkle.ts';
import type { ReadNode } from './tree.ts';
import {
  appendLeaf,
  consistencyProof,
  EMPTY_FRONTIER,
  hashOfRange,
  inclusionProof,
  inclusionProofs,
  readFrontier,
  rootOf,
} from './tree.ts';

const VECTORS = join(import.meta.dirname, '../../../../../shared/vectors/merkle');

interface Vector {
  readonly leafIdx?: number;
  readonly treeSize?: number;
  readonly size1?: number;
  readonly size2?: number;
  readonly start?: number;
  readonly end?: number;
  readonly size?: number;
  readonly root?: string;
  readonly root1?: string;
  readonly root2?: string;
  readonly leafHash?: string;
  readonly proof: readonly string[] | null;
  readonly wantErr: boolean;
}

const bytesOf = (text: string | undefined) => parseBase64(text ?? '') ?? new Uint8Array(0);

/** RFC 6962 by its definition, leaf by leaf. */
function slowRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return EMPTY_ROOT;
  if (leaves.length === 1) return leaves[0] as Uint8Array;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeHash(slowRoot(leaves.slice(0, split)), slowRoot(leaves.slice(split)));
}

const leavesOf = (size: number) => Array.from({ length: size }, (_, i) => leafHash(utf8(`leaf ${i}`)));

function grown(leaves: readonly Uint8Array[]) {
  const nodes = new Map<string, Uint8Array>();
  let frontier = EMPTY_FRONTIER;
  for (const leaf of leaves) {
    const next = appendLeaf(frontier, leaf as Uint8Array<ArrayBuffer>);
    frontier = next.frontier;
    for (const { level, index, hash } of next.made) nodes.set(`${level} ${index}`, hash);
  }
  const read: ReadNode = (level, index) => {
    const node = nodes.get(`${level} ${index}`);
    if (node === undefined) throw new Error(`no node ${level} ${index}`);
    return node;
  };
  return { frontier, read };
}

describe('hash tree', () => {
  const leaves = leavesOf(40);
  const { read } = grown(leaves);
  const sizes = fc.integer({ min: 1, max: 40 });

  test('appending gives the roots of the definition, and a frontier read back is the one grown', () => {
    for (let size = 0; size <= 40; size++) {
      const { frontier } = grown(leaves.slice(0, size));
      expect(rootOf(frontier)).toEqual(slowRoot(leaves.slice(0, size)));
      expect(readFrontier(read, size)).toEqual(frontier);
      if (size > 0) expect(hashOfRange(read, 0, size)).toEqual(slowRoot(leaves.slice(0, size)));
    }
  });

  test('every proof that is made holds, and none holds for another place, size or leaf', () => {
    fc.assert(
      fc.property(sizes, fc.nat(39), fc.nat(39), fc.nat(255), (size, at, other, bit) => {
        const index = at % size;
        const root = slowRoot(leaves.slice(0, size));
        const proof = inclusionProof(read, index, size);
        const leaf = leaves[index] as Uint8Array;
        expect(verifyInclusion(index, size, leaf, proof, root)).toBe(true);
        if (other !== index) expect(verifyInclusion(other, size, leaf, proof, root)).toBe(false);
        expect(verifyInclusion(index, size, flip(leaf, bit), proof, root)).toBe(false);
        const before = 1 + (other % size);
        const older = slowRoot(leaves.slice(0, before));
        const steps = consistencyProof(read, before, size);
        expect(verifyConsistency(before, size, older, steps, root)).toBe(true);
        expect(verifyConsistency(before, size, flip(older, bit), steps, root)).toBe(false);
        expect(verifyConsistency(before, size, older, steps, flip(root, bit))).toBe(false);
        expect(verifyConsistency(before, size, older, [...steps, root], root)).toBe(false);
        if (steps.length > 0) expect(verifyConsistency(before, size, older, steps.slice(1), root)).toBe(false);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  test('proofs of a batch are those of each leaf, and what they share is one array', () => {
    fc.assert(
      fc.property(sizes, fc.array(fc.nat(39), { maxLength: 30 }), (size, places) => {
        const indices = places.map((at) => at % size); // in any order, also twice
        const batch = inclusionProofs(read, indices, size);
        expect(batch).toEqual(indices.map((index) => inclusionProof(read, index, size)));
        const hashes = batch.flat();
        expect(new Set(hashes).size).toBe(new Set(hashes.map(toBase64url)).size);
      }),
      { numRuns: 300, seed: 1 },
    );
    expect(() => inclusionProofs(read, [0, 40], 40)).toThrow(RangeError);
    expect(() => inclusionProofs(read, [-1], 40)).toThrow(RangeError);
  });

  test('a proof from the empty tree is refused, whatever it holds', () => {
    const root = slowRoot(leaves);
    expect(verifyConsistency(0, 40, EMPTY_ROOT, [], root)).toBe(false);
    expect(verifyConsistency(0, 0, EMPTY_ROOT, [], EMPTY_ROOT)).toBe(false);
  });

  test('sizes beyond 32 bits are walked, absurd ones refused', () => {
    expect(isSubtree(2 ** 40, 2 ** 40 + 2 ** 20)).toBe(true);
    expect(isSubtree(1, Number.MAX_SAFE_INTEGER + 1)).toBe(false);
    const [leaf, side] = [leaves[0] as Uint8Array, leaves[1] as Uint8Array];
    let root = leaf;
    for (let level = 0; level < 45; level++) root = nodeHash(root, side);
    const proof = Array.from({ length: 45 }, () => side);
    expect(verifyInclusion(0, 2 ** 45, leaf, proof, root)).toBe(true);
    expect(verifyInclusion(0, 2 ** 44, leaf, proof, root)).toBe(false);
  });
});

describe.skipIf(!existsSync(VECTORS))('transparency-dev vectors (skipped where ../shared/vectors is not there)', () => {
  const names = existsSync(VECTORS) ? readdirSync(VECTORS, { recursive: true, encoding: 'utf8' }) : [];
  const vectors = names.filter((name) => name.endsWith('.json'));

  test('all 518 are there', () => {
    expect(vectors).toHaveLength(518);
  });

  test.each(['inclusion', 'consistency', 'subtreeinclusion', 'subtreeconsistency'])(
    '%s: every verdict is the published one',
    (kind) => {
      const own = vectors.filter((name) => name.startsWith(`${kind}/`));
      expect(own.length).toBeGreaterThan(90);
      for (const name of own) {
        const vector = JSON.parse(readFileSync(join(VECTORS, name), 'utf8')) as Vector;
        expect([name, verdict(kind, vector)]).toEqual([name, !vector.wantErr]);
      }
    },
  );
});

function verdict(kind: string, vector: Vector): boolean {
  const proof = (vector.proof ?? []).map((line) => bytesOf(line));
  const { leafIdx = 0, start = 0, end = 0, size1 = 0, size2 = 0, size = 0 } = vector;
  const [root, root1, root2] = [bytesOf(vector.root), bytesOf(vector.root1), bytesOf(vector.root2)];
  const leaf = bytesOf(vector.leafHash);
  switch (kind) {
    case 'inclusion':
      return verifyInclusion(leafIdx, vector.treeSize ?? 0, leaf, proof, root);
    case 'consistency':
      return verifyConsistency(size1, size2, root1, proof, root2);
    case 'subtreeinclusion':
      return verifySubtreeInclusion(leafIdx, leaf, { start, end, root }, proof);
    default:
      // An empty subtree is part of everything if its hash is that of nothing; our log has none.
      if (start === end) return start <= size && proof.length === 0 && Buffer.from(root1).equals(EMPTY_ROOT);
      return verifySubtree({ start, end, root: root1 }, size, proof, root2);
  }
}

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const changed = bytes.slice();
  changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
  return changed;
}
