import type { Bytes } from '../../base/bytes.ts';
import { concatBytes, lengthPrefixed } from '../../base/bytes.ts';

/** Tiles and entry bundles (C2SP tlog-tiles): a log as static files, from which any proof can be made. */

const TILE_WIDTH = 256;
/** Levels of the tree that one tile spans. */
const TILE_HEIGHT = 8;

/** One tile: `level` counts tiles, not tree levels; `width` hashes of 32 bytes, 256 when full. */
export interface TileName {
  /** `'entries'` for an entry bundle. */
  readonly level: number | 'entries';
  readonly index: number;
  readonly width: number;
}

/** `tile/<L>/<N>[.p/<W>]`. */
export function tilePath({ level, index, width }: TileName): string {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, '0');
  const groups = digits.match(/[0-9]{3}/g) ?? [];
  const name = groups.map((group, i) => (i === groups.length - 1 ? group : `x${group}`)).join('/');
  return `tile/${level}/${name}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

/** Reads the part after `tile/`; `null` for any but the canonical form. */
export function parseTilePath(path: string): TileName | null {
  const found = /^(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/){0,4}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/.exec(path);
  if (found === null) return null;
  const level = found[1] === 'entries' ? 'entries' : Number(found[1]);
  const index = Number((found[2] as string).replaceAll(/[x/]/g, ''));
  const width = found[3] === undefined ? TILE_WIDTH : Number(found[3]);
  if (level !== 'entries' && level > 63) return null;
  if (width > TILE_WIDTH || (found[3] !== undefined && width === TILE_WIDTH)) return null;
  const name: TileName = { level, index, width };
  return tilePath(name) === `tile/${path}` ? name : null;
}

/** All tiles of a tree of `size` leaves, entry bundles first. */
export function* tilesOf(size: number): Generator<TileName> {
  yield* rowOf('entries', size);
  let hashes = size;
  for (let level = 0; hashes > 0; level++) {
    yield* rowOf(level, hashes);
    hashes = Math.floor(hashes / TILE_WIDTH);
  }
}

/** How many hashes (or entries) the tile has in a tree of `size` leaves; 0 if it is not part of it. */
export function widthIn(size: number, level: number | 'entries', index: number): number {
  const hashes = level === 'entries' ? size : Math.floor(size / TILE_WIDTH ** level);
  return Math.max(0, Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH));
}

/** Where node (tree level, index) stands: in which tile, and how many levels above that tile's hashes it is (0 to 7). */
export function tileOfNode(
  level: number,
  index: number,
): { readonly level: number; readonly index: number; readonly above: number; readonly first: number } {
  const tileLevel = Math.floor(level / TILE_HEIGHT);
  const above = level % TILE_HEIGHT;
  const firstHash = index * 2 ** above;
  return { level: tileLevel, index: Math.floor(firstHash / TILE_WIDTH), above, first: firstHash % TILE_WIDTH };
}

/** An entry bundle: each entry behind its length, u16 big-endian. */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Bytes {
  return concatBytes(...entries.map(lengthPrefixed));
}

/** Entries of a bundle; `null` where its bytes end early. */
export function parseEntryBundle(bytes: Uint8Array): readonly Bytes[] | null {
  const entries: Bytes[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 2 > bytes.length) return null;
    const length = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
    at += 2;
    if (at + length > bytes.length) return null;
    entries.push(bytes.slice(at, at + length) as Bytes);
    at += length;
  }
  return entries;
}

function* rowOf(level: number | 'entries', hashes: number): Generator<TileName> {
  for (let index = 0; index * TILE_WIDTH < hashes; index++) {
    yield { level, index, width: Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH) };
  }
}
