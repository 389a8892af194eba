/**
 * Inflate (RFC 1951) and CRC-32 (RFC 1952) over one small memory: packed bytes are copied in, unpacked ones lie in a buffer that is
 * used again, with the last 32 KiB kept before it as history. Strict as zlib: over- and undersubscribed codes, unused symbols and
 * distances before the beginning are errors. `sealed/envelope/inflate-kernel.ts` owns an instance and reads the gzip framing.
 * Decoding by lookup tables of 32-bit entries and a 64-bit bit buffer that is filled eight bytes at a time, after libdeflate.
 */

// Working memory. Static data lies below PRECODE.
const PRECODE: usize = 2048;
/** 2,342 entries: the most that codes of up to 15 bits over 288 symbols need with a first level of 11 bits. */
const LITLEN: usize = 4096;
/** 402 entries, for 32 symbols and a first level of 8 bits. */
const DISTANCE: usize = 13824;
/** Code lengths, a byte each. */
const LENGTHS: usize = 15872;
/** Symbols by length of their code, two bytes each. */
const SORTED: usize = 16384;
const COUNTS: usize = 17408;
const PLACES: usize = 17536;
const OPERATOR: usize = 17664;
const CRC: usize = 20480;
const CRC_SHIFT: usize = 28672;
const INPUT: usize = 32768;
const INPUT_END: usize = 131072;
const HISTORY_BYTES: usize = 32768;
const OUTPUT: usize = INPUT_END + HISTORY_BYTES;
const OUTPUT_END: usize = OUTPUT + 262144;

const PRECODE_BITS: u32 = 7;
const LITLEN_BITS: u32 = 11;
const DISTANCE_BITS: u32 = 8;

/*
 * Entry of a table: low byte = bits to take (code and extra bits), next 4 bits = bits of the code, high half = the literal, or the
 * base of a length or distance. EXCEPTIONAL: with POINTER a second level (high half: where; bits 8 to 11: its bits), with STOP the
 * end of the block, with neither a symbol that no stream may use.
 */
const LITERAL: u32 = 0x80000000;
const EXCEPTIONAL: u32 = 0x8000;
const POINTER: u32 = 0x4000;
const STOP: u32 = 0x2000;

/** Answers of `inflate`. */
const NEEDS_INPUT: i32 = 0;
const IS_FULL: i32 = 1;
const IS_DONE: i32 = 2;
const IS_BAD: i32 = 3;
/** Inside only. */
const GOES_ON: i32 = 4;
const BLOCK_ENDS: i32 = 5;

/** Where the next block, a stored one, or a coded one is under way. */
const AT_BLOCK: i32 = 0;
const IN_STORED: i32 = 1;
const IN_CODED: i32 = 2;

/** RFC 1951, 3.2.5: base << 16 | extra bits, from symbol 257. */
const LENGTH_BASES: usize = memory.data<u32>([
  0x30000, 0x40000, 0x50000, 0x60000, 0x70000, 0x80000, 0x90000, 0xa0000, 0xb0001, 0xd0001, 0xf0001, 0x110001, 0x130002,
  0x170002, 0x1b0002, 0x1f0002, 0x230003, 0x2b0003, 0x330003, 0x3b0003, 0x430004, 0x530004, 0x630004, 0x730004,
  0x830005, 0xa30005, 0xc30005, 0xe30005, 0x1020000,
]);
const DISTANCE_BASES: usize = memory.data<u32>([
  0x10000, 0x20000, 0x30000, 0x40000, 0x50001, 0x70001, 0x90002, 0xd0002, 0x110003, 0x190003, 0x210004, 0x310004,
  0x410005, 0x610005, 0x810006, 0xc10006, 0x1010007, 0x1810007, 0x2010008, 0x3010008, 0x4010009, 0x6010009, 0x801000a,
  0xc01000a, 0x1001000b, 0x1801000b, 0x2001000c, 0x3001000c, 0x4001000d, 0x6001000d,
]);
/** RFC 1951, 3.2.7: the order of the code lengths of the precode. */
const PRECODE_ORDER: usize = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);
/** A dynamic header has at most 563 bytes. */
const HEADER_BYTES: usize = 640;
/** A length and its distance take at most 48 bits. */
const PAIR_BITS: u32 = 48;

