/**
 * The table of names: two filters of bits (by the last bytes, by the whole name) and, behind them, records where every byte is
 * compared. Bytes are folded with bit 5: among host characters, and no name has others, that joins the two cases of letters only.
 */
import { FOLD, MIX, setBit } from './bytes';

/** Of a record: a hit, or taken out again. */
export const HIT: u32 = 1;

/** Bits by the last 8 bytes. */
export let tails: usize = 0;
export let tailShift: u64 = 0;
/** 2^16 bits by the last 4 bytes, for names that have no 8. */
export let shortTails: usize = 0;
export let hasShort: bool = false;
/** Bits by all bytes. */
export let wholes: usize = 0;
export let wholeShift: u64 = 0;
export let hasExcluded: bool = false;
/** Entries of two u32: low half of the hash, address of the name's record (0: free). */
let table: usize = 0;
let tableMask: u32 = 0;

/** `tails` and `wholes` have 2^bits bits, the table 2^bits entries; all 0. */
export function placeTable(
  shortTailsAt: usize,
  tailsAt: usize,
  tailBits: i32,
  wholesAt: usize,
  wholeBits: i32,
  tableAt: usize,
  tableBits: i32,
): void {
  shortTails = shortTailsAt;
  tails = tailsAt;
  tailShift = 64 - <u64>tailBits;
  wholes = wholesAt;
  wholeShift = 64 - <u64>wholeBits;
  table = tableAt;
  tableMask = (1 << tableBits) - 1;
  fillKept();
}

/** Adds a name. Its record: length, flag (1 hit, 2 taken out), its bytes folded; 32 bytes before it may be read. */
export function addName(record: usize): void {
  const length = <u32>load<u8>(record);
  const end = record + 2 + length;
  if (<u32>load<u8>(record, 1) !== HIT) hasExcluded = true;
  if (length >= 8) setBit(tails, <u32>((load<u64>(end - 8) * MIX) >>> tailShift));
  else {
    hasShort = true;
    // No registry has names of under 4 bytes: where one is given, every end is looked at.
    if (length < 4) memory.fill(shortTails, 0xff, 1 << 13);
    else setBit(shortTails, shortHash(load<u32>(end - 4)));
  }
  const hash = suffixHash(end, length);
  setBit(wholes, <u32>(hash >>> wholeShift));
  let slot = <u32>(hash >>> 20) & tableMask;
  while (load<u32>(table + (slot << 3), 4) !== 0) slot = (slot + 1) & tableMask;
  store<u32>(table + (slot << 3), <u32>hash);
  store<u32>(table + (slot << 3), <u32>record, 4);
}

/** Flag of the name that the `length` bytes before `end` are, 0 if none. */
export function lookUp(end: usize, length: u32): u32 {
  const hash = suffixHash(end, length);
  let slot = <u32>(hash >>> 20) & tableMask;
  while (true) {
    const entry = table + (slot << 3);
    const record = <usize>load<u32>(entry, 4);
    if (record === 0) return 0;
    if (load<u32>(entry) === <u32>hash && <u32>load<u8>(record) === length && isName(end, record + 2 + length, length))
      return <u32>load<u8>(record, 1);
    slot = (slot + 1) & tableMask;
  }
}

function isName(end: usize, nameEnd: usize, length: u32): bool {
  for (let back: usize = 1; back <= <usize>length; back++)
    if ((load<u8>(end - back) | 0x20) !== load<u8>(nameEnd - back)) return false;
  return true;
}

/** Place in the short filter. */
export function shortHash(last4: u32): u32 {
  return (last4 * 0x9e3779b1) >>> 16;
}

/** For lengths 0 to 32: four words that keep so many bytes before an end. */
const KEPT: usize = memory.data(33 * 32, 16);

function fillKept(): void {
  memory.fill(KEPT, 0, 33 * 32);
  for (let length: usize = 1; length <= 32; length++) {
    // The last byte before the end is the highest of the first word.
    for (let back: usize = 0; back < length; back++) {
      store<u8>(KEPT + (length << 5) + ((back >>> 3) << 3) + 7 - (back & 7), 0xff);
    }
  }
}

/** Hash of the `length` bytes before `end`, in one case: a sum of products, none of which waits for another. */
export function suffixHash(end: usize, length: u32): u64 {
  const kept = KEPT + ((<usize>min<u32>(length, 32)) << 5);
  let hash =
    ((load<u64>(end - 8) | FOLD) & load<u64>(kept)) * MIX +
    ((load<u64>(end - 16) | FOLD) & load<u64>(kept, 8)) * 0xc2b2ae3d27d4eb4f +
    ((load<u64>(end - 24) | FOLD) & load<u64>(kept, 16)) * 0x165667b19e3779f9 +
    ((load<u64>(end - 32) | FOLD) & load<u64>(kept, 24)) * 0xd6e8feb86659fd93;
  if (length > 32) hash += hashBeyond(end, length);
  return (hash ^ (hash >>> 32)) * MIX;
}

function hashBeyond(end: usize, length: u32): u64 {
  let hash: u64 = 0;
  for (let at = end - <usize>length; at < end - 32; at++) hash = (hash ^ <u64>(load<u8>(at) | 0x20)) * 0x100000001b3;
  return hash;
}
