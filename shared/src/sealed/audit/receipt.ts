import { parseBase64url, toBase64url } from '../../base/base64url.ts';
import type { Bytes } from '../../base/bytes.ts';
import { verifyInclusion } from './merkle.ts';

/** Inclusion proofs of a whole batch as they travel: every hash once, and for each leaf the numbers of those on its way up. */

export interface PackedProofs {
  readonly hashes: readonly string[];
  readonly proofs: readonly (readonly number[])[];
}

/** Packs proofs (RFC 6962, 2.1.1), in their order. Cost: one encoding for each array; those that proofs share are one array, at best. */
export function packProofs(proofs: readonly (readonly Uint8Array[])[]): {
  readonly hashes: string[];
  readonly proofs: number[][];
} {
  const numbers = new Map<string, number>();
  const seen = new Map<Uint8Array, number>();
  const numberOf = (hash: Uint8Array): number => {
    const text = toBase64url(hash);
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    seen.set(hash, number);
    return number;
  };
  const packed = proofs.map((proof) => proof.map((hash) => seen.get(hash) ?? numberOf(hash)));
  return { hashes: [...numbers.keys()], proofs: packed };
}

/** Proof `at` of a packed batch; `null` if it names a hash that is not there. */
function unpackProof(packed: PackedProofs, at: number): readonly Bytes[] | null {
  const proof: Bytes[] = [];
  for (const number of packed.proofs[at] ?? [-1]) {
    const hash = parseBase64url(packed.hashes[number] ?? '', 32);
    if (hash === null) return null;
    proof.push(hash);
  }
  return proof;
}

/** True if every leaf stands at its index in the tree of `size` leaves under `root`. Cost: two hashes a level and leaf. */
export function verifyReceipts(
  packed: PackedProofs & { readonly indices: readonly number[] },
  leaves: readonly Uint8Array[],
  size: number,
  root: Uint8Array,
): boolean {
  if (packed.indices.length !== leaves.length || packed.proofs.length !== leaves.length) return false;
  return leaves.every((leaf, at) => {
    const proof = unpackProof(packed, at);
    return proof !== null && verifyInclusion(packed.indices[at] as number, size, leaf, proof, root);
  });
}