let bits: u64 = 0;
let bitCount: u32 = 0;
let inAt: usize = INPUT;
let inEnd: usize = INPUT;
let outAt: usize = OUTPUT;
/** The earliest byte that a distance may reach. */
let oldest: usize = OUTPUT;
let state: i32 = AT_BLOCK;
let isLastBlock: bool = false;
let isWhole: bool = false;
let storedLeft: u32 = 0;

/** Begins a new stream. */
export function reset(): void {
  bits = 0;
  bitCount = 0;
  inAt = INPUT;
  inEnd = INPUT;
  outAt = OUTPUT;
  oldest = OUTPUT;
  state = AT_BLOCK;
  isLastBlock = false;
  isWhole = false;
}

/** Where to write the next packed bytes; `room` says how many at most, `fed` how many it were. */
export function input(): usize {
  giveBack();
  const left = inEnd - inAt;
  memory.copy(INPUT, inAt, left);
  inAt = INPUT;
  inEnd = INPUT + left;
  return inEnd;
}
export function room(): usize {
  return INPUT_END - inEnd;
}
export function fed(size: usize): void {
  inEnd += size;
}
/** No more bytes will come. */
export function whole(): void {
  isWhole = true;
}

/** Unpacked bytes so far; they begin at `OUTPUT`. */
export function output(): usize {
  return outAt - OUTPUT;
}
/** Forgets them, but for the history that distances may reach. */
export function taken(): void {
  const known = outAt - oldest;
  const kept = known < HISTORY_BYTES ? known : HISTORY_BYTES;
  memory.copy(OUTPUT - kept, outAt - kept, kept);
  oldest = OUTPUT - kept;
  outAt = OUTPUT;
}

/** Where the bytes behind the stream lie, up to `inputEnd`; once it is done. */
export function behind(): usize {
  giveBack();
  return inAt;
}
export function inputEnd(): usize {
  return inEnd;
}

/** Unpacks as far as it goes: NEEDS_INPUT, IS_FULL (take the output and call again), IS_DONE or IS_BAD. */
export function inflate(): i32 {
  for (;;) {
    if (state === AT_BLOCK) {
      if (isLastBlock) return IS_DONE;
      if (!isWhole && inEnd - inAt < HEADER_BYTES) return NEEDS_INPUT;
      if (!beginBlock()) return IS_BAD;
    }
    const answer = state === IN_STORED ? copyStored() : decode();
    if (answer !== BLOCK_ENDS) return answer;
    state = AT_BLOCK;
  }
  return IS_BAD;
}

function beginBlock(): bool {
  fill();
  if (bitCount < 3) return false;
  isLastBlock = (take(1) & 1) === 1;
  const type = take(2);
  if (type === 0) return beginStored();
  state = IN_CODED;
  if (type === 1) return buildFixed();
  return type === 2 && buildDynamic();
}

function beginStored(): bool {
  take(bitCount & 7);
  fill();
  if (bitCount < 32) return false;
  storedLeft = take(16);
  if (storedLeft !== (take(16) ^ 0xffff)) return false;
  giveBack();
  state = IN_STORED;
  return true;
}

function copyStored(): i32 {
  let size: usize = storedLeft;
  if (size > OUTPUT_END - outAt) size = OUTPUT_END - outAt;
  if (size > inEnd - inAt) size = inEnd - inAt;
  memory.copy(outAt, inAt, size);
  outAt += size;
  inAt += size;
  storedLeft -= <u32>size;
  if (storedLeft === 0) return BLOCK_ENDS;
  if (outAt === OUTPUT_END) return IS_FULL;
  return isWhole ? IS_BAD : NEEDS_INPUT;
}

/** Whole bytes of the bit buffer are input again. */
function giveBack(): void {
  inAt -= bitCount >> 3;
  bitCount &= 7;
  bits &= (1 << bitCount) - 1;
}

/** At least 56 bits, unless the input ends before. */
function fill(): void {
  while (bitCount < 56 && inAt < inEnd) {
    bits |= (<u64>load<u8>(inAt)) << bitCount;
    inAt++;
    bitCount += 8;
  }
}

/** The next `count` bits; they must be there. */
function take(count: u32): u32 {
  const value = <u32>(bits & (((<u64>1) << count) - 1));
  bits >>= count;
  bitCount -= count;
  return value;
}

function buildFixed(): bool {
  memory.fill(LENGTHS, 8, 144);
  memory.fill(LENGTHS + 144, 9, 112);
  memory.fill(LENGTHS + 256, 7, 24);
  memory.fill(LENGTHS + 280, 8, 8);
  memory.fill(LENGTHS + 288, 5, 32);
  return (
    build(DISTANCE, DISTANCE_BITS, LENGTHS + 288, 32, DISTANCE) && build(LITLEN, LITLEN_BITS, LENGTHS, 288, LITLEN)
  );
}

