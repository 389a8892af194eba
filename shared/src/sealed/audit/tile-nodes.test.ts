import { describe, expect, test } from 'vitest';
import { concatBytes, utf8 } from '../../base/bytes.ts';
import { leafHash } from './entry.ts';
import { verifyConsistency, verifyInclusion } from './merkle.ts';
import { TileNodes, tilesOfProof } from './tile-nodes.ts';
import { appendLeaf, consistencyProof, EMPTY_FRONTIER, inclusionProof, readFrontier, rootOf } from './tree.ts';
import type { NewNode } from './tree.ts';
import { widthIn } from './tile.ts';

const SIZES = [1, 2, 3, 255, 256, 257, 300, 511, 512, 513, 1000];
const LARGE = 66_000; // over 256 * 256: three levels of tiles

function grow(size: number) {
  const nodes = new Map<string, Uint8Array>();
  const roots: Uint8Array[] = [];
  const made: NewNode[] = [];
  let frontier = EMPTY_FRONTIER;
  for (let i = 0; i < size; i++) {
    const next = appendLeaf(frontier, leafHash(utf8(`leaf ${i}`)));
    frontier = next.frontier;
    made.push(...next.made);
    for (const node of next.made) nodes.set(`${node.level}/${node.index}`, node.hash);
    if (size < 2000 || i === size - 1) roots[i + 1] = rootOf(frontier);
  }
  const tile = (level: number, index: number) =>
    concatBytes(
      ...Array.from(
        { length: widthIn(size, level, index) },
        (_, i) => nodes.get(`${level * 8}/${index * 256 + i}`) as Uint8Array,
      ),
    );
  return { nodes, roots, made, tile };
}

describe('nodes of tiles', () => {
  test('give the proofs of every size from the tiles that a proof is said to need', () => {
    const { roots, tile, nodes } = grow(1000);
    for (const size of SIZES) {
      for (const index of [0, 1, size >> 1, size - 1].filter((one) => one < size)) {
        const held = new TileNodes();
        for (const one of tilesOfProof(index, size)) held.putTile(one.level, one.index, tile(one.level, one.index));
        const leaf = nodes.get(`0/${index}`) as Uint8Array;
        const proof = inclusionProof(held.node, index, size);
        expect(verifyInclusion(index, size, leaf, proof, roots[size] as Uint8Array)).toBe(true);
        const before = index + 1;
        const grown = consistencyProof(held.node, before, size);
        expect(verifyConsistency(before, size, roots[before] as Uint8Array, grown, roots[size] as Uint8Array)).toBe(
          true,
        );
      }
    }
  });

  test('hold over three levels of tiles', () => {
    const { roots, tile, nodes } = grow(LARGE);
    for (const index of [0, 255, 256, 65_535, 65_536, LARGE - 1]) {
      const held = new TileNodes();
      for (const one of tilesOfProof(index, LARGE)) held.putTile(one.level, one.index, tile(one.level, one.index));
      const proof = inclusionProof(held.node, index, LARGE);
      const leaf = nodes.get(`0/${index}`) as Uint8Array;
      expect(verifyInclusion(index, LARGE, leaf, proof, roots[LARGE] as Uint8Array)).toBe(true);
      expect(rootOf(readFrontier(held.node, LARGE))).toEqual(roots[LARGE]);
    }
  });

  test('taken one by one as an append makes them, equal those of the tiles', () => {
    const { made, nodes } = grow(700);
    const held = new TileNodes();
    for (const node of made) held.putNode(node);
    for (const [name, hash] of nodes) {
      const [level, index] = name.split('/').map(Number) as [number, number];
      expect(held.node(level, index)).toEqual(hash);
    }
    expect(held.held(0, 2)).toBe(700 - 512);
  });

  test('that are not held are an error, never a guess', () => {
    const held = new TileNodes();
    expect(() => held.node(0, 0)).toThrow('not held');
    held.putTile(0, 0, new Uint8Array(3 * 32));
    expect(() => held.node(0, 3)).toThrow('not held');
    expect(() => held.node(2, 0)).toThrow('not held');
  });
});