function buildDynamic(): bool {
  fill();
  if (bitCount < 14) return false;
  const literals: u32 = 257 + take(5);
  const distances: u32 = 1 + take(5);
  const precodes: u32 = 4 + take(4);
  if (literals > 286 || distances > 30) return false;
  memory.fill(LENGTHS, 0, 19);
  for (let i: u32 = 0; i < precodes; i++) {
    fill();
    if (bitCount < 3) return false;
    store<u8>(LENGTHS + load<u8>(PRECODE_ORDER + i), <u8>take(3));
  }
  if (!build(PRECODE, PRECODE_BITS, LENGTHS, 19, PRECODE)) return false;
  const total = literals + distances;
  for (let i: u32 = 0; i < total;) {
    fill();
    const entry = load<u32>(PRECODE + ((<u32>bits & 127) << 2));
    const symbol = entry >> 16;
    const extra: u32 = symbol < 16 ? 0 : symbol === 16 ? 2 : symbol === 17 ? 3 : 7;
    if (bitCount < (entry & 255) + extra) return false;
    take(entry & 255);
    if (symbol < 16) {
      store<u8>(LENGTHS + i, <u8>symbol);
      i++;
      continue;
    }
    if (symbol === 16 && i === 0) return false;
    const repeats: u32 = (symbol === 18 ? 11 : 3) + take(extra);
    if (i + repeats > total) return false;
    memory.fill(LENGTHS + i, symbol === 16 ? load<u8>(LENGTHS + i - 1) : 0, repeats);
    i += repeats;
  }
  if (load<u8>(LENGTHS + 256) === 0) return false;
  return (
    build(DISTANCE, DISTANCE_BITS, LENGTHS + literals, distances, DISTANCE) &&
    build(LITLEN, LITLEN_BITS, LENGTHS, literals, LITLEN)
  );
}

/** Entry of a symbol before its lengths are added. */
function entryOf(code: usize, symbol: u32): u32 {
  if (code === PRECODE) return symbol << 16;
  if (code === DISTANCE) return symbol < 30 ? load<u32>(DISTANCE_BASES + (symbol << 2)) : EXCEPTIONAL;
  if (symbol < 256) return LITERAL | (symbol << 16);
  if (symbol === 256) return EXCEPTIONAL | STOP;
  return symbol < 286 ? load<u32>(LENGTH_BASES + ((symbol - 257) << 2)) : EXCEPTIONAL;
}

/** Builds the table of the canonical code with these lengths; false if it is none. */
function build(table: usize, tableBits: u32, lengths: usize, symbols: u32, code: usize): bool {
  memory.fill(COUNTS, 0, 64);
  for (let i: u32 = 0; i < symbols; i++) {
    const at = COUNTS + ((<usize>load<u8>(lengths + i)) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
  let left: i32 = 1;
  let used: u32 = 0;
  let place: u32 = 0;
  for (let length: u32 = 1; length < 16; length++) {
    const count = load<u32>(COUNTS + (length << 2));
    store<u32>(PLACES + (length << 2), place);
    place += count;
    used += count;
    left = (left << 1) - <i32>count;
    if (left < 0) return false;
  }
  if (left > 0) return buildIncomplete(table, tableBits, lengths, symbols, code, used);
  for (let i: u32 = 0; i < symbols; i++) {
    const length = <u32>load<u8>(lengths + i);
    if (length === 0) continue;
    const at = PLACES + (length << 2);
    store<u16>(SORTED + (load<u32>(at) << 1), <u16>i);
    store<u32>(at, load<u32>(at) + 1);
  }
  fillTable(table, tableBits, code);
  return true;
}

/** RFC 1951, 3.2.7: one distance code of one bit, or none at all; zlib takes the one for literals, too. Unused codes are errors. */
function buildIncomplete(table: usize, tableBits: u32, lengths: usize, symbols: u32, code: usize, used: u32): bool {
  if (code === PRECODE || used > 1 || (used === 1 && load<u32>(COUNTS + 4) !== 1)) return false;
  let only = EXCEPTIONAL;
  if (used === 1) for (let i: u32 = 0; i < symbols; i++) if (load<u8>(lengths + i) !== 0) only = entryOf(code, i);
  for (let i: u32 = 0; i < (<u32>1) << tableBits; i++)
    store<u32>(table + (i << 2), ((i & 1) === 0 ? only : EXCEPTIONAL) + ((1 << 8) | 1));
  return true;
}

/** Walks the codes of a complete code in order, each reversed as it comes in the stream. */
function fillTable(table: usize, tableBits: u32, code: usize): void {
  const size: u32 = 1 << tableBits;
  let length: u32 = 1;
  let left = load<u32>(COUNTS + 4);
  let at: u32 = 0;
  let reversed: u32 = 0;
  let free: u32 = size;
  let prefix: u32 = 0xffffffff;
  let start: u32 = 0;
  let levelBits: u32 = 0;
  for (;;) {
    while (left === 0) {
      length++;
      left = load<u32>(COUNTS + (length << 2));
    }
    const entry = entryOf(code, load<u16>(SORTED + (at << 1)));
    at++;
    if (length <= tableBits) {
      for (let i = reversed; i < size; i += 1 << length) store<u32>(table + (i << 2), entry + ((length << 8) | length));
    } else {
      if ((reversed & (size - 1)) !== prefix) {
        prefix = reversed & (size - 1);
        start = free;
        levelBits = bitsOfLevel(length, left, tableBits);
        free += 1 << levelBits;
        store<u32>(table + (prefix << 2), (start << 16) | EXCEPTIONAL | POINTER | (levelBits << 8) | tableBits);
      }
      const rest = length - tableBits;
      for (let i = reversed >> tableBits; i < (<u32>1) << levelBits; i += 1 << rest)
        store<u32>(table + ((start + i) << 2), entry + ((rest << 8) | rest));
    }
    const ones: u32 = (1 << length) - 1;
    if (reversed === ones) return;
    const bit: u32 = 1 << (31 - clz<u32>(reversed ^ ones));
    reversed = (reversed & (bit - 1)) | bit;
    left--;
  }
}

/** Bits that the second level needs for the codes that share a prefix, of which the first has `length`, with `left` like it. */
function bitsOfLevel(length: u32, left: u32, tableBits: u32): u32 {
  let levelBits = length - tableBits;
  let filled = left;
  while (filled < (<u32>1) << levelBits) {
    levelBits++;
    filled = (filled << 1) + load<u32>(COUNTS + ((tableBits + levelBits) << 2));
  }
  return levelBits;
}

/** Second-level entry behind a pointer. `rest`: the bits behind the prefix. */
function follow(table: usize, pointer: u32, rest: u64): u32 {
  return load<u32>(table + (((pointer >> 16) + (<u32>rest & ((1 << ((pointer >> 8) & 15)) - 1))) << 2));
}

/** Base and extra bits of an entry. `before`: the bits from its code on. */
function valueOf(entry: u32, before: u64): u32 {
  return (entry >> 16) + (<u32>(before & (((<u64>1) << (entry & 63)) - 1)) >> ((entry >> 8) & 15));
}

/** Copies `length` bytes from `distance` before; may write 7 bytes more. */
function copyMatch(at: usize, distance: u32, length: u32): void {
  const end = at + length;
  let from = at - distance;
  if (distance >= 8) {
    do {
      store<u64>(at, load<u64>(from));
      from += 8;
      at += 8;
    } while (at < end);
  } else if (distance === 1) {
    const eight = <u64>load<u8>(from) * 0x0101010101010101;
    do {
      store<u64>(at, eight);
      at += 8;
    } while (at < end);
  } else {
    do {
      store<u64>(at, load<u64>(from));
      from += distance;
      at += distance;
    } while (at < end);
  }
}

/** A coded block: quickly while input and output have room for anything, symbol by symbol at their ends. */
function decode(): i32 {
  let answer = GOES_ON;
  while (answer === GOES_ON) {
    if (inEnd - inAt >= 32 && OUTPUT_END - outAt >= 320) answer = decodeFast();
    if (answer === GOES_ON) answer = decodeOne();
  }
  return answer;
}

function decodeFast(): i32 {
  const MASK: u32 = (1 << LITLEN_BITS) - 1;
  const DISTANCE_MASK: u32 = (1 << DISTANCE_BITS) - 1;
  const inLimit = inEnd - 32;
  const outLimit = OUTPUT_END - 320;
  const floor = oldest;
  let held = bits;
  let count = bitCount;
  let from = inAt;
  let at = outAt;
  let answer = GOES_ON;
  // Bits above `count` may be there already; loading them again changes nothing.
  held |= load<u64>(from) << count;
  from += (63 - count) >> 3;
  count |= 56;
  let entry = load<u32>(LITLEN + ((<u32>held & MASK) << 2));
  do {
    let before = held;
    held >>= entry & 255;
    count -= entry & 255;
    if (entry & LITERAL) {
      // 3 literals take 45 bits at most.
      store<u8>(at, <u8>(entry >> 16));
      at++;
      entry = load<u32>(LITLEN + ((<u32>held & MASK) << 2));
      before = held;
      held >>= entry & 255;
      count -= entry & 255;
      if (entry & LITERAL) {
        store<u8>(at, <u8>(entry >> 16));
        at++;
        entry = load<u32>(LITLEN + ((<u32>held & MASK) << 2));
        before = held;
        held >>= entry & 255;
        count -= entry & 255;
        if (entry & LITERAL) {
          store<u8>(at, <u8>(entry >> 16));
          at++;
          held |= load<u64>(from) << count;
          from += (63 - count) >> 3;
          count |= 56;
          entry = load<u32>(LITLEN + ((<u32>held & MASK) << 2));
          continue;
        }
      }
    }
    if (entry & EXCEPTIONAL) {
      if (entry & POINTER) {
        entry = follow(LITLEN, entry, held);
        before = held;
        held >>= entry & 255;
        count -= entry & 255;
        if (entry & LITERAL) {
          store<u8>(at, <u8>(entry >> 16));
          at++;
          held |= load<u64>(from) << count;
          from += (63 - count) >> 3;
          count |= 56;
          entry = load<u32>(LITLEN + ((<u32>held & MASK) << 2));
          continue;
        }
      }
      if (entry & EXCEPTIONAL) {
        answer = entry & STOP ? BLOCK_ENDS : IS_BAD;
        break;
      }
    }
    const length = valueOf(entry, before);
    held |= load<u64>(from) << count;
    from += (63 - count) >> 3;
    count |= 56;
    entry = load<u32>(DISTANCE + ((<u32>held & DISTANCE_MASK) << 2));
    if (entry & POINTER) {
      held >>= DISTANCE_BITS;
      count -= DISTANCE_BITS;
      entry = follow(DISTANCE, entry, held);
    }
    const distance = valueOf(entry, held);
    held >>= entry & 255;
    count -= entry & 255;
    if (entry & EXCEPTIONAL || distance > <u32>(at - floor)) {
      answer = IS_BAD;
      break;
    }
    held |= load<u64>(from) << count;
    from += (63 - count) >> 3;
    count |= 56;
    entry = load<u32>(LITLEN + ((<u32>held & MASK) << 2));
    copyMatch(at, distance, length);
    at += length;
  } while (from < inLimit && at < outLimit);
  bits = held;
  bitCount = count;
  inAt = from;
  outAt = at;
  return answer;
}

/** One symbol, or nothing where input or output does not reach. */
function decodeOne(): i32 {
  fill();
  if (bitCount < PAIR_BITS && !isWhole) return NEEDS_INPUT;
  let held = bits;
  let used: u32 = 0;
  let entry = load<u32>(LITLEN + ((<u32>held & ((1 << LITLEN_BITS) - 1)) << 2));
  if ((entry & (LITERAL | POINTER | EXCEPTIONAL)) === (POINTER | EXCEPTIONAL)) {
    held >>= LITLEN_BITS;
    used = LITLEN_BITS;
    entry = follow(LITLEN, entry, held);
  }
  used += entry & 255;
  if (used > bitCount) return IS_BAD;
  if (entry & LITERAL) {
    if (outAt === OUTPUT_END) return IS_FULL;
    store<u8>(outAt, <u8>(entry >> 16));
    outAt++;
    take(used);
    return GOES_ON;
  }
  if (entry & EXCEPTIONAL) {
    take(used);
    return entry & STOP ? BLOCK_ENDS : IS_BAD;
  }
  const length = valueOf(entry, held);
  if (length > <u32>(OUTPUT_END - outAt)) return IS_FULL;
  held >>= entry & 255;
  entry = load<u32>(DISTANCE + ((<u32>held & ((1 << DISTANCE_BITS) - 1)) << 2));
  if (entry & POINTER) {
    held >>= DISTANCE_BITS;
    used += DISTANCE_BITS;
    entry = follow(DISTANCE, entry, held);
  }
  used += entry & 255;
  const distance = valueOf(entry, held);
  if (used > bitCount || entry & EXCEPTIONAL || distance > <u32>(outAt - oldest)) return IS_BAD;
  take(used);
  for (let i: u32 = 0; i < length; i++) {
    store<u8>(outAt, load<u8>(outAt - distance));
    outAt++;
  }
  return GOES_ON;
}

/** Bytes of each of the four lanes that `crcOfOutput` computes side by side. */
const LANE: usize = 8192;
const POLYNOMIAL: u32 = 0xedb88320;

/** Fills the tables of `crcOfOutput`; once. */
export function makeCrcTables(): void {
  for (let i: u32 = 0; i < 256; i++) {
    let crc = i;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    store<u32>(CRC + (i << 2), crc);
  }
  for (let i: u32 = 256; i < 2048; i++) {
    const crc = load<u32>(CRC + ((i - 256) << 2));
    store<u32>(CRC + (i << 2), load<u32>(CRC + ((crc & 255) << 2)) ^ (crc >>> 8));
  }
  // What LANE zero bytes do to a CRC is linear: one zero byte's operator, squared 13 times.
  for (let bit: u32 = 0; bit < 32; bit++) {
    const crc: u32 = 1 << bit;
    store<u32>(OPERATOR + (bit << 2), load<u32>(CRC + ((crc & 255) << 2)) ^ (crc >>> 8));
  }
  for (let zeros: usize = 1; zeros < LANE; zeros <<= 1) {
    for (let bit: u32 = 0; bit < 32; bit++)
      store<u32>(OPERATOR + 128 + (bit << 2), applied(load<u32>(OPERATOR + (bit << 2))));
    memory.copy(OPERATOR, OPERATOR + 128, 128);
  }
  for (let i: u32 = 0; i < 1024; i++) store<u32>(CRC_SHIFT + (i << 2), applied((i & 255) << ((i >> 8) << 3)));
}

function applied(crc: u32): u32 {
  let result: u32 = 0;
  for (let bit: u32 = 0; bit < 32; bit++) if ((crc >>> bit) & 1) result ^= load<u32>(OPERATOR + (bit << 2));
  return result;
}

function shifted(crc: u32): u32 {
  return (
    load<u32>(CRC_SHIFT + ((crc & 255) << 2)) ^
    load<u32>(CRC_SHIFT + 1024 + (((crc >>> 8) & 255) << 2)) ^
    load<u32>(CRC_SHIFT + 2048 + (((crc >>> 16) & 255) << 2)) ^
    load<u32>(CRC_SHIFT + 3072 + ((crc >>> 24) << 2))
  );
}

/** Eight bytes further (slicing by 8). */
function eightMore(crc: u32, at: usize): u32 {
  const low = load<u32>(at) ^ crc;
  const high = load<u32>(at + 4);
  return (
    load<u32>(CRC + 7168 + ((low & 255) << 2)) ^
    load<u32>(CRC + 6144 + (((low >>> 8) & 255) << 2)) ^
    load<u32>(CRC + 5120 + (((low >>> 16) & 255) << 2)) ^
    load<u32>(CRC + 4096 + ((low >>> 24) << 2)) ^
    load<u32>(CRC + 3072 + ((high & 255) << 2)) ^
    load<u32>(CRC + 2048 + (((high >>> 8) & 255) << 2)) ^
    load<u32>(CRC + 1024 + (((high >>> 16) & 255) << 2)) ^
    load<u32>(CRC + ((high >>> 24) << 2))
  );
}

/** CRC-32 of the output, gone on from `crc` (begin with -1, and invert the last): four lanes, since one waits for its tables. */
export function crcOfOutput(crc: u32): u32 {
  let at = OUTPUT;
  for (; at + 4 * LANE <= outAt; at += 4 * LANE) {
    let second: u32 = 0;
    let third: u32 = 0;
    let fourth: u32 = 0;
    for (let i = at; i < at + LANE; i += 8) {
      crc = eightMore(crc, i);
      second = eightMore(second, i + LANE);
      third = eightMore(third, i + 2 * LANE);
      fourth = eightMore(fourth, i + 3 * LANE);
    }
    crc = shifted(shifted(shifted(crc) ^ second) ^ third) ^ fourth;
  }
  for (; at + 8 <= outAt; at += 8) crc = eightMore(crc, at);
  for (; at < outAt; at++) crc = load<u32>(CRC + (((crc ^ load<u8>(at)) & 255) << 2)) ^ (crc >>> 8);
  return crc;
}
